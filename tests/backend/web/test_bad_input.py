"""Every form with wrong values: said in the reader's language, never a 500, and nothing is written."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from backend.beneficiaries.models import Consent
from backend.beneficiaries.services.consent_texts import current_text
from backend.employers.models import Opening
from backend.matches import candidate
from backend.matches.models import AnswerLink, Introduction
from backend.matches.services.links import issue_link
from backend.outcomes.models import EmploymentSpell
from backend.trainings.models import Course, Enrolment, Session
from tests.backend.api.world import DAY, NOW, World, build
from tests.backend.rows import stored
from tests.backend.web.bad_values import FORMS, ODDITIES, SENSELESS, WRONG, Form
from tests.backend.web.conftest import SignIn
from tests.backend.web.test_page_matrix import ROUTES
from tests.conftest import Cast
from tests.factories import OpeningFactory

FOREIGN = ("TUDJA-1", "Tuđa firma", "Tuđi oglas")
ENGLISH = re.compile(r"\b(the|this|is|are|not|enter|valid|select|choose|ensure|please|required|say|give)\b", re.I)
ERRORS = re.compile(r'<ul class="(?:errorlist|notice notice-error)[^>]*>(.*?)</ul>', re.S)

Clients = dict[str, Client]


@pytest.fixture(autouse=True)
def _still_clock(clock: object) -> None:
    """Pages stand on the day of the world."""


@pytest.fixture
def world(cast: Cast, other_cast: Cast, settings: Any, tmp_path: Path) -> World:
    """One row of everything, what some forms need beside it, and another programme that must never show."""
    settings.ERASURE_LEDGER = str(tmp_path / "ledger")
    cast.employer.sector = "C"  # not the one that her safety rule excludes
    cast.employer.save()
    cast.beneficiary.code = "K-OPEN"
    cast.beneficiary.save()
    world = build(cast)
    foreign, theirs, firm = build(other_cast, "2"), other_cast.beneficiary, other_cast.employer
    theirs.code, firm.name = FOREIGN[:2]
    theirs.save()
    firm.save()
    Opening.objects.filter(pk=foreign["openings"].pk).update(title=FOREIGN[2])
    introduction = world["introductions"]
    consent = Consent.objects.get(pk=introduction.blind_consent_id)
    consent.pk, consent.purpose, consent.fields = None, Consent.Purpose.IDENTITY_DISCLOSURE, ["first_name"]
    consent.text = current_text(purpose=consent.purpose, language=consent.language)
    consent.save(force_insert=True)
    Consent.objects.create(
        beneficiary=cast.beneficiary, purpose="employer_contact", text_version="1", language="sr", method="signed",
        given_on=DAY, recorded_by=cast.counsellor,
    )  # fmt: skip
    contact = cast.employer.contacts.get()
    token = issue_link(introduction=introduction, contact=contact, now=NOW)
    link = AnswerLink.objects.get(introduction=introduction)
    link.pk = token  # what its URL calls it
    Introduction.objects.filter(pk=introduction.pk).update(
        identity_consent=consent, shared_profile=candidate.freeze(cast.beneficiary)
    )
    course = Course.objects.create(programme=cast.programme, title="Kuvanje", provider="Škola", hours=40)
    coming, running = (
        Session.objects.create(course=course, starts_on=DAY, ends_on=DAY.replace(month=12), capacity=5)
        for _number in range(2)
    )
    enrolment = Enrolment.objects.create(session=running, beneficiary=cast.beneficiary, enrolled_on=DAY)
    submitted = OpeningFactory(employer=cast.employer, status="submitted", content_hash="b" * 64)
    return world | {
        "colleague": cast.colleague,
        "mailed link": link,
        "coming session": coming,
        "running session": running,
        "running enrolment": enrolment,
        "submitted opening": submitted,
        **{f"foreign {noun}": row for noun, row in foreign.items()},
    }


@pytest.fixture
def clients(cast: Cast, world: World, sign_in: SignIn) -> Clients:
    """Browsers that ask for Serbian and have looked at her matches, which ranks them once."""
    found = {
        "counsellor": sign_in(cast.counsellor),
        "colleague": sign_in(cast.colleague),
        "lead": sign_in(cast.lead),
        "administrator": sign_in(cast.administrator),
        "employer": sign_in(cast.employer_user),
        "anonymous": Client(),
    }
    for client in found.values():
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "sr-latn"
        client.raise_request_exception = False
    found["counsellor"].get(reverse("web:matches", args=[cast.beneficiary.pk]))
    return found


def _url(name: str, form: Form, world: World) -> str:
    args = [world[arg].pk if arg in world else arg for arg in form.args]
    return reverse(f"web:{name.split()[0]}", args=args)


def _words(response: HttpResponse) -> list[str]:
    """What the errors on a page say."""
    lists = ERRORS.findall(response.content.decode())
    return [re.sub(r"<[^>]+>", " ", line).strip() for found in lists for line in found.split("</li>") if line.strip()]


def _complaint(response: HttpResponse, is_unchanged: bool) -> str:
    """What is wrong with the refusal of a wrong value; "" if nothing is."""
    page = response.content.decode(errors="replace")
    if response.status_code not in (200, 400, 409):
        return f"status {response.status_code}"
    if not is_unchanged:
        return "something was written"
    if "__all__" in page:
        return "speaks of __all__"
    if "Traceback" in page or any(name in page for name in FOREIGN):
        return "tells what it must not"
    words = _words(response)
    if not words and response.status_code == 200:
        return "no error is shown"
    english = [text for text in words if ENGLISH.search(text)]
    return f"not in Serbian: {english}" if english else ""


class Attack:
    """Sends one form's values, wrong in some place."""

    def __init__(self, name: str, clients: Clients, world: World) -> None:
        self.form, self.world = FORMS[name], world
        self.client, self.url = clients[self.form.actor], _url(name, self.form, world)
        self.good = self.form.good(world)
        state = self.form.state or Introduction.State.SHARED_BLIND
        Introduction.objects.filter(pk=world["introductions"].pk).update(state=state, question="Kada?")
        if self.form.has_left:
            work = EmploymentSpell.objects.filter(pk=world["spells"].pk)
            work.update(ended_on=DAY, verified_on=DAY, end_reason="moved")
        self.before = stored()

    def send(self, changed: dict[str, Any]) -> HttpResponse:
        return self.client.post(self.url, self.good | changed)

    def complaint(self, send: Callable[[], HttpResponse]) -> str:
        """What is wrong with the refusal of what is sent; what it wrote is undone."""
        with transaction.atomic():
            found = _complaint(send(), stored() == self.before)
            transaction.set_rollback(True)
        return found

    def wrong(self) -> Iterator[tuple[str, str]]:
        """(field, value) of every value that has to be refused; another programme's row is one."""
        for field, value in self.form.values.items():
            yield from ((field, bad) for bad in WRONG[value.kind])
            if f"foreign {value.good}" in self.world and value.good not in ("municipalities", "skills"):
                yield field, str(self.world[f"foreign {value.good}"].pk)


