"""Many people, few positions: who should be introduced where."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment

from matching.types import InvalidValue

UNPLACED = -1


def allocate(scores: ArrayLike, capacities: ArrayLike) -> NDArray[np.int64]:
    """The opening for each person, such that the total score is highest and no opening takes more than it has.

    `scores` is people x openings, from 0 to 1, NaN where she may not be shown the opening; `capacities` holds the
    positions of each opening. Returns one opening number per person, -1 for none. An opening stands once for each
    of its positions (Kuhn 1955, the assignment problem; scipy's `linear_sum_assignment`).
    """
    table, room = np.asarray(scores, dtype=float), np.asarray(capacities)
    if table.ndim != 2 or room.shape != table.shape[1:]:
        raise InvalidValue("capacities: not one for each column of scores")
    if np.isinf(table).any() or (table < 0).any() or (table > 1).any():
        raise InvalidValue("scores: not all between 0 and 1")
    if (room.size and not np.issubdtype(room.dtype, np.integer)) or (room < 0).any():
        raise InvalidValue("capacities: not all whole numbers of at least 0")
    people = len(table)
    # More positions than people cannot be filled.
    position_of = np.repeat(np.arange(table.shape[1]), np.minimum(room, people).astype(int))
    # Everyone has a place of her own to stay out, worth less than any opening and more than a forbidden one.
    staying_out = np.full((people, people), -1e-9)
    value = np.hstack([np.nan_to_num(table[:, position_of], nan=-1.0), staying_out])
    chosen = linear_sum_assignment(value, maximize=True)[1]
    return np.append(position_of, np.full(people, UNPLACED))[chosen].astype(np.int64)
