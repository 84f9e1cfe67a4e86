"""Reads over matches and introductions."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from backend.beneficiaries.models import Beneficiary
from backend.employers.models import Opening
from backend.skills.models import Occupation, Skill
from backend.trainings.models import Course, GrantedSkill

from . import adapter
from .adapter import allocation, plans
from .adapter.plans import Move
from .models import Introduction, Match


@dataclass(frozen=True, slots=True)
class Hidden:
    """An opening that is not shown to her, with every rule that keeps it: (code, detail)."""

    opening: Opening
    rules: list[tuple[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Training:
    """A course with the openings that it unlocks for somebody: those whose must-haves she would all meet."""

    course: Course
    openings: list[Opening]


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """The few courses that unlock the most together, in order, and what each course unlocks by itself, most first.

    `is_best` says that no other so many courses unlock more.
    """

    steps: list[Training]
    alone: list[Training]
    unlocked: int
    is_best: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """An opening whose place changes, with its score before and after; None where it was not shown."""

    opening: Opening
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """What would change for a person; see `matching.whatif.WhatIf`.

    `rises` gain points or are newly shown, in the order of their places then; `falls` lose points or are passed by
    others, in the order of their places now.
    """

    reachable: list[Opening]
    unlocked: list[Opening]
    rises: list[Moved]
    falls: list[Moved]


@dataclass(frozen=True, slots=True)
class Shortlist:
    """One person's share: the opening with a position for her, others she may be suggested for, and her own best."""

    beneficiary: Beneficiary
    first: Match | None
    others: list[Match]
    best: Match

    @property
    def given_up(self) -> int:
        """The whole points by which her first opening falls short of her own best; without one, all of them."""
        return self.best.points - (self.first.points if self.first else 0)


@dataclass(frozen=True, slots=True)
class SharingOut:
    """Limited positions shared out among several people; see `matching.Allocation`.

    `cost` is how many points all give up together, `most_wanted` the percentage of people whose own best is the same
    opening, `most_offered` the percentage of all offers that the most offered opening has.
    """

    shortlists: list[Shortlist]
    most_wanted: int
    most_offered: int

    @property
    def cost(self) -> int:
        return sum(one.given_up for one in self.shortlists)


LIMITS = tuple(plans.LIMITS)
"""The limits of hers that one may ask to drop; what keeps her safe is not among them."""


def training_plan(beneficiary: Beneficiary, courses: QuerySet[Course], *, on: dt.date, k: int = 3) -> TrainingPlan:
    """The at most k of the courses that unlock the most of the open openings for her, but for those turned down."""
    by_id = {str(course.pk): course for course in courses}
    turned_down = beneficiary.matches.filter(state__in=[Match.State.DISMISSED, Match.State.DECLINED])
    unwanted = {str(opening) for opening in turned_down.values_list("opening", flat=True)}
    plan = plans.plan(beneficiary, on, _grants(courses), k, unwanted)
    openings = _openings({opening for ids in plan.alone.values() for opening in ids}.union(*(s.unlocks for s in plan)))
    alone = [Training(by_id[course], _named(ids, openings)) for course, ids in plan.alone.items()]
    return TrainingPlan(
        steps=[Training(by_id[step.course], _named(step.unlocks, openings)) for step in plan],
        alone=sorted(alone, key=lambda one: (-len(one.openings), one.course.title, one.course.provider)),
        unlocked=plan.unlocked,
        is_best=plan.exact,
    )


def what_if(
    beneficiary: Beneficiary, *, course: Course | None, without: Collection[str], on: dt.date, k: int = 50
) -> Change:
    """What would change among her k best openings had she done a course and had she not set some of LIMITS."""
    grants = _grants(Course.objects.filter(pk=course.pk)).get(str(course.pk), []) if course else []
    found = plans.what_if(beneficiary, on, grants, without, k)
    moves = (*found.rises, *found.falls, *found.changes)
    rises = [move for move in moves if _points(move.score_after) > _points(move.score_before)]
    falls = [move for move in moves if move not in rises]
    rises.sort(key=lambda move: _last(move.place_after))
    falls.sort(key=lambda move: _last(move.place_before))
    openings = _openings({*found.reachable, *found.unlocked, *(move.opening_id for move in moves)})

    def moved(moves: Iterable[Move]) -> list[Moved]:
        return [
            Moved(openings[move.opening_id], move.score_before, move.score_after)
            for move in moves
            if move.opening_id in openings
        ]

    return Change(
        reachable=_named(found.reachable, openings),
        unlocked=_named(found.unlocked, openings),
        rises=moved(rises),
        falls=moved(falls),
    )


def _points(score: float | None) -> float:
    """A score; not to be shown is less than any."""
    return -1.0 if score is None else score


