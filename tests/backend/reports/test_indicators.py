"""What waits for the lead, and what files say, counted by hand."""

import datetime as dt

import pytest

from backend.beneficiaries.models import Beneficiary
from backend.beneficiaries.queries import completeness
from backend.beneficiaries.services import note_language, note_skill, save_wishes
from backend.reports.indicators import Waiting, said_conditions, waiting
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory, EmployerFactory, OccupationFactory, OpeningFactory, SkillFactory

pytestmark = pytest.mark.django_db


def test_completeness_agrees_with_each_persons_own(cast: Cast, today: dt.date) -> None:
    hers = {"actor": cast.counsellor, "beneficiary": cast.beneficiary}
    note_skill(**hers, skill=SkillFactory(), level=2, evidence="self", on=today)
    note_language(**hers, language="sr", spoken="B1")
    save_wishes(**hers, occupations=[OccupationFactory()], max_hours=30, shifts=["morning"])
    BeneficiaryFactory(organisation=cast.programme, counsellor=cast.counsellor, permit="unknown", municipality=None)
    for person in Beneficiary.objects.all():
        missing = set(completeness(person))
        for code, said in said_conditions().items():
            assert Beneficiary.objects.filter(said, pk=person.pk).exists() is (code not in missing), code


def test_what_waits_is_this_programmes(cast: Cast, other_cast: Cast, today: dt.date) -> None:
    EmployerFactory(programme=cast.programme)
    OpeningFactory(employer=cast.employer, status="submitted")
    OpeningFactory(employer=other_cast.employer, status="submitted")
    assert waiting(cast.programme, today) == Waiting(employers=1, openings=1, clearances_ending=0)
    assert waiting(cast.programme, dt.date(2027, 5, 20)).clearances_ending == 1
