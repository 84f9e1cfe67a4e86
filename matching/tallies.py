"""The sums behind must-haves, nice-to-haves and words as a compiled loop; imported only for large indexes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matching.arrays import ANCHORED

Array = NDArray[Any]


@njit(cache=True, nogil=True)
def tally(
    rows: Array,
    asked_anchors: Array,
    asked_beyond: Array,
    asked: Array,
    musts: Array,
    grade: Array,
    logs: Array,
    shares: Array,
    words_anchors: Array,
    words_beyond: Array,
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
        begin, end = _start(asked_anchors, asked_beyond, row), _start(asked_anchors, asked_beyond, row + 1)
        middle = begin + np.int64(musts[row])
        for j in range(begin, middle):
            sums[0, i] += logs[grade[asked[j]]]
        for j in range(middle, end):
            sums[1, i] += shares[grade[asked[j]]]
        for j in range(_start(words_anchors, words_beyond, row), _start(words_anchors, words_beyond, row + 1)):
            at = word[words[j]]
            if at:
                sums[2, i] += weights[at] * np.int64(impacts[j])
    return sums


@njit(cache=True, nogil=True)
def _start(anchors: Array, beyond: Array, row: Any) -> Any:
    """See `arrays.Starts`."""
    return np.int64(anchors[row >> ANCHORED]) + np.int64(beyond[row])
