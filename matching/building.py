"""Columns from a stream of openings, and from columns that were there: nothing is kept per opening but numbers."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.arrays import Array, Starts, Strings, Whole, encoded, lengths_of, runs, smallest, starts_of
from matching.columns import Columns
from matching.dictionaries import make_parties, make_requirements, make_works, sorted_codes
from matching.reach import Places, hilbert_order
from matching.rows import Row
from matching.scoring import IMPACT_STEPS
from matching.types import InvalidValue, Opening

# Raw word weights (logarithms of counts) are kept in steps of this, so that a merge starts from what a build did.
RAW_STEP = 1 / 32


class Builder:
    """Takes openings in any order and gives the columns that any other order would have given."""

    def __init__(self) -> None:
        self._places = _Numbers()
        self._parties = _Numbers()
        self._works = _Numbers()
        self._occupations = _Numbers()
        self._told = _Numbers()
        self._terms = _Numbers()
        self._ids = bytearray()
        self._numbers: dict[str, array[Any]] = {name: array(kind) for name, kind in _ROW_VALUES.items()}

    def append(self, rows: Iterable[Row]) -> None:
        """Add openings."""
        numbers = self._numbers
        for row in rows:
            opening, name = row.opening, encoded(row.opening.id)
            self._ids += name
            numbers["id_length"].append(len(name))
            numbers["place"].append(self._places[opening.place])
            numbers["party"].append(self._parties[_party(opening)])
            numbers["work"].append(self._works[_work(opening)])
            numbers["occupation"].append(self._occupations[row.occupation])
            numbers["pay"].append(np.nan if opening.pay_per_hour is None else opening.pay_per_hour)
            numbers["exposure"].append(int(opening.exposure))
            numbers["musts"].append(row.musts)
            numbers["implied"].append(row.implied)
            numbers["asked_count"].append(len(row.asked))
            numbers["asked"].extend(map(self._told.__getitem__, row.asked))
            numbers["word_count"].append(len(row.terms))
            for term, weight in sorted(row.terms.items()):
                numbers["words"].append(self._terms[term])
                numbers["raw"].append(min(max(round(weight / RAW_STEP), 1), 255))

    def extend(self, columns: Columns, rows: Whole) -> None:
        """Add some rows of columns that stand already."""
        ids, numbers = columns.ids, self._numbers
        lengths = lengths_of(ids.starts, rows)
        self._ids += ids.text[runs(ids.starts[rows], lengths)].tobytes()
        asked = lengths_of(columns.asked_from, rows)
        words = lengths_of(columns.words_from, rows)
        at_words = runs(columns.words_from[rows], words)
        values: dict[str, Array] = {
            "id_length": lengths,
            "place": _recode(self._places, columns.place[rows], columns.places.__getitem__),
            "party": _recode(self._parties, columns.party[rows], columns.parties.told),
            "work": _recode(self._works, columns.work[rows], columns.works.told),
            "occupation": _recode(self._occupations, columns.occupation[rows], columns.occupation_of),
            "pay": np.append(columns.pays, np.nan)[columns.pay[rows]],
            "exposure": columns.exposure[rows],
            "musts": columns.musts[rows],
            "implied": columns.implied[rows],
            "asked_count": asked,
            "asked": _recode(
                self._told, columns.asked[runs(columns.asked_from[rows], asked)], columns.requirements.told
            ),
            "word_count": words,
            "words": _recode(self._terms, columns.words[at_words], columns.terms.__getitem__),
            "raw": columns.raw[at_words],
        }
        for name, given in values.items():
            numbers[name].frombytes(given.astype(numbers[name].typecode).tobytes())

    def finish(self, counted: Columns | None = None) -> Columns:
        """The columns; with `counted`, words weigh as they do there. InvalidValue when an id comes twice."""
        told = {name: np.frombuffer(values, dtype=values.typecode) for name, values in self._numbers.items()}
        ids, by_id = self._sorted_ids(told["id_length"])
        places = [place for place in self._places if place is not None]
        place_order = hilbert_order(places)
        place = _renumbered(self._places, [*(places[i] for i in place_order), None])[told["place"]]
        order = by_id[np.argsort(place[by_id], kind="stable")]
        position = np.empty(len(order), dtype=np.int64)
        position[order] = np.arange(len(order))
        exposure = told["exposure"][order]
        works, work = make_works(list(self._works))
        parties, party = make_parties(list(self._parties))
        requirements, asked = make_requirements(list(self._told))
        occupations, occupation = sorted_codes(self._occupations, lambda value: (value is None, value))
        pays = np.unique(told["pay"][~np.isnan(told["pay"])])
        terms, term = sorted_codes(self._terms, str)
        asked_from, asked = _reordered(told["asked_count"], asked[told["asked"]], order)
        words_from, words = _reordered(told["word_count"], term[told["words"]], order)
        raw = _reordered(told["word_count"], told["raw"], order)[1]
        idf, counted_over = _idf(words, terms, len(order), counted)
        by_id = position[by_id]
        tie = np.empty(len(order), dtype=np.uint32)
        tie[by_id[np.argsort(exposure[by_id], kind="stable")]] = np.arange(len(order))
        named = [value for value in occupations if value is not None]
        return Columns(
            ids=Strings.of_bytes([ids[i] for i in order.tolist()]),
            by_id=smallest(by_id, len(order)),
            exposure=smallest(exposure, int(exposure.max(initial=0))),
            tie=tie,
            place=smallest(place[order], len(places)),
            party=smallest(party[told["party"][order]], len(parties)),
            work=smallest(work[told["work"][order]], len(works)),
            # NaN sorts behind every number, so what is unknown gets the rank after the last.
            pay=smallest(np.searchsorted(pays, told["pay"][order]), len(pays)),
            occupation=smallest(occupation[told["occupation"][order]], len(named)),
            asked_from=Starts.of(asked_from),
            asked=smallest(asked, len(requirements)),
            musts=smallest(told["musts"][order], int(told["musts"].max(initial=0))),
            implied=told["implied"][order].astype(bool),
            words_from=Starts.of(words_from),
            words=smallest(words, len(terms)),
            raw=raw.astype(np.uint8),
            impacts=_impacts(words, raw, words_from, idf),
            places=Places.of([places[i] for i in place_order], np.bincount(place, minlength=len(places) + 1)),
            parties=parties,
            works=works,
            pays=pays,
            occupations=Strings.of(named),
            requirements=requirements,
            terms=Strings.of(terms),
            idf=idf,
            counted=counted_over,
        )

    def _sorted_ids(self, lengths: Array) -> tuple[list[bytes], Whole]:
        """The ids as they came, and the numbers of those in the order of the ids."""
        starts = starts_of(lengths).tolist()
        blob = bytes(self._ids)
        ids = [blob[start:end] for start, end in pairwise(starts)]
        order = sorted(range(len(ids)), key=ids.__getitem__)
        for one, other in pairwise(order):
            if ids[one] == ids[other]:
                raise InvalidValue(f"id: {ids[one].decode(errors='surrogatepass')!r} comes twice")
        return ids, np.array(order, dtype=np.int64)


_ROW_VALUES = {
    "id_length": "q", "place": "q", "party": "q", "work": "q", "occupation": "q", "pay": "d", "exposure": "q",
    "musts": "q", "implied": "B", "asked_count": "q", "asked": "I", "word_count": "q", "words": "I", "raw": "B",
}  # fmt: skip


def _party(o: Opening) -> tuple[str, str, str, int, str]:
    return (
        o.employer or "",
        o.employer_group or "",
        o.end_client or "",
        -1 if o.agency is None else int(o.agency),
        o.sector or "",
    )


def _work(o: Opening) -> tuple[Any, ...]:
    """The fields of `Works.FIELDS`, each in one order."""
    return (
        None if o.shifts is None else tuple(sorted(o.shifts)),
        None if o.conditions is None else tuple(sorted(o.conditions)),
        None if o.languages is None else tuple(sorted(o.languages.items())),
        None if o.licences is None else tuple(sorted(o.licences)),
        o.permit_required,
        o.vetted,
        None if o.hours_per_week is None else float(o.hours_per_week),
    )


class _Numbers(dict[Any, int]):
    """Distinct values, each with a number: looking up a new one gives it the next."""

    def __missing__(self, value: Any) -> int:
        number = self[value] = len(self)
        return number


def _recode(numbers: _Numbers, codes: Array, value_of: Callable[[int], Any]) -> Array:
    """Numbers of one dictionary as those of another; values that no row has any more are left behind."""
    used, places = np.unique(codes, return_inverse=True)
    return np.array([numbers[value_of(code)] for code in used.tolist()], dtype=np.int64)[places]


def _renumbered(numbers: _Numbers, values: Sequence[Any]) -> Whole:
    """Old number -> place in `values`."""
    new = np.zeros(len(numbers), dtype=np.int64)
    for place, value in enumerate(values):
        if value in numbers:
            new[numbers[value]] = place
    return new


def _reordered(counts: Array, values: Array, order: Whole) -> tuple[Whole, Array]:
    """Runs of values, one per opening, in another order of openings: where each begins, and the values."""
    counts_then = counts[order]
    return starts_of(counts_then), values[runs(starts_of(counts)[:-1][order], counts_then)]


def _idf(words: Array, terms: Sequence[str], rows: int, counted: Columns | None) -> tuple[NDArray[np.float64], int]:
    """Inverse document frequency of each term, smoothed, and the number of openings that it was counted over."""
    if counted is None:
        seen_in = np.bincount(words, minlength=len(terms))
        return np.log((1 + rows) / (1 + seen_in)) + 1, rows
    unseen = np.log(1 + counted.counted) + 1
    known = [counted.vocabulary.number.get(term) for term in terms]
    return np.array([unseen if n is None else counted.idf[n] for n in known], dtype=np.float64), counted.counted


def _impacts(words: Array, raw: Array, words_from: Whole, idf: NDArray[np.float64]) -> NDArray[np.uint8]:
    """TF-IDF weights, each opening's of length 1, in steps of 1/255; at least one, so that a word never vanishes."""
    weights = raw * RAW_STEP * idf[words]
    counts = np.diff(words_from)
    squares = np.add.reduceat(np.append(weights * weights, 0.0), words_from[:-1]) if len(counts) else np.zeros(0)
    lengths = np.repeat(np.sqrt(squares), counts)
    return np.asarray(np.maximum(np.rint(IMPACT_STEPS * weights / lengths), 1), dtype=np.uint8)
