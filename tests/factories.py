"""Rows for tests, valid by default; dates lie around 2 November 2026."""

import datetime as dt
from collections.abc import Callable

import factory
from factory.django import DjangoModelFactory

from backend.accounts.models import Membership, Organisation, User
from backend.beneficiaries.models import Beneficiary, Identity
from backend.employers.models import Check, Contact, Employer, Opening, Requirement
from backend.employers.numbers import is_registry_number, is_tax_number
from backend.employers.services import propose_clearance, record_check, vet_employer
from backend.places.models import Country, Municipality
from backend.skills.models import Occupation, Skill

ENTERED_ON = dt.date(2026, 6, 1)


def numbered(number: int, is_valid: Callable[[str], bool]) -> str:
    """The number with the control digit that makes it valid; the next one that has any."""
    candidates = (f"{digits}{control}" for digits in range(number, number + 9) for control in range(10))
    return next(filter(is_valid, candidates))


class OrganisationFactory(DjangoModelFactory[Organisation]):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Organisation {n}")
    kind = Organisation.Kind.PROGRAMME


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"user{n}@example.org")
    name = factory.Sequence(lambda n: f"User {n}")


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = Membership.Role.COUNSELLOR
    started_on = dt.date(2024, 1, 1)


class CountryFactory(DjangoModelFactory[Country]):
    class Meta:
        model = Country
        django_get_or_create = ("code",)

    code = "RS"
    name = "Srbija"
    name_en = "Serbia"


class MunicipalityFactory(DjangoModelFactory[Municipality]):
    """Novi Sad unless told otherwise."""

    class Meta:
        model = Municipality
        django_get_or_create = ("code",)

    code = "RS-06-novi-sad"
    country = factory.SubFactory(CountryFactory)
    name = "Novi Sad"
    name_folded = factory.LazyAttribute(lambda place: place.name.lower())
    latitude = 45.2671
    longitude = 19.8335


class SkillFactory(DjangoModelFactory[Skill]):
    class Meta:
        model = Skill

    uri = factory.Sequence(lambda n: f"https://example.org/skill/{n}")
    source = Skill.Source.OWN
    preferred_labels = factory.Sequence(lambda n: {"sr": f"veština {n}", "en": f"skill {n}"})


class OccupationFactory(DjangoModelFactory[Occupation]):
    class Meta:
        model = Occupation

    uri = factory.Sequence(lambda n: f"https://example.org/occupation/{n}")
    source = Occupation.Source.OWN
    isco = "7531"
    preferred_labels = factory.Sequence(lambda n: {"sr": f"zanimanje {n}", "en": f"occupation {n}"})


class EmployerFactory(DjangoModelFactory[Employer]):
    class Meta:
        model = Employer
        skip_postgeneration_save = True

    class Params:
        cleared = factory.Trait(status=Employer.Status.CLEARED, cleared_until=dt.date(2027, 6, 1))

    programme = factory.SubFactory(OrganisationFactory)
    name = factory.Sequence(lambda n: f"Firma {n}")
    name_folded = factory.LazyAttribute(lambda employer: employer.name.lower())
    tax_number = factory.Sequence(lambda n: numbered(30_000_000 + n, is_tax_number))
    registry_number = factory.Sequence(lambda n: numbered(2_000_000 + n, is_registry_number))
    municipality = factory.SubFactory(MunicipalityFactory)

    @factory.post_generation
    def with_portal(self: Employer, create: bool, extracted: bool, **kwargs: object) -> None:
        """Give the employer its own organisation and one contact who signs in."""
        if create and extracted:
            self.organisation = OrganisationFactory(name=self.name, kind=Organisation.Kind.EMPLOYER)
            self.save()
            member = MembershipFactory(organisation=self.organisation, role=Membership.Role.EMPLOYER)
            ContactFactory(employer=self, user=member.user, email=member.user.email)


def clear(employer: Employer, *, by: User, and_by: User, on: dt.date) -> None:
    """Go through the whole checklist, propose, and let a lead confirm."""
    for item in Check.Item:
        record_check(actor=by, employer=employer, item=item, result="passed", evidence="Pregledano.", on=on)
    propose_clearance(actor=by, employer=employer, note="Sve je u redu.", on=on)
    vet_employer(actor=and_by, employer=employer, outcome="cleared", note="Saglasna.", on=on)


class ContactFactory(DjangoModelFactory[Contact]):
    class Meta:
        model = Contact

    employer = factory.SubFactory(EmployerFactory)
    name = factory.Sequence(lambda n: f"Contact {n}")
    email = factory.Sequence(lambda n: f"contact{n}@example.org")


class OpeningFactory(DjangoModelFactory[Opening]):
    class Meta:
        model = Opening

    class Params:
        published = factory.Trait(
            status=Opening.Status.PUBLISHED,
            content_hash="a" * 64,
            vetted_hash="a" * 64,
            employer=factory.SubFactory(EmployerFactory, cleared=True),
        )

    employer = factory.SubFactory(EmployerFactory)
    title = factory.Sequence(lambda n: f"Krojačica {n}")
    municipality = factory.SubFactory(MunicipalityFactory)
    posted_on = dt.date(2026, 10, 20)
    valid_through = dt.date(2026, 12, 19)


class RequirementFactory(DjangoModelFactory[Requirement]):
    class Meta:
        model = Requirement

    opening = factory.SubFactory(OpeningFactory)
    skill = factory.SubFactory(SkillFactory)


class BeneficiaryFactory(DjangoModelFactory[Beneficiary]):
    class Meta:
        model = Beneficiary

    organisation = factory.SubFactory(OrganisationFactory)
    counsellor = factory.SubFactory(UserFactory)
    code = factory.Sequence(lambda n: f"K-{n:04d}")
    entered_on = ENTERED_ON
    municipality = factory.SubFactory(MunicipalityFactory)
    permit = Beneficiary.Permit.CITIZEN


class IdentityFactory(DjangoModelFactory[Identity]):
    class Meta:
        model = Identity

    beneficiary = factory.SubFactory(BeneficiaryFactory)
    first_name = "Synthetic"
    last_name = factory.Sequence(lambda n: f"Person {n}")
