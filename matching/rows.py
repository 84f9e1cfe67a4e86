"""What costs time to find out about an opening, once: which concepts its words mean, and which words it has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from matching.link import Linker
from matching.text import stems
from matching.types import Opening
from matching.words import opening_terms

# A link below this is too unsure to stand for what was written.
SURE_LINK = 0.7


class Need(NamedTuple):
    """A requirement as it is compared: concept id ("" for none), stems of its phrase, level (0 for none asked)."""

    skill: str
    phrase: tuple[str, ...]
    level: int


class Told(NamedTuple):
    """A requirement as it was told: what it is compared by, its phrase and its level as written."""

    need: Need
    phrase: str
    level: int | None


class Row(NamedTuple):
    """An opening with what was found out about it; `asked` holds each need once, the `musts` must-haves first."""

    opening: Opening
    occupation: str | None
    asked: tuple[Told, ...]
    musts: int
    implied: bool
    terms: Mapping[str, float]


def make_rows(openings: Sequence[Opening], linker: Linker | None) -> list[Row]:
    """Rows for openings; with a linker, phrases become concepts and a title gives the occupation that was not told."""
    phrases = {need.phrase for opening in openings for need in opening.skills if not need.skill}
    titles = {opening.title for opening in openings if not opening.occupation}
    skill_of = sure_links(linker, phrases, "skill")
    occupation_of = sure_links(linker, titles, "occupation")
    told_as: dict[tuple[str | None, str, int | None], Told] = {}
    rows = []
    for opening, terms in zip(openings, opening_terms(openings, linker), strict=True):
        occupation = opening.occupation or occupation_of.get(opening.title)
        asked, musts = _asked(opening, skill_of, told_as)
        implied = () if opening.skills else _implied(occupation, linker)
        rows.append(Row(opening, occupation, asked or implied, musts, bool(implied), terms))
    return rows


def sure_links(linker: Linker | None, phrases: Iterable[str], kind: str) -> dict[str, str]:
    """Phrase -> the concept it surely means; phrases without one are left out."""
    wanted = sorted(filter(None, phrases))
    if linker is None or not wanted:
        return {}
    found = zip(wanted, linker.link(wanted, k=1, kinds=(kind,)), strict=True)
    return {phrase: links[0].concept_id for phrase, links in found if links and links[0].score >= SURE_LINK}


def phrase_key(phrase: str) -> tuple[str, ...]:
    """The stems of a phrase, each once, sorted: two phrases with equal keys say the same."""
    return tuple(sorted(set(stems(phrase)))) if phrase else ()


def _asked(
    opening: Opening, skill_of: Mapping[str, str], told_as: dict[tuple[str | None, str, int | None], Told]
) -> tuple[tuple[Told, ...], int]:
    """What an opening asks for in its own order, must-haves first; what is asked twice is a must-have if either is.

    `told_as` keeps what was made of a requirement for the openings that ask the same.
    """
    musts: dict[Need, Told] = {}
    wants: dict[Need, Told] = {}
    for asked in opening.skills:
        key = asked.skill, asked.phrase, asked.level
        told = told_as.get(key)
        if told is None:
            skill = asked.skill or skill_of.get(asked.phrase, "")
            told = told_as[key] = Told(
                Need(skill, phrase_key(asked.phrase), asked.level or 0), asked.phrase, asked.level
            )
        if told.need.skill or told.need.phrase:  # without concept and without a word it asks for nothing
            (musts if asked.essential else wants).setdefault(told.need, told)
    return (*musts.values(), *(told for need, told in wants.items() if need not in musts)), len(musts)


def _implied(occupation: str | None, linker: Linker | None) -> tuple[Told, ...]:
    """What an occupation takes as a rule, for an opening that asks for nothing itself."""
    concept = linker.taxonomy.concepts.get(occupation or "") if linker else None
    return tuple(Told(Need(skill, (), 0), "", None) for skill in sorted(concept.essential)) if concept else ()
