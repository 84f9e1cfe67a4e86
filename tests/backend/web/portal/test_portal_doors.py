"""Who comes in, what the portal never says, and the inbox by stage."""

import datetime as dt
import re
import uuid

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, reverse
from django.utils import timezone

from backend.employers.models import Opening
from backend.employers.neutral import TELLTALE
from backend.matches.models import Introduction
from backend.matches.services import set_interview
from backend.matches.services.links import issue_link
from backend.web.portal.urls import urlpatterns
from matching.text import fold
from tests.backend.matches.conftest import Walk
from tests.backend.web.conftest import SignIn
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory, OpeningFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

# Nothing an employer can read, id and form names included, may hold one of these.
FORBIDDEN = re.compile(
    r"beneficiar|programme|survivor|support|\bngo\b|traffick|victim|shelter|counsellor|korisnic|žrtv|atina",
    re.IGNORECASE,
)


# "kandidatkinje i kandidati" says nothing of either.
FEMININE = re.compile(r"kandidatkinj(?!\w+ i kandidat)|\bzaposlena\b|\bpredstavljena\b", re.IGNORECASE)

ACTS = ("portal_move_opening", "portal_still_employed", "portal_obligations")
"""Pages that are only posted to."""
JOINING = ("portal_register", "portal_join")
"""Pages for who is not an employer here yet: test_joining."""


def url(pattern: URLPattern, opening: Opening, introduction: Introduction) -> str:
    name = f"web:{pattern.name}"
    if pattern.name == "portal_move_opening":
        return reverse(name, args=[opening.pk, "pause"])
    if pattern.name == "portal_candidate":
        return reverse(name, args=[introduction.pk])
    if pattern.name == "portal_answer":
        contact = introduction.match.opening.employer.contacts.get()
        return reverse(name, args=[issue_link(introduction=introduction, contact=contact, now=timezone.now())])
    return reverse(name, args=[opening.pk] if "uuid" in str(pattern.pattern) else [])


def test_the_portal_is_the_employers_alone(
    cast: Cast, other_cast: Cast, opening: Opening, walk: Walk, sign_in: SignIn
) -> None:
    introduction = walk("shared_blind")
    for pattern in urlpatterns:
        if pattern.name in ("portal_answer", *JOINING):  # whoever holds the link may answer
            continue
        path = url(pattern, opening, introduction)
        ask = "post" if pattern.name in ACTS else "get"
        for user in (cast.counsellor, cast.lead, cast.administrator):
            assert getattr(sign_in(user), ask)(path).status_code == 404
        if "uuid" in str(pattern.pattern):
            assert getattr(sign_in(other_cast.employer_user), ask)(path).status_code == 404
    assert sign_in(cast.employer_user).get(reverse("web:portal_opening", args=[uuid.uuid4()])).status_code == 404


@pytest.mark.parametrize("state", ["shared_blind", "consented", "interview"])
def test_no_page_of_the_portal_hints_at_what_is_behind(
    cast: Cast, opening: Opening, walk: Walk, sign_in: SignIn, state: str
) -> None:
    introduction = walk(state)
    employer = sign_in(cast.employer_user)
    for pattern in urlpatterns:
        if pattern.name in (*ACTS, *JOINING):
            continue
        path = url(pattern, opening, introduction)
        page = employer.get(path)
        assert page.status_code == (410 if pattern.name == "portal_answer" and state != "shared_blind" else 200)
        for answer in (page, employer.post(path, {}), employer.post(path, {"answer": "question"})):
            text = f"{path} {answer.headers} {answer.text}"
            assert not FORBIDDEN.findall(text)
            assert not TELLTALE.findall(fold(text))


@pytest.mark.parametrize("state", ["shared_blind", "interested", "hired"])
def test_in_serbian_no_page_says_that_a_candidate_is_a_woman(
    cast: Cast, opening: Opening, walk: Walk, sign_in: SignIn, state: str
) -> None:
    """Feminine forms come first elsewhere; here a partner all of whose candidates are women would say what it is."""
    introduction = walk(state)
    employer = sign_in(cast.employer_user)
    employer.cookies[settings.LANGUAGE_COOKIE_NAME] = "sr-latn"
    for pattern in urlpatterns:
        if pattern.name not in (*ACTS, *JOINING):
            text = employer.get(url(pattern, opening, introduction)).text
            assert '<html lang="sr-latn">' in text
            assert not FEMININE.findall(text)


def test_a_woman_would_be_found() -> None:
    assert FEMININE.search("Kandidatkinja C-1 je zaposlena")
    assert not FEMININE.search("što saznate o kandidatkinjama i kandidatima")


@pytest.mark.parametrize("status", ["draft", "submitted", "paused", "refused", "closed"])
def test_no_state_of_an_opening_hints_either(cast: Cast, sign_in: SignIn, status: str) -> None:
    opening = OpeningFactory(employer=cast.employer, status=status)
    employer = sign_in(cast.employer_user)
    for name in ("portal_opening", "portal_edit_opening"):
        assert not FORBIDDEN.findall(employer.get(reverse(f"web:{name}", args=[opening.pk])).text)


def test_the_forbidden_words_would_be_found() -> None:
    assert FORBIDDEN.search('<a href="/programme/">')
    assert FORBIDDEN.search('<option value="x">support</option>')


def test_a_candidate_is_named_only_at_her_stage(cast: Cast, walk: Walk, sign_in: SignIn) -> None:
    introduction = walk("interested")
    path = reverse("web:portal_candidate", args=[introduction.pk])
    blind = sign_in(cast.employer_user).get(path).text
    assert introduction.pseudonym in blind
    assert "sewing" in blind
    assert "Synthetic" not in blind
    assert cast.beneficiary.code not in blind


