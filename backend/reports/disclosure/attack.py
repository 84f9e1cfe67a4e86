"""What a reader can work out from what was published: bounds on any sum, by linear programming."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from .tables import EVERYBODY, Figure, Release, Rules

INFEASIBLE, UNBOUNDED = 2, 3
_CLOSE = 1e-6


@dataclass(frozen=True, slots=True)
class Range:
    """The whole numbers from `lower` to `upper` that a sum may be; `upper` may be infinite.

    `blamed` are the published figures that hold the two ends where they are.
    """

    lower: int
    upper: float
    blamed: tuple[Figure, ...]

    @property
    def width(self) -> float:
        """How many values stay possible."""
        return self.upper - self.lower + 1


class Attack:
    """A reader with releases of the same measure from successive quarters, oldest first; knows the rules.

    The unknowns are the people of each group with each outcome. What is known: every figure shown, with the rounding;
    that dimensions divide the same people; and that nobody with a settled outcome left the count since. If that last
    belief contradicts what is published it is given up. A hidden figure may be anything: any can be withheld.
    """

    def __init__(self, releases: Sequence[Release], rules: Rules) -> None:
        self.releases = list(releases)
        self.rules = rules
        self._cells: dict[tuple[int, str, str, str], int] = {}
        for number, release in enumerate(releases):
            for figure in release.figures:
                for group in figure.groups:
                    for outcome in release.outcomes:
                        self._cells.setdefault((number, figure.dimension, group, outcome), len(self._cells))
        self._equal: Any = self._same_people()
        self._links = self._link()
        self._learn()
        if self._links.shape[0] and self._solve(np.zeros(len(self._cells))).status == INFEASIBLE:
            self._links = self._links[:0]
            self._learn()

    def bounds(self, number: int, target: Figure) -> Range:
        """What may be hidden behind a sum of the n-th release."""
        cost = self._row(number, target).toarray().ravel()
        low, high = self._solve(cost), self._solve(-cost)
        blamed = [*self._blamed(low), *self._blamed(high)]
        upper = math.inf if high.status == UNBOUNDED else math.floor(-high.fun + _CLOSE)
        return Range(math.ceil(low.fun - _CLOSE), upper, tuple(dict.fromkeys(blamed)))

    def hide(self, figure: Figure) -> None:
        """Take a figure of the newest release out of it."""
        self.releases[-1] = self.releases[-1].without(figure)
        self._learn()

    def _learn(self) -> None:
        """Every figure as a row with its least and its greatest value."""
        told = [(number, figure) for number, one in enumerate(self.releases) for figure in one.figures]
        known = [(0, math.inf) if one.value is None else self.rules.possible(one.value) for _, one in told]
        rows = vstack(
            [csr_array((0, len(self._cells))), *(self._row(number, figure) for number, figure in told)]
        ).tocsr()
        upper = np.array([high for _, high in known])
        lower = np.array([low for low, _ in known])
        is_upper, is_lower = np.isfinite(upper), lower > 0
        # scipy takes sparse rows, its stubs do not
        self._rows: Any = vstack([rows[is_upper], -rows[is_lower], self._links]).tocsr()
        self._limits = np.concatenate([upper[is_upper], -lower[is_lower], np.zeros(self._links.shape[0])])
        figures = np.empty(len(told), dtype=object)
        figures[:] = told
        self._figures = [*figures[is_upper], *figures[is_lower]]

    def _row(self, number: int, figure: Figure) -> csr_array:
        columns = [
            self._cells[number, figure.dimension, group, outcome]
            for group in figure.groups
            for outcome in figure.outcomes
        ]
        return csr_array(
            (np.ones(len(columns)), (np.zeros(len(columns), dtype=int), columns)), shape=(1, len(self._cells))
        )

    def _same_people(self) -> csr_array:
        """For each outcome, the groups of a dimension sum to everybody."""
        rows = []
        for number, release in enumerate(self.releases):
            for dimension in release.dimensions:
                if release.is_open or dimension == EVERYBODY:
                    continue
                for outcome in release.outcomes:
                    row = np.zeros(len(self._cells))
                    for (quarter, name, _, end), cell in self._cells.items():
                        if (quarter, name, end) == (number, dimension, outcome):
                            row[cell] = 1
                    row[self._cells[number, EVERYBODY, EVERYBODY, outcome]] = -1
                    rows.append(row)
        return csr_array(np.array(rows).reshape(len(rows), len(self._cells)))

    def _link(self) -> csr_array:
        """Settled counts of a group are no smaller in the next quarter."""
        rows = []
        for (number, dimension, group, outcome), cell in self._cells.items():
            later = self._cells.get((number + 1, dimension, group, outcome))
            if later is not None and outcome in self.releases[number].settled:
                row = np.zeros(len(self._cells))
                row[cell], row[later] = 1, -1
                rows.append(row)
        return csr_array(np.array(rows).reshape(len(rows), len(self._cells)))

    def _solve(self, cost: NDArray[np.float64]) -> Any:
        equal = self._equal if self._equal.shape[0] else None
        zeros = None if equal is None else np.zeros(equal.shape[0])
        return linprog(cost, A_ub=self._rows, b_ub=self._limits, A_eq=equal, b_eq=zeros, method="highs")

    def _blamed(self, solved: Any) -> list[Figure]:
        """The figures of the newest release that the solution leans on."""
        if solved.status == UNBOUNDED:
            return []
        leans = np.abs(solved.ineqlin.marginals[: len(self._figures)]) > _CLOSE
        return [
            figure
            for (number, figure), is_one in zip(self._figures, leans, strict=True)
            if is_one and number == len(self.releases) - 1 and figure.value is not None
        ]
