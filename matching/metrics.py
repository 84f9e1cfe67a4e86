"""How good a ranking is: pure functions of ranked ids and of what was relevant."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import log2


def precision_at_k(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """The share of the first k places that is relevant; places left empty count as not relevant."""
    return sum(item in relevant for item in ranked[:k]) / k


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


def mean_reciprocal_rank(rankings: Sequence[Sequence[str]], relevant: Sequence[Collection[str]]) -> float:
    """The mean reciprocal rank over queries."""
    return _mean([reciprocal_rank(*pair) for pair in zip(rankings, relevant, strict=True)])


def mean_average_precision(rankings: Sequence[Sequence[str]], relevant: Sequence[Collection[str]]) -> float:
    """The mean average precision (MAP) over queries."""
    return _mean([average_precision(*pair) for pair in zip(rankings, relevant, strict=True)])


def _discounted(gains: Iterable[float]) -> float:
    return sum(gain / log2(place + 1) for place, gain in enumerate(gains, start=1))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
