"""Postings: which rows carry a feature and how strongly, and exact search over them with the gates fused in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matching.types import InvalidValue

BLOCK = 16_384
LARGEST_IMPACT = 255
LARGEST_SCORE = 65_535
# From this many rows on the compiled search is worth the second that numba takes to import.
COMPILED_FROM = 20_000

Codes = NDArray[np.unsignedinteger[Any]]
Rows = NDArray[np.int64]
Scores = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Postings:
    """Column-major, blocked: the rows that carry a feature, with impacts of 1 to 255.

    `offsets[column * n_blocks + block]` is where the entries of a block of rows begin; `rows` count from the first of
    their block. The heaviest row's sum of impacts and sum of their squares bound every score (see `quantise`).
    """

    n_rows: int
    n_columns: int
    offsets: NDArray[np.uint32]
    rows: NDArray[np.uint16]
    impacts: NDArray[np.uint8]
    largest_sum: int
    largest_square_sum: int

    @property
    def n_blocks(self) -> int:
        return -(-self.n_rows // BLOCK)

    @classmethod
    def build(
        cls,
        indptr: NDArray[np.integer[Any]],
        columns: NDArray[np.integer[Any]],
        impacts: NDArray[np.uint8],
        n_columns: int,
    ) -> Postings:
        """Postings of rows x features in compressed sparse rows; impacts of 0 are left out.

        Raises InvalidValue when a row names a column twice or one that does not exist.
        """
        n_rows = len(indptr) - 1
        if len(columns) and not 0 <= columns.min() <= columns.max() < n_columns:
            raise InvalidValue(f"columns: must be from 0 to {n_columns - 1}")
        by_row = sparse.csr_array((impacts, columns, indptr), shape=(n_rows, n_columns))
        by_column = by_row.tocsc()
        if not by_column.has_canonical_format:
            raise InvalidValue("columns: a row names a column twice")
        by_column.eliminate_zeros()
        n_blocks = -(-n_rows // BLOCK)
        column_of = np.repeat(np.arange(n_columns), np.diff(by_column.indptr))
        counts = np.bincount(column_of * n_blocks + by_column.indices // BLOCK, minlength=n_columns * n_blocks)
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.uint32)
        values = impacts.astype(np.int64)
        return cls(
            n_rows,
            n_columns,
            offsets,
            (by_column.indices % BLOCK).astype(np.uint16),
            by_column.data,
            int(_row_sums(values, indptr).max(initial=0)),
            int(_row_sums(values * values, indptr).max(initial=0)),
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything as plain arrays, for `from_arrays`."""
        return {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Postings over the arrays of `arrays()`, which may be memory maps."""
        numbers = ("n_rows", "n_columns", "largest_sum", "largest_square_sum")
        return cls(**{name: int(array) if name in numbers else array for name, array in arrays.items()})

    def bound(self, weights: NDArray[np.integer[Any]] | NDArray[np.float64]) -> float:
        """No row can score more than this; weights are of distinct columns.

        The least of three: every weight at the largest impact, the largest weight times the largest sum of impacts of
        a row, and the product of lengths (Cauchy and Schwarz).
        """
        values = weights.astype(np.float64)
        return min(
            float(values.sum()) * LARGEST_IMPACT,
            float(values.max(initial=0.0)) * self.largest_sum,
            float(np.sqrt(values @ values) * np.sqrt(self.largest_square_sum)),
        )


def _row_sums(values: NDArray[np.int64], indptr: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    totals = np.concatenate([[0], np.cumsum(values)])
    return totals[indptr[1:]] - totals[indptr[:-1]]


@dataclass(frozen=True, eq=False)
class Gate:
    """Which rows one person may see; what is None lets every row pass.

    `ranges` are the reachable rows [lo, hi), ascending and disjoint, each with a `bonus` for all its rows. Rows have
    codes of their combination of conditions, of their parties and of their rank of pay.
    """

    ranges: NDArray[np.int64]
    terms: Codes | None = None
    terms_pass: NDArray[np.bool_] | None = None
    parties: Codes | None = None
    parties_pass: NDArray[np.bool_] | None = None
    pay: Codes | None = None
    pay_from: int = 0
    open: NDArray[np.bool_] | None = None
    bonus: NDArray[np.uint16] | None = None


def quantise(weights: NDArray[np.float64], postings: Postings | None = None, beside: int = 0) -> NDArray[np.uint16]:
    """Weights as integers, scaled to the largest with which no row can score more than 65,535.

    The last `beside` weights are of no column but of a bonus of up to 255 times the weight. With `postings` the bound
    counts what its rows really carry, which leaves several times finer weights. Raises InvalidValue below 0 or NaN.
    """
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise InvalidValue("weights: must be numbers of at least 0")
    split = len(weights) - beside
    bonus = float(weights[split:].sum()) * LARGEST_IMPACT
    columns = weights[:split]
    bound = bonus + (postings.bound(columns) if postings else float(columns.sum()) * LARGEST_IMPACT)
    if bound == 0.0:
        return np.zeros(len(weights), dtype=np.uint16)
    return np.minimum(np.floor(weights * (LARGEST_SCORE / bound)), LARGEST_SCORE // LARGEST_IMPACT).astype(np.uint16)


def search(
    postings: Postings,
    columns: NDArray[np.integer[Any]],
    weights: NDArray[np.uint16],
    k: int,
    *,
    gate: Gate | None,
    tie: NDArray[np.uint32],
) -> tuple[Rows, Scores]:
    """The k rows of largest sum of weight times impact that pass the gate; equal scores by `tie`, then by row.

    Rows that score 0 stand at the end when fewer than k others pass. Columns are distinct. Raises InvalidValue when
    a row could score more than 65,535 (see `quantise`).
    """
    columns = columns.astype(np.int64)
    _check(postings, columns, weights, gate)
    if k <= 0 or not postings.n_rows:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    gate = gate or Gate(np.array([[0, postings.n_rows]]))
    if postings.n_rows < COMPILED_FROM:
        return _search_plain(postings, columns, weights, k, gate, tie)
    return _search_compiled(postings, columns, weights, k, gate, tie)


def search_many(
    postings: Postings,
    queries: Sequence[tuple[NDArray[np.integer[Any]], NDArray[np.uint16]]],
    k: int,
    *,
    gates: Sequence[Gate | None],
    tie: NDArray[np.uint32],
    threads: int = 1,
) -> list[tuple[Rows, Scores]]:
    """`search` for each pair of columns and weights, in order."""

    def one(query: tuple[NDArray[np.integer[Any]], NDArray[np.uint16]], gate: Gate | None) -> tuple[Rows, Scores]:
        return search(postings, *query, k, gate=gate, tie=tie)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, queries, gates))


def touch(postings: Postings, columns: NDArray[np.integer[Any]]) -> int:
    """Merely read the postings of columns: the least that any search over them costs."""
    from matching import kernels

    return int(kernels.touch(postings.offsets, postings.rows, postings.impacts, postings.n_blocks, columns))


def _check(postings: Postings, columns: NDArray[np.int64], weights: NDArray[np.uint16], gate: Gate | None) -> None:
    if len(columns) and not 0 <= columns.min() <= columns.max() < postings.n_columns:
        raise InvalidValue(f"columns: must be from 0 to {postings.n_columns - 1}")
    if len(np.unique(columns)) < len(columns):
        raise InvalidValue("columns: each may come once")
    bonus = int(gate.bonus.max(initial=0)) if gate and gate.bonus is not None else 0
    if postings.bound(weights) + bonus > LARGEST_SCORE:
        raise InvalidValue(f"weights: a row could score more than {LARGEST_SCORE}")


def _search_plain(
    postings: Postings,
    columns: NDArray[np.int64],
    weights: NDArray[np.uint16],
    k: int,
    gate: Gate,
    tie: NDArray[np.uint32],
) -> tuple[Rows, Scores]:
    scores = np.zeros(postings.n_rows, dtype=np.int64)
    for column, weight in zip(columns.tolist(), weights.tolist(), strict=True):
        for block in range(postings.n_blocks):
            at = column * postings.n_blocks + block
            span = slice(int(postings.offsets[at]), int(postings.offsets[at + 1]))
            scores[postings.rows[span].astype(np.int64) + block * BLOCK] += weight * postings.impacts[span].astype(
                np.int64
            )
    passing = np.zeros(postings.n_rows, dtype=bool)
    bonus = np.zeros(len(gate.ranges), dtype=np.int64) if gate.bonus is None else gate.bonus.astype(np.int64)
    for (low, high), extra in zip(gate.ranges.tolist(), bonus.tolist(), strict=True):
        passing[low:high] = True
        scores[low:high] += extra
    if gate.open is not None:
        passing &= gate.open
    if gate.terms is not None and gate.terms_pass is not None:
        passing &= gate.terms_pass[gate.terms]
    if gate.parties is not None and gate.parties_pass is not None:
        passing &= gate.parties_pass[gate.parties]
    if gate.pay is not None:
        passing &= gate.pay >= gate.pay_from
    rows = np.flatnonzero(passing)
    best = rows[np.lexsort((rows, tie[rows], -scores[rows]))[:k]]
    return best, scores[best]


def _search_compiled(
    postings: Postings,
    columns: NDArray[np.int64],
    weights: NDArray[np.uint16],
    k: int,
    gate: Gate,
    tie: NDArray[np.uint32],
) -> tuple[Rows, Scores]:
    from matching import kernels

    keys = np.empty(min(k, postings.n_rows), dtype=np.uint64)
    found = np.empty(len(keys), dtype=np.int64)
    all_pass, no_codes = np.empty(0, dtype=np.bool_), np.empty(0, dtype=np.uint32)
    size = kernels.search(
        postings.offsets,
        postings.rows,
        postings.impacts,
        postings.n_rows,
        BLOCK,
        columns,
        weights,
        gate.ranges.copy(),
        np.empty(0, dtype=np.uint16) if gate.bonus is None else gate.bonus,
        no_codes if gate.terms is None else gate.terms,
        all_pass if gate.terms_pass is None else gate.terms_pass,
        no_codes if gate.parties is None else gate.parties,
        all_pass if gate.parties_pass is None else gate.parties_pass,
        no_codes if gate.pay is None else gate.pay,
        0 if gate.pay is None else gate.pay_from,
        all_pass if gate.open is None else gate.open,
        tie,
        keys,
        found,
    )
    return found[:size], (keys[:size] >> np.uint64(32)).astype(np.int64)
