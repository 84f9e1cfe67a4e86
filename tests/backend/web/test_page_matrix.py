"""Who gets what from every page: generated from the URL resolver, so that an undeclared route fails."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from backend.accounts.models import AccessToken
from backend.beneficiaries.models import Beneficiary
from backend.beneficiaries.policies import visible_beneficiaries
from backend.core.tenancy import in_every_programme
from backend.employers.models import Employer
from backend.web import desks, middleware
from backend.web.people import frame
from backend.web.people.views import person
from tests.backend.api.world import World, build
from tests.backend.web.conftest import SignIn
from tests.conftest import Cast
from tests.factories import EmployerFactory

MISSING = "00000000-0000-4000-8000-000000000000"
ACTORS = (
    "anonymous", "counsellor", "colleague", "foreigner", "lead", "foreign_lead", "administrator", "employer",
    "other_employer",
)  # fmt: skip

Row = dict[str, int]
Served = Callable[[int], Row]
Clients = dict[str, Client]


def _row(*served: str) -> Served:
    """The row of a page for these actors, once the status they get is said; a visitor signs in, the rest get 404."""

    def row(status: int) -> Row:
        return dict.fromkeys(ACTORS, 404) | {"anonymous": 302} | dict.fromkeys(served, status)

    return row


ALL = _row(*ACTORS)
COUNSELLORS = _row("counsellor", "colleague", "foreigner")
HER = _row("counsellor")
STAFF = _row("counsellor", "colleague", "foreigner", "lead", "foreign_lead")
OURS = _row("counsellor", "colleague", "lead")
OUR_COUNSELLORS = _row("counsellor", "colleague")
LEADS = _row("lead", "foreign_lead")
OUR_LEAD = _row("lead")
EMPLOYERS = _row("employer", "other_employer")
OWN = _row("employer")

ADMINISTRATORS = _row("administrator")
HOLDERS = _row("lead", "foreign_lead", "administrator", "employer", "other_employer")
OWNER = _row("lead", "administrator")


@dataclass(frozen=True)
class Route:
    """What GET and POST without any value answer; `args` are rows of the world, or words where one has them."""

    get: Row
    post: Row
    args: tuple[str, ...] = ()


def _page(served: Served, *args: str) -> Route:
    """Only read: the whole desk learns that, whosever the row is."""
    desk = {HER: COUNSELLORS, OURS: STAFF, OUR_LEAD: LEADS, OWN: EMPLOYERS}.get(served, served)
    return Route(served(200), desk(405), args)


def _form(served: Served, *args: str) -> Route:
    """A page with a form; without values it comes again, with its errors."""
    return Route(served(200), served(200), args)


def _act(desk: Served, served: Served, *args: str, post: int = 200) -> Route:
    """Only posted to."""
    return Route(desk(405), served(post), args)


PERSON = "beneficiaries"
ROUTES = {
    "home": Route(ALL(302), ALL(405) | {"anonymous": 302}),
    "health": Route(ALL(200), ALL(405)),
    "set_language": Route(ALL(302), ALL(302)),
    # the counsellor's desk
    "today": _page(COUNSELLORS),
    "caseload": _page(COUNSELLORS),
    "register_person": _form(COUNSELLORS),
    "find_people": _form(COUNSELLORS),
    "chances": _page(COUNSELLORS),
    "break_glass": _form(COUNSELLORS),
    "person": _page(HER, PERSON),
    "person_edit": _form(HER, PERSON),
    "hand_over": _act(COUNSELLORS, HER, PERSON),
    "erase_person": _act(COUNSELLORS, HER, PERSON),
    "person_record": _form(HER, PERSON),
    "person_identity": _form(HER, PERSON),
    "person_plan": _page(HER, PERSON),
    "set_goal": _act(COUNSELLORS, HER, PERSON),
    "achieve_goal": _act(COUNSELLORS, HER, PERSON, "goals", post=302),
    "add_rule": _act(COUNSELLORS, HER, PERSON),
    "lift_rule": _act(COUNSELLORS, HER, PERSON, "safety-rules"),
    "person_consents": _page(HER, PERSON),
    "consent_text": _page(HER, PERSON, "blind_introduction", "sq"),
    "give_consent": _act(COUNSELLORS, HER, PERSON),
    "withdraw_consent": _act(COUNSELLORS, HER, PERSON, "consents", post=302),
    "person_profile": _page(HER, PERSON),
    "note_skill": _form(HER, PERSON),
    "remove_skill": _act(COUNSELLORS, HER, PERSON, "held-skills", post=302),
    "note_language": _act(COUNSELLORS, HER, PERSON),
    "remove_language": _act(COUNSELLORS, HER, PERSON, "languages", post=302),
    "note_experience": _act(COUNSELLORS, HER, PERSON),
    "remove_experience": _act(COUNSELLORS, HER, PERSON, "experiences", post=302),
    "save_wishes": _act(COUNSELLORS, HER, PERSON, post=302),
    "matches": _page(HER, PERSON),
    "hidden_openings": _page(HER, PERSON),
    "compare_matches": _page(HER, PERSON),
    "what_if": _page(HER, PERSON),
    "decide": _act(COUNSELLORS, HER, "matches"),
    "propose_introduction": _act(COUNSELLORS, HER, "matches", post=302),
    "introduction": _page(HER, "introductions"),
    "place": _act(COUNSELLORS, HER, "introductions"),
    "introduction_step": _act(COUNSELLORS, HER, "introductions", "withdraw", post=302),
    "person_work": _page(HER, PERSON),
    "start_spell": _form(HER, PERSON),
    "end_spell": _act(COUNSELLORS, HER, PERSON, "spells"),
    "keep_in_touch": _act(COUNSELLORS, HER, PERSON, "spells", post=302),
    "assessment": _form(HER, PERSON),
    "raise_flag": _act(COUNSELLORS, HER, PERSON),
    "resolve_flag": _act(COUNSELLORS, HER, PERSON, "flags"),
    "follow_up": _form(HER, "follow-ups"),
    "keep_draft": _act(COUNSELLORS, HER, "follow-ups"),
    "log_attempt": _act(COUNSELLORS, HER, "follow-ups"),
    # trainings
    "trainings": _page(STAFF),
    "plan_course": _form(STAFF),
    "skill_labels": _page(STAFF),
    "course": _page(OURS, "courses"),
    "plan_session": _act(STAFF, OURS, "courses"),
    "session": _page(OURS, "sessions"),
    "enrol": _act(COUNSELLORS, OUR_COUNSELLORS, "sessions"),
    "record_attendance": _act(COUNSELLORS, OUR_COUNSELLORS, "sessions"),
    "complete_enrolment": _act(COUNSELLORS, HER, "enrolments", post=409),
    "drop_enrolment": _act(COUNSELLORS, HER, "enrolments", post=409),
    # openings
    "openings": _page(STAFF),
    "new_opening": _form(COUNSELLORS),
    "opening_queue": _page(LEADS),
    "import_openings": _form(STAFF),
    "opening": _page(OURS, "openings"),
    "opening_history": _page(OURS, "openings"),
    "edit_opening": _form(OUR_COUNSELLORS, "openings"),
    "review_opening": _act(LEADS, OUR_LEAD, "openings"),
    "move_opening": _act(STAFF, OURS, "openings", "close", post=302),
    # the employer's portal
    "portal_openings": _page(EMPLOYERS),
    "portal_new_opening": _form(EMPLOYERS),
    "portal_paste": _form(EMPLOYERS),
    "portal_import": _form(EMPLOYERS),
    "portal_opening": _page(OWN, "openings"),
    "portal_edit_opening": _form(OWN, "openings"),
    "portal_move_opening": _act(EMPLOYERS, OWN, "openings", "close", post=302),
    "portal_inbox": _page(EMPLOYERS),
    "portal_candidate": _form(OWN, "introductions"),
    "portal_still_employed": _act(EMPLOYERS, _row(), "follow-ups"),
    "portal_answer": Route(ALL(404), ALL(404), ("forged",)),
    "portal_company": _page(EMPLOYERS),
    "portal_obligations": _act(EMPLOYERS, EMPLOYERS, post=409),
    # two programmes stand in this world, so that nobody can say to which a company would come
    "portal_register": Route(ALL(404), ALL(404)),
    "portal_join": Route(ALL(404), ALL(404), ("no-such-link",)),
    # the lead's desk
    "overview": _page(LEADS),
    "retention": _page(LEADS),
    "independence": _page(LEADS),
    "figures": _page(LEADS, "training-value"),
    "reports": _page(LEADS),
    "freeze_quarter": _act(LEADS, LEADS),
    "add_grant": _act(LEADS, LEADS),
    "report_file": _page(OUR_LEAD, "snapshots", "xlsx"),
    "learning": _page(LEADS),
    "trail": _page(LEADS),
    "opened_files": _page(LEADS),
    "review_opened_file": _act(LEADS, OUR_LEAD, "break-glass"),
    "caseloads": _page(LEADS),
    "share_out": _act(LEADS, OUR_LEAD, "caseloads"),
    "employers": _page(STAFF),
    "register_employer": _form(STAFF),
    "employer": _page(OURS, "employers"),
    "check_employer": _act(STAFF, OURS, "employers"),
    "propose_clearance": _act(STAFF, OURS, "employers"),
    "correct_employer": _act(STAFF, OURS, "employers"),
    "invite_employer": _act(STAFF, STAFF),
    "vet_employer": _act(LEADS, OUR_LEAD, "employers"),
    "ban_employer": _act(LEADS, OUR_LEAD, "employers"),
    "lift_ban": _act(LEADS, OUR_LEAD, "bans", post=302),
    "add_contact": _act(STAFF, OURS, "employers"),
    "invite_contact": _act(STAFF, OURS, "contacts", post=409),
    "end_contact": _act(STAFF, OURS, "contacts", post=302),
    # the administrator's desk
    "members": _form(ADMINISTRATORS),
    "end_membership": _act(ADMINISTRATORS, ADMINISTRATORS, "memberships", post=302),
    "invite_again": _act(ADMINISTRATORS, ADMINISTRATORS, "memberships", post=409),
    "reset_factor": _act(ADMINISTRATORS, ADMINISTRATORS, "memberships", post=409),
    "tokens": _form(HOLDERS),
    "revoke_token": _act(HOLDERS, OWNER, "tokens", post=302),
    # last: it signs out
    "leave": Route(ALL(303), ALL(405)),
}


@pytest.fixture(autouse=True)
def _still_clock(clock: object, db: None) -> None:
    """Pages stand on the day of the world, and what Django remembers of its tables is already remembered."""
    ContentType.objects.get_for_models(*apps.get_models())


@pytest.fixture
def world(cast: Cast) -> World:
    token, _secret = AccessToken.objects.create(user=cast.lead, expiry=dt.timedelta(days=9), name="a program")
    token.pk = token.reference  # what its URL calls it
    return build(cast) | {"tokens": token}


@pytest.fixture
def other_employer(cast: Cast) -> Employer:
    """Another employer of the same programme, with a portal user of its own."""
    return EmployerFactory(programme=cast.programme, cleared=True, with_portal=True)


@pytest.fixture
def clients(cast: Cast, other_cast: Cast, other_employer: Employer, sign_in: SignIn) -> Clients:
    contact = other_employer.contacts.get()
    assert contact.user is not None
    return {
        "anonymous": Client(headers={"accept-language": "en"}),
        "counsellor": sign_in(cast.counsellor),
        "colleague": sign_in(cast.colleague),
        "foreigner": sign_in(other_cast.counsellor),
        "lead": sign_in(cast.lead),
        "foreign_lead": sign_in(other_cast.lead),
        "administrator": sign_in(cast.administrator),
        "employer": sign_in(cast.employer_user),
        "other_employer": sign_in(contact.user),
    }


def _patterns(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, str | None]]:
    """(namespace, name) of every route."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield namespace, pattern.name
        else:
            yield from _patterns(pattern, pattern.namespace or namespace)


