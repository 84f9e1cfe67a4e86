"""Answering by a link in a mail: what is sent, what is taken, and everything that is refused."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError

from backend.audit.models import Event
from backend.employers.models import Contact, Employer, Opening
from backend.employers.neutral import TELLTALE
from backend.employers.services import end_contact
from backend.matches import services
from backend.matches.models import AnswerLink, Introduction
from backend.matches.services import answer_by_link, read_link
from backend.matches.services.links import SpentLink, issue_link
from backend.matches.services.notices import tell_employer
from matching.text import fold
from tests.conftest import Cast
from tests.factories import ContactFactory, EmployerFactory

from .conftest import Walk

DAY = dt.timedelta(days=1)
TOKEN = re.compile(r"/portal/answer/([^/]+)/")


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Where forgeries are counted."""
    cache.clear()


@pytest.fixture
def introduction(walk: Walk) -> Introduction:
    return walk("shared_blind")


@pytest.fixture
def token(introduction: Introduction, cast: Cast, now: dt.datetime) -> str:
    return issue_link(introduction=introduction, contact=cast.employer.contacts.get(), now=now)


def state(introduction: Introduction) -> str:
    introduction.refresh_from_db()
    return introduction.state


def refusals() -> list[str]:
    return [event.detail["why"] for event in Event.objects.filter(act="answer_by_link_refused").order_by("created_at")]


def test_sharing_writes_to_every_contact(
    walk: Walk, cast: Cast, now: dt.datetime, django_capture_on_commit_callbacks: Any
) -> None:
    ContactFactory(employer=cast.employer, email="second@example.org")
    introduction = walk("agreed_by_her")
    with django_capture_on_commit_callbacks(execute=True):
        services.share_introduction(actor=cast.counsellor, introduction=introduction, now=now)
    assert sorted(one.to[0] for one in mail.outbox) == sorted(cast.employer.contacts.values_list("email", flat=True))
    for message in mail.outbox:
        text = str(message.message())
        assert introduction.pseudonym in str(message.body)
        for secret in ("Synthetic", "Person", "+381", cast.beneficiary.code, str(introduction.pk), "šivenje"):
            assert secret not in text + str(message.body)
        assert not TELLTALE.findall(fold(f"{message.subject} {message.body} {message.from_email}"))
    links = {TOKEN.search(str(one.body)).group(1) for one in mail.outbox}  # type: ignore[union-attr]
    assert len(links) == 2


@pytest.mark.parametrize(
    ("said", "reached"),
    [
        ({"answer": "interested"}, "interested"),
        ({"answer": "declined", "reason": "filled"}, "declined_by_employer"),
        ({"answer": "question", "question": "Od kada?"}, "shared_blind"),
    ],
)
def test_a_link_answers_once(
    said: dict[str, str], reached: str, introduction: Introduction, token: str, now: dt.datetime
) -> None:
    answer_by_link(token=token, now=now, **said)
    assert state(introduction) == reached
    with pytest.raises(SpentLink):
        answer_by_link(token=token, now=now, answer="interested")
    assert state(introduction) == reached
    assert refusals() == ["used"]


def test_reading_a_link_answers_nothing(introduction: Introduction, token: str, now: dt.datetime) -> None:
    for _time in range(3):
        assert read_link(token=token, now=now).introduction == introduction
    assert state(introduction) == "shared_blind"


def test_an_answer_without_sense_does_not_use_the_link_up(
    introduction: Introduction, token: str, now: dt.datetime
) -> None:
    for wrong in ({"answer": "maybe"}, {"answer": "question"}, {"answer": "declined", "reason": "ugly"}):
        with pytest.raises(ValidationError):
            answer_by_link(token=token, now=now, **wrong)
    answer_by_link(token=token, now=now, answer="interested")
    assert state(introduction) == "interested"


