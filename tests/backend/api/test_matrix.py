"""Who gets what from every route: generated from the router, so that an undeclared route fails."""

import pytest
from django.db import transaction
from django.db.models import Model
from rest_framework.test import APIClient

from backend.api import portal_urls
from backend.api.base import IsServed
from backend.api.urls import NOUNS, router, urlpatterns
from backend.employers.models import Employer
from tests.conftest import Cast

from .world import As, World

ACTORS = ("anonymous", "counsellor", "colleague", "foreigner", "lead", "administrator", "employer", "other_employer")

#             anonymous counsellor colleague foreigner lead administrator employer other_employer
LIST = {
    "everyone": (401, 200, 200, 200, 200, 200, 200, 200),
    "office":   (401, 200, 200, 200, 200, 200, 404, 404),
    "portal":   (401, 200, 200, 200, 200, 404, 200, 200),
    "staff":    (401, 200, 200, 200, 200, 404, 404, 404),
    "company":  (401, 404, 404, 404, 404, 404, 200, 200),
    "lead":     (401, 404, 404, 404, 200, 404, 404, 404),
}  # fmt: skip
DETAIL = {
    "open":       (401, 200, 200, 200, 200, 200, 200, 200),
    "tenant":     (401, 200, 200, 404, 200, 200, 404, 404),
    "employer's": (401, 200, 200, 404, 200, 404, 200, 404),
    "programme":  (401, 200, 200, 404, 200, 404, 404, 404),
    "case":       (401, 200, 404, 404, 404, 404, 404, 404),
    "candidate":  (401, 404, 404, 404, 404, 404, 200, 404),
    "lead's":     (401, 404, 404, 404, 200, 404, 404, 404),
}  # fmt: skip
ROUTES = {
    "organisations": ("office", "tenant"),
    "users": ("office", "tenant"),
    "memberships": ("office", "tenant"),
    "countries": ("everyone", "open"),
    "districts": ("everyone", "open"),
    "municipalities": ("everyone", "open"),
    "skills": ("everyone", "open"),
    "occupations": ("everyone", "open"),
    "employers": ("portal", "employer's"),
    "contacts": ("portal", "employer's"),
    "vettings": ("staff", "programme"),
    "openings": ("portal", "employer's"),
    "requirements": ("portal", "employer's"),
    "reviews": ("portal", "employer's"),
    "beneficiaries": ("staff", "case"),
    "break-glass": ("staff", "programme"),
    "caseloads": ("lead", "lead's"),
    "held-skills": ("staff", "case"),
    "languages": ("staff", "case"),
    "experiences": ("staff", "case"),
    "wishes": ("staff", "case"),
    "goals": ("staff", "case"),
    "safety-rules": ("staff", "case"),
    "consents": ("staff", "case"),
    "courses": ("staff", "programme"),
    "sessions": ("staff", "programme"),
    "enrolments": ("staff", "case"),
    "credentials": ("staff", "case"),
    "match-runs": ("staff", "case"),
    "matches": ("staff", "case"),
    "decisions": ("staff", "case"),
    "introductions": ("staff", "case"),
    "candidates": ("company", "candidate"),
    "spells": ("staff", "case"),
    "follow-ups": ("staff", "case"),
    "assessments": ("staff", "case"),
    "flags": ("staff", "case"),
    "snapshots": ("lead", "lead's"),
}