def _url(name: str, world: World, hidden: slice | None = None) -> str:
    """The URL of a route; the rows in `hidden` are replaced by one that never was."""
    args = [str(world[arg].pk) if arg in world else arg for arg in ROUTES[name].args]
    if hidden is not None:
        args[hidden] = [MISSING if ROUTES[name].args[i] in world else args[i] for i in range(len(args))[hidden]]
    return reverse(f"web:{name}", args=args)


@dataclass(frozen=True)
class Answer:
    """What somebody could tell two answers apart by."""

    status: int
    headers: frozenset[str]
    queries: int
    body: str


def _answer(client: Client, method: str, url: str) -> Answer:
    """The answer, without what differs by chance or stood in the URL; what it wrote is undone."""
    queries = []

    def count(execute: Callable[..., Any], sql: str, *given: Any) -> Any:
        queries.append(sql)
        return execute(sql, *given)

    with transaction.atomic(), connection.execute_wrapper(count):
        response = getattr(client, method)(url)
        transaction.set_rollback(True)
    body = re.sub(r'(csrfmiddlewaretoken" value=|x-csrftoken": )"\w+"', "", response.content.decode(errors="replace"))
    body = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", body)
    return Answer(response.status_code, frozenset(response.headers), len(queries), body)


def _mismatches(clients: Clients, world: World, names: Iterable[str]) -> list[tuple[str, str, str, int | str]]:
    """(route, method, actor, what is wrong) where the status is not the declared one, or 404 tells more than 404."""
    found: list[tuple[str, str, str, int | str]] = []
    for name in names:
        for method, declared in (("get", ROUTES[name].get), ("post", ROUTES[name].post)):
            for actor, client in clients.items():
                seen = _answer(client, method, _url(name, world))
                if seen.status != declared[actor]:
                    found.append((name, method, actor, seen.status))
                elif seen.status == 404 and seen != _answer(client, method, _url(name, world, slice(None))):
                    found.append((name, method, actor, "not like what is absent"))
    return found


