"""The programme in figures: how far people came, who works with how many, what is missing, how long work lasts.

Only totals of one whole programme leave this module; nothing here names or describes a person.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from backend.accounts.models import Membership, Organisation, User
from backend.beneficiaries.models import Beneficiary, Experience, HeldSkill, LanguageSkill, Wishes
from backend.beneficiaries.models.beneficiary import BeneficiaryQuerySet
from backend.employers.models import Employer, Opening
from backend.matches.models import Introduction, Match
from backend.outcomes.models import FOLLOW_UP_DAYS
from backend.outcomes.retention import Retention, durations, retention_at
from backend.outcomes.spells import GAP_DAYS, episodes
from backend.outcomes.survival import kaplan_meier, median

HEADLINE_DAYS = (90, 180, 365)
CLEARANCE_NOTICE = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Share:
    """How many people, of how many, something holds for."""

    code: str
    people: int
    of: int

    @property
    def percent(self) -> int:
        return round(100 * self.people / self.of) if self.of else 0


@dataclass(frozen=True, slots=True)
class Caseload:
    """How many people a counsellor works with."""

    counsellor: str
    active: int
    everybody: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The programme on a day."""

    funnel: list[Share]  # each counted by itself, so one may be larger than the one before
    caseload: list[Caseload]
    completeness: list[Share]  # of the active people, whose file says something a ranking uses
    employers_waiting: int
    openings_waiting: int
    clearances_ending: int


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """How long work lasts: the curve, the one that counts everybody lost as ended, and the rates at fixed days."""

    cutoff: dt.date
    placed: int
    ended: int
    lost: int
    estimated: int
    subsidised: int
    median: int | None
    curve: pd.DataFrame
    all_lost: pd.DataFrame
    headline: list[Retention]


def overview(organisation: Organisation, on: dt.date) -> Overview:
    """The lead's first page, in a fixed number of queries."""
    people = _people(organisation, on)
    employers = Employer.objects.filter(programme=organisation)
    return Overview(
        funnel=_funnel(people, on),
        caseload=_caseload(organisation, people),
        completeness=_completeness(people.active()),
        employers_waiting=employers.filter(status=Employer.Status.REGISTERED).count(),
        openings_waiting=Opening.objects.waiting().filter(employer__programme=organisation).count(),
        clearances_ending=employers.filter(
            status=Employer.Status.CLEARED, cleared_until__lt=on + CLEARANCE_NOTICE
        ).count(),
    )


def retention_curve(organisation: Organisation, on: dt.date) -> RetentionReport:
    """The retention of first qualifying placements, as OUTCOMES defines it; the cut-off leaves every gap observable."""
    cutoff = on - dt.timedelta(days=GAP_DAYS)
    placements = episodes(_people(organisation, on))
    known = durations(placements, cutoff, FOLLOW_UP_DAYS)
    curve = kaplan_meier(known["days"], known["event"])
    return RetentionReport(
        cutoff=cutoff,
        placed=len(known),
        ended=int(known["event"].sum()),
        lost=int(known["is_lost"].sum()),
        estimated=int((known["is_estimated"] & known["event"]).sum()),
        subsidised=int(known["is_subsidised"].sum()),
        median=median(curve),
        curve=curve,
        all_lost=kaplan_meier(known["days"], known["event"] | known["is_lost"]),
        headline=[retention_at(placements, horizon, cutoff) for horizon in HEADLINE_DAYS],
    )


def _people(organisation: Organisation, on: dt.date) -> BeneficiaryQuerySet:
    return Beneficiary.objects.filter(organisation=organisation, entered_on__lte=on)


def _said() -> dict[str, Q]:
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


def _funnel(people: BeneficiaryQuerySet, on: dt.date) -> list[Share]:
    said = _said()
    introduced = Introduction.objects.filter(match__beneficiary=OuterRef("pk"), shared_at__isnull=False)
    placements = episodes(people)
    cutoff = on - dt.timedelta(days=GAP_DAYS)
    counts: dict[str, int] = people.aggregate(
        entered=Count("pk"),
        profile_ready=Count(
            "pk", filter=said["skills"] & said["municipality"] & (said["occupations"] | said["experience"])
        ),
        matched=Count("pk", filter=Q(Exists(Match.objects.filter(beneficiary=OuterRef("pk"))))),
        introduced=Count("pk", filter=Q(Exists(introduced))),
    )
    counts["hired"] = placements["person"].nunique()
    for days in HEADLINE_DAYS:
        counts[f"retained_at_{days}_days"] = retention_at(placements, days, cutoff).retained
    return [Share(code, number, counts["entered"]) for code, number in counts.items()]


def _caseload(organisation: Organisation, people: BeneficiaryQuerySet) -> list[Caseload]:
    """Counsellors who work here today, and whoever still has people."""
    carried = {
        counsellor: (active, everybody)
        for counsellor, active, everybody in people.order_by()
        .values_list("counsellor")
        .annotate(active=Count("pk", filter=Q(status=Beneficiary.Status.ACTIVE)), everybody=Count("pk"))
    }
    here = Q(
        memberships__organisation=organisation,
        memberships__role=Membership.Role.COUNSELLOR,
        memberships__ended_on__isnull=True,
    )
    counsellors = User.objects.filter(here | Q(pk__in=carried)).distinct().order_by("name")
    return [Caseload(user.name, *carried.get(user.pk, (0, 0))) for user in counsellors]


def _completeness(people: BeneficiaryQuerySet) -> list[Share]:
    said = _said()
    counts = people.aggregate(
        everybody=Count("pk"), **{f"said_{code}": Count("pk", filter=condition) for code, condition in said.items()}
    )
    return [Share(code, counts[f"said_{code}"], counts["everybody"]) for code in said]
