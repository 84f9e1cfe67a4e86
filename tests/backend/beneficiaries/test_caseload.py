"""Nobody is orphaned: a role ends only when its caseload is with somebody else, whom a lead may give it to unseen."""

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from backend.accounts.models import Membership, User
from backend.accounts.services import add_member, end_membership
from backend.audit.models import Event
from backend.beneficiaries.models import Beneficiary
from backend.beneficiaries.policies import visible_beneficiaries, visible_caseloads
from backend.beneficiaries.services import hand_over, register_beneficiary, share_out
from tests.backend.web.conftest import SignIn, sign_in
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory, IdentityFactory

__all__ = ["sign_in"]  # a fixture
LEAVES = {"reason": "leaves"}


@pytest.fixture
def people(cast: Cast) -> list[Beneficiary]:
    """Two on the counsellor's caseload, and one of them erased beside."""
    BeneficiaryFactory(
        organisation=cast.programme, counsellor=cast.counsellor, erased_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    )
    second = BeneficiaryFactory(organisation=cast.programme, counsellor=cast.counsellor)
    IdentityFactory(beneficiary=second, first_name="Milica", last_name="Savić")
    return [cast.beneficiary, second]


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def role_of(user: User) -> Membership:
    return user.memberships.get()


def test_a_role_does_not_end_while_a_caseload_stands(cast: Cast, people: list[Beneficiary], today: dt.date) -> None:
    ends: dict[str, Any] = {"actor": cast.administrator, "membership": role_of(cast.counsellor), "on": today}
    with pytest.raises(ValidationError, match="2 people are still"):
        end_membership(**ends)
    assert fresh(cast.counsellor).is_counsellor
    share_out(actor=cast.lead, counsellor=cast.counsellor, to=cast.colleague, code=people[1].code, **LEAVES)
    with pytest.raises(ValidationError, match="1 person is still"):
        end_membership(**ends)
    share_out(actor=cast.lead, counsellor=cast.counsellor, to=cast.colleague, **LEAVES)
    end_membership(**ends)
    assert fresh(cast.counsellor).role is None
    assert set(visible_beneficiaries(cast.colleague)) == set(people)


def test_a_caseload_that_was_left_behind_is_taken_up(
    cast: Cast, people: list[Beneficiary], today: dt.date, django_capture_on_commit_callbacks: Any
) -> None:
    cast.counsellor.memberships.update(ended_on=today)
    assert [(one, one.people) for one in visible_caseloads(cast.lead)] == [(cast.counsellor, 2)]
    with django_capture_on_commit_callbacks(execute=True):
        share_out(actor=cast.lead, counsellor=cast.counsellor, to=cast.colleague, **LEAVES)
    assert set(visible_beneficiaries(cast.colleague)) == set(people)
    assert sorted(one.to for one in mail.outbox) == sorted([[cast.colleague.email], [cast.counsellor.email]])
    events = Event.objects.filter(act="share_out")
    assert {event.subject for event in events} == {person.pk for person in people}
    assert {event.actor for event in events} == {cast.lead}
    assert not visible_beneficiaries(cast.lead).exists()


def test_no_letter_about_people_goes_to_who_works_elsewhere(
    cast: Cast, people: list[Beneficiary], django_capture_on_commit_callbacks: Any
) -> None:
    User.objects.filter(pk=cast.colleague.pk).update(letters_to="elsewhere@example.org")
    with django_capture_on_commit_callbacks(execute=True):
        share_out(actor=cast.lead, counsellor=cast.counsellor, to=cast.colleague, **LEAVES)
    assert [one.to for one in mail.outbox] == [[cast.counsellor.email]]


