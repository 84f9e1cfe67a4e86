"""A profile against openings: the credit for every requirement, and the value of every component of the score."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching import scoring
from matching.columns import Columns, phrase_key, sure_links, terms
from matching.eligibility import travel
from matching.link import Linker
from matching.types import HeldSkill, Profile, ReasonCode

Floats = NDArray[np.float64]

# Phrases that share words without being equal show something; below half of the words they are strangers.
PHRASE_COVERS = 0.6
LEAST_COSINE = 0.5


@dataclass(frozen=True, slots=True)
class Query:
    """A profile made ready: linked once, so that scoring needs neither linker nor taxonomy."""

    profile: Profile
    held: tuple[HeldSkill, ...]
    covers: tuple[Mapping[str, float], ...]  # for each held skill: concept id -> how far it is shown
    occupation: Mapping[str, tuple[float, str]]  # an opening's occupation -> nearness and what it was near to
    wish: Mapping[str, tuple[float, str]]
    terms: Mapping[str, float]


def make_query(profile: Profile, columns: Columns, linker: Linker | None) -> Query:
    """The query for a profile; with a linker, phrases become concepts and a title gives the occupation not told."""
    phrases = [skill.phrase for skill in profile.skills if not skill.skill]
    skill_of = sure_links(linker, phrases, "skill")
    held = tuple(
        HeldSkill(skill.skill or skill_of.get(skill.phrase), skill.phrase, skill.level) for skill in profile.skills
    )
    taxonomy = linker.taxonomy if linker else None
    covers = tuple(taxonomy.covers(s.skill) if taxonomy and s.skill else {s.skill or "": 1.0} for s in held)
    did = profile.occupation or sure_links(linker, [profile.title], "occupation").get(profile.title)

    def near(occupations: Iterable[str]) -> dict[str, tuple[float, str]]:
        mine = sorted(set(occupations))
        return {
            asked: max(
                ((taxonomy.occupation_similarity(one, asked) if taxonomy else float(one == asked)), one) for one in mine
            )
            for asked in columns.occupation.distinct
            if asked and mine
        }

    return Query(
        profile=profile,
        held=held,
        covers=covers,
        occupation=near([did] if did else []),
        wish=near(profile.occupations),
        # Her skills stay out of her words: a skill added would turn them away from other openings.
        terms=terms(profile.title, profile.text),
    )


def credits(columns: Columns, query: Query) -> Floats:
    """How far each held skill meets each requirement, 0 to 1: held skills x requirements."""
    result = np.zeros((len(query.held), len(columns.needs)))
    for credit, held, covers in zip(result, query.held, query.covers, strict=True):
        if words := phrase_key(held.phrase):
            _credit_phrases(credit, columns, words, known=bool(held.skill))
        for skill, share in covers.items():
            if skill and (numbers := columns.needs_of_skill.get(skill)):
                credit[numbers] = np.maximum(credit[numbers], share)
        if held.level is not None:
            asked = columns.needed_level
            credit *= np.minimum(1.0, held.level / np.where(asked > 0, asked, max(held.level, 1)))
    return result


def _credit_phrases(credit: Floats, columns: Columns, words: tuple[str, ...], known: bool) -> None:
    """Credit for requirements whose phrase is equal or, where either side is no known concept, shares most words."""
    weights = np.zeros(len(columns.phrase_stems))
    shared = [number for word in words if (number := columns.phrase_stems.get(word)) is not None]
    if not shared:
        return
    weights[shared] = 1.0 / np.sqrt(len(words))
    cosine = columns.phrases @ weights
    for number in np.flatnonzero(cosine >= LEAST_COSINE).tolist():
        if columns.need_phrases[number] == words:
            credit[number] = 1.0
        elif not (known and columns.need_known[number]):
            credit[number] = PHRASE_COVERS * min(1.0, float(cosine[number]))


def best_credit(credits: Floats) -> Floats:
    """The credit for each requirement: that of the held skill that meets it best."""
    return np.asarray(credits.max(axis=0, initial=0.0))


def components(columns: Columns, query: Query, rows: NDArray[np.int64], credit: Floats) -> Floats:
    """Rows x components of the score in the order of `scoring.WEIGHTS`; NaN where there is no data."""
    nothing = np.full(len(rows), np.nan)
    place = query.profile.place
    values = {
        ReasonCode.ESSENTIAL_SKILLS: scoring.essential_skills(columns.essential[rows], credit),
        ReasonCode.OPTIONAL_SKILLS: scoring.optional_skills(columns.optional[rows], credit),
        ReasonCode.OCCUPATION: _nearness(columns, query.occupation)[rows],
        ReasonCode.WISH: _nearness(columns, query.wish)[rows],
        ReasonCode.TEXT: _text(columns, query, rows),
        ReasonCode.DISTANCE: nothing if place is None else scoring.distance(travel(columns, place)[rows]),
    }
    return np.column_stack([values[code] for code in scoring.WEIGHTS])


def _nearness(columns: Columns, near: Mapping[str, tuple[float, str]]) -> Floats:
    column = columns.occupation
    values = [near[asked][0] if asked and asked in near else np.nan for asked in column.distinct]
    return np.array(values, dtype=np.float64)[column.codes]


def _text(columns: Columns, query: Query, rows: NDArray[np.int64]) -> Floats:
    """Cosine of TF-IDF vectors (Salton & Buckley 1988); NaN where either side has no words."""
    if not query.terms:
        return np.full(len(rows), np.nan)
    # Words that no opening has still count for the length: they are what she said and none asked for.
    unseen = np.log(1 + len(columns)) + 1
    weights = np.zeros(len(columns.terms))
    length = 0.0
    for term, count in query.terms.items():
        number = columns.terms.get(term)
        weight = (1 + np.log(count)) * (unseen if number is None else columns.idf[number])
        length += weight * weight
        if number is not None:
            weights[number] = weight
    texts = columns.texts[rows]
    cosine = np.clip(texts @ (weights / np.sqrt(length)), 0.0, 1.0)
    return np.where(np.diff(texts.indptr) > 0, cosine, np.nan)
