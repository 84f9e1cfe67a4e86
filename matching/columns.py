"""Openings as columns: what the gates read, what the components read, and how an opening becomes a row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matching.link import Linker
from matching.text import fold, stems, tokens
from matching.types import Opening

T = TypeVar("T")

# A link below this is too unsure to stand for what was written.
SURE_LINK = 0.75
TITLE_COUNTS = 3.0
GRAM = 4


@dataclass(frozen=True, slots=True)
class Values(Generic[T]):
    """A column of repeated values: each distinct one once, and its number for every opening."""

    distinct: list[T]
    codes: NDArray[np.int32]

    @classmethod
    def of(cls, values: Iterable[T]) -> Values[T]:
        numbers: dict[T, int] = {}
        codes = [numbers.setdefault(value, len(numbers)) for value in values]
        return cls(list(numbers), np.array(codes, dtype=np.int32))


@dataclass(frozen=True, slots=True, order=True)
class Need:
    """A requirement as it is compared: concept id, stems of its phrase, level; the same need is one column."""

    skill: str
    phrase: tuple[str, ...]
    level: int


@dataclass(frozen=True, slots=True)
class Row:
    """What costs time to find out about one opening, kept while the openings around it change."""

    opening: Opening
    occupation: str | None
    essential: tuple[Need, ...]
    optional: tuple[Need, ...]
    needs: tuple[Need, ...]  # one for each of opening.skills, in that order
    terms: dict[str, float]

    @classmethod
    def of(cls, opening: Opening, occupation: str | None, needs: tuple[Need, ...], terms: dict[str, float]) -> Row:
        """A row whose must-haves and nice-to-haves each stand once; what is asked twice is a must-have if either is."""
        asked = [(need, told.essential) for need, told in zip(needs, opening.skills, strict=True) if _says(need)]
        essential = {need for need, must in asked if must}
        optional = {need for need, _ in asked} - essential
        return cls(opening, occupation, tuple(sorted(essential)), tuple(sorted(optional)), needs, terms)


@dataclass(frozen=True, slots=True)
class Columns:
    """Everything a ranking reads; rows by opening id, so that no result depends on the order of arrival."""

    rows: list[Row]
    openings: list[Opening]
    exposure: NDArray[np.int64]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    hours: NDArray[np.float64]
    pay: NDArray[np.float64]
    place_code: Values[str]
    # Employer, group and end client as gates compare them, and whether it is an agency.
    parties: Values[tuple[str | None, str | None, str | None, bool | None]]
    sector: Values[str | None]
    shifts: Values[frozenset[str] | None]
    conditions: Values[frozenset[str] | None]
    languages: Values[tuple[tuple[str, str], ...] | None]
    licences: Values[frozenset[str] | None]
    permit_required: Values[bool | None]
    vetted: Values[bool | None]
    occupation: Values[str | None]
    needs: dict[Need, int]  # in order, each with its number
    needs_of_skill: dict[str, list[int]]
    needed_level: NDArray[np.float64]
    essential: sparse.csr_array  # openings x needs
    optional: sparse.csr_array  # openings x needs
    phrases: sparse.csr_array  # needs x stems, each row of length 1
    need_phrases: list[tuple[str, ...]]
    need_known: list[bool]  # whether it is a concept
    phrase_stems: dict[str, int]
    texts: sparse.csr_array  # openings x terms, TF-IDF, each row of length 1
    terms: dict[str, int]
    idf: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.openings)


def make_rows(openings: Sequence[Opening], linker: Linker | None) -> list[Row]:
    """Rows for openings; with a linker, phrases become concepts and a title gives the occupation that was not told."""
    phrases = {need.phrase for opening in openings for need in opening.skills if not need.skill}
    titles = {opening.title for opening in openings if not opening.occupation}
    skill_of = sure_links(linker, phrases, "skill")
    occupation_of = sure_links(linker, titles, "occupation")
    rows = []
    for opening in openings:
        needs = tuple(
            Need(need.skill or skill_of.get(need.phrase, ""), phrase_key(need.phrase), need.level or 0)
            for need in opening.skills
        )
        words = terms(opening.title, " ".join([opening.text, *(need.phrase for need in opening.skills)]))
        rows.append(Row.of(opening, opening.occupation or occupation_of.get(opening.title), needs, words))
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
    return tuple(sorted(set(stems(phrase))))


def terms(title: str, text: str) -> dict[str, float]:
    """Counts of word stems and of the title's letter groups; the title counts three times."""
    counts: dict[str, float] = defaultdict(float)
    for word in stems(text):
        counts[word] += 1.0
    for word in stems(title):
        counts[word] += TITLE_COUNTS
    for word in tokens(title):
        padded = f" {word} "
        for start in range(max(len(padded) - GRAM + 1, 0)):
            counts[f"~{padded[start : start + GRAM]}"] += 1.0
    return dict(counts)


