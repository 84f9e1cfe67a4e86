"""Openings as `matching` knows them, and the groups that employers belong to."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet

import matching
from backend.employers.minimum_wage import WEEKS_PER_MONTH
from backend.employers.models import Employer, Opening, Requirement
from backend.places.models import Municipality
from backend.skills.codes import Importance, PayPeriod, Shift
from matching.types import Exclusion, ExclusionCode, Place
from matching.types import Requirement as Asked

FULL_TIME = Decimal(40)
"""Hours per week that monthly pay is for when an opening does not say (Labour Law, art. 50)."""

CONDITIONS = ("live_in", "night", "isolated", "cash")


def opening_of(opening: Opening, on: dt.date) -> matching.Opening:
    """An opening as matching knows it, on a day."""
    asked = asked_by(Requirement.objects.filter(opening=opening)).get(opening.pk, ())
    return to_opening(opening, on, roots_of(opening.employer.programme_id), asked)


def to_opening(
    opening: Opening, on: dt.date, roots: Mapping[UUID, UUID], asked: tuple[Asked, ...], exposure: int = 0
) -> matching.Opening:
    employer = opening.employer
    works_for = opening.end_client or (None if employer.is_agency else employer)
    is_cleared = (
        employer.status == Employer.Status.CLEARED
        and employer.cleared_until is not None
        and employer.cleared_until >= on
    )
    is_workplace_barred = opening.end_client is not None and opening.end_client.is_barred
    return matching.Opening(
        id=str(opening.pk),
        title=opening.title,
        text=opening.description,
        skills=asked,
        occupation=opening.occupation.uri if opening.occupation else None,
        employer=str(employer.pk),
        employer_group=str(roots[employer.pk]),
        end_client=str(opening.end_client_id) if opening.end_client_id else None,
        agency=employer.is_agency,
        sector=(works_for.sector if works_for else "") or None,
        place=place_of(opening.municipality),
        hours_per_week=as_float(opening.hours_per_week),
        shifts=None if opening.shifts is None else frozenset(opening.shifts),
        # A condition that the opening is silent about counts as present: the gates fail closed, one by one.
        conditions=frozenset(name for name in CONDITIONS if getattr(opening, name)) | unsaid_by(opening),
        pay_per_hour=_pay_per_hour(opening),
        languages=dict(opening.languages),
        licences=frozenset(opening.licences),
        permit_required=True,  # all work here is legal work
        vetted=opening.is_vetted and is_cleared and not is_workplace_barred,
        exposure=exposure,
    )


def unsaid_by(opening: Opening) -> frozenset[str]:
    """Conditions that nobody has said anything about; shifts that are told also tell of night work."""
    unsaid = {name for name in CONDITIONS if getattr(opening, name) is None}
    if opening.shifts is not None and Shift.NIGHT not in opening.shifts:
        unsaid.discard("night")
    return frozenset(unsaid)


def named(exclusion: Exclusion, unsaid: Mapping[str, frozenset[str]]) -> Exclusion:
    """The same exclusion, honest about what was only assumed: `condition_unknown` where the opening is silent."""
    if exclusion.code is not ExclusionCode.EXCLUDED_CONDITION:
        return exclusion
    if set(exclusion.detail["conditions"]) <= unsaid[exclusion.opening_id]:
        return replace(exclusion, code=ExclusionCode.CONDITION_UNKNOWN)
    return exclusion


def asked_by(requirements: QuerySet[Requirement]) -> dict[UUID, tuple[Asked, ...]]:
    """What each opening asks for, in one query and without a model instance per line."""
    asked: dict[UUID, list[Asked]] = defaultdict(list)
    lines = requirements.order_by("created_at", "pk")
    for opening_id, uri, phrase, importance, level in lines.values_list(
        "opening", "skill__uri", "phrase", "importance", "level"
    ):
        asked[opening_id].append(Asked(uri, phrase, importance == Importance.ESSENTIAL, level))
    return {opening_id: tuple(needs) for opening_id, needs in asked.items()}


def _pay_per_hour(opening: Opening) -> float | None:
    """Net RSD per hour: the lower end, or the upper where only that is said.

    A month is 4.35 weeks, so full time is the 174 hours that the minimum wage is quoted for.
    """
    pay = opening.pay_from if opening.pay_from is not None else opening.pay_to
    if pay is None or opening.currency != "RSD":
        return None
    if opening.pay_period == PayPeriod.HOUR:
        return float(pay)
    return float(pay / ((opening.hours_per_week or FULL_TIME) * WEEKS_PER_MONTH))


def place_of(municipality: Municipality | None) -> Place | None:
    if municipality is None:
        return None
    return Place(municipality.latitude, municipality.longitude, municipality.code)


def as_float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def group_of(employer: Employer) -> frozenset[UUID]:
    """The employer, its owners, and all that they own, within one programme."""
    roots = roots_of(employer.programme_id)
    return frozenset(pk for pk, root in roots.items() if root == roots[employer.pk])


def closure(programme_id: UUID, barred: set[UUID]) -> frozenset[str]:
    """Ids of the barred employers and of everybody in their groups, so that end clients are caught too."""
    if not barred:
        return frozenset()
    roots = roots_of(programme_id)
    barred_roots = {roots[pk] for pk in barred if pk in roots}
    return frozenset(str(pk) for pk, root in roots.items() if root in barred_roots)


def roots_of(programme_id: UUID) -> dict[UUID, UUID]:
    """For each employer of a programme the owner at the top; of owners in a circle the smallest id."""
    parents = dict(Employer.objects.filter(programme=programme_id).values_list("pk", "parent_id"))

    def root(pk: UUID) -> UUID:
        chain = [pk]
        while (above := parents.get(chain[-1])) is not None:
            if above in chain:
                return min(chain[chain.index(above) :])
            chain.append(above)
        return chain[-1]

    return {pk: root(pk) for pk in parents}