def test_good_values_are_taken(clients: Clients, world: World) -> None:
    """What is refused below is refused for the one wrong value in it."""
    for name in FORMS:
        with transaction.atomic():
            attack = Attack(name, clients, world)
            taken = attack.send({})
            assert (taken.status_code, _words(taken)) == (attack.form.done, []), name
            transaction.set_rollback(True)


def test_wrong_values_are_refused(clients: Clients, world: World) -> None:
    found = []
    for name in FORMS:
        attack = Attack(name, clients, world)
        for field, bad in attack.wrong():
            if said := attack.complaint(partial(attack.send, {field: bad})):
                found.append((name, field, bad[:40], said))
    for name, changed in SENSELESS:
        attack = Attack(name, clients, world)
        if said := attack.complaint(partial(attack.send, changed)):
            found.append((name, changed, said))
    assert found == []


def test_odd_values_break_no_page(clients: Clients, world: World) -> None:
    """Each is taken or refused; what is taken stays, and afterwards every page still opens."""
    found: list[Any] = []
    for name, form in FORMS.items():
        attack = Attack(name, clients, world)
        for field, value in form.values.items():
            for odd in ODDITIES[value.kind]:
                with transaction.atomic():
                    status = attack.send({field: odd}).status_code
                if status not in (200, 302, 400, 404, 409, 410):
                    found.append((name, field, odd[:40], status))
    for actor, client in clients.items():
        for page, route in ROUTES.items():
            if route.get[actor] == 200:
                url = reverse(f"web:{page}", args=[world[arg].pk if arg in world else arg for arg in route.args])
                if client.get(url).status_code not in (200, 404):
                    found.append((actor, page))
    assert found == []


