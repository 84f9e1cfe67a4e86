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

    `blocks` has for each name the cells of its groups, groups down and outcomes across; in a block that is `open` the
    groups overlap and need no counterpart.
    """

    def __init__(
        self,
        rows: Any,
        limits: NDArray[np.float64],
        point: NDArray[np.float64],
        blocks: dict[Any, NDArray[np.int64]],
        is_open: bool,
    ) -> None:
        self._rows, self._point, self._blocks, self._is_open = rows.tocsc(), np.maximum(point, 0), blocks, is_open
        self._slack = np.maximum(limits - rows @ self._point, 0)
        self._reached: dict[Any, NDArray[np.float64]] = {}

    def spread(self, block: Any, groups: Sequence[int], outcomes: Sequence[int]) -> tuple[int, int]:
        """Whole numbers from the one to the other that the people of some groups with some outcomes may be."""
        cells = self._blocks[block]
        moves = _moves(cells.shape[1])
        reached = self._reached.get(block)
        if reached is None:
            reached = self._reached[block] = np.array([self._reach(cells, -move) for move in moves])
        others = reached.sum(axis=1) - reached[:, groups].sum(axis=1)
        room = np.full(len(moves), FARTHEST) if self._is_open else np.minimum(others, FARTHEST)
        mover = cells[groups[int(np.argmax(self._point[cells[groups]].sum(axis=1)))]]
        steps = moves * room[:, None]
        near = self._rows[:, mover].tocsr()
        touched = np.flatnonzero(np.diff(near.indptr))
        # Shares of the shifts that sum to one: what each can do alone, all can do in part (the rows are convex).
        limits = np.vstack([near[touched].toarray() @ steps.T, -steps.T, np.ones(len(moves))])
        free = np.concatenate([self._slack[touched], self._point[mover], [1.0]])
        gain = steps[:, list(outcomes)].sum(axis=1)
        now = self._point[cells[np.ix_(groups, outcomes)]].sum()
        down, up = (linprog(sign * gain, A_ub=limits, b_ub=free, method="highs") for sign in (1, -1))
        if down.status or up.status:
            return 0, -1
        return math.ceil(now + down.fun - _CLOSE), math.floor(now - up.fun + _CLOSE)

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