def make_columns(rows: Iterable[Row]) -> Columns:
    """Columns over rows; everything is sorted, so equal openings give equal columns to the last bit."""
    rows = sorted(rows, key=lambda row: row.opening.id)
    openings = [row.opening for row in rows]
    distinct = {need for row in rows for need in (*row.essential, *row.optional)}
    needs = {need: number for number, need in enumerate(sorted(distinct))}
    needs_of_skill: dict[str, list[int]] = defaultdict(list)
    for need, number in needs.items():
        if need.skill:
            needs_of_skill[need.skill].append(number)
    phrase_stems = {word: i for i, word in enumerate(sorted({word for need in needs for word in need.phrase}))}
    vocabulary = {term: i for i, term in enumerate(sorted({term for row in rows for term in row.terms}))}
    counts = _matrix([{vocabulary[t]: n for t, n in row.terms.items()} for row in rows], len(vocabulary))
    seen_in = np.bincount(counts.indices, minlength=len(vocabulary)) if len(vocabulary) else np.zeros(0)
    idf = np.log((1 + len(rows)) / (1 + seen_in)) + 1
    counts.data = (1 + np.log(counts.data)) * idf[counts.indices]
    phrases = _matrix([{phrase_stems[word]: 1.0 for word in need.phrase} for need in needs], len(phrase_stems))

    def numbers(read: Callable[[Opening], float | None]) -> NDArray[np.float64]:
        return np.array([np.nan if (value := read(o)) is None else value for o in openings], dtype=np.float64)

    return Columns(
        rows=rows,
        openings=openings,
        exposure=np.array([o.exposure for o in openings], dtype=np.int64),
        latitude=numbers(lambda o: o.place.latitude if o.place else None),
        longitude=numbers(lambda o: o.place.longitude if o.place else None),
        hours=numbers(lambda o: o.hours_per_week),
        pay=numbers(lambda o: o.pay_per_hour),
        place_code=Values.of(o.place.code if o.place else "" for o in openings),
        parties=Values.of((_key(o.employer), _key(o.employer_group), _key(o.end_client), o.agency) for o in openings),
        sector=Values.of(_key(o.sector) for o in openings),
        shifts=Values.of(o.shifts for o in openings),
        conditions=Values.of(o.conditions for o in openings),
        languages=Values.of(None if o.languages is None else tuple(sorted(o.languages.items())) for o in openings),
        licences=Values.of(o.licences for o in openings),
        permit_required=Values.of(o.permit_required for o in openings),
        vetted=Values.of(o.vetted for o in openings),
        occupation=Values.of(row.occupation for row in rows),
        needs=needs,
        needs_of_skill=dict(needs_of_skill),
        needed_level=np.array([need.level for need in needs], dtype=np.float64),
        essential=_matrix([{needs[need]: 1.0 for need in row.essential} for row in rows], len(needs)),
        optional=_matrix([{needs[need]: 1.0 for need in row.optional} for row in rows], len(needs)),
        phrases=_unit_rows(phrases),
        need_phrases=[need.phrase for need in needs],
        need_known=[bool(need.skill) for need in needs],
        phrase_stems=phrase_stems,
        texts=_unit_rows(counts),
        terms=vocabulary,
        idf=idf,
    )


def _key(name: str | None) -> str | None:
    """A name as gates compare it; one without a letter tells no more than none."""
    return fold(name or "") or None


def _says(need: Need) -> bool:
    """A requirement without concept and without a word asks for nothing."""
    return bool(need.skill or need.phrase)


def _matrix(rows: list[dict[int, float]], width: int) -> sparse.csr_array:
    indptr = np.cumsum([0, *map(len, rows)])
    columns = np.fromiter((column for row in rows for column in sorted(row)), dtype=np.int64, count=int(indptr[-1]))
    values = np.fromiter((row[c] for row in rows for c in sorted(row)), dtype=np.float64, count=int(indptr[-1]))
    return sparse.csr_array((values, columns, indptr), shape=(len(rows), width))


def _unit_rows(matrix: sparse.csr_array) -> sparse.csr_array:
    lengths = np.sqrt(np.add.reduceat(np.append(matrix.data**2, 0.0), matrix.indptr[:-1])) if matrix.nnz else None
    if lengths is not None:
        matrix.data = matrix.data / np.repeat(lengths, np.diff(matrix.indptr))
    return matrix
