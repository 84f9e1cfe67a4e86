"""Compiled loops over postings; imported only for large indexes, because numba takes a second to import.

A key is a row's score in the upper 32 bits and its inverted tie rank in the lower: the larger, the better; of equal
keys the earlier row is better. Loops run over slices from 0 on, because those are what the compiler vectorises.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[Any]
Integer = int | np.integer[Any]

# Rows whose largest score is looked at before each of them is.
CHUNK = 128
# Ranges of rows nearer to each other than this are accumulated together: finding where a column's entries for a range
# begin costs as much as reading some thousand rows.
GAP = 2048
WRONG_COLUMNS, WRONG_RANGES, OVERFLOW = -1, -2, -3
HALF, LOWER_HALF = np.uint64(32), np.uint64(0xFFFFFFFF)


class Lists(NamedTuple):
    """The arrays of `Postings`."""

    offsets: Array
    rows: Array
    impacts: Array
    dense: Array
    dense_of: Array
    limits: Array


class Codes(NamedTuple):
    """What rows have that gates ask about, an empty array where no gate asks, and their tie ranks."""

    terms: Array
    parties: Array
    pay: Array
    open: Array
    tie: Array


class Queries(NamedTuple):
    """Several queries with their gates, one after the other; `starts` and `range_starts` tell where each begins."""

    starts: Array
    columns: Array
    weights: Array
    range_starts: Array
    ranges: Array
    bonus: Array
    terms_pass: Array
    parties_pass: Array
    pay_from: Array


@njit(cache=True, nogil=True)
def search(lists: Lists, codes: Codes, queries: Queries, rows: Array, scores: Array, sizes: Array) -> None:
    """Fill a row of `rows` and `scores` per query, best first, and its size, which is negative for a refused query."""
    k = rows.shape[1]
    sums = np.zeros(lists.limits[2], dtype=np.uint16)
    keys, found = np.empty(2 * k, dtype=np.uint64), np.empty(2 * k, dtype=np.int64)
    for number in range(len(sizes)):
        asked = slice(queries.starts[number], queries.starts[number + 1])
        reach = slice(queries.range_starts[number], queries.range_starts[number + 1])
        columns, weights = queries.columns[asked], queries.weights[asked]
        ranges, bonus = queries.ranges[reach], queries.bonus[reach]
        size = _refused(lists, columns, weights, ranges, bonus)
        if size == 0 and k > 0:
            size = _search_one(lists, codes, queries, number, columns, weights, ranges, bonus, sums, keys, found)
            for i in range(size):
                rows[number, i], scores[number, i] = found[i], keys[i] >> HALF
        sizes[number] = size


@njit(cache=True, nogil=True)
def _refused(lists: Lists, columns: Array, weights: Array, ranges: Array, bonus: Array) -> int:
    """Why a query cannot be answered, or 0; the bound is that of `Postings.bound`."""
    n_rows, n_columns, _, heaviest, heaviest_squares = lists.limits
    total, largest, squares, extra = 0.0, 0.0, 0.0, 0.0
    for i in range(len(columns)):
        if not 0 <= columns[i] < n_columns:
            return WRONG_COLUMNS
        for j in range(i):
            if columns[j] == columns[i]:
                return WRONG_COLUMNS
        weight = float(weights[i])
        total += weight
        squares += weight * weight
        largest = max(largest, weight)
    end = 0
    for i in range(len(ranges)):
        if not end <= ranges[i, 0] <= ranges[i, 1] <= n_rows:
            return WRONG_RANGES
        end = ranges[i, 1]
        extra = max(extra, float(bonus[i]))
    bound = min(total * 255.0, largest * heaviest, np.sqrt(squares) * np.sqrt(heaviest_squares))
    return OVERFLOW if bound + extra > 65535.0 else 0


@njit(cache=True, nogil=True)
def _search_one(
    lists: Lists,
    codes: Codes,
    queries: Queries,
    number: int,
    columns: Array,
    weights: Array,
    ranges: Array,
    bonus: Array,
    sums: Array,
    keys: Array,
    found: Array,
) -> int:
    """Walk the ranges block by block: accumulate, pick out what may be among the best, clear."""
    n_rows, block, k = lists.limits[0], lists.limits[2], len(keys) // 2
    size, bar = 0, np.uint64(0)
    first, low = 0, 0
    while first < len(ranges):
        low = max(low, ranges[first, 0])
        start = low // block * block
        stop = min(start + block, n_rows)
        last, high = first, min(ranges[first, 1], stop)
        while last + 1 < len(ranges) and ranges[last + 1, 0] < min(stop, high + GAP):
            last += 1
            high = min(ranges[last, 1], stop)
        if low < high:
            part = sums[low - start : high - start]
            _accumulate(lists, columns, weights, start // block, low - start, high - start, sums)
            for i in range(first, last + 1):
                begin, end = max(low, ranges[i, 0]), min(high, ranges[i, 1])
                reached = sums[begin - start : max(begin, end) - start]
                size, bar = _pick(codes, queries, number, begin, reached, bonus[i], keys, found, size, bar)
            part[:] = 0
        low = high
        first = last if ranges[last, 1] > high else last + 1
    best = min(size, k)
    _keep_best(keys, found, size, best)
    _sort(keys, found, best)
    return best


@njit(cache=True, nogil=True)
def _accumulate(lists: Lists, columns: Array, weights: Array, block: int, low: int, high: int, sums: Array) -> None:
    """Add weight times impact to the sums of the rows `low` to `high` of a block."""
    n_rows, size = lists.limits[0], lists.limits[2]
    n_blocks = (n_rows + size - 1) // size
    rows, impacts, into = lists.rows, lists.impacts, sums[low:high]
    for i in range(len(columns)):
        weight = np.uint16(weights[i])
        dense = lists.dense_of[columns[i]]
        if dense >= 0:
            whole = lists.dense[dense, block * size + low : block * size + high]
            for j in range(len(into)):
                into[j] += np.uint16(weight * whole[j])
        else:
            at = columns[i] * n_blocks + block
            begin, end = np.int64(lists.offsets[at]), np.int64(lists.offsets[at + 1])
            if low > 0:
                begin = _first_at(rows, begin, end, low)
            if high < size:
                end = _first_at(rows, begin, end, high)
            for j in range(begin, end):
                sums[rows[j]] += np.uint16(weight * impacts[j])


@njit(cache=True, nogil=True)
def _first_at(rows: Array, begin: Integer, end: Integer, row: int) -> Integer:
    """Where the first of the ascending rows stands that is not below `row`."""
    while begin < end:
        middle = (begin + end) >> 1
        if rows[middle] < row:
            begin = middle + 1
        else:
            end = middle
    return begin


@njit(cache=True, nogil=True)
def _pick(
    codes: Codes,
    queries: Queries,
    number: int,
    start: int,
    sums: Array,
    bonus: Integer,
    keys: Array,
    found: Array,
    size: int,
    bar: Integer,
) -> tuple[int, Integer]:
    """Gather rows that pass the gates with keys of at least `bar`; whenever the room for 2k is full, the best k stay.

    Gates are asked only of rows whose score could stand among the best. Returns the new size and bar.
    """
    terms, parties, pay, is_open, tie = codes
    terms_pass, parties_pass, pay_from = queries.terms_pass, queries.parties_pass, queries.pay_from[number]
    least = np.int64(bar >> HALF) - np.int64(bonus)
    chunk = _next_chunk(sums, 0, least)
    while chunk < len(sums):
        for at in range(chunk, min(chunk + CHUNK, len(sums))):
            if sums[at] < least:
                continue
            row = start + at
            key = (np.uint64(sums[at] + bonus) << HALF) | (LOWER_HALF - np.uint64(tie[row]))
            if (
                key < bar
                or (len(is_open) > 0 and not is_open[row])
                or (len(pay) > 0 and pay[row] < pay_from)
                or (len(terms) > 0 and not terms_pass[number, terms[row]])
                or (len(parties) > 0 and not parties_pass[number, parties[row]])
            ):
                continue
            keys[size], found[size] = key, row
            size += 1
            if size == len(keys):
                size = len(keys) // 2
                _keep_best(keys, found, len(keys), size)
                bar = keys[0]
                for j in range(size):
                    bar = min(bar, keys[j])
                bar += np.uint64(1)
                least = np.int64(bar >> HALF) - np.int64(bonus)
        chunk = _next_chunk(sums, chunk + CHUNK, least)
    return size, bar


@njit(cache=True, nogil=True)
def _next_chunk(sums: Array, chunk: int, least: Integer) -> int:
    """Where the first chunk from here on begins in which a sum is at least `least`; their number when none is."""
    while chunk < len(sums):
        part = sums[chunk : chunk + CHUNK]
        highest = np.uint16(0)
        for i in range(len(part)):
            highest = max(highest, part[i])
        if highest >= least:
            return chunk
        chunk += CHUNK
    return len(sums)


@njit(cache=True, nogil=True)
def _split(keys: Array, found: Array, low: int, high: int) -> tuple[int, int]:
    """Hoare's partition: entries before the first position returned plus one are no worse than those after it."""
    a, b, c = low, (low + high) >> 1, high - 1
    if _better(keys[b], found[b], keys[a], found[a]):
        a, b = b, a
    if _better(keys[c], found[c], keys[b], found[b]):
        b = a if _better(keys[c], found[c], keys[a], found[a]) else c
    key, row = keys[b], found[b]
    i, j = low, high - 1
    while i <= j:
        while _better(keys[i], found[i], key, row):
            i += 1
        while _better(key, row, keys[j], found[j]):
            j -= 1
        if i <= j:
            keys[i], keys[j] = keys[j], keys[i]
            found[i], found[j] = found[j], found[i]
            i += 1
            j -= 1
    return j, i


