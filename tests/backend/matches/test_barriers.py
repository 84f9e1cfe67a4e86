"""What ends an introduction from outside of it: a rule for her safety, a consent taken back, a changed opening."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from backend.audit.models import Event
from backend.beneficiaries.models import Consent
from backend.beneficiaries.services import add_safety_rule
from backend.employers.models import Employer, Opening
from backend.employers.neutral import telltale_words
from backend.matches import services
from backend.matches.card import card
from backend.matches.models import Introduction
from backend.matches.neutral import words_about
from backend.matches.policies import visible_introductions
from tests.conftest import Cast
from tests.factories import EmployerFactory, IdentityFactory

from .conftest import Walk

S = Introduction.State


@pytest.mark.parametrize("state", ["proposed", "shared_blind", "identified", "offer"])
def test_a_rule_ends_what_it_bars(state: str, walk: Walk, cast: Cast, now: dt.datetime) -> None:
    introduction = walk(state)
    owner = EmployerFactory(programme=cast.programme)
    Employer.objects.filter(pk=cast.employer.pk).update(parent=owner)
    services.keep_from_her(
        actor=cast.counsellor, beneficiary=cast.beneficiary, now=now, kind="employer", employer=owner
    )
    introduction.refresh_from_db()
    assert (introduction.state, introduction.shared_profile) == (S.WITHDRAWN, {})
    assert not visible_introductions(cast.employer_user).exists()
    assert Event.objects.filter(act="keep_from_her", object_id=str(introduction.pk)).count() == 1


def test_where_she_was_hired_a_rule_ends_the_reading(walk: Walk, cast: Cast, now: dt.datetime) -> None:
    introduction = walk("hired")
    assert visible_introductions(cast.employer_user).get() == introduction
    given = {"actor": cast.counsellor, "beneficiary": cast.beneficiary, "now": now, "kind": "employer"}
    services.keep_from_her(**given, employer=cast.employer)
    introduction.refresh_from_db()
    assert (introduction.state, introduction.shared_profile) == (S.HIRED, {})
    assert not visible_introductions(cast.employer_user).exists()
    assert card(introduction, on=now.date())["identity"] == {}
    assert services.end_barred_introductions(now=now) == 0  # and once is enough


def test_a_rule_ends_nothing_else(walk: Walk, cast: Cast, now: dt.datetime) -> None:
    introduction = walk("identified")
    other = EmployerFactory(programme=cast.programme)
    services.keep_from_her(
        actor=cast.counsellor, beneficiary=cast.beneficiary, now=now, kind="employer", employer=other
    )
    services.keep_from_her(
        actor=cast.counsellor, beneficiary=cast.beneficiary, now=now, kind="condition", condition="night"
    )
    Employer.objects.filter(pk=cast.employer.pk).update(status="suspended")  # bars for now, and not by a rule of hers
    assert services.end_barred_introductions(now=now) == 0
    introduction.refresh_from_db()
    assert introduction.state == S.IDENTIFIED


def test_by_night_ends_what_came_under_a_rule_meanwhile(walk: Walk, cast: Cast, now: dt.datetime) -> None:
    introduction = walk("interview")
    owner = EmployerFactory(programme=cast.programme)
    add_safety_rule(actor=cast.counsellor, beneficiary=cast.beneficiary, kind="employer", employer=owner, on=now.date())
    assert services.end_barred_introductions(now=now) == 0
    Employer.objects.filter(pk=cast.employer.pk).update(parent=owner)
    assert services.end_barred_introductions(now=now) == 1
    introduction.refresh_from_db()
    assert introduction.state == S.WITHDRAWN


@pytest.mark.parametrize(("state", "purpose"), [("agreed_by_her", "blind"), ("consented", "identity")])
def test_taking_back_an_earlier_answer_takes_back_the_later_too(
    state: str, purpose: str, walk: Walk, cast: Cast, now: dt.datetime, today: dt.date
) -> None:
    introduction = walk(state)
    first: Consent = getattr(introduction, f"{purpose}_consent")
    asked = {"actor": cast.counsellor, "introduction": introduction, "method": "spoken", "language": "sr", "now": now}
    if purpose == "blind":
        services.record_agreement(**asked)
    else:
        services.record_identity_consent(**asked, fields=["first_name"])
    introduction.refresh_from_db()
    assert getattr(introduction, f"{purpose}_consent") != first
    services.withdraw_consent(actor=cast.counsellor, consent=first, now=now)
    introduction.refresh_from_db()
    assert introduction.state == S.WITHDRAWN
    asked_for = Consent.objects.valid(on=today).filter(purpose=first.purpose)
    assert not asked_for.exists()


def test_what_was_asked_and_answered_goes_too(walk: Walk, cast: Cast, now: dt.datetime) -> None:
    introduction = walk("shared_blind")
    hers = {"actor": cast.counsellor, "introduction": introduction, "now": now}
    services.record_answer(**hers, answer="question", question="Ima li decu?")
    services.reply_to_question(**hers, reply="To ne znamo.")
    services.withdraw_introduction(**hers)
    introduction.refresh_from_db()
    assert (introduction.question, introduction.reply, introduction.interview_at) == ("", "", None)


def test_the_interested_read_no_more_of_her_once_the_opening_has_changed(
    walk: Walk, cast: Cast, now: dt.datetime
) -> None:
    introduction = walk("shared_blind")
    Opening.objects.update(content_hash="b" * 64, status="submitted")
    given = {"actor": cast.employer_user, "introduction": introduction, "now": now}
    with pytest.raises(ValidationError) as refusal:
        services.answer_introduction(answer="interested", **given)
    assert "any more" in str(refusal.value)  # and not which rule it was
    assert Event.objects.filter(act="take_answer_refused", object_id=str(introduction.pk)).exists()
    assert services.answer_introduction(answer="declined", **given).state == S.DECLINED_BY_EMPLOYER


def test_work_without_an_interview_tells_no_telephone(walk: Walk, cast: Cast, now: dt.datetime, today: dt.date) -> None:
    introduction = walk("identified")
    services.mark_hired(actor=cast.counsellor, introduction=introduction, now=now)
    assert card(introduction, on=today)["identity"].keys() == {"first_name"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Radi od ponedeljka, 8 sati, 5 dana.", []),
        ("Plata 1.065.000 dinara, od 01.12.2026. do 15.12.2026.", []),
        ("Recite Zorici.", ["zorici"]),
        ("Zoričin broj", ["zoricin"]),
        ("z.t@nigde.rs", ["z.t@nigde.rs"]),
        ("na 064 / 111-22-23", ["064 / 111-22-23"]),
        ("na 064.111.22.23", ["064.111.22.23"]),
        ("Зорицу позовите", ["zoricu"]),
        ("gospođa Tajnović", ["tajnovic"]),
        ("kod Tajnovićeve", ["tajnoviceve"]),
        ("and so on", []),
    ],
)
def test_words_about_her(text: str, found: list[str], cast: Cast) -> None:
    IdentityFactory(beneficiary=cast.beneficiary, first_name="Zorica", last_name="Tajnović", phone="", address="")
    assert words_about(text, cast.beneficiary) == found


def test_what_nobody_forbids_is_not_telltale() -> None:
    """The negative control: without her, only the field's own words are looked for."""
    assert telltale_words("Recite Zorici iz sigurne kuće na 064 111 222.") == ["sigurne kuce"]
