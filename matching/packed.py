"""What the compiled loops read: postings, codes and queries as tuples of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.postings import Gate, Query, frozen
from matching.types import InvalidValue

Array = NDArray[Any]
NO_CODES = frozen(np.empty((0, 1), dtype=np.uint8))


class Lists(NamedTuple):
    """The arrays of `Postings`."""

    offsets: Array
    rows: Array
    impacts: Array
    dense: Array
    dense_of: Array
    dense_top: Array
    limits: Array


class Codes(NamedTuple):
    """What rows have that gates ask about, an empty array where no gate asks, and their tie ranks.

    The bytes of a code stand in a row, lowest first: one compiled search serves codes of every width.
    """

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


def pack(queries: Sequence[Query], gates: Sequence[Gate], tie: Array) -> tuple[Codes, Queries]:
    """Queries and their gates; InvalidValue unless all gates hold the same arrays of codes."""
    terms, terms_pass = _stacked([gate.terms for gate in gates], [gate.terms_pass for gate in gates])
    parties, parties_pass = _stacked([gate.parties for gate in gates], [gate.parties_pass for gate in gates])
    pay = _bytes(_one([gate.pay for gate in gates]))
    is_open = _bytes(_one([gate.open for gate in gates]))
    asked = Queries(
        _starts([columns for columns, _ in queries]),
        np.concatenate([columns for columns, _ in queries], dtype=np.int64),
        np.concatenate([weights for _, weights in queries], dtype=np.uint16, casting="no"),
        _starts([gate.ranges for gate in gates]),
        np.concatenate([gate.ranges for gate in gates], dtype=np.int64),
        np.concatenate([np.zeros(len(g.ranges), np.uint16) if g.bonus is None else g.bonus for g in gates]),
        terms_pass,
        parties_pass,
        np.array([gate.pay_from for gate in gates], dtype=np.int64),
    )
    return Codes(terms, parties, pay, is_open, frozen(tie)), asked


def _one(arrays: Sequence[Array | None]) -> Array | None:
    """The one array that all gates hold."""
    if any(array is not arrays[0] for array in arrays):
        raise InvalidValue("gates: must share their arrays of codes")
    return arrays[0]


def _bytes(codes: Array | None) -> Array:
    """As `Codes` wants them."""
    if codes is None:
        return NO_CODES
    return frozen(codes.view(np.uint8).reshape(len(codes), codes.itemsize))


def _stacked(codes: Sequence[Array | None], passes: Sequence[Array | None]) -> tuple[Array, Array]:
    """The codes that all gates share and a row per gate of which codes pass; neither where every gate lets all pass."""
    shared, given = _one(codes), [each for each in passes if each is not None]
    if shared is None or not given:
        return _bytes(None), frozen(np.empty((len(passes), 0), dtype=np.bool_))
    if len(passes) == 1:
        return _bytes(shared), frozen(np.ascontiguousarray(given[0])[None, :])
    stacked = np.stack([np.ones(len(given[0]), np.bool_) if each is None else each for each in passes])
    return _bytes(shared), frozen(stacked)


def _starts(arrays: Sequence[Array]) -> NDArray[np.int64]:
    return np.array([0, *accumulate(map(len, arrays))])
