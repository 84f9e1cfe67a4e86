"""Columns of numbers that take few bytes and give back what was put in."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matching.arrays import Starts, lengths_of, starts_of


@given(st.lists(st.integers(0, 20) | st.just(100_000), max_size=80))
def test_starts_give_back_every_start_and_length(counts):
    counts = np.array(counts, dtype=np.int64)
    starts, numbers = starts_of(counts), np.arange(len(counts))
    kept = Starts.of(starts)
    assert kept[np.arange(len(starts))].tolist() == starts.tolist()
    assert lengths_of(kept, numbers).tolist() == counts.tolist()


def test_starts_of_short_runs_take_a_byte_and_a_quarter():
    kept = Starts.of(starts_of(np.full(160_000, 15)))
    assert kept.beyond.itemsize == 1
    assert kept.anchors.nbytes + kept.beyond.nbytes <= 1.26 * 160_000