def test_only_a_lead_of_the_programme_shares_out(cast: Cast, other_cast: Cast, people: list[Beneficiary]) -> None:
    given = {"counsellor": cast.counsellor, "to": cast.colleague, **LEAVES}
    for actor in (cast.counsellor, cast.colleague, cast.administrator, cast.employer_user, other_cast.lead):
        assert not visible_caseloads(actor).filter(pk=cast.counsellor.pk).exists()
        with pytest.raises(PermissionDenied):
            share_out(actor=actor, **given)
    # Who has nobody is no caseload.
    with pytest.raises(PermissionDenied):
        share_out(actor=cast.lead, counsellor=cast.colleague, to=cast.counsellor, **LEAVES)


def test_it_is_shared_out_to_a_counsellor_of_the_programme(
    cast: Cast, other_cast: Cast, people: list[Beneficiary], today: dt.date
) -> None:
    stranger = BeneficiaryFactory(organisation=cast.programme, counsellor=cast.colleague)
    given: dict[str, Any] = {"actor": cast.lead, "counsellor": cast.counsellor, "to": cast.colleague, **LEAVES}
    for change in (
        {"to": cast.lead},
        {"to": cast.counsellor},
        {"to": other_cast.counsellor},
        {"to": cast.employer_user},
        {"reason": "because"},
        {"code": stranger.code},
        {"code": other_cast.beneficiary.code},
    ):
        with pytest.raises(ValidationError) as refusal:
            share_out(**given | change)
        assert list(refusal.value.message_dict) == list(change)
    # Her role ended after the page was read.
    stale = User.objects.get(pk=cast.colleague.pk)
    assert stale.is_counsellor
    cast.colleague.memberships.update(ended_on=today)
    for act in (share_out, hand_over):
        hers = {"actor": cast.counsellor, "beneficiary": people[0], "to": stale, **LEAVES}
        with pytest.raises(ValidationError):
            act(**(given | {"to": stale} if act is share_out else hers))  # type: ignore[operator]
    assert set(Beneficiary.objects.filter(counsellor=cast.counsellor, erased_at=None)) == set(people)


def test_who_left_registers_nobody(cast: Cast, today: dt.date) -> None:
    """Also when her role ended after it was asked for."""
    assert cast.counsellor.is_counsellor
    cast.counsellor.memberships.update(ended_on=today)
    with pytest.raises(PermissionDenied):
        register_beneficiary(actor=cast.counsellor, code="NEW-1", entered_on=today, on=today)


def test_people_of_another_programme_hold_no_role_here(cast: Cast, other_cast: Cast, today: dt.date) -> None:
    """She came from elsewhere, where her people were left behind: that is that programme's, and is not told here."""
    other_cast.counsellor.memberships.update(ended_on=today)
    came = add_member(
        actor=cast.administrator,
        organisation=cast.programme,
        email=other_cast.counsellor.email,
        name="x",
        role="counsellor",
        on=today,
    )
    end_membership(actor=cast.administrator, membership=came.memberships.active().get(), on=today)
    assert fresh(came).role is None


def test_the_pages_say_how_many_and_never_who(cast: Cast, people: list[Beneficiary], sign_in: SignIn) -> None:
    administrator, lead = sign_in(cast.administrator), sign_in(cast.lead)
    end = reverse("web:end_membership", args=[role_of(cast.counsellor).pk])
    assert "2 people are still on her caseload." in administrator.post(end, follow=True).text
    page = lead.get(reverse("web:caseloads"))
    assert "2 people" in page.text
    for hers in ("Milica", "Savić", people[0].code, people[1].code, str(people[0].pk), str(people[1].pk)):
        assert hers not in page.text
    share = reverse("web:share_out", args=[cast.counsellor.pk])
    refused = lead.post(share, {"to": cast.lead.pk, "reason": "leaves"})
    assert "to" in refused.context["rows"][0][2].errors
    wrong = lead.post(share, {"to": cast.colleague.pk, "reason": "leaves", "code": "K-NONE"}).text
    assert "Nobody on this caseload has this code." in wrong
    lead.post(share, {"to": cast.colleague.pk, "reason": "leaves"})
    assert set(visible_beneficiaries(fresh(cast.colleague))) == set(people)
    assert "no longer works here" in administrator.post(end, follow=True).text
