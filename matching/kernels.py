"""Compiled loops over postings; imported only for large indexes, because numba takes a second to import."""

from __future__ import annotations

import numpy as np
from numba import njit

U64 = np.uint64


@njit(cache=True, nogil=True)
def search(
    offsets,
    rows,
    impacts,
    n_rows,
    block,
    columns,
    weights,
    ranges,
    bonus,
    terms,
    terms_pass,
    parties,
    parties_pass,
    pay,
    pay_from,
    is_open,
    tie,
    keys,
    found,
):
    """Fill `keys` and `found` with the best rows, best first, and return how many there are.

    A key is the score in the upper and the inverted tie rank in the lower 32 bits: the larger, the better.
    """
    n_blocks = (n_rows + block - 1) // block
    sums = np.zeros(block, dtype=np.uint16)
    k = len(keys)
    size = 0
    first = 0
    while first < len(ranges):
        number = ranges[first, 0] // block
        start = number * block
        stop = min(start + block, n_rows)
        for i in range(len(columns)):
            at = columns[i] * n_blocks + number
            weight = weights[i]
            for j in range(offsets[at], offsets[at + 1]):
                sums[rows[j]] += np.uint16(weight * impacts[j])
        while first < len(ranges) and ranges[first, 0] < stop:
            extra = bonus[first] if len(bonus) else 0
            for row in range(max(start, ranges[first, 0]), min(stop, ranges[first, 1])):
                key = (U64(sums[row - start] + extra) << U64(32)) | U64(0xFFFFFFFF - tie[row])
                if size == k and key <= keys[0]:
                    continue
                if (
                    (len(is_open) and not is_open[row])
                    or (len(terms_pass) and not terms_pass[terms[row]])
                    or (len(parties_pass) and not parties_pass[parties[row]])
                    or (pay_from and pay[row] < pay_from)
                ):
                    continue
                if size < k:
                    _rise(keys, found, size, key, row)
                    size += 1
                else:
                    _sink(keys, found, size, key, row)
            if ranges[first, 1] > stop:
                break
            first += 1
        sums[:] = 0
        if first < len(ranges) and ranges[first, 0] < stop:
            ranges[first, 0] = stop
    for last in range(size - 1, 0, -1):
        key, row = keys[last], found[last]
        keys[last], found[last] = keys[0], found[0]
        _sink(keys, found, last, key, row)
    return size


@njit(cache=True, nogil=True)
def _rise(keys, found, at, key, row):
    """Put an entry at the end of a heap whose root is the worst; of equal keys the later row is worse."""
    while at > 0:
        parent = (at - 1) >> 1
        if keys[parent] < key or (keys[parent] == key and found[parent] > row):
            break
        keys[at], found[at] = keys[parent], found[parent]
        at = parent
    keys[at], found[at] = key, row


@njit(cache=True, nogil=True)
def _sink(keys, found, size, key, row):
    """Replace the root of a heap."""
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        right = child + 1
        if right < size and (keys[right] < keys[child] or (keys[right] == keys[child] and found[right] > found[child])):
            child = right
        if key < keys[child] or (key == keys[child] and row > found[child]):
            break
        keys[at], found[at] = keys[child], found[child]
        at = child
    keys[at], found[at] = key, row


@njit(cache=True, nogil=True)
def touch(offsets, rows, impacts, n_blocks, columns):
    total = 0
    for column in columns:
        for j in range(offsets[column * n_blocks], offsets[(column + 1) * n_blocks]):
            total += rows[j] + impacts[j]
    return total
