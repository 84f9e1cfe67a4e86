"""People at work, for the lead's pages."""

import datetime as dt

from backend.outcomes.models import EmploymentSpell, FollowUp
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory


def place(cast: Cast, number: int, today: dt.date) -> None:
    """At work for 300 days, seen on day 90 by her counsellor and on day 180 by her employer."""
    started_on = today - dt.timedelta(days=300)
    for _person in range(number):
        person = BeneficiaryFactory(
            organisation=cast.programme, counsellor=cast.counsellor, entered_on=today - dt.timedelta(days=400)
        )
        spell = EmploymentSpell.objects.create(
            beneficiary=person,
            job_title="Krojačica",
            contract="permanent",
            evidence="A",
            started_on=started_on,
            verified_on=today - dt.timedelta(days=40),
        )
        day_90 = started_on + dt.timedelta(days=90)
        FollowUp.objects.create(
            spell=spell, day=90, due_on=day_90, contacted_on=day_90, result="reached", status="same_employer",
            employer_says="works", employer_said_on=started_on + dt.timedelta(days=180),
        )  # fmt: skip


def never_seen_again(*spells: EmploymentSpell) -> None:
    """Nobody has heard of this work since its first day."""
    for spell in spells:
        nothing = {"result": "", "status": "", "contacted_on": None, "employer_says": "", "employer_said_on": None}
        spell.follow_ups.update(**nothing)
        spell.verified_on = spell.started_on
        spell.save()
