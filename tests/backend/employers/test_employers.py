import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from backend.accounts.models import Organisation
from backend.audit.models import Event
from backend.core.exceptions import Conflict
from backend.employers.models import Contact, Employer, Opening, Vetting
from backend.employers.services import add_contact, invite_contact, register_employer, vet_employer
from tests.conftest import Cast
from tests.factories import ContactFactory, EmployerFactory, clear

from .conftest import Publish

ORIGIN = "http://testserver/"


def test_a_registered_employer_waits_for_vetting(cast: Cast):
    employer = register_employer(actor=cast.counsellor, name=" Šivara  Žica ", tax_number="123456789", sector="C")
    assert (employer.name, employer.name_folded) == ("Šivara Žica", "sivara zica")
    assert employer.programme == cast.programme
    assert employer.status == Employer.Status.REGISTERED
    assert Event.objects.get(act="register_employer").object_id == str(employer.pk)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"tax_number": "12345678"}, "tax_number"),
        ({"tax_number": "12345678x"}, "tax_number"),
        ({"registry_number": "123456789"}, "registry_number"),
        ({"sector": "ZZ"}, "sector"),
        ({"sector": "?"}, "sector"),
    ],
)
def test_an_employer_is_refused_with_the_field(cast: Cast, given: dict[str, Any], field: str):
    count = Employer.objects.count()
    with pytest.raises(ValidationError) as refusal:
        register_employer(actor=cast.lead, **{"name": "Firma", **given})
    assert list(refusal.value.message_dict) == [field]
    assert Employer.objects.count() == count


def test_one_tax_number_is_one_employer_of_a_programme(cast: Cast, other_cast: Cast):
    register_employer(actor=cast.lead, name="Firma", tax_number="123456789")
    with pytest.raises(ValidationError) as refusal:
        register_employer(actor=cast.counsellor, name="Druga", tax_number="123456789")
    assert list(refusal.value.message_dict) == ["tax_number"]
    assert register_employer(actor=other_cast.lead, name="Firma", tax_number="123456789")


def test_a_name_without_a_number_is_taken_once(cast: Cast):
    register_employer(actor=cast.lead, name="Čuvarkuća")
    with pytest.raises(ValidationError) as refusal:
        register_employer(actor=cast.lead, name="CUVARKUCA")
    assert list(refusal.value.message_dict) == ["name"]
    assert register_employer(actor=cast.lead, name="Čuvarkuća", tax_number="123456789")


@pytest.mark.parametrize("outcome", ["refused", "suspended"])
def test_a_banned_employer_does_not_come_back_under_a_second_entry(cast: Cast, today: dt.date, outcome: str):
    employer = register_employer(actor=cast.lead, name="Mamac", tax_number="123456789")
    vet_employer(actor=cast.lead, employer=employer, outcome=outcome, note="evidence", on=today)
    for number in ("", "123456789", "987654321"):
        with pytest.raises(ValidationError):
            register_employer(actor=cast.lead, name="Mamac", tax_number=number)


def test_a_parent_of_another_programme_is_unknown(cast: Cast, other_cast: Cast):
    with pytest.raises(ValidationError) as refusal:
        register_employer(actor=cast.lead, name="Ćerka", parent=other_cast.employer)
    assert list(refusal.value.message_dict) == ["parent"]


def test_employers_and_administrators_register_nobody(cast: Cast):
    for actor in (cast.employer_user, cast.administrator):
        with pytest.raises(PermissionDenied):
            register_employer(actor=actor, name="Firma")


def test_clearance_holds_for_a_year(cast: Cast, today: dt.date):
    employer = EmployerFactory(programme=cast.programme)
    clear(employer, by=cast.counsellor, and_by=cast.lead, on=today)
    assert Vetting.objects.get(outcome="cleared").expires_on == today + dt.timedelta(days=365)
    assert Employer.objects.cleared(on=today + dt.timedelta(days=365)).filter(pk=employer.pk).exists()
    assert not Employer.objects.cleared(on=today + dt.timedelta(days=366)).filter(pk=employer.pk).exists()


