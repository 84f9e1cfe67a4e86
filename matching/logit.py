"""Logistic models that start from a prior's log-odds and leave it as far as the outcomes carry them.

Written out because scikit-learn's logistic regression takes neither an offset nor bounds.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats: TypeAlias = NDArray[np.float64]

WIDTHS = (0.03, 0.1, 0.3, 1.0, 3.0)
"""Standard deviations tried for the weights, per standard deviation of a column."""
INTERCEPT_WIDTH, SLOPE_WIDTH = 1.5, 0.5
"""Standard deviations of an intercept around 0 and of a slope around 1."""
STEPS, FLAT, SHORTEST = 100, 1e-9, 1e-9
"""Newton's method ends after so many steps, at a slope so small, or when no step of this size leads down."""


def shrunk_weights(values: Floats, prior: Floats, gains: Floats, least: float) -> tuple[float, Floats]:
    """Intercept and weights of columns beside a prior's log-odds, drawn towards 0 by empirical Bayes (Morris 1983).

    values: rows x columns; gains: 0 to 1, a share of a good outcome (Papke & Wooldridge 1996); least: of any weight.
    Of WIDTHS the most likely one given the outcomes is used (Laplace's approximation, MacKay 1992).
    """
    spread = values.std(axis=0)
    varies = spread > 0
    design = np.column_stack([np.ones(len(values)), values[:, varies] / spread[varies]])
    bounds = np.append(-np.inf, least * spread[varies])

    def fitted(width: float) -> tuple[float, Floats]:
        precision = np.append(INTERCEPT_WIDTH**-2, np.full(varies.sum(), width**-2))
        point = _most_likely(design, prior, gains, precision, bounds)
        odds = prior + design @ point
        chance = chances(odds)
        curvature = _curvature(design, chance, precision)
        occam = 0.5 * (np.log(precision).sum() - np.linalg.slogdet(curvature)[1])
        return float(occam - _loss(odds, gains) - 0.5 * precision @ point**2), point

    point = max((fitted(width) for width in (WIDTHS if varies.any() else WIDTHS[:1])), key=lambda found: found[0])[1]
    weights = np.zeros(values.shape[1])
    weights[varies] = point[1:] / spread[varies]
    return float(point[0]), np.maximum(weights, least)


def calibration(odds: Floats, gains: Floats) -> tuple[float, float]:
    """Shift and non-negative slope of log-odds (Platt 1999), drawn towards 0 and 1 while outcomes are few."""
    design = np.column_stack([np.ones(len(odds)), odds])
    precision = np.array([INTERCEPT_WIDTH**-2, SLOPE_WIDTH**-2])
    # The odds are the offset too, so that the slope's deviation from 1 is what is drawn to 0.
    shift, more = _most_likely(design, odds, gains, precision, np.array([-np.inf, -1.0]))
    return float(shift), 1 + float(more)


def chances(odds: Floats) -> Floats:
    """Log-odds as chances."""
    return np.asarray(expit(odds))


def log_odds(chance: Floats) -> Floats:
    """Chances, neither 0 nor 1, as log-odds."""
    return np.asarray(np.log(chance / (1 - chance)))


def _most_likely(design: Floats, offset: Floats, gains: Floats, precision: Floats, least: Floats) -> Floats:
    """The most likely point of a logistic model with an offset, lower bounds and a Gaussian prior around 0.

    Projected Newton steps (Bertsekas 1982, SIAM J. Control 20): few, and no threads for so small a problem.
    """

    def badness(at: Floats) -> float:
        return _loss(offset + design @ at, gains) + 0.5 * float(precision @ at**2)

    point = np.zeros(design.shape[1])
    value = badness(point)
    for _step in range(STEPS):
        chance = chances(offset + design @ point)
        slope = design.T @ (chance - gains) + precision * point
        free = (point > least) | (slope < 0)
        if np.abs(slope[free]).max(initial=0.0) < FLAT:
            break
        curvature = _curvature(design, chance, precision)
        direction = np.zeros_like(point)
        direction[free] = -np.linalg.solve(curvature[np.ix_(free, free)], slope[free])
        size = 1.0
        while True:
            trial = np.maximum(point + size * direction, least)
            found = badness(trial)
            if found <= value + 1e-4 * float(slope @ (trial - point)) or size < SHORTEST:
                break
            size /= 2
        if found >= value:
            break
        point, value = trial, found
    return point


def _curvature(design: Floats, chance: Floats, precision: Floats) -> Floats:
    return np.asarray((design.T * (chance * (1 - chance))) @ design + np.diag(precision))


def _loss(odds: Floats, gains: Floats) -> float:
    return float((np.logaddexp(0, odds) - gains * odds).sum())