def test_every_route_is_declared() -> None:
    names = [name for namespace, name in _patterns(get_resolver()) if namespace == "web"]
    assert sorted(str(name) for name in names) == sorted(ROUTES)


def test_everybody_gets_what_is_declared_and_nothing_else(clients: Clients, world: World) -> None:
    assert _mismatches(clients, world, ROUTES) == []


def test_another_persons_line_answers_like_none(clients: Clients, world: World, other_cast: Cast) -> None:
    """Her page with a line out of somebody else's file."""
    foreign = build(other_cast, "2")
    lines = [name for name, route in ROUTES.items() if len(route.args) == 2 and route.args[0] == PERSON]
    assert len(lines) >= 8
    for name in lines:
        mixed = world | {ROUTES[name].args[1]: foreign[ROUTES[name].args[1]]}
        unseen = _answer(clients["counsellor"], "post", _url(name, mixed))
        assert unseen.status == 404
        assert unseen == _answer(clients["counsellor"], "post", _url(name, world, slice(1, None))), name


@pytest.mark.parametrize("name", ["introduction_step", "move_opening", "portal_move_opening"])
def test_an_act_that_is_none_is_not_there(name: str, clients: Clients, world: World) -> None:
    url = _url(name, world).removesuffix("/").rpartition("/")[0] + "/steal/"
    for actor, client in clients.items():
        assert client.post(url).status_code == (302 if actor == "anonymous" else 404)


