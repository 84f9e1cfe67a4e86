"""Courses to take: the few that open the most doors to one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matching import eligibility
from matching.columns import Columns
from matching.features import best_credit, credits, make_query
from matching.index import OpeningIndex
from matching.types import HeldSkill, InvalidValue, Profile


@dataclass(frozen=True, slots=True)
class Step:
    """A course with the openings that it unlocks once those before it are done."""

    course: str
    unlocks: tuple[str, ...]


def plan_courses(
    index: OpeningIndex, profile: Profile, courses: Mapping[str, Sequence[HeldSkill]], k: int = 3
) -> list[Step]:
    """At most k courses, each the one that unlocks the most openings after those before it.

    `courses` maps an id to the skills it grants. An opening is unlocked when the gates let it pass and every must-have
    is met in full. Where several unlock as many, the one that brings her nearest to the others is taken, then the first
    by id. Courses that bring nothing are left out. Greedy: two courses that only help together may be missed when
    k is 1 (Nemhauser, Wolsey & Fisher 1978 bound the greedy choice for coverage).
    """
    if k < 0:
        raise InvalidValue(f"k: {k} is below 0")
    columns = index.columns
    reachable = ~eligibility.excluded(columns, profile)

    def credit_of(skills: Sequence[HeldSkill]) -> NDArray[np.float64]:
        query = make_query(replace(profile, skills=tuple(skills)), columns, index.linker)
        return best_credit(credits(columns, query))

    have = credit_of(profile.skills)
    grants = {course: credit_of(skills) for course, skills in sorted(courses.items())}
    plan: list[Step] = []
    while grants and len(plan) < k:
        open_now, near_now = _reach(columns, reachable, have)
        reach = {course: _reach(columns, reachable, np.maximum(have, grant)) for course, grant in grants.items()}
        # max keeps the first of equals, which is the first by id.
        best = max(grants, key=lambda course: (int(reach[course][0].sum()), reach[course][1]))
        if reach[best][1] <= near_now:
            break
        unlocked = np.flatnonzero(reach[best][0] & ~open_now).tolist()
        plan.append(Step(best, tuple(columns.openings[row].id for row in unlocked)))
        have = np.maximum(have, grants.pop(best))
    return plan


def _reach(
    columns: Columns, reachable: NDArray[np.bool_], credit: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], float]:
    """The openings whose must-haves are all met, and the credit gathered over all reachable ones."""
    asked = np.diff(columns.essential.indptr)
    met = columns.essential @ (credit >= 1).astype(float)
    gathered = float((columns.essential @ credit)[reachable].sum())
    return reachable & (met == asked), gathered
