"""Shares of few, drawn towards the share of all: empirical Bayes with a beta prior, so that one of one is not 100%."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln

FEWEST_GROUPS = 3


def shrunk(counts: Mapping[str, tuple[int, int]]) -> dict[str, float]:
    """For each group of (part, whole) its share, drawn towards the mean of all by how little is known of it.

    The prior's mean and strength maximise the beta-binomial likelihood (Griffiths 1973). Of fewer than three groups no
    spread can be learned: all get the share of all. Groups of nobody get the mean.
    """
    parts = np.array([part for part, _ in counts.values()], dtype=float)
    wholes = np.array([whole for _, whole in counts.values()], dtype=float)
    if (parts < 0).any() or (parts > wholes).any():
        raise ValueError("a part lies between nothing and its whole")
    if not wholes.sum():
        return {}
    mean = parts.sum() / wholes.sum()
    if (wholes > 0).sum() < FEWEST_GROUPS or mean in (0.0, 1.0):
        return dict.fromkeys(counts, float(mean))
    a, b = _prior(parts, wholes, mean)
    return {name: float((a + part) / (a + b + whole)) for name, part, whole in zip(counts, parts, wholes, strict=True)}


def _prior(parts: NDArray[np.float64], wholes: NDArray[np.float64], mean: float) -> tuple[float, float]:
    """The beta prior's two parameters."""

    def loss(position: NDArray[np.float64]) -> float:
        centre, strength = 1 / (1 + np.exp(-position[0])), np.exp(position[1])
        a, b = centre * strength, (1 - centre) * strength
        return -float((betaln(a + parts, b + wholes - parts) - betaln(a, b)).sum())

    start = np.array([np.log(mean / (1 - mean)), np.log(10.0)])
    # The strength is bounded: where groups do not differ at all it would run away.
    found = minimize(loss, start, bounds=[(-8, 8), (np.log(0.5), np.log(10_000))]).x
    centre, strength = 1 / (1 + np.exp(-found[0])), np.exp(found[1])
    return float(centre * strength), float((1 - centre) * strength)
