"""The OpenAPI document: valid, one per role, and silent to employers about everything but their own nouns."""

import json
import re
from io import StringIO

import pytest
from django.core.management import call_command

from backend.employers.neutral import TELLTALE as WRITTEN_TELLTALE
from matching.text import fold
from tests.conftest import Cast

from .conftest import PORTAL
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


@pytest.mark.parametrize("door", ["backend.api.urls", "backend.api.portal_urls"])
def test_the_document_is_valid_and_made_without_a_warning(door: str) -> None:
    call_command("spectacular", "--fail-on-warn", "--validate", "--urlconf", door, stdout=StringIO())


@pytest.mark.parametrize("language", ["en", "sr-latn", "sr-cyrl", "sq"])
def test_an_employer_gets_a_document_of_its_own(cast: Cast, client_of: As, language: str) -> None:
    answer = client_of(cast.employer_user).get(SCHEMA, headers={"accept-language": language})
    document = json.loads(answer.content)
    assert all(path.startswith(PORTAL) for path in document["paths"])
    assert {path.split("/")[4] for path in document["paths"]} == EMPLOYER_NOUNS
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert {tag for operation in operations for tag in operation["tags"]} == EMPLOYER_NOUNS
    assert document["info"]["title"] == "Recruitment portal API"
    assert _hints(document) == []


def test_staff_get_the_whole_document(cast: Cast, client_of: As) -> None:
    paths = json.loads(client_of(cast.counsellor).get(SCHEMA).content)["paths"]
    assert "/api/v1/beneficiaries/{id}/matches/" in paths
    assert "/api/v1/introductions/{id}/share/" in paths
    assert all(path.startswith("/api/v1/") for path in paths)
    assert not any("candidates" in path for path in paths)


def _hints(document: object) -> list[str]:
    """What in a document would tell an employer what stands behind: our own list, and that of what may be written."""
    text = json.dumps(document, ensure_ascii=False)
    return [*TELLTALE.findall(text), *(found.group() for found in WRITTEN_TELLTALE.finditer(fold(text)))]


@pytest.mark.parametrize("word", ["beneficiary", "korisnica", "корисница", "žrtva", "viktima", "shelter"])
def test_a_word_that_hints_would_be_found(cast: Cast, client_of: As, word: str) -> None:
    """The negative control, in each language and script; the staff's own document is full of them."""
    document = json.loads(client_of(cast.employer_user).get(SCHEMA).content)
    assert _hints(document) == []
    assert _hints(document | {"x": f"a {word} b"}) != []
    assert _hints(json.loads(client_of(cast.counsellor).get(SCHEMA).content)) != []


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
