"""Fill an empty database with a synthetic programme."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.db.models import Model
from django.utils import timezone, translation

from backend.beneficiaries.models import Beneficiary
from backend.core.tenancy import in_every_programme
from backend.employers.models import Employer, Opening
from backend.matches.models import Decision, Introduction
from backend.outcomes.models import Assessment, EmploymentSpell, FollowUp, WarningFlag
from backend.reports.demo import programme, staff
from backend.reports.demo.consents import bind_texts
from backend.reports.demo.reference import read_reference
from backend.trainings.models import Credential, Session

NAME = "Demo program (sintetički podaci)"
SECOND_NAME = "Drugi demo program (sintetički podaci)"

SHOWN: dict[type[Model], str] = {
    Beneficiary: "people",
    Employer: "employers",
    Opening: "openings",
    Session: "sessions of trainings",
    Credential: "credentials",
    Decision: "decisions",
    Introduction: "introductions",
    EmploymentSpell: "employment spells",
    FollowUp: "follow-ups",
    Assessment: "assessments",
    WarningFlag: "warning flags",
}


class Command(BaseCommand):
    help = "Make a synthetic demonstration programme from one seed. Needs DEMO or DEBUG and a database without people."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--scale", type=float, default=1.0, help="1: about 120 people and 300 openings")
        parser.add_argument("--on", type=dt.date.fromisoformat, help="the day on which it is today (YYYY-MM-DD)")
        parser.add_argument("--if-empty", action="store_true", help="do nothing if there are people already")

    @in_every_programme()
    def handle(self, *, seed: int, scale: float, on: dt.date | None, if_empty: bool, **options: Any) -> None:
        if not settings.LOCAL:
            raise CommandError(
                "Synthetic people and a public password have no place here: this is neither DEMO nor DEBUG."
            )
        if scale <= 0:
            raise CommandError("--scale must be more than 0.")
        if Beneficiary.objects.exists():
            if if_empty:
                self.stdout.write("There are people in this database: no demonstration was loaded.")
                return
            raise CommandError("There are people in this database. A demonstration is never mixed with them.")
        on = on or timezone.localdate()
        with transaction.atomic(), translation.override("sr-latn"):
            self._load(seed, scale, on)

    def _load(self, seed: int, scale: float, on: dt.date) -> None:
        try:
            reference = read_reference()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        for plan in plans(scale):
            organisation, rows = programme.build(plan, reference, seed=seed, on=on)
            rows.save()
            bind_texts(organisation)
            programme.share_profiles(organisation)
            programme.note_origin(organisation, seed=seed, scale=scale)
            ranked = programme.rank_everybody(organisation, programme.morning(on))
            self.stdout.write(f"\n{plan.name}: seed {seed}, scale {scale:g}, as of {on}")
            for model, name in SHOWN.items():
                self.stdout.write(f"  {len(rows.of(model)):>7}  {name}")
            self.stdout.write(f"  {ranked:>7}  people ranked")
        self.stdout.write(f"\nEverything above is synthetic. Sign in with the password {staff.PASSWORD} as")
        for role, email in (
            ("counsellor", staff.COUNSELLOR),
            ("programme lead", staff.LEAD),
            ("employer", staff.EMPLOYER),
            ("administrator", staff.ADMINISTRATOR),
        ):
            self.stdout.write(f"  {role:<15} {email}")


def plans(scale: float) -> tuple[programme.Plan, programme.Plan]:
    """The programme to look at, and a small one beside it that must never be seen from there."""
    main = programme.Plan(
        name=NAME,
        prefix="D",
        people=max(10, round(120 * scale)),
        employers=max(12, round(40 * scale)),
        openings=max(40, round(300 * scale)),
        counsellors=[staff.COUNSELLOR, *(f"savetnica{number}@demo.example" for number in range(2, 6))],
        lead=staff.LEAD,
        portal=[staff.EMPLOYER, *(f"poslodavac{number}@demo.example" for number in range(2, 8))],
        courses=8,
        scale=scale,
    )
    second = programme.Plan(
        name=SECOND_NAME,
        prefix="S",
        people=5,
        employers=3,
        openings=12,
        counsellors=["savetnica@drugi.example"],
        lead="rukovoditeljka@drugi.example",
        portal=["poslodavac@drugi.example"],
        courses=2,
        scale=0.1,
    )
    return main, second