STAFF, PORTAL = LIST["staff"], LIST["portal"]
ADMINISTRATOR = (401, 404, 404, 404, 404, 200, 404, 404)
OWN, CASE, PROGRAMME, CANDIDATE = (DETAIL[kind] for kind in ("employer's", "case", "programme", "candidate"))
# 200 means that the act is reached: it may still refuse the values or the actor.
ACTS = {
    "post users": ADMINISTRATOR,
    "post memberships end": ADMINISTRATOR,
    "post skills link": PORTAL,
    "post employers": STAFF,
    "post employers vet": PROGRAMME,
    "post employers propose": PROGRAMME,
    "post employers check": PROGRAMME,
    "post employers correct": PROGRAMME,
    "post employers ban": PROGRAMME,
    "post contacts": STAFF,
    "post contacts invite": PROGRAMME,
    "post contacts end": PROGRAMME,
    "post openings": PORTAL,
    "post openings import": PORTAL,
    "patch openings": OWN,
    "post openings submit": OWN,
    "post openings review": PROGRAMME,
    "post openings pause": OWN,
    "post openings resume": OWN,
    "post openings renew": OWN,
    "post openings close": OWN,
    "get openings screening": PROGRAMME,
    "get openings waiting": LIST["lead"],
    "post beneficiaries": STAFF,
    "patch beneficiaries": CASE,
    "get beneficiaries identity": CASE,
    "put beneficiaries identity": CASE,
    "post beneficiaries hand-over": CASE,
    "post beneficiaries erase": CASE,
    "post beneficiaries rank": CASE,
    "get beneficiaries matches": CASE,
    "get beneficiaries excluded": CASE,
    "post break-glass": (401, 200, 200, 200, 404, 404, 404, 404),
    "post break-glass review": (401, 404, 404, 404, 200, 404, 404, 404),
    "post caseloads share-out": DETAIL["lead's"],
    "post held-skills": STAFF,
    "delete held-skills": CASE,
    "post languages": STAFF,
    "delete languages": CASE,
    "post experiences": STAFF,
    "delete experiences": CASE,
    "post wishes": STAFF,
    "post goals": STAFF,
    "post goals achieve": CASE,
    "post safety-rules": STAFF,
    "post safety-rules lift": CASE,
    "post consents": STAFF,
    "post consents withdraw": CASE,
    "post courses": STAFF,
    "post sessions": STAFF,
    "post enrolments": STAFF,
    "post enrolments attendance": CASE,
    "post enrolments complete": CASE,
    "post enrolments drop": CASE,
    "post matches decide": CASE,
    "post matches introduce": CASE,
    "post candidates answer": CANDIDATE,
    "post introductions answer": CASE,
    "post introductions reply": CASE,
    "get introductions preview": CASE,
    "post introductions agree": CASE,
    "post introductions share": CASE,
    "post introductions consent": CASE,
    "post introductions disclose": CASE,
    "post introductions interview": CASE,
    "post introductions advance": CASE,
    "post introductions withdraw": CASE,
    "post introductions decline": CASE,
    "post spells": STAFF,
    "post spells end": CASE,
    "post spells keep-in-touch": CASE,
    "post follow-ups record": CASE,
    "post follow-ups attempts": CASE,
    "post assessments": STAFF,
    "post flags": STAFF,
    "post flags resolve": CASE,
}
MISSING = "00000000-0000-4000-8000-000000000000"
OTHER_PATHS = {"schema", "docs", "unknown"}


@pytest.fixture
def clients(cast: Cast, other_cast: Cast, other_employer: Employer, client_of: As) -> dict[str, APIClient]:
    actors = {
        "anonymous": None,
        "counsellor": cast.counsellor,
        "colleague": cast.colleague,
        "foreigner": other_cast.counsellor,
        "lead": cast.lead,
        "administrator": cast.administrator,
        "employer": cast.employer_user,
        "other_employer": other_employer.contacts.get().user,
    }
    return {name: client_of(user) for name, user in actors.items()}


def _routes() -> dict[str, tuple[str, str]]:
    """Every operation of the router but list and detail: "post openings submit" -> (route name, url name)."""
    found = {}
    for noun, viewset in NOUNS.items():
        for route in router.get_routes(viewset):
            for method, action in router.get_method_map(viewset, route.mapping).items():
                if action not in ("list", "retrieve"):
                    last = route.url.split("{lookup}/")[-1].replace("{prefix}/", "").split("{")[0].strip("^/$")
                    found[f"{method} {noun} {last}".strip()] = (noun, route.name.format(basename=noun))
    return found


