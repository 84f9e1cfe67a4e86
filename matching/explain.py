"""Why an opening stands where it stands: reasons that sum to the score, gaps, and the data that was missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from matching.arrays import Whole, lengths_of, runs
from matching.columns import Columns
from matching.eligibility import unchecked
from matching.features import Bound, Floats, kilometres
from matching.scoring import WEIGHTS
from matching.text import canonical_word, stem, tokens
from matching.types import Gap, GapCode, Ranked, Reason, ReasonCode

SHOWN_WORDS = 5
GAPS_KEPT = 65_536


def explain(columns: Columns, bound: Bound, rows: Whole, shares: Floats, experience: Floats) -> list[Ranked]:
    """Results for some rows, in that order.

    `shares` are their contributions, components x rows; `experience` is what outcomes add to each score.
    """
    explainer = _Explainer(columns, bound)
    musts, wants, gaps = explainer.asked(rows)
    details: dict[ReasonCode, list[dict[str, Any]]] = {
        ReasonCode.ESSENTIAL_SKILLS: musts,
        ReasonCode.OPTIONAL_SKILLS: wants,
        ReasonCode.OCCUPATION: explainer.occupations(rows),
        ReasonCode.WISH: explainer.wishes(rows),
        ReasonCode.TEXT: [{"words": words} for words in explainer.words(rows)],
        ReasonCode.DISTANCE: [{"km": km} for km in kilometres(columns, bound, rows).round(1).tolist()],
    }
    said = [(code, values, details[code]) for code, values in zip(WEIGHTS, shares.tolist(), strict=True)]
    # Of each row the largest contribution first, equal ones in the order of WEIGHTS; what outcomes add comes last.
    order = np.argsort(-np.vstack([shares, experience]), axis=0, kind="stable").T.tolist()
    scores, learned = shares.sum(axis=0) + experience, experience.tolist()
    result = []
    for i, (opening_id, score, largest_first, missing) in enumerate(
        zip(_ids(columns, rows), scores.tolist(), order, explainer.missing(rows), strict=True)
    ):
        reasons = []
        for number in largest_first:
            if number == len(said):
                if learned[i]:
                    without = {"without": score - learned[i]}
                    reasons.append(Reason(ReasonCode.EXPERIENCE, learned[i], without))
                continue
            code, values, of_code = said[number]
            if values[i] > 0:
                reasons.append(Reason(code, values[i], of_code[i]))
        result.append(Ranked(opening_id, score, tuple(reasons), gaps[i], missing))
    return result


def _ids(columns: Columns, rows: Whole) -> list[str]:
    text, starts = columns.ids.text.data, columns.ids.starts
    spans = zip(starts[rows].tolist(), starts[rows + 1].tolist(), strict=True)
    return [str(text[start:end], "utf-8", "surrogatepass") for start, end in spans]


class _Explainer:
    """What is said of each requirement is worked out once for all openings that ask it."""

    def __init__(self, columns: Columns, bound: Bound) -> None:
        self._columns = columns
        self._bound = bound
        self._query = bound.query
        self._met: dict[int, dict[str, Any]] = {}
        self._gaps: tuple[dict[int, Gap], dict[int, Gap]] = {}, {}  # of nice-to-haves, of must-haves
        self._missing: dict[tuple[Any, ...], tuple[str, ...]] = {}
        # What is missing is missing for everybody, but for who holds the very skill at level 0.
        at_zero = any(held.level == 0 for held in self._query.held)
        if sum(map(len, columns.gaps_said)) > GAPS_KEPT:
            columns.gaps_said[True].clear()
            columns.gaps_said[False].clear()
        self._missing_gaps = self._gaps if at_zero else columns.gaps_said
        self._own = {held.skill: held for held in reversed(self._query.held) if held.skill}

    def asked(self, rows: Whole) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[tuple[Gap, ...]]]:
        """What is said of each row's must-haves, of its nice-to-haves, and its gaps, must-haves first."""
        columns = self._columns
        counts = lengths_of(columns.asked_from, rows)
        told = columns.asked[runs(columns.asked_from[rows], counts)]
        credit = self._bound.credit(told).tolist()
        codes = told.tolist()
        all_musts, all_wants, all_gaps = [], [], []
        at = 0
        for count, musts, implied in zip(
            counts.tolist(), columns.musts[rows].tolist(), columns.implied[rows].tolist(), strict=True
        ):
            gaps: list[Gap] = []
            end, middle = at + count, at + musts
            all_musts.append(self._skills(codes[at:middle], credit[at:middle], gaps, True))
            # What nobody asked for is no gap.
            optional = self._skills(codes[middle:end], credit[middle:end], [] if implied else gaps, False)
            if implied:
                optional["implied"] = True
            all_wants.append(optional)
            all_gaps.append(tuple(gaps))
            at = end
        return all_musts, all_wants, all_gaps

    def _skills(self, codes: list[int], credits: list[float], gaps: list[Gap], essential: bool) -> dict[str, Any]:
        """How many are met in full, and each that is met at all with its credit; what is not goes to the gaps."""
        met, full = [], 0
        in_part, missing = self._gaps[essential], self._missing_gaps[essential]
        for told, credit in zip(codes, credits, strict=True):
            known = missing
            if credit:
                entry = self._met.get(told)
                if entry is None:
                    entry = self._met[told] = self._entry(told, credit, essential)
                met.append(entry)
                if credit >= 1:
                    full += 1
                    continue
                known = in_part
            gap = known.get(told)
            if gap is None:
                gap = known[told] = self._gap(told, credit, essential)
            gaps.append(gap)
        return {"asked": len(codes), "met": full, "skills": met}

    def _entry(self, number: int, credit: float, essential: bool) -> dict[str, Any]:
        said = self._said(number, essential)
        return {"skill": said.skill, "phrase": said.phrase, "credit": round(credit, 3)}

    def _gap(self, number: int, credit: float, essential: bool) -> Gap:
        """Among what she holds, that which comes nearest; the very skill at a low level before any other."""
        said = self._said(number, essential)
        if said.skill in self._own:
            best, code = self._own[said.skill], GapCode.LEVEL
        elif credit > 0:
            best, code = self._query.held[int(self._bound.by[number])], GapCode.RELATED
        else:
            return said
        return Gap(code, said.skill, said.phrase, essential, best.level, said.needed_level)

    def _said(self, number: int, essential: bool) -> Gap:
        """The gap of whom nothing counts for a requirement: the same for everybody, so kept."""
        said = self._columns.gaps_said[essential]
        gap = said.get(number)
        if gap is None:
            skill, phrase, level = self._columns.requirements.spoken(number)
            gap = said[number] = Gap(GapCode.MISSING, skill, phrase, essential, None, level)
        return gap

    def occupations(self, rows: Whole) -> list[dict[str, Any]]:
        """For each row how near its occupation is to hers; nothing when she told none."""
        if self._bound.near is None:
            return []
        hers = self._query.profile.occupation
        numbers = self._columns.occupation[rows]
        return [
            {"hers": hers, "asked": self._columns.occupation_of(number), "nearness": nearness}
            for number, nearness in zip(numbers.tolist(), self._bound.near[numbers].tolist(), strict=True)
        ]

    def wishes(self, rows: Whole) -> list[dict[str, Any]]:
        """For each row how near its occupation is to the nearest of her wishes; nothing when she told none."""
        if self._bound.wished is None:
            return []
        numbers = self._columns.occupation[rows]
        near = np.array(self._bound.wishes)[:, numbers]
        return [
            {"hers": self._query.wishes[best][0], "asked": self._columns.occupation_of(number), "nearness": nearness}
            for number, best, nearness in zip(
                numbers.tolist(), near.argmax(axis=0).tolist(), near.max(axis=0).tolist(), strict=True
            )
        ]

    def words(self, rows: Whole) -> list[list[str]]:
        """For each row the words of hers that it shares, as she wrote them, the rarest first."""
        columns = self._columns
        counts = lengths_of(columns.words_from, rows)
        terms = columns.words[runs(columns.words_from[rows], counts)]
        shared = np.flatnonzero(self._bound.word[terms])
        if not len(shared):
            return [[] for _ in range(len(rows))]
        hers = _as_written(self._query.profile.title, self._query.profile.text, self._query.concepts)
        spelled = {
            term: (-float(columns.idf[term]), word)
            for term in set(terms[shared].tolist())
            if (word := hers.get(columns.terms[term]))
        }
        result: list[list[tuple[float, str]]] = [[] for _ in range(len(rows))]
        row_of = np.repeat(np.arange(len(rows)), counts)[shared]
        for row, term in zip(row_of.tolist(), terms[shared].tolist(), strict=True):
            if term in spelled:
                result[row].append(spelled[term])
        return [[word for _, word in sorted(words)[:SHOWN_WORDS]] for words in result]

    def missing(self, rows: Whole) -> list[tuple[str, ...]]:
        """For each row the fields without which a component dropped out or a limit could not be checked."""
        columns = self._columns
        keys = zip(
            columns.work[rows].tolist(),
            (columns.place[rows] == len(columns.places)).tolist(),
            (columns.pay[rows] == len(columns.pays)).tolist(),
            (columns.occupation[rows] == len(columns.occupations)).tolist(),
            (columns.implied[rows] | (columns.asked_from[rows + 1] == columns.asked_from[rows])).tolist(),
            (columns.words_from[rows + 1] == columns.words_from[rows]).tolist(),
            strict=True,
        )
        result = []
        for key in keys:
            found = self._missing.get(key)
            if found is None:
                found = self._missing[key] = tuple(sorted(set(self._unknown(*key))))
            result.append(found)
        return result

    def _unknown(self, work: int, place: bool, pay: bool, occupation: bool, skills: bool, words: bool) -> Iterator[str]:
        """The fields to name, given which of an opening's fields are unknown."""
        profile, rules = self._query.profile, self._query.profile.rules
        yield from unchecked(self._columns.works, work, profile)
        if pay and (rules.pay_floor is not None or rules.legal_minimum is not None):
            yield "opening.pay_per_hour"
        if profile.place is None:
            yield "profile.place"
        if place:
            yield "opening.place"
        if not self._query.held:
            yield "profile.skills"
        if skills:
            yield "opening.skills"
        if occupation:
            yield "opening.occupation"
        elif self._bound.near is None:
            yield "profile.occupation"
        if not profile.occupations:
            yield "profile.occupations"
        if not self._query.terms:
            yield "profile.text"
        elif words:
            yield "opening.text"


def _as_written(title: str, text: str, concepts: Mapping[str, str]) -> dict[str, str]:
    """Term -> the word of hers that it stands for, or the label of the concept that it is."""
    hers = dict(concepts)
    for word in tokens(f"{title} {text}"):
        if len(word) > 2:
            hers.setdefault(stem(canonical_word(word)), word)
    return hers
