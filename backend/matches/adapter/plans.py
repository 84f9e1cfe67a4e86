"""What training and wider limits would open to one person, asked of the same index that ranks for her."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping

from backend.beneficiaries.models import Beneficiary
from matching.plan import CoursePlan, plan_courses
from matching.types import HeldSkill
from matching.whatif import Move, WhatIf
from matching.whatif import what_if as ask

from .index import indexes
from .learning import rankers
from .people import profile_of

__all__ = ["LIMITS", "Move", "plan", "what_if"]

Grants = Iterable[tuple[str, int]]
"""URI and level of each skill that a course's credential gives."""

LIMITS: Mapping[str, tuple[str, ...]] = {
    "max_travel_km": ("max_travel_km",),
    "hours": ("min_hours", "max_hours"),
    "shifts": ("shifts",),
    "min_pay_per_hour": ("pay_floor",),
}
"""What she set for herself and may think of setting otherwise, as her file calls it, with the rules that follow."""


def plan(
    beneficiary: Beneficiary, on: dt.date, courses: Mapping[str, Grants], k: int, unwanted: Collection[str]
) -> CoursePlan:
    """The at most k courses that unlock the most of the open openings she may see and has not turned down."""
    granted = {course: _held(grants) for course, grants in courses.items()}
    index = indexes.get(beneficiary.organisation_id, on).index
    return plan_courses(index, profile_of(beneficiary, on), granted, k, unwanted)


def what_if(beneficiary: Beneficiary, on: dt.date, grants: Grants, without: Collection[str], k: int) -> WhatIf:
    """What would change if she held these skills too and had not set these limits; `without` names LIMITS."""
    index = indexes.get(beneficiary.organisation_id, on).index
    _version, ranker = rankers.get(beneficiary.organisation_id)
    rules = [rule for limit in without for rule in LIMITS[limit]]
    return ask(index, profile_of(beneficiary, on), skills=_held(grants), without=rules, k=k, ranker=ranker)


def _held(grants: Grants) -> list[HeldSkill]:
    return [HeldSkill(uri, level=level) for uri, level in grants]
