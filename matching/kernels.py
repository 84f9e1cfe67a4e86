"""Compiled loops over postings; imported only for large indexes, because numba takes a second to import.

A key is a row's score in the upper 32 bits and its inverted tie rank in the lower: the larger, the better; of equal
keys the earlier row is better. Loops run over slices from 0 on, because those are what the compiler vectorises.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from matching.packed import Array, Codes, Lists, Queries

# Whole numbers, of the width that numba finds for them.
Integer = Any

# Rows whose largest score is looked at before each of them is.
CHUNK = 128
# Ranges of rows nearer to each other than this are accumulated together: finding where a column's entries for a range
# begin costs as much as reading some thousand rows.
GAP = 2048
KEPT, BAR, LOWEST, ABOVE = 0, 1, 2, 3  # of the state of `Best`
# Scores are counted in steps of 16.
STEP, STEPS = 4, 4096
# Candidates are kept for so many times k before they are sorted.
ROOM = 4
# So few are sorted fastest by insertion.
FEW = 100
IS_TRUE = np.array([False, True])


class Asked(NamedTuple):
    """One query: its columns that are lists, those that are stored whole (rows of `dense`), and its ranges.

    `most` is what the columns stored whole can add to a row at most.
    """

    listed: Array
    listed_weights: Array
    whole: Array
    whole_weights: Array
    most: Integer
    ranges: Array
    bonus: Array


class Best(NamedTuple):
    """Room for the rows that may be among the best k, and how many of them score how much.

    `state` holds how many rows are kept, the lowest key and the lowest step of scores that may still enter, and how
    many rows are kept from that step on.
    """

    keys: Array
    rows: Array
    spare_keys: Array
    spare_rows: Array
    steps: Array
    hits: Array
    state: Array


@njit(cache=True, nogil=True)
def search(lists: Lists, codes: Codes, queries: Queries, rows: Array, scores: Array, sizes: Array) -> None:
    """Fill a row of `rows` and `scores` per query, best first, and its size."""
    k = rows.shape[1]
    room = ROOM * k + CHUNK
    sums = np.zeros(lists.limits[2], dtype=np.uint16)
    best = Best(
        np.empty(room, dtype=np.int64),
        np.empty(room, dtype=np.int64),
        np.empty(room, dtype=np.int64),
        np.empty(room, dtype=np.int64),
        np.empty(STEPS, dtype=np.int64),
        np.empty(CHUNK, dtype=np.int64),
        np.empty(4, dtype=np.int64),
    )
    for number in range(len(sizes)):
        best.steps[:] = 0
        best.state[:] = 0
        _search_one(lists, codes, queries, number, _asked(lists, queries, number), sums, best, k)
        sizes[number] = min(k, best.state[KEPT])
        for i in range(sizes[number]):
            rows[number, i], scores[number, i] = best.rows[i], best.keys[i] >> 32


@njit(cache=True, nogil=True)
def _asked(lists: Lists, queries: Queries, number: Integer) -> Asked:
    """One of the queries, its columns told apart by how they are stored."""
    asked = slice(queries.starts[number], queries.starts[number + 1])
    reach = slice(queries.range_starts[number], queries.range_starts[number + 1])
    columns, weights = queries.columns[asked], queries.weights[asked]
    dense = lists.dense_of[columns]
    is_whole = dense >= 0
    whole, whole_weights = dense[is_whole], weights[is_whole]
    most = np.int64(0)
    for i in range(len(whole)):
        most += np.int64(whole_weights[i]) * np.int64(lists.dense_top[whole[i]])
    ranges, bonus = queries.ranges[reach], queries.bonus[reach]
    return Asked(columns[~is_whole], weights[~is_whole], whole, whole_weights, most, ranges, bonus)


@njit(cache=True, nogil=True)
def _search_one(
    lists: Lists, codes: Codes, queries: Queries, number: Integer, asked: Asked, sums: Array, best: Best, k: Integer
) -> None:
    """Walk the ranges block by block: accumulate, pick out what may be among the best, clear."""
    n_rows, block, ranges = lists.limits[0], lists.limits[2], asked.ranges
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
            _accumulate(lists, asked, start // block, low - start, high - start, sums)
            for i in range(first, last + 1):
                begin, end = max(low, ranges[i, 0]) - start, min(high, ranges[i, 1]) - start
                extra = np.int64(asked.bonus[i])
                _pick(lists, codes, queries, number, asked, extra, start, begin, end, sums, best, k)
            sums[low - start : high - start] = 0
        low = high
        first = last if ranges[last, 1] > high else last + 1
    best.state[KEPT] = _sort(best, best.state[KEPT], best.state[LOWEST])


@njit(cache=True, nogil=True)
def _accumulate(lists: Lists, asked: Asked, block: Integer, low: Integer, high: Integer, sums: Array) -> None:
    """Add weight times impact of the columns that are lists to the sums of the rows `low` to `high` of a block."""
    offsets, rows, impacts, limits = lists.offsets, lists.rows, lists.impacts, lists.limits
    columns, weights = asked.listed, asked.listed_weights
    size = limits[2]
    n_blocks = (limits[0] + size - 1) // size
    for i in range(len(columns)):
        at = columns[i] * n_blocks + block
        begin, end = np.int64(offsets[at]), np.int64(offsets[at + 1])
        if low > 0:
            begin = _first_at(rows, begin, end, low)
        if high < size:
            end = _first_at(rows, begin, end, high)
        _add_listed(rows, impacts, begin, end, sums, weights[i])


@njit(cache=True, nogil=True)
def _add_listed(rows: Array, impacts: Array, begin: Integer, end: Integer, sums: Array, weight: Integer) -> None:
    for i in range(begin, end):
        sums[rows[i]] += np.uint16(weight * impacts[i])


@njit(cache=True, nogil=True)
def _add_whole(dense: Array, whole: Integer, start: Integer, sums: Array, weight: Integer) -> None:
    impacts = dense[whole, start : start + len(sums)]
    for i in range(len(sums)):
        sums[i] += np.uint16(weight * impacts[i])


@njit(cache=True, nogil=True)
def _first_at(rows: Array, begin: Integer, end: Integer, row: Integer) -> Integer:
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
    lists: Lists,
    codes: Codes,
    queries: Queries,
    number: Integer,
    asked: Asked,
    extra: Integer,
    start: Integer,
    chunk: Integer,
    end: Integer,
    sums: Array,
    best: Best,
    k: Integer,
) -> None:
    """Of the rows of one range, keep those that pass the gates and may be among the best k.

    Columns stored whole are added, and gates asked, only where the score may stand there. Steps of scores are counted,
    so the lowest that may enter is known within a step; when the room is full the best k stay, and their last key is
    the bar.
    """
    # Taking an array out of a tuple costs a reference count, which inside the loops would be most of the time.
    terms, parties, pay, is_open, tie = codes
    terms_pass, parties_pass = queries.terms_pass[number], queries.parties_pass[number]
    pay_from = queries.pay_from[number]
    whole, weights, most, dense = asked.whole, asked.whole_weights, asked.most, lists.dense
    keys, rows, steps, hits, state = best.keys, best.rows, best.steps, best.hits, best.state
    kept, bar, lowest, above = state
    while True:
        least = (lowest << STEP) - extra
        chunk = _next_chunk(sums, chunk, end, least - most)
        if chunk >= end:
            break
        if most > 0:
            stop = min(chunk + CHUNK, end)
            for i in range(len(whole)):
                _add_whole(dense, whole[i], start + chunk, sums[chunk:stop], weights[i])
            if _next_chunk(sums, chunk, stop, least) >= stop:
                chunk = stop
                continue
        count = _above(sums, chunk, end, least, start, hits)
        if len(is_open) > 0:
            count = _coded(is_open, IS_TRUE, hits, count)
        if len(pay) > 0:
            count = _paid(pay, pay_from, hits, count)
        if len(terms) > 0:
            count = _coded(terms, terms_pass, hits, count)
        if len(parties) > 0:
            count = _coded(parties, parties_pass, hits, count)
        for j in range(count):
            row = hits[j]
            score = np.int64(sums[row - start]) + extra
            key = (score << 32) | (0xFFFFFFFF - np.int64(tie[row]))
            if key >= bar:
                keys[kept], rows[kept] = key, row
                kept += 1
                steps[score >> STEP] += 1
                above += 1
        while above - steps[lowest] >= k:
            above -= steps[lowest]
            lowest += 1
        if kept > len(keys) - CHUNK:
            _sort(best, kept, lowest)
            kept, bar = k, keys[k - 1] + 1
        chunk += CHUNK
    state[KEPT], state[BAR], state[LOWEST], state[ABOVE] = kept, bar, lowest, above


@njit(cache=True, nogil=True)
def _next_chunk(sums: Array, chunk: Integer, end: Integer, least: Integer) -> Integer:
    """Where the first chunk from here on begins in which a sum is at least `least`; not before the end if none is."""
    while chunk < end:
        part = sums[chunk : min(chunk + CHUNK, end)]
        highest = np.uint16(0)
        for i in range(len(part)):
            highest = max(highest, part[i])
        if highest >= least:
            break
        chunk += CHUNK
    return chunk


@njit(cache=True, nogil=True)
def _above(sums: Array, chunk: Integer, end: Integer, least: Integer, start: Integer, hits: Array) -> Integer:
    """The rows of a chunk whose sums are at least `least`."""
    part = sums[chunk : min(chunk + CHUNK, end)]
    count = np.int64(0)
    for i in range(len(part)):
        hits[count] = start + chunk + i
        count += np.int64(part[i] >= least)
    return count


# The hits that pass a gate move to the front, without a branch that would be guessed wrong.


@njit(cache=True, nogil=True)
def _paid(pay: Array, pay_from: Integer, hits: Array, asked: Integer) -> Integer:
    count = np.int64(0)
    for i in range(asked):
        hits[count] = hits[i]
        count += np.int64(_code(pay, hits[i]) >= pay_from)
    return count


@njit(cache=True, nogil=True)
def _coded(codes: Array, passes: Array, hits: Array, asked: Integer) -> Integer:
    count = np.int64(0)
    for i in range(asked):
        hits[count] = hits[i]
        count += np.int64(passes[_code(codes, hits[i])])
    return count


@njit(cache=True, nogil=True)
def _code(codes: Array, row: Integer) -> Integer:
    code = np.int64(0)
    for place in range(codes.shape[1]):
        code |= np.int64(codes[row, place]) << (8 * place)
    return code


@njit(cache=True, nogil=True)
def _sort(best: Best, size: Integer, lowest: Integer) -> Integer:
    """Drop the rows below the lowest step, put the others best first and return how many they are.

    Stable, so that equal keys stay in row order: few rows are inserted one by one, many are distributed by the six
    bytes of a key from the last on.
    """
    keys, rows, into_keys, into_rows = best.keys, best.rows, best.spare_keys, best.spare_rows
    count = np.int64(0)
    for i in range(size):
        keys[count], rows[count] = keys[i], rows[i]
        count += np.int64(keys[i] >> (32 + STEP) >= lowest)
    if count <= FEW:
        for i in range(1, count):
            key, row = keys[i], rows[i]
            at = i
            while at > 0 and keys[at - 1] < key:
                keys[at], rows[at] = keys[at - 1], rows[at - 1]
                at -= 1
            keys[at], rows[at] = key, row
        return count
    starts = np.empty(256, dtype=np.int64)
    for shift in range(0, 48, 8):
        starts[:] = 0
        for i in range(count):
            starts[255 - ((keys[i] >> shift) & 255)] += 1
        total = 0
        for digit in range(256):
            total, starts[digit] = total + starts[digit], total
        for i in range(count):
            digit = 255 - ((keys[i] >> shift) & 255)
            into_keys[starts[digit]], into_rows[starts[digit]] = keys[i], rows[i]
            starts[digit] += 1
        keys, rows, into_keys, into_rows = into_keys, into_rows, keys, rows
    return count
