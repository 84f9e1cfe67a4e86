"""Metrics on cases worked by hand, and what holds of them in general."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.metrics import (
    Bin,
    average_precision,
    bootstrap,
    coverage,
    expected_calibration_error,
    exposures,
    gini,
    ndcg_at_k,
    recall_at_k,
    reciprocal_rank,
    reliability,
)

counts = st.lists(st.integers(0, 50), min_size=1, max_size=12)
chances = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40)


def test_rankings_worked_by_hand():
    ranked, relevant = ["a", "b", "c", "d"], {"b", "d", "z"}
    assert recall_at_k(ranked, relevant, 2) == pytest.approx(1 / 3)
    assert recall_at_k(ranked, relevant, 9) == pytest.approx(2 / 3)
    assert average_precision(ranked, relevant) == pytest.approx((1 / 2 + 2 / 4) / 3)
    assert reciprocal_rank(ranked, relevant) == 0.5
    assert reciprocal_rank(ranked, set()) == 0
    assert ndcg_at_k(["a", "b"], {"b": 3.0, "a": 1.0}, 2) == pytest.approx((1 + 3 / np.log2(3)) / (3 + 1 / np.log2(3)))
    assert ndcg_at_k([], {}, 5) == average_precision([], []) == 0
    assert recall_at_k(ranked, [], 3) == 0


def test_exposure_worked_by_hand():
    shown = exposures([["a", "b", "c"], ["a", "c"], []], ["a", "b", "c", "d"], k=2)
    assert shown == {"a": 2, "b": 1, "c": 1, "d": 0}
    assert coverage(shown.values()) == 0.75
    # Mean absolute difference of all ordered pairs over twice the mean: (4 x 1 + 2 x 2 + 4 x 1) / 16 / 2.
    assert gini(shown.values()) == pytest.approx(0.375)
    assert gini([0, 0, 0, 4]) == 0.75
    assert gini([3, 3]) == gini([0, 0]) == gini([]) == coverage([]) == 0


@given(counts)
def test_gini_is_half_the_relative_mean_difference_and_knows_no_scale(values):
    differences = np.abs(np.subtract.outer(values, values)).mean()
    expected = differences / (2 * np.mean(values)) if any(values) else 0.0
    assert gini(values) == pytest.approx(expected)
    assert gini([7 * value for value in reversed(values)]) == pytest.approx(expected)


def test_reliability_worked_by_hand():
    table = reliability([0.0, 0.05, 0.1, 0.95, 1.0], [0, 1, 0, 1, 1])
    assert [(line.low, line.high, line.count) for line in table] == [(0.0, 0.1, 2), (0.1, 0.2, 1), (0.9, 1.0, 2)]
    assert [line.score for line in table] == pytest.approx([0.025, 0.1, 0.975])
    assert [line.right for line in table] == [0.5, 0.0, 1.0]
    assert expected_calibration_error(table) == pytest.approx((2 * 0.475 + 0.1 + 2 * 0.025) / 5)
    assert expected_calibration_error([]) == 0
    assert expected_calibration_error([Bin(0.7, 0.8, 4, 0.75, 0.75)]) == 0


@given(chances)
def test_every_score_stands_in_one_bin_that_holds_it(pairs):
    table = reliability([score for score, _ in pairs], [right for _, right in pairs])
    assert sum(line.count for line in table) == len(pairs)
    assert sum(line.right * line.count for line in table) == pytest.approx(sum(right for _, right in pairs))
    assert all(line.low - 1e-9 <= line.score <= line.high + 1e-9 for line in table)
    assert 0 <= expected_calibration_error(table) <= 1


def test_the_bootstrap_agrees_with_theory_and_with_itself():
    values = np.random.default_rng(1).normal(3.0, 2.0, 400)
    found = bootstrap(values, seed=5)
    assert found == bootstrap(values, seed=5) != bootstrap(values, seed=6)
    assert found.mean == pytest.approx(values.mean())
    half = 1.96 * values.std() / np.sqrt(len(values))
    assert (found.mean - found.low, found.high - found.mean) == (
        pytest.approx(half, rel=0.1),
        pytest.approx(half, rel=0.1),
    )


def test_the_bootstrap_has_no_opinion_without_values_and_no_doubt_about_equal_ones():
    assert np.isnan(bootstrap([]).mean)
    same = bootstrap([0.25] * 7)
    assert same.mean == same.low == same.high == 0.25