def test_who_was_shut_out_is_not_written_to_and_answers_nothing(
    introduction: Introduction, token: str, cast: Cast, now: dt.datetime
) -> None:
    second = ContactFactory(employer=cast.employer, email="second@example.org")
    end_contact(actor=cast.counsellor, contact=cast.employer.contacts.get(user=cast.employer_user), on=now.date())
    with pytest.raises(SpentLink):
        answer_by_link(token=token, now=now, answer="interested")
    assert state(introduction) == "shared_blind"
    assert refusals() == ["not shown any more"]
    tell_employer.call(str(introduction.pk))
    assert [one.to for one in mail.outbox] == [[second.email]]


def test_a_contact_without_an_account_is_shut_out_of_her_link(
    introduction: Introduction, cast: Cast, now: dt.datetime
) -> None:
    contact = ContactFactory(employer=cast.employer)
    link = issue_link(introduction=introduction, contact=contact, now=now)
    assert read_link(token=link, now=now).contact == contact
    end_contact(actor=cast.lead, contact=contact, on=now.date())
    with pytest.raises(SpentLink):
        read_link(token=link, now=now)


@pytest.mark.parametrize("lost", ["membership", "account"])
def test_a_link_does_not_outlive_the_right_to_sign_in(
    introduction: Introduction, token: str, cast: Cast, now: dt.datetime, lost: str
) -> None:
    if lost == "membership":
        cast.employer_user.memberships.update(ended_on=now.date())
    else:
        type(cast.employer_user).objects.filter(pk=cast.employer_user.pk).update(is_active=False)
    with pytest.raises(SpentLink):
        answer_by_link(token=token, now=now, answer="interested")
    assert state(introduction) == "shared_blind"


def test_a_forged_link_is_none(introduction: Introduction, token: str, now: dt.datetime) -> None:
    link = AnswerLink.objects.get()
    other = AnswerLink.objects.create(
        introduction=introduction, contact=link.contact, state="shared_blind", expires_at=now + DAY
    )
    signature = token.partition(":")[2]
    for forged in (
        "",
        "x",
        token[:-1],
        token + "a",
        link.pk.hex,
        f"{other.pk.hex}:{signature}",
        f"{'0' * 32}:{signature}",
    ):
        with pytest.raises(AnswerLink.DoesNotExist):
            answer_by_link(token=forged, now=now, answer="interested")
    assert state(introduction) == "shared_blind"
    assert set(refusals()) == {"forged"}


def test_forgeries_cannot_fill_the_audit_trail(db: None, now: dt.datetime) -> None:
    for number in range(40):
        with pytest.raises(AnswerLink.DoesNotExist):
            read_link(token=f"forged{number}", now=now)
    assert len(refusals()) == 20


def _expire(cast: Cast, introduction: Introduction, now: dt.datetime) -> None:
    AnswerLink.objects.update(expires_at=now)


def _answered_elsewhere(cast: Cast, introduction: Introduction, now: dt.datetime) -> None:
    services.answer_introduction(actor=cast.employer_user, introduction=introduction, answer="interested", now=now)


def _withdraw(cast: Cast, introduction: Introduction, now: dt.datetime) -> None:
    assert introduction.blind_consent is not None
    services.withdraw_consent(actor=cast.counsellor, consent=introduction.blind_consent, now=now)


def _suspend(cast: Cast, introduction: Introduction, now: dt.datetime) -> None:
    Employer.objects.update(status="suspended")


def _clearance_ended(cast: Cast, introduction: Introduction, now: dt.datetime) -> None:
    Employer.objects.update(cleared_until=now.date() - DAY)


def _workplace_barred(cast: Cast, introduction: Introduction, now: dt.datetime) -> None:
    barred = EmployerFactory(programme=cast.programme, status="suspended")
    Opening.objects.update(end_client=barred)


def _contact_left(cast: Cast, introduction: Introduction, now: dt.datetime) -> None:
    other = Employer.objects.create(programme=cast.programme, name="Druga", name_folded="druga")
    Contact.objects.update(employer=other)


def _user_left(cast: Cast, introduction: Introduction, now: dt.datetime) -> None:
    type(cast.employer_user).objects.filter(pk=cast.employer_user.pk).update(is_active=False)