class _EveryRole:
    role = type("AnyRole", (), {"__eq__": lambda *_: True, "__hash__": object.__hash__})()


def test_without_its_desks_the_matrix_would_not_hold(
    clients: Clients, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A negative control: it is the desk that keeps an employer from the counsellor's lists."""
    monkeypatch.setattr(desks, "signed_in", lambda request: _EveryRole)
    found = _mismatches(clients, world, ["caseload", "register_person", "overview"])
    assert ("caseload", "get", "employer", 200) in found
    assert ("register_person", "post", "lead", 200) in found
    assert ("overview", "get", "counsellor", 404) not in found  # the reports' own policy stands behind the desk


def test_without_the_policy_the_matrix_would_not_hold(
    clients: Clients, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A negative control: it is the policy that keeps a colleague from her file, and other programmes twice over."""
    monkeypatch.setattr(frame, "visible_beneficiaries", lambda actor: Beneficiary.objects.all())
    found = _mismatches(clients, world, ["person_plan", "person_profile"])
    assert ("person_plan", "get", "colleague", 200) in found
    assert not [mismatch for mismatch in found if mismatch[2] == "foreigner"]
    monkeypatch.setattr(middleware, "in_programme", lambda _pk: in_every_programme())
    assert ("person_plan", "get", "foreigner", 200) in _mismatches(clients, world, ["person_plan"])


def test_a_404_that_told_more_would_be_noticed(clients: Clients, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A negative control: one query more for what exists is a difference."""

    def own_person(request: HttpRequest, pk: UUID) -> Beneficiary:
        her = get_object_or_404(Beneficiary, pk=pk)
        return get_object_or_404(visible_beneficiaries(desks.signed_in(request)), pk=her.pk)

    monkeypatch.setattr(person, "own_person", own_person)
    assert ("person_plan", "get", "colleague", "not like what is absent") in _mismatches(
        clients, world, ["person_plan"]
    )


def test_every_answer_is_kept_out_of_caches_and_frames(clients: Clients, world: World) -> None:
    for name in ROUTES:
        for actor in ("anonymous", "counsellor", "employer"):
            answer = clients[actor].head(_url(name, world))
            assert answer.status_code == ROUTES[name].get[actor], (name, actor)
            _assert_private(answer)
    _assert_private(clients["anonymous"].get("/", headers={"host": "evil.example"}))
    _assert_private(Client(enforce_csrf_checks=True).post("/language/"))


def test_every_page_about_a_person_can_be_left_quickly(clients: Clients, world: World) -> None:
    """And none at the other desks, where the button would say what the programme is about."""
    about = {PERSON, "introductions", "follow-ups", "enrolments"}
    lists = {"today", "caseload", "session"}
    sheets = {"consent_text"}  # printed, and says nothing of her
    for name, route in ROUTES.items():
        if route.get["counsellor"] == 200 and (about & {*route.args} or name in lists) and name not in sheets:
            assert "data-quick-exit" in clients["counsellor"].get(_url(name, world)).content.decode(), name
        for actor in ("employer", "administrator"):
            if route.get[actor] == 200:
                assert "data-quick-exit" not in clients[actor].get(_url(name, world)).content.decode(), name


def _active(page: str) -> list[str]:
    """What the policy would not run: handlers, styles and scripts inside a page, or from elsewhere."""
    tags = re.findall(r"<[a-z][^>]*>", page)
    inside = [tag for tag in tags if re.search(r"""\s(on\w+|style|hx-on\S*)\s*=|javascript:|<style""", tag, re.I)]
    scripts = [tag for tag in tags if tag.startswith("<script") and 'src="/static/' not in tag]
    return inside + [tag for tag in scripts if "application/json" not in tag]


def test_no_page_carries_script_or_style(clients: Clients, world: World) -> None:
    account = (
        "login",
        "logout",
        "password/reset",
        "password/change",
        "sessions",
        "2fa",
        "2fa/totp/activate",
        "reauthenticate",
    )
    served = [(name, _url(name, world)) for name in ROUTES if name not in ("leave", "set_language")]
    pages = 0
    for name, url in [*served, *((path, f"/account/{path}/") for path in account)]:
        for actor in ("anonymous", "counsellor", "lead", "administrator", "employer"):
            answer = clients[actor].get(url)
            if answer.headers.get("Content-Type", "").startswith("text/html"):
                pages += answer.status_code == 200
                assert _active(answer.content.decode()) == [], (name, actor)
    assert pages > 80


@pytest.mark.parametrize(
    "bad",
    [
        "<p onclick=x()>", "<p style='x'>", "<a href='javascript:x'>", "<style>p{}</style>", "<script>x</script>",
        '<script src="https://elsewhere.example/x.js">', "<p hx-on:click='x'>",
    ],
)  # fmt: skip
def test_script_or_style_would_be_noticed(bad: str) -> None:
    assert _active(f"<html><body>{bad}") != []


def _assert_private(answer: HttpResponse) -> None:
    assert answer.headers["Referrer-Policy"] in ("same-origin", "no-referrer")
    assert "geolocation=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
