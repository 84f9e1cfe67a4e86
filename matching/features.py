"""A profile against openings: the credit for every requirement, and the value of every component of the score.

`make_query` asks linker and taxonomy once; `bind` translates its answer into the numbers of some columns; `components`
only looks numbers up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from matching import scoring
from matching.arrays import Array, Whole, lengths_of, runs
from matching.columns import Columns, Requirements
from matching.link import Linker
from matching.postings import COMPILED_FROM
from matching.rows import phrase_key, sure_links
from matching.types import LEVELS, HeldSkill, Profile
from matching.words import CONCEPT, profile_terms, query_vector

Floats = NDArray[np.float64]

# Phrases that share words without being equal show something; below half of the words they are strangers.
PHRASE_COVERS = 0.6
LEAST_COSINE = 0.5


@dataclass(frozen=True)
class Query:
    """A profile made ready: linked once, so that scoring needs neither linker nor taxonomy."""

    profile: Profile
    held: tuple[HeldSkill, ...]  # in one order, whatever order they came in
    covers: tuple[Mapping[str, float], ...]  # for each held skill: concept id -> how far it is shown
    occupation: Floats | None  # nearness of what she did to every occupation of the index; None when she told none
    wishes: tuple[tuple[str, Floats], ...]  # each occupation that she wishes for, with nearness as above
    terms: Mapping[str, float]
    concepts: Mapping[str, str]  # terms that are concepts, with their labels
    generation: int  # of the index whose occupations are meant


@dataclass(frozen=True)
class Bound:
    """A query in the numbers of some columns.

    `grade[t]` says how far she meets told requirement t: `credits[grade[t]]`, 0 for not at all, by held skill `by[t]`.
    `word[t]` says how much term t weighs: `weights[word[t]]`, in scoring.UNITs. `near` and `wished` hold nearness per
    occupation (`wishes` for each wish), NaN for an unknown one; None where she told nothing.
    """

    query: Query
    grade: Array
    by: Array
    credits: Floats
    word: Array
    weights: Whole
    near: Floats | None
    wishes: list[Floats]
    wished: Floats | None

    @cached_property
    def logs(self) -> Whole:
        """What a requirement of each grade adds to the sum over must-haves."""
        return scoring.log_credit(self.credits)

    @cached_property
    def shares(self) -> Whole:
        """What a requirement of each grade adds to the sum over nice-to-haves."""
        return np.asarray(np.rint(self.credits / scoring.UNIT), dtype=np.int64)

    def credit(self, told: Array) -> Floats:
        """How far she meets some told requirements, 0 to 1."""
        return np.asarray(self.credits[self.grade[told]])


def make_query(profile: Profile, linker: Linker | None, nearness: Callable[[str], Floats], generation: int) -> Query:
    """The query for a profile; with a linker, phrases become concepts.

    `nearness` gives how near one occupation is to every occupation of the index, which has come to `generation`.
    """
    phrases = [skill.phrase for skill in profile.skills if not skill.skill]
    skill_of = sure_links(linker, phrases, "skill")
    told = [HeldSkill(skill.skill or skill_of.get(skill.phrase), skill.phrase, skill.level) for skill in profile.skills]
    held = sorted(told, key=lambda skill: (skill.skill or "", skill.phrase, -1 if skill.level is None else skill.level))
    taxonomy = linker.taxonomy if linker else None
    terms = profile_terms(profile, linker)
    return Query(
        profile=profile,
        held=tuple(held),
        covers=tuple(taxonomy.covers(s.skill) if taxonomy and s.skill else {s.skill or "": 1.0} for s in held),
        occupation=nearness(profile.occupation) if profile.occupation else None,
        wishes=tuple((wish, nearness(wish)) for wish in sorted(set(profile.occupations)) if wish),
        terms=terms,
        concepts={t: taxonomy.label(t[1:]) for t in terms if t.startswith(CONCEPT)} if taxonomy else {},
        generation=generation,
    )


def bind(columns: Columns, query: Query, occupations: Whole) -> Bound:
    """A query in the numbers of these columns, whose occupations have the numbers `occupations` in the index."""
    grade, by, credits = _grades(columns.requirements, query)
    numbers, weights = query_vector(query.terms, columns.vocabulary, columns.idf, columns.counted)
    word = np.zeros(len(columns.terms), dtype=np.min_scalar_type(len(numbers)))
    word[numbers] = np.arange(1, len(numbers) + 1)
    nearness = [np.append(near[occupations], np.nan) for _, near in query.wishes]
    return Bound(
        query=query,
        grade=grade,
        by=by,
        credits=credits,
        word=word,
        weights=np.append(0, np.rint(weights / scoring.UNIT).astype(np.int64)),
        near=None if query.occupation is None else np.append(query.occupation[occupations], np.nan),
        wishes=nearness,
        wished=np.maximum.reduce(nearness) if nearness else None,
    )


def _grades(requirements: Requirements, query: Query) -> tuple[Array, Array, Floats]:
    """The best credit for each told requirement as a grade, who gives it, and the credit of each grade."""
    by_skill = _by_skill(requirements, query)
    by_phrase = [
        (need, credit, np.full(len(need), giver))
        for giver, held in enumerate(query.held)
        for need, credit in _by_phrase(requirements, held)
    ]
    need, credit, giver = (np.concatenate(parts) for parts in zip(by_skill, *by_phrase, strict=True))
    credit *= _at_level(requirements.need_level[need], query.held, giver)
    grade = np.zeros(len(requirements), dtype=np.uint16)
    by = np.zeros(len(requirements), dtype=np.uint16)
    # What is written last stands: the least credit first, of equals the last held skill first.
    order = np.lexsort((-giver, credit))
    need, credit, giver = need[order], credit[order], giver[order]
    distinct, graded = np.unique(np.append(0.0, credit), return_inverse=True)
    counts = lengths_of(requirements.told_of_need, need)
    told = runs(requirements.told_of_need[need], counts)
    grade[told] = np.repeat(graded[1:], counts)
    by[told] = np.repeat(giver, counts)
    return grade, by, distinct


def _by_skill(requirements: Requirements, query: Query) -> tuple[Whole, Floats, Whole]:
    """The needs that held skills show at least in part, how far, and which held skill it is."""
    number = requirements.skill_number
    found = [
        (number[skill], share, giver)
        for giver, covers in enumerate(query.covers)
        for skill, share in covers.items()
        if skill in number
    ]
    skills = np.array([skill for skill, _, _ in found], dtype=np.int64)
    counts = lengths_of(requirements.needs_of_skill, skills)
    return (
        runs(requirements.needs_of_skill[skills], counts),
        np.repeat(np.array([share for _, share, _ in found], dtype=np.float64), counts),
        np.repeat(np.array([giver for _, _, giver in found], dtype=np.int64), counts),
    )


def _by_phrase(requirements: Requirements, held: HeldSkill) -> list[tuple[Whole, Floats]]:
    """The needs whose phrase a held skill's phrase says at least in part, and how far; nothing without a phrase."""
    words = phrase_key(held.phrase)
    return [_alike(requirements, words, known=bool(held.skill))] if words else []


