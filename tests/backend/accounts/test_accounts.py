import datetime as dt

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command

from backend.accounts.models import Membership, Organisation, User
from backend.accounts.policies import can_manage_accounts, visible_memberships, visible_organisations, visible_users
from backend.accounts.services import add_member, create_organisation, end_membership
from backend.audit.models import Event
from backend.core.exceptions import Conflict
from tests.conftest import Cast
from tests.factories import MembershipFactory, OrganisationFactory, UserFactory

PASSWORD = "violet-staircase-41"


def test_each_sees_the_own_organisation_only(cast: Cast, other_cast: Cast):
    for actor in (cast.counsellor, cast.lead, cast.administrator):
        assert visible_organisations(actor).get() == cast.programme
        assert set(visible_users(actor)) == {cast.counsellor, cast.colleague, cast.lead, cast.administrator}
        assert other_cast.lead not in visible_users(actor)
    assert visible_organisations(cast.employer_user).get() == cast.employer.organisation
    assert visible_users(cast.employer_user).get() == cast.employer_user


@pytest.mark.django_db
def test_somebody_without_a_role_sees_nothing():
    user = UserFactory()
    assert not visible_organisations(user)
    assert not visible_users(user)
    assert not visible_memberships(user)


def test_only_administrators_manage_accounts(cast: Cast, today: dt.date):
    assert can_manage_accounts(cast.administrator)
    for actor in (cast.counsellor, cast.lead, cast.employer_user):
        assert not can_manage_accounts(actor)
        with pytest.raises(PermissionDenied):
            create_organisation(actor=actor, name="New", kind=Organisation.Kind.PROGRAMME)
        with pytest.raises(PermissionDenied):
            add_member(actor=actor, organisation=cast.programme, email="a@example.org", name="A", role="lead", on=today)


def test_an_administrator_adds_a_member_who_can_sign_in(cast: Cast, today: dt.date):
    user = add_member(
        actor=cast.administrator,
        organisation=cast.programme,
        email=" New@Example.org ",
        name="New",
        role=Membership.Role.COUNSELLOR,
        on=today,
        password=PASSWORD,
    )
    assert user.email == "new@example.org"
    assert user.is_counsellor
    assert user.check_password(PASSWORD)
    event = Event.objects.get(act="add_member")
    assert event.actor == cast.administrator
    assert "example.org" not in str(event.detail)


def test_an_administrator_adds_nobody_to_another_organisation(cast: Cast, other_cast: Cast, today: dt.date):
    with pytest.raises(PermissionDenied):
        add_member(
            actor=cast.administrator,
            organisation=other_cast.programme,
            email="spy@example.org",
            name="Spy",
            role="lead",
            on=today,
        )
    assert not User.objects.filter(email="spy@example.org").exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"email": "not an address"}, "email"),
        ({"email": ""}, "email"),
        ({"name": "  "}, "name"),
        ({"role": "employer"}, "role"),
        ({"role": "king"}, "role"),
        ({"password": "short"}, "password"),
        ({"password": "123456789012"}, "password"),
    ],
)
def test_a_member_is_refused_with_the_field(cast: Cast, today: dt.date, given: dict[str, str], field: str):
    wanted = {"email": "new@example.org", "name": "New", "role": "counsellor", **given}
    count = User.objects.count()
    with pytest.raises(ValidationError) as refusal:
        add_member(actor=None, organisation=cast.programme, on=today, **wanted)
    assert list(refusal.value.message_dict) == [field]
    assert User.objects.count() == count


def test_one_person_has_one_active_membership(cast: Cast, other_cast: Cast, today: dt.date):
    with pytest.raises(ValidationError) as refusal:
        add_member(
            actor=cast.administrator,
            organisation=cast.programme,
            email=other_cast.lead.email.upper(),
            name="Again",
            role="lead",
            on=today,
        )
    assert list(refusal.value.message_dict) == ["email"]


def test_a_person_who_left_may_come_back_with_her_account(cast: Cast, today: dt.date):
    membership = cast.colleague.membership
    assert membership is not None
    end_membership(actor=cast.administrator, membership=membership, on=today)
    back = User.objects.get(pk=cast.colleague.pk)
    assert back.role is None
    assert not visible_users(back)
    again = add_member(
        actor=cast.administrator,
        organisation=cast.programme,
        email=back.email,
        name="Other name",
        role="lead",
        on=today,
    )
    assert again.pk == back.pk
    assert again.is_lead


def test_a_membership_ends_once(cast: Cast, other_cast: Cast, today: dt.date):
    membership = cast.colleague.membership
    assert membership is not None
    with pytest.raises(PermissionDenied):
        end_membership(actor=other_cast.administrator, membership=membership, on=today)
    with pytest.raises(ValidationError) as refusal:
        end_membership(actor=cast.administrator, membership=membership, on=dt.date(2020, 1, 1))
    assert list(refusal.value.message_dict) == ["ended_on"]
    end_membership(actor=cast.administrator, membership=membership, on=today)
    with pytest.raises(Conflict):
        end_membership(actor=cast.administrator, membership=membership, on=today)


@pytest.mark.django_db
def test_a_name_of_an_organisation_is_taken_once_per_kind():
    create_organisation(actor=None, name="Kuća", kind=Organisation.Kind.PROGRAMME)
    create_organisation(actor=None, name="Kuća", kind=Organisation.Kind.EMPLOYER)
    with pytest.raises(ValidationError) as refusal:
        create_organisation(actor=None, name=" Kuća ", kind=Organisation.Kind.PROGRAMME)
    assert list(refusal.value.message_dict) == ["name"]


@pytest.mark.django_db(transaction=True)
def test_a_programme_begins_with_a_letter_to_its_administrator():
    told = {"programme": "Nova kuća", "at": "https://korak.example/"}
    call_command("invite", "Prva@example.org", "Prva", **told)
    her = User.objects.get(email="prva@example.org")
    assert (her.role, her.organisation.name) == ("administrator", "Nova kuća")
    assert "https://korak.example/account/password/reset/key/" in mail.outbox[0].body
    call_command("invite", "druga@example.org", "Druga", role="lead", **told)
    assert Organisation.objects.count() == 1
    with pytest.raises(CommandError):
        call_command("invite", "prva@example.org", "Prva", **told)


@pytest.mark.django_db
def test_employers_have_only_the_employer_role(today: dt.date):
    firm = OrganisationFactory(kind=Organisation.Kind.EMPLOYER)
    with pytest.raises(ValidationError) as refusal:
        add_member(actor=None, organisation=firm, email="x@example.org", name="X", role="lead", on=today)
    assert list(refusal.value.message_dict) == ["role"]
    assert MembershipFactory(organisation=firm, role="employer").user.is_employer
