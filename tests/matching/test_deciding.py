"""Metrics on cases worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from matching.metrics import average_precision, mean_average_precision, mean_reciprocal_rank, ndcg_at_k, precision_at_k


def test_metrics_worked_by_hand():
    ranked, relevant = ["a", "b", "c", "d"], {"b", "d", "z"}
    assert precision_at_k(ranked, relevant, 2) == 0.5
    assert average_precision(ranked, relevant) == pytest.approx((1 / 2 + 2 / 4) / 3)
    assert mean_average_precision([ranked, ["z"]], [relevant, {"z"}]) == pytest.approx((1 / 3 + 1) / 2)
    assert mean_reciprocal_rank([ranked, ranked], [relevant, set()]) == 0.25
    assert ndcg_at_k(["a", "b"], {"b": 3.0, "a": 1.0}, 2) == pytest.approx((1 + 3 / np.log2(3)) / (3 + 1 / np.log2(3)))
    assert ndcg_at_k([], {}, 5) == average_precision([], []) == mean_average_precision([], []) == 0