def _at_level(asked: Array, held: Sequence[HeldSkill], giver: Whole) -> Floats:
    """How much of a credit stays when a skill is held below the level asked: all where either is not told."""
    factors = np.array(
        [[_kept(one.level, level) for level in range(len(LEVELS))] for one in held], dtype=np.float64
    ).reshape(len(held), len(LEVELS))
    return np.asarray(factors[giver, asked])


def _kept(held: int | None, asked: int) -> float:
    if held is None:
        return 1.0
    return min(1.0, held / asked) if asked else float(held > 0)


def _alike(requirements: Requirements, words: Sequence[str], known: bool) -> tuple[Whole, Floats]:
    """Needs whose phrase is equal or, where either side is no known concept, shares most words; with their credit."""
    number = requirements.stem_number
    stems = np.array([number[word] for word in words if word in number], dtype=np.int64)
    holding = runs(requirements.keys_with_from[stems], lengths_of(requirements.keys_with_from, stems))
    with_any = requirements.keys_with[holding]
    keys, shared = np.unique(with_any, return_counts=True)
    lengths = lengths_of(requirements.key_from, keys)
    # Whole numbers tell equal phrases and half of the words without rounding.
    near = shared * shared >= LEAST_COSINE**2 * (lengths * len(words))
    keys, shared, lengths = keys[near], shared[near], lengths[near]
    equal = (shared == lengths) & (shared == len(words))
    credit = np.where(equal, 1.0, PHRASE_COVERS * shared / np.sqrt(lengths * len(words)))
    counts = lengths_of(requirements.needs_of_key_from, keys)
    need = requirements.needs_of_key[runs(requirements.needs_of_key_from[keys], counts)]
    equal, credit = np.repeat(equal, counts), np.repeat(credit, counts)
    kept = equal | (requirements.need_skill[need] == 0) if known else np.ones(len(need), dtype=bool)
    return need[kept], credit[kept]


