"""What waits for the lead today, and what a file can say; nothing here counts single people's fates."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from backend.accounts.models import Organisation
from backend.beneficiaries.models import Beneficiary, Experience, HeldSkill, LanguageSkill, Wishes
from backend.employers.models import Employer, Opening

CLEARANCE_NOTICE = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Employers and openings that want a decision."""

    employers: int
    openings: int
    clearances_ending: int


def waiting(programme: Organisation, on: dt.date) -> Waiting:
    employers = Employer.objects.filter(programme=programme)
    return Waiting(
        employers=employers.filter(status=Employer.Status.REGISTERED).count(),
        openings=Opening.objects.waiting().filter(employer__programme=programme).count(),
        clearances_ending=employers.filter(
            status=Employer.Status.CLEARED, cleared_until__lt=on + CLEARANCE_NOTICE
        ).count(),
    )


def said_conditions() -> dict[str, Q]:
    """What a file says, by the codes of `beneficiaries.queries.completeness`, as conditions for a whole caseload."""

    def has(rows: QuerySet[Any]) -> Q:
        return Q(Exists(rows.filter(beneficiary=OuterRef("pk"))))

    wished = Wishes.occupations.through._default_manager.filter(wishes__beneficiary=OuterRef("pk"))
    return {
        "skills": has(HeldSkill.objects.all()),
        "municipality": Q(municipality__isnull=False),
        "occupations": Q(Exists(wished)),
        "experience": has(Experience.objects.filter(occupation__isnull=False)),
        "languages": has(LanguageSkill.objects.all()),
        "hours": Q(wishes__min_hours__isnull=False) | Q(wishes__max_hours__isnull=False),
        "shifts": Q(wishes__shifts__isnull=False),
        "max_travel_km": Q(wishes__max_travel_km__isnull=False),
        "min_pay_per_hour": Q(wishes__min_pay_per_hour__isnull=False),
        "permit": ~Q(permit=Beneficiary.Permit.UNKNOWN),
    }