def path_of(operation: str, row: Model) -> str:
    """Where an act on the row, or on its noun, is done."""
    noun, name = _routes()[operation]
    last = "/".join(operation.split()[2:])
    is_on_row = "-list" not in name and not any(word in operation for word in ("link", "import", "waiting"))
    return "/".join(["/api/v1", noun, *([str(row.pk)] if is_on_row else []), *([last] if last else []), ""])


def test_every_route_is_declared() -> None:
    assert set(ROUTES) == set(NOUNS)
    assert set(ACTS) == set(_routes())
    assert {url.name for url in urlpatterns if url not in router.urls} >= OTHER_PATHS
    names = {url.name for url in (*urlpatterns, *portal_urls.urlpatterns)}
    declared = OTHER_PATHS | {f"{noun}-{kind}" for noun in ROUTES for kind in ("list", "detail")}
    assert names - declared == {name for _noun, name in _routes().values()} - declared


def test_list_and_detail(
    clients: dict[str, APIClient], world: World, foreign_world: World, subtests: pytest.Subtests
) -> None:
    for noun, (of_list, of_detail) in ROUTES.items():
        for actor, listed, shown in zip(ACTORS, LIST[of_list], DETAIL[of_detail], strict=True):
            with subtests.test(noun=noun, actor=actor):
                client, row = clients[actor], world[noun]
                answer = client.get(f"/api/v1/{noun}/")
                assert answer.status_code == listed
                if listed == 200:
                    keys = {line.get("id", line.get("code")) for line in answer.json()["results"]}
                    assert (str(row.pk) in keys) == (shown == 200)
                detail = client.get(f"/api/v1/{noun}/{row.pk}/")
                assert detail.status_code == shown
                if shown == 404:
                    missing = client.get(f"/api/v1/{noun}/{MISSING}/")
                    assert (missing.status_code, missing.content) == (404, detail.content)


def test_acts(clients: dict[str, APIClient], world: World, subtests: pytest.Subtests) -> None:
    for operation, statuses in ACTS.items():
        method = operation.split()[0]
        url = path_of(operation, world[operation.split()[1]])
        body = {} if method == "get" else {"format": "json"}
        for actor, expected in zip(ACTORS, statuses, strict=True):
            with subtests.test(operation=operation, actor=actor), transaction.atomic():
                answer = getattr(clients[actor], method)(url, {}, **body)
                transaction.set_rollback(True)
                if expected == 200:
                    assert answer.status_code not in (401, 404, 405), answer.content
                else:
                    assert answer.status_code == expected, answer.content


def test_each_door_is_shut_to_the_other_side(clients: dict[str, APIClient], cast: Cast, world: World) -> None:
    """An employer at the programme's door, the programme's people at the employers': as if nothing were there."""
    employer = APIClient()
    employer.force_authenticate(cast.employer_user)
    for noun in ROUTES:
        for path in (f"{noun}/", f"{noun}/{world[noun].pk}/"):
            unknown = employer.get(f"/api/v1/nothing/{MISSING}/")
            assert (unknown.status_code, employer.get(f"/api/v1/{path}").content) == (404, unknown.content)
            for actor in ("counsellor", "lead", "administrator"):
                assert clients[actor].get(f"/portal/api/v1/{path}").status_code == 404, (actor, path)
    for path in ("schema/", "docs/"):
        assert employer.get(f"/api/v1/{path}").status_code in (302, 404)
        assert clients["counsellor"].get(f"/portal/api/v1/{path}").status_code in (302, 404)


def test_without_the_guard_each_door_would_be_open(
    clients: dict[str, APIClient], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: it is IsServed that answers 404, and nothing else."""
    monkeypatch.setattr(IsServed, "has_permission", lambda *_given: True)
    employer = APIClient()
    employer.force_authenticate(cast.employer_user)
    assert {employer.get(f"/api/v1/{noun}/").status_code for noun in ROUTES if noun != "candidates"} == {200}
    assert clients["counsellor"].get("/portal/api/v1/openings/").status_code == 200
