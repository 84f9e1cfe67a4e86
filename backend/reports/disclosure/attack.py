"""What a reader can work out from what was published: bounds on any sum, by linear programming."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from .shifts import Shifts
from .tables import EVERYBODY, Figure, Release, Rules

INFEASIBLE, UNBOUNDED = 2, 3
SOLUTIONS = 6
"""So many solutions are averaged to start shifts from: a corner leaves no room."""
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
        self._shifts = self._free()
        self._printed = [_by_row(release) for release in self.releases]

    def told(self, number: int, dimension: str, groups: tuple[str, ...]) -> list[int | None]:
        """What the n-th release prints of a row of just these groups; nothing if it has none."""
        return self._printed[number].get((dimension, groups), [])

    def is_loose(self, number: int, target: Figure, width: int) -> bool:
        """Whether so many values are possible for a sum of the n-th release by shifts alone.

        If not, `bounds` has to say.
        """
        if self._shifts is None or target.dimension == EVERYBODY:
            return False
        groups, outcomes = self._places[number, target.dimension], self.releases[number].outcomes
        lower, upper = self._shifts.spread(
            (number, target.dimension),
            [groups[group] for group in target.groups],
            [outcomes.index(outcome) for outcome in target.outcomes],
        )
        return upper - lower + 1 >= width

    def bounds(self, number: int, target: Figure) -> Range:
        """What may be hidden behind a sum of the n-th release."""
        cost = self._matrix([(number, target)]).toarray().ravel()
        low, high = self._solve(cost), self._solve(-cost)
        blamed = [*self._blamed(low), *self._blamed(high)]
        upper = math.inf if high.status == UNBOUNDED else math.floor(-high.fun + _CLOSE)
        return Range(math.ceil(low.fun - _CLOSE), upper, tuple(dict.fromkeys(blamed)))

    def hide(self, figure: Figure) -> None:
        """Take a figure of the newest release out of it."""
        self.releases[-1] = self.releases[-1].without(figure)
        self._learn()
        if self._shifts is not None:
            self._shifts = self._shifts.with_room(self._rows, self._limits)
        self._printed[len(self.releases) - 1] = _by_row(self.releases[-1])

    def _free(self) -> Shifts | None:
        """Shifts from the middle of some solutions of the system as it is now."""
        self._places: dict[tuple[int, str], dict[str, int]] = {}
        for number, dimension, group, _ in self._cells:
            groups = self._places.setdefault((number, dimension), {})
            groups.setdefault(group, len(groups))
        rng = np.random.default_rng(0)
        costs = rng.uniform(-1, 1, (SOLUTIONS, len(self._cells)))
        solved = [self._solve(cost, highest=self._highest) for cost in costs]
        if any(one.status for one in solved):
            return None
        blocks = {
            (number, dimension): np.array(
                [
                    [self._cells[number, dimension, group, outcome] for outcome in self.releases[number].outcomes]
                    for group in groups
                ]
            )
            for (number, dimension), groups in self._places.items()
        }
        point = np.mean([one.x for one in solved], axis=0)
        rows: dict[tuple[int, str], dict[str, str]] = {}
        for number, release in enumerate(self.releases):
            for figure in release.figures:
                names = rows.setdefault((number, figure.dimension), {})
                names.update(dict.fromkeys(figure.groups, figure.row))
        printed = {
            block: np.unique([rows[block][group] for group in groups], return_inverse=True)[1]
            for block, groups in self._places.items()
        }
        return Shifts(self._rows, self._limits, point, blocks, printed, self.releases[-1].is_open)

    def _learn(self) -> None:
        """Every figure as a row with its least and its greatest value."""
        told = [(number, figure) for number, one in enumerate(self.releases) for figure in one.figures]
        known = [(0, math.inf) if one.value is None else self.rules.possible(one.value) for _, one in told]
        rows = self._matrix(told)
        upper = np.array([high for _, high in known], dtype=float)
        lower = np.array([low for low, _ in known], dtype=float)
        self._highest = 2 * max((high for _, high in known if math.isfinite(high)), default=0) + 100
        is_upper, is_lower = np.isfinite(upper), lower > 0
        # scipy takes sparse rows, its stubs do not
        self._rows: Any = vstack([rows[is_upper], -rows[is_lower], self._links]).tocsr()
        self._limits = np.concatenate([upper[is_upper], -lower[is_lower], np.zeros(self._links.shape[0])])
        figures = np.empty(len(told), dtype=object)
        figures[:] = told
        self._figures = [*figures[is_upper], *figures[is_lower]]

    def _matrix(self, told: Sequence[tuple[int, Figure]]) -> csr_array:
        """A row for each sum, with a one for each cell that it adds up."""
        places = [
            (row, self._cells[number, figure.dimension, group, outcome])
            for row, (number, figure) in enumerate(told)
            for group in figure.groups
            for outcome in figure.outcomes
        ]
        return _sparse([(row, cell, 1.0) for row, cell in places], (len(told), len(self._cells)))

    def _same_people(self) -> csr_array:
        """For each outcome, the groups of a dimension sum to everybody."""
        rows: dict[tuple[int, str, str], int] = {}
        entries = []
        for (number, dimension, _, outcome), cell in self._cells.items():
            if not self.releases[number].is_open and dimension != EVERYBODY:
                row = rows.setdefault((number, dimension, outcome), len(rows))
                entries.append((row, cell, 1.0))
        entries += [
            (row, self._cells[number, EVERYBODY, EVERYBODY, outcome], -1.0)
            for (number, _, outcome), row in rows.items()
        ]
        return _sparse(entries, (len(rows), len(self._cells)))

    def _link(self) -> csr_array:
        """Settled counts of a group are no smaller in the next quarter."""
        pairs = [
            (cell, self._cells[number + 1, dimension, group, outcome])
            for (number, dimension, group, outcome), cell in self._cells.items()
            if outcome in self.releases[number].settled and (number + 1, dimension, group, outcome) in self._cells
        ]
        entries = [entry for row, (now, then) in enumerate(pairs) for entry in ((row, now, 1.0), (row, then, -1.0))]
        return _sparse(entries, (len(pairs), len(self._cells)))

    def _solve(self, cost: NDArray[np.float64], highest: float | None = None) -> Any:
        equal = self._equal if self._equal.shape[0] else None
        zeros = None if equal is None else np.zeros(equal.shape[0])
        return linprog(
            cost, A_ub=self._rows, b_ub=self._limits, A_eq=equal, b_eq=zeros, bounds=(0, highest), method="highs"
        )

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


def _by_row(release: Release) -> dict[tuple[str, tuple[str, ...]], list[int | None]]:
    rows: dict[tuple[str, tuple[str, ...]], list[int | None]] = {}
    for figure in release.figures:
        rows.setdefault((figure.dimension, figure.groups), []).append(figure.value)
    return rows


def _sparse(entries: Sequence[tuple[int, int, float]], shape: tuple[int, int]) -> csr_array:
    """A matrix of (row, column, value)."""
    rows, columns, values = (np.array(one) for one in (zip(*entries, strict=True) if entries else ([], [], [])))
    return csr_array((values.astype(float), (rows.astype(int), columns.astype(int))), shape=shape)
