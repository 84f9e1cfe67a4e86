"""The sums behind must-haves, nice-to-haves and words as a compiled loop; imported only for large indexes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[Any]


@njit(cache=True, nogil=True)
def tally(
    rows: Array,
    asked_from: Array,
    asked: Array,
    musts: Array,
    grade: Array,
    logs: Array,
    shares: Array,
    words_from: Array,
    words: Array,
    impacts: Array,
    word: Array,
    weights: Array,
) -> Array:
    """For each row the sum of logs over its must-haves, of shares over the others, of weight times impact over words.

    The sums are of whole numbers: whoever adds them up in another order gets the same.
    """
    sums = np.zeros((3, len(rows)), dtype=np.int64)
    for i in range(len(rows)):
        row = rows[i]
        begin, end = np.int64(asked_from[row]), np.int64(asked_from[row + 1])
        middle = begin + np.int64(musts[row])
        for j in range(begin, middle):
            sums[0, i] += logs[grade[asked[j]]]
        for j in range(middle, end):
            sums[1, i] += shares[grade[asked[j]]]
        for j in range(np.int64(words_from[row]), np.int64(words_from[row + 1])):
            at = word[words[j]]
            if at:
                sums[2, i] += weights[at] * np.int64(impacts[j])
    return sums
