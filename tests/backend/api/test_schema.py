"""The OpenAPI document: valid, one per role, and silent to employers about everything but their own nouns."""

import json
import re
from io import StringIO

import pytest
from django.core.management import call_command

from tests.conftest import Cast

from .world import As, World

SCHEMA = "/api/v1/schema/?format=json"
# Words that would tell an employer what kind of organisation stands behind the portal.
TELLTALE = re.compile(
    r"beneficiar|programme|survivor|victim|traffick|exploit|caseload|counsel|shelter|safety|warning|follow.?up|spell"
    r"|assessment|consents?/|identity_consent|blind|korisnic|žrt|trgovin. ljud|nasilj|skloni|bezbedn"
    r"|штићен|корисниц|жрт"
    r"|трговин. људ|насиљ|склони|безбедн",
    re.IGNORECASE,
)
EMPLOYER_NOUNS = {
    "candidates", "contacts", "countries", "districts", "employers", "municipalities", "occupations",
    "openings", "requirements", "reviews", "skills",
}  # fmt: skip


def test_the_document_is_valid_and_made_without_a_warning() -> None:
    call_command("spectacular", "--fail-on-warn", "--validate", stdout=StringIO())


@pytest.mark.parametrize("language", ["en", "sr-latn", "sr-cyrl"])
def test_an_employer_gets_a_document_of_its_own(cast: Cast, client_of: As, language: str) -> None:
    answer = client_of(cast.employer_user).get(SCHEMA, headers={"accept-language": language})
    document = json.loads(answer.content)
    assert {path.split("/")[3] for path in document["paths"]} == EMPLOYER_NOUNS
    text = json.dumps(document, ensure_ascii=False)
    assert TELLTALE.findall(text) == []


def test_staff_get_the_whole_document(cast: Cast, client_of: As) -> None:
    paths = json.loads(client_of(cast.counsellor).get(SCHEMA).content)["paths"]
    assert "/api/v1/beneficiaries/{id}/matches/" in paths
    assert "/api/v1/introductions/{id}/share/" in paths


def test_every_refusal_is_described_as_a_problem(cast: Cast, client_of: As) -> None:
    document = json.loads(client_of(cast.counsellor).get(SCHEMA).content)
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len(operations) > 100
    for operation in operations:
        assert "application/problem+json" in operation["responses"]["default"]["content"]


def test_all_an_employer_can_read_is_neutral(cast: Cast, client_of: As, world: World) -> None:
    client = client_of(cast.employer_user)
    for noun in EMPLOYER_NOUNS - {"auth"}:
        for path in (f"/api/v1/{noun}/", f"/api/v1/{noun}/{world[noun].pk}/"):
            body = client.get(path).content.decode()
            assert TELLTALE.findall(body) == [], path
            assert "Milica" not in body


def test_nobody_reads_the_document_without_signing_in(client_of: As, db: None) -> None:
    assert client_of(None).get(SCHEMA).status_code == 401


@pytest.mark.usefixtures("db")
def test_the_docs_page_needs_nothing_from_elsewhere(cast: Cast, client_of: As) -> None:
    client = client_of(cast.counsellor)
    assert client.get("/api/v1/docs/")["Location"].startswith("/account/login/")
    client.force_login(cast.counsellor)
    page = client.get("/api/v1/docs/", headers={"accept": "text/html"})
    assert page.status_code == 200
    html = page.content.decode()
    assert "<style" not in html
    assert not re.search(r"(?:src|href)=\"https?:", html)
    assert not re.search(r"<script>", html)
    assert "default-src 'self'" in page["Content-Security-Policy"]
    script = client.get("/api/v1/docs/?script=", headers={"accept": "*/*"})
    assert "javascript" in script["Content-Type"]
    assert "/api/v1/schema/" in script.content.decode()
