"""How far a hidden sum can move at least: people shifted between groups so that nothing published would change.

To solve a programme over every group for every hidden count takes a time that grows with the square of the groups. Most
counts are far from being pinned down, and that can be seen near by: from one solution of all that was published, the
people of one group are moved between outcomes, and others of the dimension are moved the opposite way, so that totals
stay. What is reached so is possible; what is not reached so may still be.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

FARTHEST = 1000.0
"""People; farther than that no shift is followed."""
_CLOSE = 1e-6


class Shifts:
    """From `point`, a solution of rows @ x <= limits with x >= 0; sums over the groups of a block stay as they are.

    `blocks` has for each name the cells of its groups, groups down and outcomes across, and `printed` the number of the
    printed row that each group is in: of groups in one row only one moves at a time, for what each can do alone they
    could not do together. In a block that is open the groups overlap and need no counterpart.
    """

    def __init__(
        self,
        rows: Any,
        limits: NDArray[np.float64],
        point: NDArray[np.float64],
        blocks: dict[Any, NDArray[np.int64]],
        printed: dict[Any, NDArray[np.int64]],
        is_open: bool,
    ) -> None:
        self._rows, self._point, self._is_open = rows.tocsc(), np.maximum(point, 0), is_open
        self._blocks, self._printed = blocks, printed
        self._slack = np.maximum(limits - rows @ self._point, 0)
        self._reached: dict[Any, NDArray[np.float64]] = {}

    def with_room(self, rows: Any, limits: NDArray[np.float64]) -> "Shifts":
        """The same after some rows were taken away: the point still solves what is left."""
        return Shifts(rows, limits, self._point, self._blocks, self._printed, self._is_open)

    def spread(self, block: Any, groups: Sequence[int], outcomes: Sequence[int]) -> tuple[int, int]:
        """Whole numbers from the one to the other that the people of a printed row with some outcomes may be."""
        cells = self._blocks[block]
        moves = _moves(cells.shape[1])
        reached = self._reached.get(block)
        if reached is None:
            reached = self._reached[block] = np.array([self._reach_of_rows(block, -move) for move in moves])
        others = reached.sum(axis=1) - reached[:, self._printed[block][groups[0]]]
        room = np.full(len(moves), FARTHEST) if self._is_open else np.minimum(others, FARTHEST)
        mover = cells[groups[int(np.argmax(self._point[cells[groups]].sum(axis=1)))]]
        steps = moves * room[:, None]
        touched, near = self._near(mover)
        # Shares of the shifts that sum to one: what each can do alone, all can do in part (the rows are convex).
        limits = np.vstack([near @ steps.T, -steps.T, np.ones(len(moves))])
        free = np.concatenate([self._slack[touched], self._point[mover], [1.0]])
        gain = steps[:, list(outcomes)].sum(axis=1)
        now = self._point[cells[np.ix_(groups, outcomes)]].sum()
        # Down and up in one go: two programmes that share nothing.
        both: Any = linprog(
            np.concatenate([gain, -gain]), A_ub=np.kron(np.eye(2), limits), b_ub=np.tile(free, 2), method="highs"
        )
        if both.status:
            return 0, -1
        down, up = gain @ both.x[: len(gain)], gain @ both.x[len(gain) :]
        return math.ceil(now + down - _CLOSE), math.floor(now + up + _CLOSE)

    def _near(self, cells: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The rows that speak of some cells, and what they say of them."""
        starts = self._rows.indptr
        spans = [slice(starts[cell], starts[cell + 1]) for cell in cells]
        touched = np.unique(np.concatenate([self._rows.indices[span] for span in spans]))
        said = np.zeros((len(touched), len(cells)))
        for column, span in enumerate(spans):
            said[np.searchsorted(touched, self._rows.indices[span]), column] = self._rows.data[span]
        return touched, said

    def _reach_of_rows(self, block: Any, move: NDArray[np.float64]) -> NDArray[np.float64]:
        """How far one group of each printed row can go along a move."""
        found = np.zeros(self._printed[block].max() + 1)
        np.maximum.at(found, self._printed[block], self._reach(self._blocks[block], move))
        return found

    def _reach(self, cells: NDArray[np.int64], move: NDArray[np.float64]) -> NDArray[np.float64]:
        """How far each group can go along a move by itself."""
        found = np.full(len(cells), FARTHEST)
        along = sum(step * self._rows[:, cells[:, outcome]] for outcome, step in enumerate(move) if step).tocoo()
        for outcome in np.flatnonzero(move < 0):
            found = np.minimum(found, self._point[cells[:, outcome]])
        tightens = along.data > _CLOSE
        np.minimum.at(found, along.col[tightens], self._slack[along.row[tightens]] / along.data[tightens])
        return found


def _moves(outcomes: int) -> NDArray[np.float64]:
    """One person more or less with an outcome, or from an outcome to another."""
    units = np.eye(outcomes)
    pairs = [units[a] - units[b] for a in range(outcomes) for b in range(outcomes) if a != b]
    return np.array([*units, *-units, *pairs])
