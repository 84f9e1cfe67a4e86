"""Every refusal is a problem document, whatever was wrong."""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from rest_framework.test import APIClient
from rest_framework.throttling import UserRateThrottle

from backend.api import base
from backend.api.base import NounViewSet
from backend.api.forms import VisibleRelatedField
from backend.api.urls import router
from backend.core.tenancy import in_every_programme
from backend.employers.models import Employer
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory, EmployerFactory, OpeningFactory

from .world import As, World

API = "/api/v1/"
MISSING = "00000000-0000-4000-8000-000000000000"


def problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    told = json.loads(answer.content)
    assert told.keys() == {"type", "title", "status", "detail", "errors"}
    assert told["status"] == status
    for error in told["errors"]:
        assert error.keys() == {"field", "code", "detail"}
    return told  # type: ignore[no-any-return]


def test_anonymous_is_told_to_sign_in(client_of: As, db: None) -> None:
    answer = client_of(None).get(API + "openings/")
    problem(answer, 401)
    assert answer["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize("path", ["", "nothing/", "openings", "openings/not-a-key/", f"openings/{MISSING}/", "a/b/c"])
def test_an_unknown_path_is_missing(cast: Cast, client_of: As, path: str) -> None:
    problem(client_of(cast.counsellor).get(API + path), 404)
    problem(client_of(cast.employer_user).get(API + path), 404)


def test_a_wrong_method_media_type_or_body(cast: Cast, client_of: As) -> None:
    client = client_of(cast.counsellor)
    problem(client.put(API + "openings/", {}, "json"), 405)
    problem(client.options(API + "openings/"), 405)
    problem(client.post(API + "openings/", b"<a/>", content_type="text/xml"), 415)
    problem(client.post(API + "openings/", b"{", content_type="application/json"), 400)
    problem(client.post(API + "openings/", b"[" * 200_000, content_type="application/json"), 400)
    problem(client.get(API + "openings/", headers={"accept": "text/html"}), 406)


def test_a_body_too_large_is_not_read(cast: Cast, client_of: As, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    body = json.dumps({"name": "a" * 1000})
    problem(client_of(cast.counsellor).post(API + "employers/", body, content_type="application/json"), 413)


def test_a_broken_rule_names_its_field_in_the_language_asked_for(cast: Cast, client_of: As) -> None:
    client = client_of(cast.counsellor)
    body = {"code": "K-1", "entered_on": "2027-01-01"}
    told = problem(client.post(API + "beneficiaries/", body, "json", headers={"accept-language": "en"}), 400)
    assert told["errors"][0]["field"] in {"code", "entered_on"}
    answer = client.post(API + "employers/", {}, "json", headers={"accept-language": "en"})
    assert problem(answer, 400)["errors"] == [
        {"field": "name", "code": "required", "detail": "This field is required."}
    ]
    assert answer["Content-Language"] == "en"


def test_nested_values_are_named_by_path(cast: Cast, client_of: As) -> None:
    body = {"employer": str(cast.employer.pk), "title": "A", "requirements": [{"phrase": "a"}, {"level": "x"}]}
    told = problem(client_of(cast.counsellor).post(API + "openings/", body, "json"), 400)
    assert told["errors"][0]["field"] == "requirements.1.level"


def test_a_foreign_key_to_an_unseen_row_reads_as_a_missing_one(cast: Cast, other_cast: Cast, client_of: As) -> None:
    client = client_of(cast.counsellor)
    colleagues = BeneficiaryFactory(organisation=cast.programme, counsellor=cast.colleague)
    for path, field, unseen in (
        ("goals/", "beneficiary", colleagues.pk),
        ("goals/", "beneficiary", other_cast.beneficiary.pk),
        ("openings/", "employer", other_cast.employer.pk),
        ("contacts/", "employer", other_cast.employer.pk),
        ("safety-rules/", "employer", other_cast.employer.pk),
        ("consents/", "opening", OpeningFactory(employer=other_cast.employer).pk),
    ):
        said = [
            client.post(API + path, {field: str(key)}, "json").content.decode().replace(str(key), "KEY")
            for key in (unseen, MISSING)
        ]
        assert said[0] == said[1]
        assert "does_not_exist" in said[0]


def test_without_the_guard_a_foreign_key_would_find_an_unseen_row(
    cast: Cast, other_cast: Cast, client_of: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the test above; without the guard the second line still finds nothing."""
    monkeypatch.setattr(VisibleRelatedField, "get_queryset", lambda _field: Employer.objects.all())
    body = {"employer": str(other_cast.employer.pk)}
    answer = client_of(cast.counsellor).post(API + "contacts/", body, "json")
    assert b"does_not_exist" in answer.content
    monkeypatch.setattr(base, "in_programme", lambda _pk: in_every_programme())
    answer = client_of(cast.counsellor).post(API + "contacts/", body, "json")
    assert b"does_not_exist" not in answer.content


def test_filters_do_not_tell_what_is_hidden(cast: Cast, other_cast: Cast, client_of: As) -> None:
    client = client_of(cast.counsellor)
    hidden = OpeningFactory(employer=other_cast.employer, title="Tajni posao")
    for query in (f"employer={other_cast.employer.pk}", f"employer={MISSING}", "search=Tajni"):
        assert client.get(f"{API}openings/?{query}").json()["results"] == []
    assert client.get(f"{API}requirements/?opening={hidden.pk}").json()["results"] == []


def test_a_lost_race_is_a_conflict(cast: Cast, client_of: As, monkeypatch: pytest.MonkeyPatch) -> None:
    def race(**_given: object) -> None:
        raise IntegrityError("UNIQUE constraint failed: secret")

    monkeypatch.setattr("backend.employers.services.register_employer", race)
    told = problem(client_of(cast.counsellor).post(API + "employers/", {"name": "A"}, "json"), 409)
    assert "secret" not in json.dumps(told)


def test_too_many_requests_are_throttled(cast: Cast, client_of: As, monkeypatch: pytest.MonkeyPatch) -> None:
    class OncePerMinute(UserRateThrottle):
        rate = "1/min"

    monkeypatch.setattr(NounViewSet, "throttle_classes", [OncePerMinute])
    client = client_of(cast.counsellor)
    assert client.get(API + "employers/").status_code == 200
    answer = client.get(API + "employers/")
    problem(answer, 429)
    assert int(answer["Retry-After"]) > 0


BAD_QUERIES = [
    "cursor=%00", "cursor=bm90aGluZw==", "cursor=cD1ub3QtYS1kYXRl", "cursor=cj0xJnA9JTAw", "page_size=-1",
    "cursor=cD0yMDI2LTAxLTAxVDAwOjAwOjAwJTJCMjA6MDA=", "opened_at__gte=2026-01-01T00:00:00%2B20:00",
    "opened_at__lte=9999-12-31T23:59:59-14:00", "opened_at__gte=0001-01-01T00:00:00%2B14:00",
    "page_size=x", "ordering=password", "ordering=__class__,-id", "ordering=%00", "search=%00", "search=" + "a" * 3000,
    "status=nothing", "employer=not-a-key", "employer=%00", "municipality=%00", "posted_on__gte=2026-99-99",
    "posted_on__lte=99999-01-01", "pay_from__gte=1e999", "pay_from__gte=NaN", "created_at=x", "level__gte=1e40",
    "day=99999999999999999999", "score__gte=inf", "beneficiary=1", "live_in=maybe", "%00=1", "a[]=1",
]  # fmt: skip


@pytest.mark.parametrize(
    "noun", ["openings", "employers", "municipalities", "skills", "matches", "follow-ups", "break-glass"]
)
def test_a_bad_query_is_never_an_error_of_ours(cast: Cast, world: World, client_of: As, noun: str) -> None:
    client = client_of(cast.counsellor)
    for query in BAD_QUERIES:
        answer = client.get(f"{API}{noun}/?{query}")
        assert answer.status_code in (200, 400, 404), (query, answer.content)
        if answer.status_code != 200:
            problem(answer, answer.status_code)


WRONG: list[Any] = [
    None, "", "\x00", "\ud800", "a" * 50_000, -1, 10**30, 1e300, True, [[]], {"a": {}}, ["\x00"], MISSING, "not-a-key",
    "2026-02-30", "0001-01-01", "9999-12-31T23:59:59+14:00", "1e999",
]  # fmt: skip
# What gets past the shape and reaches the rules.
ODD = [None, "", "a" * 400, 0, 10**9, "0.1", "1900-01-01", "2199-12-31", []]


def _operations() -> Iterator[tuple[str, str, type[Any]]]:
    """Method, path and form of every operation that takes a JSON body."""
    for noun, viewset, _basename in router.registry:
        for route in router.get_routes(viewset):
            for method, action in router.get_method_map(viewset, route.mapping).items():
                form = getattr(getattr(viewset, action), "form", None)
                if form is not None and action != "import_file":
                    path = route.url.format(prefix=noun, lookup="{lookup}", trailing_slash="/")
                    yield method, path.strip("^$"), form


def _sends(client: APIClient, method: str, path: str, body: Any) -> Any:
    with transaction.atomic():
        answer = client.generic(method.upper(), path, json.dumps(body), content_type="application/json")
        transaction.set_rollback(True)
    assert answer.status_code < 500, (body, answer.content)
    if answer.status_code >= 400:
        problem(answer, answer.status_code)
    return answer


def test_a_wrong_value_in_every_field(cast: Cast, world: World, client_of: As, subtests: pytest.Subtests) -> None:
    lead, counsellor, employer = (client_of(user) for user in (cast.lead, cast.counsellor, cast.employer_user))
    for method, path, form in _operations():
        row = world[path.split("/")[0]]
        client = lead if "review" in path or "vet" in path else employer if "answer" in path else counsellor
        with subtests.test(method=method, path=path):
            for value in WRONG:
                _sends(client, method, API + path.format(lookup=row.pk), dict.fromkeys(form().fields, value))


def test_a_body_that_is_no_object(cast: Cast, client_of: As) -> None:
    for value in WRONG:
        if not isinstance(value, dict):
            assert _sends(client_of(cast.counsellor), "post", API + "goals/", value).status_code == 400


def test_an_odd_value_in_one_field(cast: Cast, world: World, client_of: As, subtests: pytest.Subtests) -> None:
    client, her, employer = client_of(cast.counsellor), str(cast.beneficiary.pk), str(cast.employer.pk)
    skill = str(world["skills"].pk)
    valid: dict[str, dict[str, Any]] = {
        "employers/": {"name": "A", "tax_number": "123456780", "sector": "C", "municipality": None, "parent": None},
        "contacts/": {"employer": employer, "name": "A", "email": "a@example.org", "phone": "+381641234567"},
        "openings/": {
            "employer": employer, "title": "A", "description": "", "positions": 1, "contract": "permanent",
            "hours_per_week": "40", "shifts": ["morning"], "pay_from": "1", "pay_to": "2", "pay_period": "hour",
            "currency": "RSD", "languages": {"sr": "A1"}, "licences": [], "valid_through": "2026-12-31",
            "requirements": [{"skill": skill, "level": 2}],
        },
        "beneficiaries/": {"code": "K-77", "entered_on": "2026-10-01", "permit": "citizen", "licences": []},
        "held-skills/": {"beneficiary": her, "skill": skill, "level": 4, "evidence": "employer", "phrase": "a"},
        "languages/": {"beneficiary": her, "language": "en", "spoken": "A1", "written": "A1"},
        "experiences/": {"beneficiary": her, "title": "A", "years": "1.5", "occupation": None},
        "wishes/": {
            "beneficiary": her, "occupations": [], "own_words": "a", "min_hours": 10, "max_hours": 20,
            "shifts": ["night"], "max_travel_km": 5, "min_pay_per_hour": "1",
        },
        "goals/": {"beneficiary": her, "domain": "legal", "text": "a", "owner": "a", "due_on": "2026-12-01"},
        "safety-rules/": {"beneficiary": her, "kind": "place", "municipality": "RS-06-novi-sad", "radius_km": 5},
        "consents/": {
            "beneficiary": her, "purpose": "support", "language": "sr", "method": "signed",
            "given_on": "2026-10-01", "expires_on": "2027-10-01", "fields": [],
        },
        "courses/": {"title": "A", "provider": "B", "hours": 10, "grants": [{"skill": skill, "level": 2}]},
        "sessions/": {
            "course": str(world["courses"].pk), "starts_on": "2026-11-01", "ends_on": "2026-12-01", "capacity": 3,
        },
        "spells/": {
            "beneficiary": her, "job_title": "A", "contract": "permanent", "hours_per_week": "40",
            "net_pay_per_month": "1", "started_on": "2026-06-01", "ended_on": "2026-09-01", "end_reason": "moved",
            "evidence": "A",
        },
        f"spells/{world['spells'].pk}/end/": {"ended_on": "2026-11-01", "end_reason": "moved"},
        f"follow-ups/{world['follow-ups'].pk}/record/": {
            "result": "reached", "status": "same_employer", "contacted_on": "2026-11-01", "evidence": "C",
            "pay_on_time": True, "feels_safe": None, "note": "", "flags": ["threats"],
        },
        f"matches/{world['matches'].pk}/decide/": {"kind": "snooze", "snoozed_until": "2026-12-01", "note": "a"},
        "assessments/": {"beneficiary": her, "housing": 1, "income": 4},
        "flags/": {"beneficiary": her, "kind": "threats", "follow_up": None},
    }  # fmt: skip
    for path, body in valid.items():
        with subtests.test(path=path):
            assert _sends(client, "post", API + path, body).status_code < 300
            for name in body:
                for value in ODD:
                    _sends(client, "post", API + path, body | {name: value})


def test_bad_files_are_refused_with_the_reason(cast: Cast, client_of: As, settings: Any) -> None:
    client, url = client_of(cast.counsellor), API + "openings/import/"
    problem(client.post(url, {}), 400)
    problem(client.post(url, {"file": "text"}), 400)
    problem(client.post(url, b"x", content_type="multipart/form-data; boundary=a"), 400)
    problem(client.post(url, b"{}", content_type="application/json"), 415)
    for name, content in (
        ("a.json", b"{"), ("a.json", b"\xff\xfe\x00"), ("a.json", b"[" * 100_000), ("a.xlsx", b"PK\x03\x04zzz"),
        ("a.csv", b"\x00\x01"), ("a.csv", b"a;b\n1;2"), ("a.exe", b"MZ"), ("a.json", b""), ("\x00", b"{}"),
    ):  # fmt: skip
        answer = client.post(url, {"file": SimpleUploadedFile(name, content)})
        assert answer.status_code in (200, 400), (name, answer.content)
    settings.IMPORT_MAX_BYTES = 10
    told = problem(client.post(url, {"file": SimpleUploadedFile("a.json", b" " * 11)}), 400)
    assert told["errors"][0]["field"] == "file"


def test_an_employer_of_another_programme_is_no_parent(cast: Cast, client_of: As) -> None:
    foreign = EmployerFactory(cleared_until=dt.date(2027, 1, 1))
    answer = client_of(cast.counsellor).post(API + "employers/", {"name": "A", "parent": str(foreign.pk)}, "json")
    assert problem(answer, 400)["errors"][0]["field"] == "parent"