TRUNCATED = b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nab'
BODIES = (
    (b"", "application/x-www-form-urlencoded"),
    (b"%ff=%fe&title=%00&%00=1&&&==", "application/x-www-form-urlencoded"),
    (b'{"title": "Kroja\xc4\x8dica"}', "application/json"),
    (b"title=a", "text/plain; charset=nonsense"),
    (b"title=a", "multipart/form-data"),
    (b"\0" * 100, "multipart/form-data; boundary=x"),
    (TRUNCATED, "multipart/form-data; boundary=x"),
    (b"&".join(b"a%d=1" % number for number in range(1_100)), "application/x-www-form-urlencoded"),
)
NEEDS_NOTHING = {"save_wishes", "complete_enrolment"}
"""Forms in which everything may be left empty."""


def test_bodies_that_are_no_form_are_refused(clients: Clients, world: World) -> None:
    found = []
    for name in (each for each in FORMS if each not in NEEDS_NOTHING):
        attack = Attack(name, clients, world)
        # One parser reads them all; each form has to bear what is left of a body: nothing.
        for body, kind in BODIES if name == "register_person" else BODIES[:2]:
            post = partial(attack.client.generic, "POST", attack.url, body, content_type=kind)
            if said := attack.complaint(post):
                found.append((name, body[:20], kind, said))
    assert found == []


def test_every_field_twice_does_no_harm(clients: Clients, world: World) -> None:
    for name in FORMS:
        attack = Attack(name, clients, world)
        with transaction.atomic():
            twice = {field: ["zzz", value] for field, value in attack.good.items()}
            assert attack.client.post(attack.url, twice).status_code in (200, 302), name
            transaction.set_rollback(True)


def test_a_broken_request_is_answered_in_the_readers_language(clients: Clients) -> None:
    for language, words in (("en", "could not be understood"), ("sr-latn", "nismo mogli da razumemo")):
        answer = clients["counsellor"].generic(
            "POST", reverse("web:register_person"), b"x", "multipart/form-data", headers={"accept-language": language}
        )
        assert (answer.status_code, words in answer.content.decode()) == (400, True)


ASKED = (
    "page", "q", "status", "place", "lane", "rule", "code", "job", "opening", "words", "employer", "skill_1", "course",
    "without", "one", "other",
)  # fmt: skip
QUERIES = ("abc", "-1", "%00", "9" * 5_000, "%ff%fe%27+OR+1=1--", "%3Cscript%3E1e400", "")


def test_query_strings_do_no_harm(clients: Clients, world: World) -> None:
    found = []
    foreign = [str(row.pk) for noun, row in world.items() if noun in ("foreign openings", "foreign employers")]
    for actor, client in clients.items():
        for page, route in ROUTES.items():
            if route.get[actor] != 200:
                continue
            url = reverse(f"web:{page}", args=[world[arg].pk if arg in world else arg for arg in route.args])
            reads_it = page in LISTS
            for value in (*QUERIES, *foreign) if reads_it else ("%00",):
                for headers in ({}, {"hx-request": "true"}) if page == "note_skill" else ({},):
                    answer = client.get(f"{url}?{'&'.join(f'{key}={value}' for key in ASKED)}", headers=headers)
                    shown = answer.content.decode(errors="replace")  # some are files
                    if answer.status_code != 200 or any(name in shown for name in (*FOREIGN, "<script>1", "Traceback")):
                        found.append((actor, page, value[:20], answer.status_code))
    assert found == []


LISTS = (
    "caseload", "matches", "hidden_openings", "compare_matches", "what_if", "note_skill", "openings", "new_opening",
    "trainings", "skill_labels", "employers", "portal_openings", "portal_inbox",
)  # fmt: skip
