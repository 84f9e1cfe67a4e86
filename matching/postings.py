"""Postings: which rows carry a feature and how strongly, and exact search over them with the gates fused in.

Most columns are lists of entries; the few that many rows carry are stored whole, a byte per row: that is added up
several rows at a time, only where the rest of a score leaves room for one of the best, and from a density of one third
on it is also smaller. Scores are integers, so the compiled search (`kernels`) and the plain one give the same rows and
scores.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from functools import cache, cached_property
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matching.types import InvalidValue

# Sums of 16 bits for so many rows stay in the second-level cache; larger blocks take fewer offsets.
BLOCK = 32_768
# A column that so many of the rows carry is stored whole: about where adding all of it is as fast as adding entries.
DENSE_FROM = 1 / 8
LARGEST_IMPACT = 255
LARGEST_SCORE = 65_535
# From this many rows on the compiled search is worth the second that numba takes to import.
COMPILED_FROM = 20_000
QUERIES_PER_TASK = 64

WRONG_COLUMNS = "columns: each must exist and come once"
WRONG_RANGES = "ranges: must be ascending, disjoint and inside the rows"
OVERFLOW = f"weights: a row could score more than {LARGEST_SCORE}"

Array = NDArray[Any]
Rows = NDArray[np.int64]
Scores = NDArray[np.int64]
Query = tuple[NDArray[np.integer[Any]], NDArray[np.uint16]]


@dataclass(frozen=True, eq=False)
class Postings:
    """Rows x features of impacts 1 to 255, by column and in it by block of rows.

    `offsets[column * n_blocks + block]` is where the entries of a block begin; `rows` count from the first of it.
    Column c is row `dense_of[c]` of `dense` instead when that is not below 0; `dense_top` holds the largest impact of
    each such row. `limits` holds the numbers of rows, of
    columns and of rows in a block, and of the heaviest row the sum of impacts and of their squares (not the same row).
    """

    offsets: NDArray[np.unsignedinteger[Any]]
    rows: NDArray[np.uint16]
    impacts: NDArray[np.uint8]
    dense: NDArray[np.uint8]
    dense_of: NDArray[np.int32]
    dense_top: NDArray[np.uint8]
    limits: NDArray[np.int64]

    @property
    def n_rows(self) -> int:
        return int(self.limits[0])

    @property
    def n_columns(self) -> int:
        return int(self.limits[1])

    @property
    def block(self) -> int:
        return int(self.limits[2])

    @cached_property
    def frozen_arrays(self) -> tuple[Array, ...]:
        """The arrays as views that cannot be written to."""
        return tuple(map(frozen, self.arrays().values()))

    @property
    def n_blocks(self) -> int:
        return -(-self.n_rows // self.block)

    @classmethod
    def build(
        cls,
        indptr: NDArray[np.integer[Any]],
        columns: NDArray[np.integer[Any]],
        impacts: NDArray[np.uint8],
        n_columns: int,
    ) -> Postings:
        """Postings of rows x features in compressed sparse rows; an impact of 0 is no entry.

        Raises InvalidValue when a row names a column twice or one that does not exist.
        """
        n_rows = len(indptr) - 1
        if len(columns) and not 0 <= int(columns.min()) <= int(columns.max()) < n_columns:
            raise InvalidValue(WRONG_COLUMNS)
        by_column = sparse.csr_array((impacts, columns, indptr), shape=(n_rows, n_columns)).tocsc()
        if not by_column.has_canonical_format:
            raise InvalidValue(WRONG_COLUMNS)
        by_column.eliminate_zeros()
        indices, starts, counts = by_column.indices, by_column.indptr, np.diff(by_column.indptr)
        whole = np.flatnonzero((counts >= n_rows * DENSE_FROM) & (counts > 0))
        dense = np.zeros((len(whole), n_rows), dtype=np.uint8)
        for number, column in enumerate(whole.tolist()):
            entries = slice(starts[column], starts[column + 1])
            dense[number, indices[entries]] = by_column.data[entries]
        dense_of = np.full(n_columns, -1, dtype=np.int32)
        dense_of[whole] = np.arange(len(whole))
        listed = np.repeat(dense_of < 0, counts)
        indices = indices[listed]
        n_blocks = -(-n_rows // BLOCK)
        cells = np.repeat(np.arange(n_columns) * n_blocks, np.where(dense_of < 0, counts, 0))
        cells += indices // BLOCK
        offsets = np.concatenate([[0], np.cumsum(np.bincount(cells, minlength=n_columns * n_blocks))])
        values = impacts.astype(np.int64)
        heaviest = [int(_sums(each, indptr).max(initial=0)) for each in (values, values * values)]
        return cls(
            offsets.astype(np.uint32 if len(indices) < 2**32 else np.uint64),
            (indices % BLOCK).astype(np.uint16),
            by_column.data[listed],
            dense,
            dense_of,
            dense.max(axis=1, initial=0),
            np.array([n_rows, n_columns, BLOCK, *heaviest]),
        )

    def arrays(self) -> dict[str, Array]:
        """Everything as plain arrays, for `from_arrays`."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> Postings:
        """Postings over the arrays of `arrays()`, which may be memory maps."""
        return cls(**arrays)

    def bound(self, weights: Array) -> float:
        """What no row can exceed with these weights of distinct columns.

        The least of three: every weight at the largest impact, the largest weight times the heaviest row's sum, and the
        product of lengths (Cauchy and Schwarz).
        """
        values = weights.astype(np.float64)
        _, _, _, heaviest, squares = self.limits.tolist()
        total, largest, length = float(values.sum()), float(values.max(initial=0.0)), math.sqrt(float(values @ values))
        return min(total * LARGEST_IMPACT, largest * float(heaviest), length * math.sqrt(squares))


