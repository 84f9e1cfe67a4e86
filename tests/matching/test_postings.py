"""Search over postings against plain Python: gates, ranges, ties, overflow, and both paths byte for byte."""

from __future__ import annotations

from dataclasses import replace
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching import postings as module
from matching.postings import LARGEST_SCORE, Gate, Postings, quantise, search, search_many, touch
from matching.types import InvalidValue

PATHS = {"compiled": 0, "plain": 10**9}


def build(table) -> Postings:
    """Postings of a table of impacts, rows x columns."""
    table = np.asarray(table, dtype=np.uint8)
    row, column = np.nonzero(table)
    indptr = np.searchsorted(row, np.arange(len(table) + 1))
    return Postings.build(indptr, column, table[row, column], table.shape[1])


def brute_force(table, columns, weights, k, gate, tie):
    """What the search means, one row after the other."""
    found = []
    ranges = gate.ranges if gate else [(0, len(table))]
    for number, (low, high) in enumerate(ranges):
        for row in range(low, high):
            if gate and (
                (gate.open is not None and not gate.open[row])
                or (gate.terms_pass is not None and not gate.terms_pass[gate.terms[row]])
                or (gate.parties_pass is not None and not gate.parties_pass[gate.parties[row]])
                or (gate.pay is not None and gate.pay[row] < gate.pay_from)
            ):
                continue
            score = sum(int(weight) * int(table[row][column]) for column, weight in zip(columns, weights, strict=True))
            score += int(gate.bonus[number]) if gate and gate.bonus is not None else 0
            found.append((-score, int(tie[row]), row))
    best = sorted(found)[:k]
    return [row for _, _, row in best], [-score for score, _, _ in best]


def both(*args, **kwargs):
    """The answers of the two paths, which must agree byte for byte."""
    answers = []
    for least in PATHS.values():
        with mock.patch.object(module, "COMPILED_FROM", least):
            answers.append(search(*args, **kwargs))
    for one, other in zip(*answers, strict=True):
        assert one.dtype == other.dtype == np.int64
        assert one.tobytes() == other.tobytes()
    return answers[0]


@st.composite
def worlds(draw, largest=70):
    """A table, a query, a gate and ties, all small enough for brute force."""
    n_rows, n_columns = draw(st.integers(0, largest)), draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    density = draw(st.sampled_from((0.0, 0.05, 0.3, 1.0)))
    table = rng.integers(1, draw(st.sampled_from((2, 256))), (n_rows, n_columns))
    table = (table * (rng.random(table.shape) < density)).astype(np.uint8)
    columns = rng.permutation(n_columns)[: draw(st.integers(0, n_columns))]
    raw = rng.random(len(columns) + 1) * draw(st.sampled_from((0.0, 1.0)))
    *weights, nearness = quantise(raw, build(table), beside=1)
    edges = np.sort(rng.integers(0, n_rows + 1, 2 * draw(st.integers(0, 5)))).reshape(-1, 2)
    gate = Gate(
        ranges=edges,
        bonus=rng.integers(0, 256, len(edges)).astype(np.uint16) * np.uint16(nearness),
        terms=rng.integers(0, 4, n_rows).astype(draw(st.sampled_from((np.uint8, np.uint16, np.uint32)))),
        terms_pass=rng.random(4) < 0.7,
        parties=rng.integers(0, 9, n_rows).astype(np.uint32),
        parties_pass=rng.random(9) < 0.8,
        pay=rng.integers(0, 5, n_rows).astype(np.uint16),
        pay_from=draw(st.integers(0, 3)),
        open=rng.random(n_rows) < 0.9,
    )
    if draw(st.booleans()):
        gate = replace(gate, terms_pass=None, parties_pass=None, pay=None, open=None, bonus=None)
    tie = rng.integers(0, draw(st.sampled_from((1, 5, 2**32))), n_rows).astype(np.uint32)
    return table, columns, np.array(weights, dtype=np.uint16), draw(st.integers(0, 80)), gate, tie


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.booleans(), st.sampled_from((16, 64, 16_384)))
def test_search_is_the_exhaustive_answer(world, gated, block):
    table, columns, weights, k, gate, tie = world
    gate = gate if gated else None
    with mock.patch.object(module, "BLOCK", block):
        found = both(build(table), columns, weights, k, gate=gate, tie=tie)
    assert [each.tolist() for each in found] == list(brute_force(table, columns, weights, k, gate, tie))