def _last(place: int | None) -> float:
    """A place among the best; not to be among them comes last."""
    return float("inf") if place is None else place


def _grants(courses: QuerySet[Course]) -> dict[str, list[tuple[str, int]]]:
    """URI and level of every skill that each course's credential gives."""
    granted: dict[str, list[tuple[str, int]]] = {str(pk): [] for pk in courses.values_list("pk", flat=True)}
    lines = GrantedSkill.objects.filter(course__in=courses.order_by()).order_by("skill__uri")
    for course_id, uri, level in lines.values_list("course", "skill__uri", "level"):
        granted[str(course_id)].append((uri, level))
    return granted


def _openings(ids: Collection[str]) -> dict[str, Opening]:
    found = Opening.objects.filter(pk__in=ids).select_related("employer", "municipality")
    return {str(opening.pk): opening for opening in found}


def _named(ids: Iterable[str], openings: Mapping[str, Opening]) -> list[Opening]:
    """The openings of these ids, by title."""
    return sorted((openings[one] for one in ids if one in openings), key=lambda opening: (opening.title, opening.pk))


def share_out(matches: QuerySet[Match], *, length: int = 3) -> SharingOut:
    """Up to `length` openings for each person of these matches, so that no opening is promised to more than it takes.

    A position is taken by a pending introduction of somebody else's too; an opening that few were introduced to comes
    first among equals.
    """
    rows = list(
        matches.select_related("beneficiary", "opening__employer").order_by("beneficiary__code", "-score", "pk")
    )
    people = list(dict.fromkeys(match.beneficiary for match in rows))
    openings = list(dict.fromkeys(match.opening for match in rows))
    pending = ~Q(matches__introduction__state__in=Introduction.ENDED) & Q(matches__introduction__isnull=False)
    counted = Opening.objects.filter(pk__in=[opening.pk for opening in openings]).annotate(
        pending=Count("matches", filter=pending), shown=Count("matches__introduction")
    )
    taken = {pk: (pending, shown) for pk, pending, shown in counted.values_list("pk", "pending", "shown")}
    by_pair = {(match.beneficiary_id, match.opening_id): match for match in rows}
    found = allocation.allocate(
        [person.pk for person in people],
        [opening.pk for opening in openings],
        {pair: match.score for pair, match in by_pair.items()},
        free=[max(opening.positions - taken[opening.pk][0], 0) for opening in openings],
        shown=[taken[opening.pk][1] for opening in openings],
        n=length,
    )
    best = {match.beneficiary_id: match for match in reversed(rows)}
    shortlists = []
    for person, numbers in zip(people, found.shortlist.tolist(), strict=True):
        first, *others = [by_pair[person.pk, openings[n].pk] if n >= 0 else None for n in numbers]
        shortlists.append(Shortlist(person, first, [match for match in others if match], best[person.pk]))
    return SharingOut(shortlists, round(100 * found.most_wanted), round(100 * found.most_offered))


def response_rates(employers: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """Per employer that was ever asked: to how many introductions it answered, of how many that had their time."""
    asked = Introduction.objects.filter(match__opening__employer__in=employers, shared_at__isnull=False).filter(
        Q(answered_at__isnull=False) | Q(state=Introduction.State.LAPSED)
    )
    counted = asked.order_by().values_list("match__opening__employer").annotate(Count("answered_at"), Count("pk"))
    return {employer: (answered, asked) for employer, answered, asked in counted}


def hidden_openings(beneficiary: Beneficiary, *, on: dt.date) -> list[Hidden]:
    """The open openings that are kept from her, each with its rules, by title."""
    rules: dict[UUID, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    for exclusion in adapter.rank(beneficiary, on, k=0).exclusions:
        rules[UUID(exclusion.opening_id)].append((str(exclusion.code), dict(exclusion.detail)))
    openings = Opening.objects.filter(pk__in=rules).select_related("employer", "municipality")
    return [Hidden(opening, rules[opening.pk]) for opening in openings.order_by("title", "pk")]


def concept_labels(matches: Iterable[Match]) -> dict[str, str]:
    """Label by URI, in the active language, of every skill and occupation that reasons and gaps mention."""
    uris: set[str] = set()
    for match in matches:
        uris |= {gap["skill"] for gap in match.gaps if gap["skill"]}
        for reason in match.reasons:
            detail = reason["detail"]
            uris |= {line["skill"] for line in detail.get("skills", ()) if line["skill"]}
            uris |= {detail[key] for key in ("hers", "asked") if isinstance(detail.get(key), str)}
    labels = {skill.uri: skill.label for skill in Skill.objects.filter(uri__in=uris)}
    return labels | {occupation.uri: occupation.label for occupation in Occupation.objects.filter(uri__in=uris)}
