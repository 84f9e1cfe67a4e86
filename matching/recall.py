"""Recall from a large index: the openings worth scoring in full, by a linear score over postings that fuses the gates.

The linear score is the score with the geometric mean of must-haves replaced by their mean logarithm and with weights
shared out as for a person who told everything. Both are monotone in every credit, so what is near the top of one is
near the top of the other. In a synthetic market of 100,000 and of a million openings, recall held 99.6 to 100% of each
of 40 people's exhaustive 50 best, with and without gates, and always the 10 best.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matching.arrays import Array, Whole, distinct, lengths_of, runs, starts_of
from matching.columns import Columns
from matching.eligibility import Passing
from matching.features import Bound, Floats
from matching.postings import BLOCK, Gate, Postings, quantise, search
from matching.scoring import FULL_LOG_CREDIT, IMPACT_STEPS, UNIT, WEIGHTS, distance
from matching.types import ReasonCode

# Up to this many openings all that pass are scored in full.
EXHAUSTIVE = 20_000
RECALLED = 1000
# Where so many openings are in reach, more of them are nearly equal.
WIDE_REACH, RECALLED_WIDE = 100_000, 2000
# Up to two thirds of the way to every must-have met, the geometric mean rises half as fast as the mean logarithm.
LOG_COUNTS = 0.5
# The share of a score that the largest impact stands for: few features carry more, and the rest is told apart finer.
LARGEST_SHARE = 0.5
# An occupation less near than this brings an opening no nearer to the top.
LEAST_NEARNESS = 0.3
ROWS_AT_ONCE = 65_536
POSTINGS = "postings."


@dataclass(frozen=True, eq=False)
class Recall:
    """Features of openings as postings; those that few openings have as plain lists of rows.

    Features are skills, then phrase keys (of needs without a skill), terms, occupations. Feature f is column
    `column[f]` of the postings or, below 0, the list of rows number `-1 - column[f]`.
    """

    postings: Postings
    column: NDArray[np.int32]
    rare_from: Whole
    rare: Array

    @classmethod
    def of(cls, columns: Columns) -> Recall:
        """The features of all openings."""
        pieces = [
            _features(columns, np.arange(start, min(start + ROWS_AT_ONCE, len(columns))))
            for start in range(0, len(columns), ROWS_AT_ONCE)
        ]
        counts = np.concatenate([piece[0] for piece in pieces])
        feature = np.concatenate([piece[1] for piece in pieces])
        impacts = np.concatenate([piece[2] for piece in pieces])
        n_features = _offsets(columns)[-1]
        rows_with = np.bincount(feature, minlength=n_features)
        # A column costs an offset in every block, so a feature must be in some rows to be worth one.
        is_rare = rows_with <= max(len(columns) // BLOCK // 4, 4)
        column = np.where(is_rare, 0 - np.cumsum(is_rare), np.cumsum(~is_rare) - 1).astype(np.int32)
        kept = ~is_rare[feature]
        row = np.repeat(np.arange(len(columns)), counts)
        rare = ~kept
        by_feature = np.argsort(column[feature[rare]], kind="stable")[::-1]
        lists = np.bincount(-1 - column[feature[rare]], minlength=int(is_rare.sum()))
        return cls(
            postings=Postings.build(
                starts_of(np.bincount(row[kept], minlength=len(columns))),
                column[feature[kept]],
                impacts[kept],
                int((~is_rare).sum()),
            ),
            column=column,
            rare_from=starts_of(lists),
            rare=row[rare][by_feature].astype(np.uint32),
        )

    def arrays(self) -> dict[str, Array]:
        """Everything as plain arrays, for `from_arrays`."""
        own: dict[str, Array] = {"column": self.column, "rare_from": self.rare_from, "rare": self.rare}
        return own | {f"{POSTINGS}{name}": array for name, array in self.postings.arrays().items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> Recall:
        """Recall over the arrays of `arrays()`, which may be memory maps."""
        found = {name.removeprefix(POSTINGS): array for name, array in arrays.items() if name.startswith(POSTINGS)}
        return cls(Postings.from_arrays(found), arrays["column"], arrays["rare_from"], arrays["rare"])

    def candidates(self, columns: Columns, bound: Bound, passing: Passing, open_: NDArray[np.bool_] | None) -> Whole:
        """The rows worth scoring in full, ascending: the best thousand or two and those with a rare feature of hers."""
        ranges = columns.places.rows(passing.places)
        reach = int((ranges[:, 1] - ranges[:, 0]).sum())
        if reach <= RECALLED:
            return passing.rows(columns, open_)
        features, weights = _wanted(columns, bound)
        recalled = RECALLED if reach <= WIDE_REACH else RECALLED_WIDE
        found, _ = self._search(columns, bound, passing, open_, recalled, features, weights)
        lists = -1 - self.column[features[self.column[features] < 0]].astype(np.int64)
        rare = self.rare[runs(self.rare_from[lists], lengths_of(self.rare_from, lists))].astype(np.int64)
        rare = rare[passing.at(columns, rare)]
        rare = rare[passing.keeps(columns, rare, open_)]
        return distinct(np.concatenate([found, rare]))

    def search(
        self, columns: Columns, bound: Bound, passing: Passing, open_: NDArray[np.bool_] | None, k: int
    ) -> tuple[Whole, Whole]:
        """The exact best k rows by the linear score, best first, and their scores."""
        return self._search(columns, bound, passing, open_, k, *_wanted(columns, bound))

    def _search(
        self,
        columns: Columns,
        bound: Bound,
        passing: Passing,
        open_: NDArray[np.bool_] | None,
        k: int,
        features: Whole,
        weights: Floats,
    ) -> tuple[Whole, Whole]:
        column = self.column[features]
        weights = weights[column >= 0]
        near = WEIGHTS[ReasonCode.DISTANCE] / LARGEST_SHARE
        whole = quantise(np.append(weights, near), self.postings, beside=1)
        places, bonus = passing.places, None
        if (place := bound.query.profile.place) is not None:
            places, km = columns.places.by_distance(places, place)
            bonus = np.rint(distance(km) * IMPACT_STEPS * int(whole[-1])).astype(np.uint16)
        ranges = columns.places.first[places]
        kept = ranges[:, 0] < ranges[:, 1]
        gate = Gate(
            ranges=ranges[kept],
            terms=columns.work,
            terms_pass=passing.works,
            parties=columns.party,
            parties_pass=passing.parties,
            pay=columns.pay,
            pay_from=passing.pay_from,
            open=open_,
            bonus=None if bonus is None else bonus[kept],
        )
        return search(self.postings, column[column >= 0], whole[:-1], k, gate=gate, tie=columns.tie)


def _offsets(columns: Columns) -> list[int]:
    """Where phrase keys, terms and occupations begin among the features, and the number of all."""
    asked = columns.requirements
    sizes = (len(asked.skills), len(asked.key_from) - 1, len(columns.terms), len(columns.occupations))
    return list(accumulate(sizes))


def _feature_of(columns: Columns, told: Array) -> Whole:
    """The feature of each told requirement: its skill, or the key of its phrase."""
    asked = columns.requirements
    need = asked.told_need[told]
    skill = asked.need_skill[need].astype(np.int64)
    return np.where(skill > 0, skill, _offsets(columns)[0] + asked.need_key[need].astype(np.int64))


def _features(columns: Columns, rows: Whole) -> tuple[Whole, Array, NDArray[np.uint8]]:
    """How many features each of some rows has, and all their features and impacts."""
    _, at_terms, at_occupations, n_features = _offsets(columns)
    asked = lengths_of(columns.asked_from, rows)
    words = lengths_of(columns.words_from, rows)
    musts = columns.musts[rows].astype(np.int64)
    has_occupation = columns.occupation[rows] < len(columns.occupations)
    told = columns.asked[runs(columns.asked_from[rows], asked)]
    at_words = runs(columns.words_from[rows], words)
    # The weights of what an opening has no data for go to the rest.
    # What only its occupation implies does not take weight from the rest.
    factor = _factors(musts > 0, (asked > musts) & ~columns.implied[rows], has_occupation, words > 0)
    is_must = np.arange(len(told)) - np.repeat(np.cumsum(asked) - asked, asked) < np.repeat(musts, asked)
    each_must = WEIGHTS[ReasonCode.ESSENTIAL_SKILLS] * factor / np.maximum(musts, 1)
    each_want = WEIGHTS[ReasonCode.OPTIONAL_SKILLS] * factor / np.maximum(asked - musts, 1)
    each_word = WEIGHTS[ReasonCode.TEXT] * factor / IMPACT_STEPS
    shares = np.concatenate(
        [
            np.where(is_must, np.repeat(each_must, asked), np.repeat(each_want, asked)),
            np.repeat(each_word, words) * columns.impacts[at_words],
            (WEIGHTS[ReasonCode.OCCUPATION] * factor)[has_occupation],
        ]
    )
    feature = np.concatenate(
        [
            _feature_of(columns, told),
            at_terms + columns.words[at_words].astype(np.int64),
            at_occupations + columns.occupation[rows][has_occupation].astype(np.int64),
        ]
    )
    at = np.arange(len(rows))
    row = np.concatenate([np.repeat(at, asked), np.repeat(at, words), at[has_occupation]])
    # One skill may be asked for at two levels: a feature's shares are added up.
    table = sparse.coo_array((shares, (row, feature)), shape=(len(rows), n_features)).tocsr()
    impacts = np.clip(np.rint(table.data * (IMPACT_STEPS / LARGEST_SHARE)), 1, IMPACT_STEPS).astype(np.uint8)
    return np.diff(table.indptr), table.indices, impacts


def _factors(musts: Array, wants: Array, occupation: Array, words: Array) -> Floats:
    weight = (
        WEIGHTS[ReasonCode.ESSENTIAL_SKILLS] * musts
        + WEIGHTS[ReasonCode.OPTIONAL_SKILLS] * wants
        + (WEIGHTS[ReasonCode.OCCUPATION] + WEIGHTS[ReasonCode.WISH]) * occupation
        + WEIGHTS[ReasonCode.TEXT] * words
    )
    fit = 1 - WEIGHTS[ReasonCode.DISTANCE]
    return np.divide(fit, weight, out=np.zeros(len(weight)), where=weight > 0)


def _wanted(columns: Columns, bound: Bound) -> tuple[Whole, Floats]:
    """The features that speak for an opening, each once, and how much each does (1 for a requirement met in full)."""
    _, at_terms, at_occupations, _ = _offsets(columns)
    told = np.flatnonzero(bound.grade)
    # Grades ascend with credit: of the levels and phrases of one feature the best counts, which sorts last.
    order = np.lexsort((bound.grade[told], feature := _feature_of(columns, told)))
    last = order[np.append(feature[order[1:]] != feature[order[:-1]], True)] if len(order) else order
    skills = feature[last]
    terms = np.flatnonzero(bound.word)
    features = [skills, at_terms + terms]
    weights = [
        bound.logs[bound.grade[told[last]]] * (LOG_COUNTS / FULL_LOG_CREDIT),
        bound.weights[bound.word[terms]] * UNIT,
    ]
    nearness = [near[:-1] for near in (bound.near, bound.wished) if near is not None]
    if nearness:
        near = np.sum(nearness, axis=0)
        occupations = np.flatnonzero(near >= LEAST_NEARNESS)
        features.append(at_occupations + occupations)
        weights.append(near[occupations])
    return np.concatenate(features), np.concatenate(weights)