@njit(cache=True, nogil=True)
def _better(key: Integer, row: Integer, other_key: Integer, other_row: Integer) -> bool:
    return key > other_key or (key == other_key and row < other_row)


@njit(cache=True, nogil=True)
def _keep_best(keys: Array, found: Array, size: int, k: int) -> None:
    """Bring the k best of the first `size` entries to the front, in any order (quickselect)."""
    low, high = 0, size
    while high - low > 1:
        left, right = _split(keys, found, low, high)
        if k - 1 <= left:
            high = left + 1
        elif k - 1 >= right:
            low = right
        else:
            break


@njit(cache=True, nogil=True)
def _sort(keys: Array, found: Array, size: int) -> None:
    """The first entries best first: quicksort, the larger part waiting, so that 64 may wait for any size."""
    waiting = np.empty((64, 2), dtype=np.int64)
    waiting[0] = 0, size
    count = 1
    while count > 0:
        count -= 1
        low, high = waiting[count]
        while high - low > 1:
            left, right = _split(keys, found, low, high)
            if left + 1 - low < high - right:
                waiting[count] = right, high
                high = left + 1
            else:
                waiting[count] = low, left + 1
                low = right
            count += 1


@njit(cache=True, nogil=True)
def touch(lists: Lists, columns: Array) -> int:
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
