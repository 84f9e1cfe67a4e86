"""Asking an employer whether somebody still works there: at 30 and 90 days, with her consent, once."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import User
from backend.beneficiaries.models import Consent
from backend.beneficiaries.services import give_consent
from backend.core.exceptions import Conflict
from backend.employers.models import Employer
from backend.matches.services import withdraw_consent
from backend.outcomes.models import EmploymentSpell, FollowUp
from backend.outcomes.policies import askable_follow_ups
from backend.outcomes.services import start_spell, take_employers_word
from tests.backend.web.conftest import SignIn, sign_in
from tests.conftest import Cast

__all__ = ["sign_in"]
FIRST_DAY = dt.date(2026, 9, 1)
DAY_30 = dt.date(2026, 10, 1)


@pytest.fixture
def spell(cast: Cast) -> EmploymentSpell:
    return start_spell(
        actor=cast.counsellor, beneficiary=cast.beneficiary, employer=cast.employer, started_on=FIRST_DAY,
        job_title="Krojačica", contract="permanent", evidence="A", on=FIRST_DAY,
    )  # fmt: skip


@pytest.fixture
def consent(cast: Cast, spell: EmploymentSpell) -> Consent:
    return give_consent(
        actor=cast.counsellor, beneficiary=cast.beneficiary, purpose="employer_contact", method="signed", language="sr",
        given_on=FIRST_DAY,
    )  # fmt: skip


def asked(user: User, on: dt.date) -> list[int]:
    return sorted(askable_follow_ups(user, on=on).values_list("day", flat=True))


def test_only_on_its_days_and_of_its_own(cast: Cast, other_cast: Cast, consent: Consent) -> None:
    assert asked(cast.employer_user, DAY_30 - dt.timedelta(days=1)) == []
    assert asked(cast.employer_user, DAY_30) == [30]
    Employer.objects.update(cleared_until=FIRST_DAY + dt.timedelta(days=400))
    assert asked(cast.employer_user, FIRST_DAY + dt.timedelta(days=400)) == [30, 90]
    Employer.objects.update(cleared_until=DAY_30 - dt.timedelta(days=1))
    assert asked(cast.employer_user, DAY_30) == []
    Employer.objects.update(cleared_until=dt.date(2027, 6, 1))
    for stranger in (other_cast.employer_user, cast.counsellor, cast.lead, cast.administrator):
        assert asked(stranger, DAY_30) == []


def test_an_employer_in_the_portal_reads_no_title_that_tells(cast: Cast) -> None:
    work = {
        "actor": cast.counsellor, "beneficiary": cast.beneficiary, "started_on": FIRST_DAY, "contract": "permanent",
        "evidence": "A", "on": FIRST_DAY, "job_title": "Kuvarica u sigurnoj kući",
    }  # fmt: skip
    with pytest.raises(ValidationError, match="job_title"):
        start_spell(**work, employer=cast.employer)
    assert start_spell(**work).job_title == work["job_title"]


def test_never_without_her_consent(cast: Cast, spell: EmploymentSpell) -> None:
    assert asked(cast.employer_user, DAY_30) == []


def test_not_after_it_was_withdrawn_nor_for_another_employer(cast: Cast, consent: Consent, now: dt.datetime) -> None:
    other = Employer.objects.create(programme=cast.programme, name="Druga", name_folded="druga")
    Consent.objects.filter(pk=consent.pk).update(recipient=other)
    assert asked(cast.employer_user, DAY_30) == []
    Consent.objects.filter(pk=consent.pk).update(recipient=cast.employer)
    assert asked(cast.employer_user, DAY_30) == [30]
    withdraw_consent(actor=cast.counsellor, consent=consent, now=now)
    assert asked(cast.employer_user, DAY_30) == []


def test_a_yes_verifies_and_a_no_ends_nothing(cast: Cast, spell: EmploymentSpell, consent: Consent) -> None:
    for day, works_here in ((30, True), (90, False)):
        on = FIRST_DAY + dt.timedelta(days=day)
        follow_up = spell.follow_ups.get(day=day)
        take_employers_word(actor=cast.employer_user, follow_up=follow_up, works_here=works_here, on=on)
        with pytest.raises(PermissionDenied):
            take_employers_word(actor=cast.employer_user, follow_up=follow_up, works_here=works_here, on=on)
    spell.refresh_from_db()
    assert (spell.verified_on, spell.ended_on) == (DAY_30, None)
    said = dict(FollowUp.objects.exclude(employer_says="").values_list("day", "employer_says"))
    assert said == {30: "works", 90: "left"}
    assert not FollowUp.objects.filter(day__in=(30, 90)).exclude(result="").exists()  # her own contact stays due


def test_of_two_colleagues_one_is_told(
    cast: Cast, spell: EmploymentSpell, consent: Consent, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow_up = spell.follow_ups.get(day=30)
    found = FollowUp.objects.filter(pk=follow_up.pk)
    monkeypatch.setattr("backend.outcomes.services.follow_ups.askable_follow_ups", lambda actor, *, on: found)
    take_employers_word(actor=cast.employer_user, follow_up=follow_up, works_here=True, on=DAY_30)
    with pytest.raises(Conflict):
        take_employers_word(actor=cast.employer_user, follow_up=follow_up, works_here=False, on=DAY_30)


def test_in_the_inbox(
    cast: Cast, spell: EmploymentSpell, consent: Consent, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: dt.datetime(2026, 10, 2, 9, tzinfo=dt.UTC))
    employer, inbox = sign_in(cast.employer_user), reverse("web:portal_inbox")
    page = employer.get(inbox).text
    assert "Krojačica" in page
    assert cast.beneficiary.code not in page
    url = reverse("web:portal_still_employed", args=[spell.follow_ups.get(day=30).pk])
    assert employer.post(url, {"works_here": "perhaps"}).status_code == 400
    assert employer.post(url, {"works_here": "yes"}).status_code == 302
    assert employer.post(url, {"works_here": "no"}).status_code == 404
    assert "Still with you?" not in employer.get(inbox).text