@pytest.mark.parametrize("k", [1, 50, 1000, 10**6])
@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_paths_agree_over_many_blocks_with_near_and_far_ranges(k, weight):
    rng = np.random.default_rng(k)
    n_rows = 70_000
    table = rng.integers(1, 256, (n_rows, 8)) * (rng.random((n_rows, 8)) < [0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.001, 0])
    postings = build(table)
    assert (postings.dense_of >= 0).sum() == 2
    tie = rng.permutation(n_rows).astype(np.uint32)
    weights = quantise(np.full(8, weight), postings)
    lows = np.sort(rng.choice(n_rows, 300, replace=False))
    gate = Gate(np.stack([lows, np.append(lows[1:] - lows[1:] % 2, n_rows).clip(lows)], axis=1)[::2])
    far = Gate(np.array([[5, 900], [15_000, 15_900], [16_380, 16_390], [60_000, 69_999]]))
    for each in (None, gate, far):
        rows, scores = both(postings, np.arange(8), weights, k, gate=each, tie=tie)
        passing = np.concatenate([np.arange(*edges) for edges in each.ranges]) if each else np.arange(n_rows)
        exact = (table[passing].astype(np.int64) * weights).sum(axis=1)
        order = np.lexsort((tie[passing], -exact))[:k]
        assert rows.tolist() == passing[order].tolist()
        assert scores.tolist() == exact[order].tolist()


def test_hand_worked():
    postings = build([[10, 0], [0, 20], [10, 20], [0, 0]])
    tie = np.array([3, 2, 1, 0], dtype=np.uint32)
    weights = np.array([3, 1], dtype=np.uint16)
    rows, scores = both(postings, np.array([0, 1]), weights, 3, gate=None, tie=tie)
    assert (rows.tolist(), scores.tolist()) == ([2, 0, 1], [50, 30, 20])
    gate = Gate(np.array([[0, 2], [3, 4]]), bonus=np.array([0, 30], dtype=np.uint16))
    rows, scores = both(postings, np.array([0, 1]), weights, 3, gate=gate, tie=tie)
    assert (rows.tolist(), scores.tolist()) == ([3, 0, 1], [30, 30, 20])  # equal scores: the lower tie rank first
    rows, scores = both(postings, np.array([1]), weights[1:], 2, gate=replace(gate, open=~tie.astype(bool)), tie=tie)
    assert (rows.tolist(), scores.tolist()) == ([3], [30])


def test_zero_scores_fill_up_by_tie():
    n_rows = 40_000
    table = np.zeros((n_rows, 1), dtype=np.uint8)
    table[39_000] = 1
    tie = np.arange(n_rows, dtype=np.uint32)[::-1]
    rows, scores = both(build(table), np.array([0]), np.array([7], dtype=np.uint16), 4, gate=None, tie=tie)
    assert (rows.tolist(), scores.tolist()) == ([39_000, 39_999, 39_998, 39_997], [7, 0, 0, 0])


@pytest.mark.parametrize("path", PATHS)
def test_batch_and_threads_equal_one_after_the_other(path, monkeypatch):
    monkeypatch.setattr(module, "COMPILED_FROM", PATHS[path])
    rng = np.random.default_rng(7)
    table = rng.integers(1, 256, (3000, 20)) * (rng.random((3000, 20)) < 0.1)
    postings, tie = build(table), rng.integers(0, 9, 3000).astype(np.uint32)
    terms, pay = rng.integers(0, 5, 3000).astype(np.uint16), rng.integers(0, 9, 3000).astype(np.uint16)
    queries, gates = [], []
    for number in range(150):
        columns = rng.permutation(20)[: number % 7]
        queries.append((columns, quantise(rng.random(len(columns)), postings)))
        edges = np.sort(rng.integers(0, 3001, 2 * (number % 4))).reshape(-1, 2)
        gates.append(Gate(edges, terms, rng.random(5) < 0.7 if number % 3 else None, pay=pay, pay_from=number % 5))
    for some in (gates, None):
        one = [
            search(postings, *query, 9, gate=gate, tie=tie)
            for query, gate in zip(queries, some or [None] * 150, strict=True)
        ]
        for threads in (1, 2):
            many = search_many(postings, queries, 9, gates=some, tie=tie, threads=threads)
            assert [[a.tolist() for a in found] for found in many] == [[a.tolist() for a in found] for found in one]


def test_a_batch_whose_gates_hold_different_codes_is_refused(monkeypatch):
    monkeypatch.setattr(module, "COMPILED_FROM", 0)
    postings, tie = build([[1], [2]]), np.arange(2, dtype=np.uint32)
    gates = [Gate(np.array([[0, 2]]), pay=np.zeros(2, dtype=np.uint16)) for _ in range(2)]
    queries = [(np.array([0]), np.array([1], dtype=np.uint16))] * 2
    with pytest.raises(InvalidValue, match="share"):
        search_many(postings, queries, 1, gates=gates, tie=tie)
    assert len(search_many(postings, queries, 1, gates=gates[:1] * 2, tie=tie)) == 2