def components(columns: Columns, bound: Bound, rows: Whole) -> Floats:
    """Components of the score in the order of `scoring.WEIGHTS` x rows; NaN where there is no data."""
    values = np.full((len(scoring.WEIGHTS), len(rows)), np.nan)
    essential, optional, occupation, wish, text, distance = values
    logs, shares, products = _sums(columns, bound, rows)
    musts = columns.musts[rows].astype(np.int64)
    essential[:] = scoring.essential_skills(logs, musts)
    optional[:] = scoring.optional_skills(shares, lengths_of(columns.asked_from, rows) - musts)
    if bound.near is not None:
        occupation[:] = bound.near[columns.occupation[rows]]
    if bound.wished is not None:
        wish[:] = bound.wished[columns.occupation[rows]]
    if bound.query.terms:
        text[:] = scoring.text(products, lengths_of(columns.words_from, rows))
    if bound.query.profile.place is not None:
        distance[:] = scoring.distance(kilometres(columns, bound, rows))
    # What an opening's occupation implies nobody asked for: it may help, and unmet it does not hurt.
    optional[columns.implied[rows] & (optional < scoring.fit_without_optional(values))] = np.nan
    return values


def kilometres(columns: Columns, bound: Bound, rows: Whole) -> Floats:
    """The distance to some openings; NaN where a place is unknown."""
    places, hers = columns.places, bound.query.profile.place
    if hers is None:
        return np.full(len(rows), np.nan)
    place = columns.place[rows].astype(np.int64)
    if len(places) <= len(rows):
        return np.append(places.kilometres(hers, slice(None)), np.nan)[place]
    known = place < len(places)
    km = np.full(len(rows), np.nan)
    km[known] = places.kilometres(hers, place[known])
    return km


def _sums(columns: Columns, bound: Bound, rows: Whole) -> tuple[Whole, Whole, Whole]:
    """For each row the sums of logs over must-haves, of shares over the others, of weight times impact over words."""
    if len(columns) >= COMPILED_FROM and (tallies := _compiled()):
        logs, shares, products = tallies.tally(
            rows,
            columns.asked_from.anchors,
            columns.asked_from.beyond,
            columns.asked,
            columns.musts,
            bound.grade,
            bound.logs,
            bound.shares,
            columns.words_from.anchors,
            columns.words_from.beyond,
            columns.words,
            columns.impacts,
            bound.word,
            bound.weights,
        )
        return logs, shares, products
    asked = lengths_of(columns.asked_from, rows)
    grade = bound.grade[columns.asked[runs(columns.asked_from[rows], asked)]]
    # Both sums run over the same grades: in each row the must-haves come first.
    end = np.cumsum(asked)
    middle = end - asked + columns.musts[rows].astype(np.int64)
    log_sums, share_sums = _running(bound.logs[grade]), _running(bound.shares[grade])
    words = lengths_of(columns.words_from, rows)
    at = runs(columns.words_from[rows], words)
    product_sums, last = _running(bound.weights[bound.word[columns.words[at]]] * columns.impacts[at]), np.cumsum(words)
    return (
        log_sums[middle] - log_sums[end - asked],
        share_sums[end] - share_sums[middle],
        product_sums[last] - product_sums[last - words],
    )


def _running(values: Whole) -> Whole:
    return np.append(0, np.cumsum(values))


@cache
def _compiled() -> ModuleType | None:
    try:
        from matching import tallies
    except ImportError:
        return None
    return tallies