@dataclass(frozen=True, eq=False)
class Gate:
    """Which rows one person may see; what is None lets every row pass.

    `ranges` are the reachable rows [low, high), ascending and disjoint, each with a `bonus` that all its rows score.
    A row passes when it is open, its `terms` (number of its combination of conditions) and its `parties` are among
    those that pass, and its rank of `pay` is at least `pay_from`.
    """

    ranges: NDArray[np.int64]
    terms: Array | None = None
    terms_pass: NDArray[np.bool_] | None = None
    parties: Array | None = None
    parties_pass: NDArray[np.bool_] | None = None
    pay: Array | None = None
    pay_from: int = 0
    open: NDArray[np.bool_] | None = None
    bonus: NDArray[np.uint16] | None = None


def quantise(weights: NDArray[np.float64], postings: Postings | None = None, beside: int = 0) -> NDArray[np.uint16]:
    """Weights as integers, scaled to the largest with which no row can score more than 65,535.

    The last `beside` weights are of no column but of bonuses of up to 255 times the weight. With `postings` the bound
    counts what their rows really carry, which leaves several times finer weights. Raises InvalidValue below 0 or NaN.
    """
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise InvalidValue("weights: must be numbers of at least 0")
    own, others = np.split(weights, [len(weights) - beside])
    bound = float(others.sum()) * LARGEST_IMPACT
    bound += postings.bound(own) if postings else float(own.sum()) * LARGEST_IMPACT
    if bound == 0.0:
        return np.zeros(len(weights), dtype=np.uint16)
    return np.floor(weights * (LARGEST_SCORE / bound)).clip(max=LARGEST_SCORE).astype(np.uint16)


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

    Rows that score 0 stand at the end when fewer than k others pass. Raises InvalidValue when a column comes twice or
    does not exist, when ranges overlap, and when a row could score more than 65,535 (see `quantise`).
    """
    gate = gate or Gate(np.array([[0, postings.n_rows]]))
    return _search_all(postings, [(columns, weights)], k, [gate], tie)[0]


def search_many(
    postings: Postings,
    queries: Sequence[Query],
    k: int,
    *,
    gates: Sequence[Gate] | None,
    tie: NDArray[np.uint32],
    threads: int = 1,
) -> list[tuple[Rows, Scores]]:
    """`search` for each query (columns, weights), in order; the gates share their arrays of codes.

    The compiled search runs without the interpreter's lock, so threads share out the queries.
    """
    gates = [Gate(np.array([[0, postings.n_rows]]))] * len(queries) if gates is None else gates
    tasks = [slice(i, i + QUERIES_PER_TASK) for i in range(0, len(queries), QUERIES_PER_TASK)]

    def some(task: slice) -> list[tuple[Rows, Scores]]:
        return _search_all(postings, queries[task], k, gates[task], tie)

    if threads == 1 or len(tasks) < 2:
        return [found for task in tasks for found in some(task)]
    with ThreadPoolExecutor(threads) as pool:
        return [found for done in pool.map(some, tasks) for found in done]


def touch(postings: Postings, columns: NDArray[np.integer[Any]]) -> int:
    """Merely read the entries of columns, all in one sum: what a search costs that scores every row."""
    from matching import compiled

    return compiled.touch(postings, columns)


@cache
def _compiled() -> ModuleType | None:
    try:
        from matching import compiled
    except ImportError:
        return None
    return compiled


def _search_all(
    postings: Postings, queries: Sequence[Query], k: int, gates: Sequence[Gate], tie: NDArray[np.uint32]
) -> list[tuple[Rows, Scores]]:
    k = max(0, min(k, postings.n_rows))
    if postings.n_rows < COMPILED_FROM or (compiled := _compiled()) is None:
        return [_search_plain(postings, *query, k, gate, tie) for query, gate in zip(queries, gates, strict=True)]
    answers: list[tuple[Rows, Scores]] = compiled.search_all(postings, queries, k, gates, tie)
    return answers


def _search_plain(
    postings: Postings, columns: NDArray[np.integer[Any]], weights: NDArray[np.uint16], k: int, gate: Gate, tie: Array
) -> tuple[Rows, Scores]:
    """Every row is scored."""
    _check(postings, columns, weights, gate)
    scores = np.zeros(postings.n_rows, dtype=np.int64)
    for column, weight in zip(columns.tolist(), weights.tolist(), strict=True):
        if (dense := int(postings.dense_of[column])) >= 0:
            scores += weight * postings.dense[dense].astype(np.int64)
            continue
        for block in range(postings.n_blocks):
            at = column * postings.n_blocks + block
            entries = slice(int(postings.offsets[at]), int(postings.offsets[at + 1]))
            rows = postings.rows[entries].astype(np.int64) + block * postings.block
            scores[rows] += weight * postings.impacts[entries].astype(np.int64)
    passing = np.zeros(postings.n_rows, dtype=bool)
    for number, (low, high) in enumerate(gate.ranges.tolist()):
        passing[low:high] = True
        if gate.bonus is not None:
            scores[low:high] += int(gate.bonus[number])
    if gate.open is not None:
        passing &= gate.open
    if gate.pay is not None:
        passing &= gate.pay >= gate.pay_from
    if gate.terms is not None and gate.terms_pass is not None:
        passing &= gate.terms_pass[gate.terms]
    if gate.parties is not None and gate.parties_pass is not None:
        passing &= gate.parties_pass[gate.parties]
    found = np.flatnonzero(passing)
    best = found[np.lexsort((found, tie[found], -scores[found]))[:k]]
    return best, scores[best]


def _check(postings: Postings, columns: NDArray[np.integer[Any]], weights: NDArray[np.uint16], gate: Gate) -> None:
    distinct = np.unique(columns)
    if len(distinct) < len(columns) or (len(distinct) and not 0 <= distinct[0] <= distinct[-1] < postings.n_columns):
        raise InvalidValue(WRONG_COLUMNS)
    edges = np.concatenate([[0], gate.ranges.ravel(), [postings.n_rows]])
    if (np.diff(edges) < 0).any():
        raise InvalidValue(WRONG_RANGES)
    bonus = 0 if gate.bonus is None else int(gate.bonus.max(initial=0))
    if postings.bound(weights) + bonus > LARGEST_SCORE:
        raise InvalidValue(OVERFLOW)


def frozen(array: Array) -> Array:
    """A view that cannot be written to, as those of a memory map are: so one compiled function serves both."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


def _sums(values: NDArray[np.int64], indptr: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """The sum of each row of compressed sparse rows."""
    totals = np.concatenate([[0], np.cumsum(values)])
    return np.asarray(totals[indptr[1:]] - totals[indptr[:-1]])
