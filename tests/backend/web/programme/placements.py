"""People at work, for the lead's pages."""

import datetime as dt

from backend.outcomes.models import EmploymentSpell
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory


def place(cast: Cast, number: int, today: dt.date) -> None:
    for _person in range(number):
        person = BeneficiaryFactory(
            organisation=cast.programme, counsellor=cast.counsellor, entered_on=today - dt.timedelta(days=400)
        )
        EmploymentSpell.objects.create(
            beneficiary=person,
            job_title="Krojačica",
            contract="permanent",
            evidence="A",
            started_on=today - dt.timedelta(days=300),
            verified_on=today - dt.timedelta(days=40),
        )