BREAKERS: tuple[tuple[Callable[..., None], str], ...] = (
    (_expire, "expired"),
    (_answered_elsewhere, "moved on"),
    (_withdraw, "moved on"),
    (_suspend, "not shown any more"),
    (_clearance_ended, "not shown any more"),
    (_workplace_barred, "not shown any more"),
    (_contact_left, "not shown any more"),
    (_user_left, "not shown any more"),
)


@pytest.mark.parametrize(("break_it", "why"), BREAKERS)
def test_a_link_that_does_not_hold_any_more(
    break_it: Callable[..., None], why: str, introduction: Introduction, token: str, cast: Cast, now: dt.datetime
) -> None:
    break_it(cast, introduction, now)
    before = state(introduction)
    for act in (read_link, lambda **given: answer_by_link(answer="declined", **given)):
        with pytest.raises(SpentLink):
            act(token=token, now=now)
    assert state(introduction) == before
    assert refusals() == [why, why]


def test_a_reminder_after_seven_days_and_only_one(
    introduction: Introduction, cast: Cast, now: dt.datetime, django_capture_on_commit_callbacks: Any
) -> None:
    assert services.nudge_employers(now=now + 6 * DAY) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert services.nudge_employers(now=now + 7 * DAY) == 1
        assert services.nudge_employers(now=now + 8 * DAY) == 0
    assert len(mail.outbox) == 1
    assert "još čeka" in str(mail.outbox[0].body)


def test_an_answered_question_is_told(
    introduction: Introduction, cast: Cast, now: dt.datetime, django_capture_on_commit_callbacks: Any
) -> None:
    hers = {"actor": cast.counsellor, "introduction": introduction, "now": now}
    with pytest.raises(ValidationError, match="reply"):
        services.reply_to_question(**hers, reply="Od ponedeljka.")
    services.answer_introduction(
        actor=cast.employer_user, introduction=introduction, answer="question", question="Od kada?", now=now
    )
    for telling in (
        "Živi u sigurnoj kući.",
        "Synthetic može od ponedeljka.",
        "Pitajte Syntheticu.",
        "Она је жртва насиља",
        "Zovite 060/123-45-67.",
        "Pišite na osoba@example.com",
        cast.programme.name,
        cast.beneficiary.code,
    ):
        with pytest.raises(ValidationError, match="reply"):
            services.reply_to_question(**hers, reply=telling)
    with django_capture_on_commit_callbacks(execute=True):
        services.reply_to_question(**hers, reply="Od ponedeljka.")
    assert "stigao je odgovor" in str(mail.outbox[0].body) or "odgovor" in str(mail.outbox[0].body)
    assert "ponedeljka" not in str(mail.outbox[0].body)


def test_no_employer_is_written_to_that_may_not_see_her(
    introduction: Introduction, cast: Cast, now: dt.datetime, django_capture_on_commit_callbacks: Any
) -> None:
    Employer.objects.update(status="suspended")
    with django_capture_on_commit_callbacks(execute=True):
        assert services.nudge_employers(now=now + 8 * DAY) == 0
    tell_employer.func(str(introduction.pk))
    assert mail.outbox == []


def test_a_link_whose_answer_is_refused_is_not_used_up(
    introduction: Introduction, token: str, now: dt.datetime
) -> None:
    Opening.objects.update(content_hash="b" * 64, status="submitted")
    with pytest.raises(ValidationError, match="not available"):
        answer_by_link(token=token, answer="interested", now=now)
    assert refusals() == ["refused"]
    assert answer_by_link(token=token, answer="declined", now=now).state == Introduction.State.DECLINED_BY_EMPLOYER


def test_nobody_is_written_to_about_what_has_moved_on(introduction: Introduction, cast: Cast, now: dt.datetime) -> None:
    services.withdraw_introduction(actor=cast.counsellor, introduction=introduction, now=now)
    tell_employer.func(str(introduction.pk))
    assert mail.outbox == []


def test_a_telephone_answer_is_written_down(introduction: Introduction, cast: Cast, now: dt.datetime) -> None:
    services.record_answer(actor=cast.counsellor, introduction=introduction, answer="interested", now=now)
    assert state(introduction) == "interested"
    event = Event.objects.get(act="answer_introduction")
    assert (event.actor, event.detail["by"]) == (cast.counsellor, "telephone")