def test_a_suspended_employer_has_no_open_opening(cast: Cast, publish: Publish, today: dt.date):
    opening = publish()
    assert opening in Opening.objects.open(on=today)
    vet_employer(actor=cast.lead, employer=cast.employer, outcome="suspended", note="Complaint.", on=today)
    assert opening not in Opening.objects.open(on=today)


@pytest.mark.parametrize(
    ("given", "field"), [({"note": " "}, "note"), ({"outcome": "loved"}, "outcome"), ({"outcome": ""}, "outcome")]
)
def test_a_vetting_is_refused_with_the_field(cast: Cast, today: dt.date, given: dict[str, str], field: str):
    employer = EmployerFactory(programme=cast.programme)
    with pytest.raises(ValidationError) as refusal:
        vet_employer(
            actor=cast.lead, employer=employer, on=today, **{"outcome": "suspended", "note": "Visited.", **given}
        )
    assert list(refusal.value.message_dict) == [field]
    assert not Vetting.objects.exists()


def test_only_the_programmes_lead_vets(cast: Cast, other_cast: Cast, today: dt.date):
    for actor in (cast.counsellor, cast.employer_user, cast.administrator, other_cast.lead):
        with pytest.raises(PermissionDenied):
            vet_employer(actor=actor, employer=cast.employer, outcome="cleared", note="n", on=today)


def test_a_contact_can_be_reached(cast: Cast):
    with pytest.raises(ValidationError) as refusal:
        add_contact(actor=cast.counsellor, employer=cast.employer, name="Kontakt")
    assert list(refusal.value.message_dict) == ["email"]
    contact = add_contact(actor=cast.counsellor, employer=cast.employer, name="Kontakt", phone="+381 11 3333 333")
    assert contact.employer == cast.employer
    with pytest.raises(ValidationError) as refusal:
        add_contact(actor=cast.counsellor, employer=cast.employer, name="Kontakt", email="no", phone="12")
    assert set(refusal.value.message_dict) == {"email", "phone"}


def test_strangers_add_no_contact(cast: Cast, other_cast: Cast):
    for actor in (other_cast.counsellor, cast.employer_user, cast.administrator):
        with pytest.raises(PermissionDenied):
            add_contact(actor=actor, employer=cast.employer, name="K", email="k@example.org")
    assert not Contact.objects.filter(email="k@example.org").exists()


def test_an_invited_contact_becomes_the_employers_user(cast: Cast, today: dt.date):
    employer = EmployerFactory(programme=cast.programme)
    first, second = (ContactFactory(employer=employer) for _ in range(2))
    user = invite_contact(actor=cast.counsellor, contact=first, on=today, origin=ORIGIN)
    employer.refresh_from_db()
    assert user.is_employer
    assert user.organisation == employer.organisation
    assert not user.has_usable_password()
    assert (
        invite_contact(actor=cast.lead, contact=second, on=today, origin=ORIGIN).organisation == employer.organisation
    )
    with pytest.raises(Conflict):
        invite_contact(actor=cast.lead, contact=first, on=today, origin=ORIGIN)


def test_an_invitation_needs_an_address_and_the_own_programme(cast: Cast, other_cast: Cast, today: dt.date):
    contact = ContactFactory(employer=EmployerFactory(programme=cast.programme), email="", phone="+381113333333")
    with pytest.raises(PermissionDenied):
        invite_contact(actor=other_cast.lead, contact=contact, on=today, origin=ORIGIN)
    organisations = Organisation.objects.count()
    with pytest.raises(ValidationError) as refusal:
        invite_contact(actor=cast.lead, contact=contact, on=today, origin=ORIGIN)
    assert list(refusal.value.message_dict) == ["email"]
    assert Organisation.objects.count() == organisations


def test_two_programmes_may_invite_the_same_company(cast: Cast, other_cast: Cast, today: dt.date):
    for number, side in enumerate((cast, other_cast)):
        employer = EmployerFactory(programme=side.programme, name="Ista firma")
        contact = ContactFactory(employer=employer, email=f"k{number}@example.org")
        invite_contact(actor=side.lead, contact=contact, on=today, origin=ORIGIN)
    assert Organisation.objects.filter(name__startswith="Ista firma").count() == 2