@pytest.mark.parametrize("path", PATHS)
def test_memory_maps_give_the_same_answers(path, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "COMPILED_FROM", PATHS[path])
    rng = np.random.default_rng(1)
    table = rng.integers(0, 256, (500, 9)) * (rng.random((500, 9)) < 0.2)
    postings, tie = build(table), rng.permutation(500).astype(np.uint32)
    for name, array in postings.arrays().items():
        np.save(tmp_path / f"{name}.npy", array)
    mapped = Postings.from_arrays(
        {name: np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in postings.arrays()}
    )
    assert isinstance(mapped.rows, np.memmap)
    query = np.arange(9), quantise(np.ones(9), postings)
    for one, other in zip(
        search(postings, *query, 20, gate=None, tie=tie), search(mapped, *query, 20, gate=None, tie=tie), strict=True
    ):
        assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("columns", "ranges", "named"),
    [
        ([0, 0], [[0, 2]], "columns"),
        ([0, 2], [[0, 2]], "columns"),
        ([-1, 0], [[0, 2]], "columns"),
        ([0, 1], [[0, 3]], "ranges"),
        ([0, 1], [[-1, 2]], "ranges"),
        ([0, 1], [[0, 2], [1, 2]], "ranges"),
        ([0, 1], [[2, 1]], "ranges"),
        ([0, 1], [[0, 1], [1, 2]], ""),
    ],
)
def test_what_would_read_beside_the_arrays_is_refused(path, columns, ranges, named, monkeypatch):
    monkeypatch.setattr(module, "COMPILED_FROM", PATHS[path])
    query = np.array(columns), np.ones(2, dtype=np.uint16)
    asked = {"gate": Gate(np.array(ranges)), "tie": np.zeros(2, dtype=np.uint32)}
    if not named:
        assert len(search(build([[1, 2], [3, 4]]), *query, 2, **asked)[0]) == 2
        return
    with pytest.raises(InvalidValue, match=named):
        search(build([[1, 2], [3, 4]]), *query, 2, **asked)


@pytest.mark.parametrize("path", PATHS)
def test_the_highest_possible_score_fits_and_one_more_is_refused(path, monkeypatch):
    monkeypatch.setattr(module, "COMPILED_FROM", PATHS[path])
    postings, tie = build([[255]]), np.zeros(1, dtype=np.uint32)
    assert search(postings, np.array([0]), np.array([257], dtype=np.uint16), 1, gate=None, tie=tie)[1] == LARGEST_SCORE
    with pytest.raises(InvalidValue, match="weights"):
        search(postings, np.array([0]), np.array([258], dtype=np.uint16), 1, gate=None, tie=tie)
    gate = Gate(np.array([[0, 1]]), bonus=np.array([256], dtype=np.uint16))
    with pytest.raises(InvalidValue, match="weights"):
        search(postings, np.array([0]), np.array([256], dtype=np.uint16), 1, gate=gate, tie=tie)
    fits = replace(gate, bonus=np.array([255], dtype=np.uint16))
    assert search(postings, np.array([0]), np.array([256], dtype=np.uint16), 1, gate=fits, tie=tie)[1] == LARGEST_SCORE


@given(worlds())
@settings(deadline=None)
def test_quantised_weights_cannot_overflow(world):
    table, columns, _, _, _, _ = world
    raw = np.linspace(0.1, 1.0, len(columns) + 1)
    for postings in (build(table), None):
        whole = quantise(raw, postings, beside=1).astype(np.int64)
        worst = (table[:, columns].astype(np.int64) @ whole[:-1]).max(initial=0) if len(columns) else 0
        assert worst + 255 * whole[-1] <= LARGEST_SCORE
        assert (np.diff(whole) >= 0).all()


def test_knowing_the_rows_leaves_finer_weights():
    postings = build(np.eye(40, dtype=np.uint8) * 255)
    assert quantise(np.ones(40)).tolist() == [6] * 40
    assert quantise(np.ones(40), postings).tolist() == [257] * 40


@pytest.mark.parametrize("weights", [[-1.0], [np.nan], [np.inf]])
def test_weights_that_are_no_weights_are_refused(weights):
    with pytest.raises(InvalidValue, match="weights"):
        quantise(np.array(weights))


def test_a_row_that_names_a_column_twice_is_refused():
    with pytest.raises(InvalidValue, match="columns"):
        Postings.build(np.array([0, 2]), np.array([1, 1]), np.array([5, 6], dtype=np.uint8), 2)
    with pytest.raises(InvalidValue, match="columns"):
        Postings.build(np.array([0, 1]), np.array([2]), np.array([5], dtype=np.uint8), 2)


def test_an_entry_costs_three_bytes():
    rng = np.random.default_rng(0)
    table = rng.integers(1, 256, (4000, 50)) * (rng.random((4000, 50)) < 0.02)
    postings = build(table)
    assert len(postings.rows) == len(postings.impacts) == np.count_nonzero(table)
    assert postings.rows.itemsize + postings.impacts.itemsize == 3


def test_touch_reads_every_entry():
    table = np.zeros((16, 2), dtype=np.uint8)
    table[:, 0] = 2  # whole: the sum of impacts
    table[3, 1] = 5  # an entry: its row and its impact
    assert touch(build(table), np.array([0, 1])) == 32 + 3 + 5


def test_without_numba_the_plain_path_answers(monkeypatch):
    monkeypatch.setattr(module, "COMPILED_FROM", 0)
    monkeypatch.setattr(module, "_compiled", lambda: None)
    rows, scores = search(
        build([[1], [2]]), np.array([0]), np.ones(1, dtype=np.uint16), 1, gate=None, tie=np.zeros(2, dtype=np.uint32)
    )
    assert (rows.tolist(), scores.tolist()) == ([1], [2])
