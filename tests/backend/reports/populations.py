"""Random programmes over successive quarters, and a reader who attacks what is published of them.

The attack is written anew from what is printed, in whole numbers and over all quarters at once: it shares nothing with
`disclosure.attack` that could be wrong in both.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from backend.reports.disclosure import Measure, Release, Rules

OUTCOMES = ("same_employer", "changed_employer", "left", "unknown")
COLUMNS = {
    "due": OUTCOMES,
    "known": OUTCOMES[:3],
    "retained": OUTCOMES[:2],
    "same_employer": OUTCOMES[:1],
}
RATES = (("retained", "known"), ("same_employer", "known"))


@dataclass(frozen=True)
class Population:
    """People by dimension and outcome; `outcome` is an index into OUTCOMES."""

    outcome: NDArray[np.int64]
    groups: dict[str, NDArray[np.int64]]

    def measure(self) -> Measure:
        counts = {"": self._count({"": np.zeros(len(self.outcome), dtype=int)}, "")}
        counts |= {name: self._count(self.groups, name) for name in self.groups}
        return Measure("m", OUTCOMES, COLUMNS, RATES, counts, frozenset(OUTCOMES[:3]))

    def _count(self, groups: dict[str, NDArray[np.int64]], name: str) -> pd.DataFrame:
        found = np.unique(groups[name]) if name else np.array([0])
        table = np.zeros((len(found), len(OUTCOMES)), dtype=int)
        np.add.at(table, (np.searchsorted(found, groups[name]), self.outcome), 1)
        return pd.DataFrame(table, [f"{name}{group}" if name else "" for group in found], list(OUTCOMES))


def quarters(rng: np.random.Generator, number: int = 3) -> list[Population]:
    """One programme growing from quarter to quarter: people come, and what was unknown becomes known."""
    sizes = {f"d{i}": int(rng.integers(2, 9)) for i in range(rng.integers(1, 4))}
    shares = {name: rng.dirichlet(np.full(size, 0.7)) for name, size in sizes.items()}
    chances = rng.dirichlet(np.array([3.0, 1.0, 1.5, 1.0]))
    outcome = np.zeros(0, dtype=int)
    groups = {name: np.zeros(0, dtype=int) for name in sizes}
    grown = []
    for quarter in range(number):
        come = int(rng.integers(20, 160)) if quarter == 0 else int(rng.integers(0, 25))
        outcome = np.append(outcome, rng.choice(len(OUTCOMES), come, p=chances))
        groups = {name: np.append(groups[name], rng.choice(sizes[name], come, p=shares[name])) for name in sizes}
        settles = (outcome == 3) & (rng.random(len(outcome)) < 0.3)
        outcome = np.where(settles, rng.integers(0, 3, len(outcome)), outcome)
        grown.append(Population(outcome, groups))
    return grown


def hidden(population: Population, release: Release, rules: Rules) -> list[tuple[str, str, tuple[str, ...], int]]:
    """What nobody may work out: (dimension, row, outcomes, true count) of each small count in the printed table."""
    counts = population.measure().counts
    found = []
    for dimension in release.dimensions:
        for row, groups in _rows(release, dimension, counts[dimension].index).items():
            inside = counts[dimension].loc[groups].sum()
            sums = COLUMNS | {end: (end,) for end in OUTCOMES}
            for ends in sums.values():
                true = int(inside[list(ends)].sum())
                if 0 < true < rules.threshold:
                    found.append((dimension, row, ends, true))
    return list(dict.fromkeys(found))


def _rows(release: Release, dimension: str, groups: pd.Index) -> dict[str, list[str]]:
    """Which groups each printed row holds: those without a row of their own are in `other`."""
    printed = release.rows(dimension)
    return {row: [row] if row in groups else [group for group in groups if group not in printed] for row in printed}


class Reader:
    """Everything that can be said of the true counts, as one system of whole-number constraints."""

    def __init__(self, populations: list[Population], releases: list[Release], rules: Rules) -> None:
        # Which groups there are is no secret; how many people are in them is.
        self.groups = {
            dimension: sorted(set().union(*(p.measure().counts[dimension].index for p in populations)))
            for dimension in releases[-1].dimensions
        }
        self.releases = releases
        self.place = {
            key: number
            for number, key in enumerate(
                (q, d, g, o)
                for q in range(len(releases))
                for d, gs in self.groups.items()
                for g in gs
                for o in OUTCOMES
            )
        }
        self.rows: list[NDArray[np.float64]] = []
        self.low: list[float] = []
        self.high: list[float] = []
        for q, release in enumerate(releases):
            for dimension in release.dimensions:
                printed = release.rows(dimension)
                for row, groups in _rows(release, dimension, pd.Index(self.groups[dimension])).items():
                    for column, value in printed[row].items():
                        if value is not None:
                            half = rules.base // 2
                            low = 0 if value == 0 else max(rules.threshold, value - half)
                            self._say(q, dimension, groups, COLUMNS[column], low, value + half if value else 0)
                if dimension:
                    for outcome in OUTCOMES:
                        sums = self._sum(q, dimension, self.groups[dimension], (outcome,))
                        self._add(sums - self._sum(q, "", [""], (outcome,)), 0, 0)
            if q:
                for dimension, gs in self.groups.items():
                    for group in gs:
                        for outcome in OUTCOMES[:3]:
                            grew = self._sum(q, dimension, [group], (outcome,)) - self._sum(
                                q - 1, dimension, [group], (outcome,)
                            )
                            self._add(grew, 0, np.inf)

    def possible(self, q: int, dimension: str, row: str, outcomes: tuple[str, ...]) -> tuple[float, float]:
        """The least and the greatest true count that agree with everything published."""
        groups = _rows(self.releases[q], dimension, pd.Index(self.groups[dimension]))[row]
        cost = self._sum(q, dimension, groups, outcomes)
        ends = []
        for sign in (1, -1):
            solved = milp(
                sign * cost,
                constraints=self._known,
                integrality=np.ones(len(cost)),
                bounds=Bounds(0, 500),
            )
            if solved.x is None:
                raise AssertionError(f"what was published contradicts itself: {solved.message}")
            ends.append(sign * solved.fun)
        return round(ends[0]), round(ends[1])

    @cached_property
    def _known(self) -> LinearConstraint:
        return LinearConstraint(csr_array(np.array(self.rows)), np.array(self.low), np.array(self.high))

    def _say(self, q: int, d: str, groups: list[str], outcomes: tuple[str, ...], low: float, high: float) -> None:
        self._add(self._sum(q, d, groups, outcomes), low, high)

    def _add(self, row: NDArray[np.float64], low: float, high: float) -> None:
        self.rows.append(row)
        self.low.append(low)
        self.high.append(high)

    def _sum(self, q: int, dimension: str, groups: list[str], outcomes: tuple[str, ...]) -> NDArray[np.float64]:
        row = np.zeros(len(self.place))
        for group in groups:
            for outcome in outcomes:
                row[self.place[q, dimension, group, outcome]] = 1
        return row
