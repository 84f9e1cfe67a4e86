"""The compiled search: queries and gates packed into arrays, checked, and handed to the loops of `kernels`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matching import kernels
from matching.packed import Array, Lists, Queries, pack
from matching.postings import (
    LARGEST_IMPACT,
    LARGEST_SCORE,
    OVERFLOW,
    WRONG_COLUMNS,
    WRONG_RANGES,
    Gate,
    Postings,
    Query,
    Rows,
    Scores,
)
from matching.types import InvalidValue

REFUSALS = ("", WRONG_COLUMNS, WRONG_RANGES, OVERFLOW)


def search_all(
    postings: Postings, queries: Sequence[Query], k: int, gates: Sequence[Gate], tie: Array
) -> list[tuple[Rows, Scores]]:
    """What `postings.search_many` answers, all in one call that does not hold the interpreter's lock."""
    codes, asked = pack(queries, gates, tie)
    if refusal := _refusal(postings.limits, asked):
        raise InvalidValue(REFUSALS[refusal])
    rows = np.empty((len(queries), k), dtype=np.int64)
    scores = np.empty((len(queries), k), dtype=np.int64)
    sizes = np.zeros(len(queries), dtype=np.int64)
    if k > 0:
        kernels.search(Lists(*postings.frozen_arrays), codes, asked, rows, scores, sizes)
    return [(rows[i, :size], scores[i, :size]) for i, size in enumerate(sizes.tolist())]


def touch(postings: Postings, columns: NDArray[np.integer[Any]]) -> int:
    """See `postings.touch`."""
    return int(_touch(Lists(*postings.frozen_arrays), columns.astype(np.int64)))


@njit(cache=True, nogil=True)
def _refusal(limits: Array, queries: Queries) -> int:
    """Why one of the queries cannot be answered (its place in REFUSALS); the bound is that of `Postings.bound`."""
    n_rows, n_columns, _, heaviest, heaviest_squares = limits
    for number in range(len(queries.starts) - 1):
        columns = queries.columns[queries.starts[number] : queries.starts[number + 1]]
        weights = queries.weights[queries.starts[number] : queries.starts[number + 1]]
        total, largest, squares = 0.0, 0.0, 0.0
        for i in range(len(columns)):
            if not 0 <= columns[i] < n_columns:
                return 1
            for j in range(i):
                if columns[j] == columns[i]:
                    return 1
            total += weights[i]
            squares += float(weights[i]) * float(weights[i])
            largest = max(largest, float(weights[i]))
        end, extra = 0, 0.0
        for i in range(queries.range_starts[number], queries.range_starts[number + 1]):
            low, high = queries.ranges[i]
            if not end <= low <= high <= n_rows:
                return 2
            end = high
            extra = max(extra, float(queries.bonus[i]))
        bound = min(total * LARGEST_IMPACT, largest * heaviest, math.sqrt(squares) * math.sqrt(heaviest_squares))
        if bound + extra > LARGEST_SCORE:
            return 3
    return 0


@njit(cache=True, nogil=True)
def _touch(lists: Lists, columns: Array) -> Any:
    """Read every entry of some columns once; the sum keeps the compiler from leaving it out."""
    n_rows, size = lists.limits[0], lists.limits[2]
    n_blocks = (n_rows + size - 1) // size
    total = np.uint32(0)
    for column in columns:
        if lists.dense_of[column] >= 0:
            whole = lists.dense[lists.dense_of[column]]
            for i in range(len(whole)):
                total += np.uint32(whole[i])
        else:
            entries = slice(
                np.int64(lists.offsets[column * n_blocks]), np.int64(lists.offsets[(column + 1) * n_blocks])
            )
            rows, impacts = lists.rows[entries], lists.impacts[entries]
            for i in range(len(rows)):
                total += np.uint32(rows[i]) + np.uint32(impacts[i])
    return total
