"""Why an opening stands where it stands: reasons that sum to the score, gaps, and the data that was missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.columns import Columns, Need
from matching.eligibility import travel, unchecked
from matching.features import Query
from matching.scoring import WEIGHTS
from matching.text import canonical_word, stem, tokens
from matching.types import Gap, GapCode, Ranked, Reason, ReasonCode

Floats = NDArray[np.float64]
SHOWN_WORDS = 5


def explain(
    columns: Columns, query: Query, rows: list[int], shares: Floats, values: Floats, credits: Floats
) -> list[Ranked]:
    """Results for some rows. `shares` and `values` are rows x components, `credits` held skills x requirements."""
    km = None if query.profile.place is None else travel(columns, query.profile.place)
    result = []
    for row, share, value in zip(rows, shares, values, strict=True):
        reasons = [
            Reason(code, contribution, _detail(code, columns, row, query, credits, km))
            for code, contribution in zip(WEIGHTS, share.tolist(), strict=True)
            if contribution > 0
        ]
        reasons.sort(key=lambda reason: -reason.contribution)
        result.append(
            Ranked(
                opening_id=columns.openings[row].id,
                score=float(share.sum()),
                reasons=tuple(reasons),
                gaps=tuple(_gaps(columns, row, query, credits)),
                missing=tuple(sorted(set(_missing(columns, row, query, value)))),
            )
        )
    return result


def _detail(
    code: ReasonCode,
    columns: Columns,
    row: int,
    query: Query,
    credits: Floats,
    km: Floats | None,
) -> dict[str, Any]:
    """The plain values that the sentence about one component needs."""
    match code:
        case ReasonCode.ESSENTIAL_SKILLS | ReasonCode.OPTIONAL_SKILLS:
            return _skills(columns, row, credits, essential=code is ReasonCode.ESSENTIAL_SKILLS)
        case ReasonCode.OCCUPATION:
            return _occupation(columns, row, query.occupation)
        case ReasonCode.WISH:
            return _occupation(columns, row, query.wish)
        case ReasonCode.TEXT:
            return {"words": _shared_words(columns, row, query)}
        case ReasonCode.DISTANCE:
            return {} if km is None else {"km": round(float(km[row]), 1)}


def _skills(columns: Columns, row: int, credits: Floats, essential: bool) -> dict[str, Any]:
    """How many of the skills are met in full, and each that is met at all with its credit."""
    met = []
    asked = columns.rows[row].essential if essential else columns.rows[row].optional
    counted: set[Need] = set()
    for need, told in zip(columns.rows[row].needs, columns.openings[row].skills, strict=True):
        credit = _credit(columns, need, credits)
        if need in asked and need not in counted and credit > 0:
            counted.add(need)
            met.append({"skill": told.skill or need.skill or None, "phrase": told.phrase, "credit": round(credit, 3)})
    return {"asked": len(asked), "met": sum(skill["credit"] == 1 for skill in met), "skills": met}


def _credit(columns: Columns, need: Need, credits: Floats) -> float:
    return float(credits[:, columns.needs[need]].max(initial=0.0)) if need in columns.needs else 0.0


def _occupation(columns: Columns, row: int, near: Mapping[str, tuple[float, str]]) -> dict[str, Any]:
    asked = columns.rows[row].occupation
    nearness, mine = near.get(asked or "", (0.0, ""))
    return {"hers": mine, "asked": asked, "nearness": nearness}


def _shared_words(columns: Columns, row: int, query: Query) -> list[str]:
    """Words of the opening that are hers too, the rarest first."""
    if columns.rows[row].terms.keys().isdisjoint(query.terms):
        return []
    opening = columns.openings[row]
    weight: dict[str, float] = {}
    for word in tokens(f"{opening.title} {opening.text}"):
        root = stem(canonical_word(word))
        if len(word) > 2 and root in query.terms and root in columns.terms:
            weight.setdefault(word, float(columns.idf[columns.terms[root]]))
    return sorted(weight, key=lambda word: (-weight[word], word))[:SHOWN_WORDS]


def _gaps(columns: Columns, row: int, query: Query, credits: Floats) -> Iterator[Gap]:
    """Requirements not met in full, must-haves first, in the opening's order."""
    pairs = list(zip(columns.rows[row].needs, columns.openings[row].skills, strict=True))
    seen: set[Need] = set()
    for need, told in sorted(pairs, key=lambda pair: not pair[1].essential):
        if need in seen or need not in columns.needs:
            continue
        seen.add(need)
        credit = credits[:, columns.needs[need]]
        if credit.max(initial=0.0) >= 1:
            continue
        # Among what she holds, that which comes nearest; the very skill at a low level before any other.
        best, code = None, GapCode.MISSING
        for i, held in enumerate(query.held):
            if need.skill and held.skill == need.skill:
                best, code = held, GapCode.LEVEL
                break
            if credit[i] > 0 and credit[i] == credit.max():
                best, code = held, GapCode.RELATED
        yield Gap(
            code=code,
            skill=told.skill or need.skill or None,
            phrase=told.phrase,
            essential=need in columns.rows[row].essential,
            held_level=best.level if best else None,
            needed_level=told.level,
        )


def _missing(columns: Columns, row: int, query: Query, values: Floats) -> Iterator[str]:
    """The fields without which a component dropped out or a limit could not be checked."""
    opening, profile = columns.openings[row], query.profile
    yield from unchecked(opening, profile)
    if not query.held:
        yield "profile.skills"
    if not columns.rows[row].essential and not columns.rows[row].optional:
        yield "opening.skills"
    if columns.rows[row].occupation is None:
        yield "opening.occupation"
    empty = {code for code, value in zip(WEIGHTS, values.tolist(), strict=True) if value != value}
    if ReasonCode.OCCUPATION in empty and not query.occupation and columns.rows[row].occupation:
        yield "profile.occupation"
    if ReasonCode.WISH in empty and not profile.occupations:
        yield "profile.occupations"
    if ReasonCode.TEXT in empty:
        yield "opening.text" if query.terms else "profile.text"
    if ReasonCode.DISTANCE in empty:
        if opening.place is None:
            yield "opening.place"
        if profile.place is None:
            yield "profile.place"
