"""How good a ranking is: pure functions of ranked ids and of what was relevant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2

import numpy as np
from numpy.typing import ArrayLike

RESAMPLES = 2_000
DRAWN_AT_ONCE = 1_000_000  # values, to bound memory
BINS = 10


def recall_at_k(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """The share of all relevant items that stands on the first k places; 0 when nothing is relevant."""
    return sum(item in relevant for item in ranked[:k]) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranked: Sequence[str], relevant: Collection[str]) -> float:
    """One over the place of the first relevant item; 0 when there is none (Voorhees 1999)."""
    return next((1 / place for place, item in enumerate(ranked, start=1) if item in relevant), 0.0)


def average_precision(ranked: Sequence[str], relevant: Collection[str]) -> float:
    """The mean, over all relevant items, of the precision at their places; those not ranked count 0."""
    if not relevant:
        return 0.0
    hits, total = 0, 0.0
    for place, item in enumerate(ranked, start=1):
        if item in relevant:
            hits += 1
            total += hits / place
    return total / len(relevant)


def ndcg_at_k(ranked: Sequence[str], gains: Mapping[str, float], k: int) -> float:
    """Discounted gain of the first k places over that of the best order (Järvelin & Kekäläinen 2002)."""
    best = _discounted(sorted(gains.values(), reverse=True)[:k])
    return _discounted(gains.get(item, 0.0) for item in ranked[:k]) / best if best else 0.0


def exposures(rankings: Iterable[Sequence[str]], items: Iterable[str], k: int) -> dict[str, int]:
    """How often each item stands on the first k places of a ranking; 0 for those that never do."""
    shown = Counter(item for ranked in rankings for item in ranked[:k])
    return {item: shown[item] for item in items}


def coverage(exposures: Collection[int]) -> float:
    """The share of items that are shown at all."""
    return sum(count > 0 for count in exposures) / len(exposures) if exposures else 0.0


def gini(exposures: Collection[float]) -> float:
    """How unequal non-negative exposures are: 0 when all are equal, towards 1 when one has everything (Gini 1912)."""
    total, n = sum(exposures), len(exposures)
    if not total:
        return 0.0
    return sum((2 * place - n - 1) * value for place, value in enumerate(sorted(exposures), start=1)) / (n * total)


@dataclass(frozen=True, slots=True)
class Bin:
    """One line of a reliability table: how many scores from `low` to `high`, their mean, the share that was right."""

    low: float
    high: float
    count: int
    score: float
    right: float


def reliability(scores: ArrayLike, right: ArrayLike, bins: int = BINS) -> list[Bin]:
    """Scores from 0 to 1 in bins of equal width beside how often they were right; empty bins are left out.

    A bin holds its lower edge, the last one 1 too (DeGroot & Fienberg 1983).
    """
    values, hits = np.asarray(scores, dtype=float), np.asarray(right, dtype=float)
    numbers = np.minimum((values * bins).astype(int), bins - 1)
    return [
        Bin(n / bins, (n + 1) / bins, int(inside.sum()), float(values[inside].mean()), float(hits[inside].mean()))
        for n in range(bins)
        if (inside := numbers == n).any()
    ]


def expected_calibration_error(table: Sequence[Bin]) -> float:
    """The mean distance of score and share right over a reliability table, by counts (Naeini et al. 2015)."""
    total = sum(line.count for line in table)
    return sum(line.count * abs(line.score - line.right) for line in table) / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with the ends of its 95% interval."""

    mean: float
    low: float
    high: float


def bootstrap(values: ArrayLike, seed: int = 0) -> Interval:
    """The mean of one value per query with its 95% percentile bootstrap interval over queries (Efron 1979).

    The same seed draws the same queries, so that intervals of systems on one task are comparable; the difference of two
    systems is bootstrapped as the mean of the differences per query. NaN for no value at all.
    """
    given = np.asarray(values, dtype=float)
    if not len(given):
        return Interval(np.nan, np.nan, np.nan)
    random = np.random.default_rng(seed)
    at_once = max(1, DRAWN_AT_ONCE // len(given))
    means = [
        given[random.integers(len(given), size=(min(at_once, RESAMPLES - start), len(given)))].mean(axis=1)
        for start in range(0, RESAMPLES, at_once)
    ]
    low, high = np.percentile(np.concatenate(means), [2.5, 97.5])
    return Interval(float(given.mean()), float(low), float(high))


def _discounted(gains: Iterable[float]) -> float:
    return sum(gain / log2(place + 1) for place, gain in enumerate(gains, start=1))
