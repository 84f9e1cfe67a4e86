"""What if: one more skill, a course done, a limit dropped, and what that changes for one person."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from matching.index import OpeningIndex
from matching.model import Ranker
from matching.plan import plan_courses
from matching.types import HeldSkill, InvalidValue, Profile, Rules

# What she set for her comfort. Every other rule keeps her safe or is the law, and is no question of what if.
LIMITS = frozenset({"max_travel_km", "shifts", "min_hours", "max_hours", "pay_floor"})


@dataclass(frozen=True, slots=True)
class Move:
    """An opening whose score or place among the k best changes; None where it is not shown, or not among them."""

    opening_id: str
    score_before: float | None
    score_after: float | None
    place_before: int | None
    place_after: int | None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a change brings.

    `reachable` are the openings that the gates let pass only now, `unlocked` those whose must-haves are all met only
    now, both by id. `rises` and `falls` are the openings of the k best, before or after, that stand higher or lower
    than before, in the order of the places they rise to and fall from; one may fall because others rise. `changes` are
    those that keep their place with another score.
    """

    reachable: tuple[str, ...]
    unlocked: tuple[str, ...]
    rises: tuple[Move, ...]
    falls: tuple[Move, ...]
    changes: tuple[Move, ...]


def what_if(
    index: OpeningIndex,
    profile: Profile,
    *,
    skills: Sequence[HeldSkill] = (),
    without: Collection[str] = (),
    k: int = 50,
    ranker: Ranker | None = None,
) -> WhatIf:
    """What would change for a person who held `skills` too (those that a course grants) and had no limits `without`.

    Places and scores are those of `index.rank` with the same ranker; one that is not among the k best has the score
    that its components give it.
    `without` names fields of `Rules` among `LIMITS`. InvalidValue for any other: a rule that keeps her safe, the legal
    minimum and vetting cannot be dropped, not even to look.
    """
    changed = replace(profile, skills=(*profile.skills, *skills), rules=replace(profile.rules, **_none(without)))
    freed = replace(profile, rules=changed.rules)
    kept = {exclusion.opening_id for exclusion in index.excluded(profile)} if without else set()
    reachable = kept - {exclusion.opening_id for exclusion in index.excluded(changed)} if kept else kept
    unlocked = [opening for step in plan_courses(index, freed, {"": skills}, k=1) for opening in step.unlocks]
    moves = _moves(index, profile, changed, k, ranker)
    rises = [move for move in moves if _below(move.place_before) > _below(move.place_after)]
    falls = [move for move in moves if _below(move.place_before) < _below(move.place_after)]
    return WhatIf(
        reachable=tuple(sorted(reachable)),
        unlocked=tuple(sorted(unlocked)),
        rises=tuple(sorted(rises, key=lambda move: _below(move.place_after))),
        falls=tuple(sorted(falls, key=lambda move: _below(move.place_before))),
        changes=tuple(move for move in moves if move.place_before == move.place_after),
    )


def _none(without: Collection[str]) -> dict[str, Any]:
    """The limits as rules that limit nothing."""
    if isinstance(without, str):
        raise InvalidValue("without: is text, not a list of limits")
    rules = {rule.name for rule in fields(Rules)}
    for name in without:
        if name not in rules:
            raise InvalidValue(f"without: {name!r} is no rule")
        if name not in LIMITS:
            raise InvalidValue(f"without: {name} is no limit of hers and cannot be dropped")
    return dict.fromkeys(without)


def _moves(index: OpeningIndex, before: Profile, after: Profile, k: int, ranker: Ranker | None) -> list[Move]:
    """The openings of the k best that change, those of after first."""
    (place_before, score_before), (place_after, score_after) = (
        _standing(index, profile, k, ranker) for profile in (before, after)
    )
    moves = [
        Move(one, score_before.get(one), score_after.get(one), place_before.get(one), place_after.get(one))
        for one in dict.fromkeys((*place_after, *place_before))
    ]
    return [move for move in moves if (move.score_before, move.place_before) != (move.score_after, move.place_after)]


def _standing(
    index: OpeningIndex, profile: Profile, k: int, ranker: Ranker | None
) -> tuple[dict[str, int], dict[str, float]]:
    """The places of the k best, and the scores of all that she may see."""
    best = index.rank(profile, k, ranker)
    frame = index.contributions(profile)
    scores = (ranker or Ranker()).predict_proba(frame)[:, 1]
    places = {ranked.opening_id: place for place, ranked in enumerate(best, start=1)}
    return places, dict(zip(frame.index, scores.tolist(), strict=True)) | {each.opening_id: each.score for each in best}


def _below(place: int | None) -> float:
    """A place as a number; not being among the best is below them all."""
    return float("inf") if place is None else place