def test_only_what_she_consented_to_is_named(cast: Cast, walk: Walk, sign_in: SignIn, now: dt.datetime) -> None:
    introduction = walk("identified")
    assert "+381" not in sign_in(cast.employer_user).get(reverse("web:portal_candidate", args=[introduction.pk])).text
    interview = {"actor": cast.counsellor, "introduction": introduction, "now": now}
    set_interview(interview_at=now + dt.timedelta(days=1), **interview)
    named = sign_in(cast.employer_user).get(reverse("web:portal_candidate", args=[introduction.pk])).text
    assert "Synthetic" in named
    assert "+381" in named
    assert "Person" not in named
    assert "person@example.org" not in named


@pytest.mark.parametrize("state", ["proposed", "agreed_by_her"])
def test_what_was_not_shared_is_absent(cast: Cast, walk: Walk, sign_in: SignIn, state: str) -> None:
    introduction = walk(state)
    employer = sign_in(cast.employer_user)
    assert employer.get(reverse("web:portal_candidate", args=[introduction.pk])).status_code == 404
    assert introduction.pseudonym not in employer.get(reverse("web:portal_inbox")).text


def test_the_employer_says_yes(cast: Cast, walk: Walk, sign_in: SignIn) -> None:
    introduction = walk("shared_blind")
    path = reverse("web:portal_candidate", args=[introduction.pk])
    page = sign_in(cast.employer_user).post(path, {"answer": "interested"}, follow=True)
    assert "You said yes." in page.text
    introduction.refresh_from_db()
    assert introduction.state == "interested"
    again = sign_in(cast.employer_user).post(path, {"answer": "interested"})
    assert again.context["form"].errors


def test_the_employer_says_no_with_one_click(cast: Cast, walk: Walk, sign_in: SignIn) -> None:
    introduction = walk("shared_blind")
    path = reverse("web:portal_candidate", args=[introduction.pk])
    answer = sign_in(cast.employer_user).post(path, {"answer": "declined", "reason": "filled"})
    assert answer.url == reverse("web:portal_inbox")
    introduction.refresh_from_db()
    assert (introduction.state, introduction.employer_reason) == ("declined_by_employer", "filled")
    closed = sign_in(cast.employer_user).get(path)
    assert "not available any more" in closed.text
    assert "sewing" not in closed.text


def test_the_employer_asks(cast: Cast, walk: Walk, sign_in: SignIn) -> None:
    introduction = walk("shared_blind")
    path = reverse("web:portal_candidate", args=[introduction.pk])
    page = sign_in(cast.employer_user).post(path, {"answer": "question", "question": "Od kada?"}, follow=True)
    assert "Od kada?" in page.text
    introduction.refresh_from_db()
    assert introduction.state == "shared_blind"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"answer": "perhaps"}, "Select a valid choice"),
        ({"answer": "declined", "reason": "because"}, "Select a valid choice"),
        ({"answer": "question"}, "Write your question."),
        ({"answer": "question", "question": "x" * 401}, "at most 400 characters"),
        ({}, "required"),
    ],
)
def test_an_answer_without_sense_says_why(
    cast: Cast, walk: Walk, sign_in: SignIn, said: dict[str, str], reason: str
) -> None:
    introduction = walk("shared_blind")
    page = sign_in(cast.employer_user).post(reverse("web:portal_candidate", args=[introduction.pk]), said)
    assert page.status_code == 200
    assert reason in page.text
    introduction.refresh_from_db()
    assert (introduction.state, introduction.answered_at) == ("shared_blind", None)


def test_thirty_candidates_cost_no_more_queries_than_three(
    cast: Cast, opening: Opening, walk: Walk, now: dt.datetime, sign_in: SignIn
) -> None:
    employer = sign_in(cast.employer_user)
    first = walk("shared_blind")

    def introduce(number: int) -> None:
        run, match, consent = first.match.run, first.match, first.blind_consent
        for row in (run, match, consent, first):
            row._state.adding, row.pk = True, uuid.uuid4()
        run.beneficiary = match.beneficiary = consent.beneficiary = BeneficiaryFactory(
            organisation=cast.programme, counsellor=cast.counsellor
        )
        run.excluded = {}  # what is sealed for one person does not open for another
        run.save()
        match.run = run
        match.save()
        consent.save()
        first.match, first.blind_consent, first.pseudonym = match, consent, f"C-{number}"
        first.save()

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page = employer.get(reverse("web:portal_inbox"))
        assert page.status_code == 200
        return len(captured)

    for number in range(2):
        introduce(number)
    few = queries()
    for number in range(2, 29):
        introduce(number)
    assert queries() <= few + 1  # the page count is known without asking while there is one page


def test_a_link_in_a_mail_answers_without_signing_in(cast: Cast, walk: Walk, now: dt.datetime) -> None:
    introduction = walk("shared_blind")
    token = issue_link(introduction=introduction, contact=cast.employer.contacts.get(), now=now)
    path, anybody = reverse("web:portal_answer", args=[token]), Client(headers={"accept-language": "en"})
    for _scanner in range(2):
        page = anybody.get(path, {"answer": "interested"})
        assert page.status_code == 200
        assert "sewing" in page.text
    introduction.refresh_from_db()
    assert introduction.state == "shared_blind"  # programs that follow links answer nothing
    assert "Thank you" in anybody.post(path, {"answer": "interested"}).text
    introduction.refresh_from_db()
    assert introduction.state == "interested"
    for method in ("get", "post"):
        spent = getattr(anybody, method)(path, {"answer": "declined"})
        assert spent.status_code == 410
        assert "sewing" not in spent.text + str(spent.headers)
        assert introduction.pseudonym not in spent.text
        assert getattr(anybody, method)(path[:-3] + "xx/", {"answer": "declined"}).status_code == 404
