"""The score: one pure function per component, and the weights that join them.

Every component gives one value from 0 to 1 per opening, NaN where there is no data. Distance says nothing of fit: it
keeps its own weight. The others share theirs: one without data drops out and its weight goes to the rest in proportion.

Whether a component has data depends on the opening and on the rest of the profile, never on which skills she holds:
only so can adding a skill never lower a score. Sums over requirements and words are sums of whole numbers, exact in any
order, so every way to compute a score gives the same bits.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from matching.types import ReasonCode

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

# Judgement of the programme's field: must-haves first, then what she did and wishes for, then words and the way there.
WEIGHTS: Mapping[ReasonCode, float] = {
    ReasonCode.ESSENTIAL_SKILLS: 0.40,
    ReasonCode.OPTIONAL_SKILLS: 0.10,
    ReasonCode.OCCUPATION: 0.15,
    ReasonCode.WISH: 0.15,
    ReasonCode.TEXT: 0.12,
    ReasonCode.DISTANCE: 0.08,
}
FIT = tuple(code for code in WEIGHTS if code is not ReasonCode.DISTANCE)
# Coverage of a must-have that is wholly missing: one gap of many hurts without hiding what the others show.
GEOMETRIC_FLOOR = 0.05
HALF_DISTANCE_KM = 15.0
EARTH_RADIUS_KM = 6371.0088
# Contributions are multiples of this, so that sums of them are exact in any order and on any machine.
GRAIN = 2.0**-40
# Credits and their logarithms are summed as whole multiples of this.
UNIT = 2.0**-32
# The impact of a word is stored in so many steps.
IMPACT_STEPS = 255


def log_credit(credit: Floats) -> Whole:
    """What each credit adds to the logarithm of the geometric mean above that of a missing skill, in UNITs."""
    floor = GEOMETRIC_FLOOR + (1 - GEOMETRIC_FLOOR) * credit
    return np.asarray(np.rint(np.log(floor / GEOMETRIC_FLOOR) / UNIT), dtype=np.int64)


FULL_LOG_CREDIT = int(log_credit(np.ones(1))[0])


def essential_skills(logs: Whole, asked: Whole) -> Floats:
    """Geometric mean of the credit for each must-have, from 0 (none met) to 1 (all met); NaN where none is asked.

    `logs` is the sum of `log_credit` over the must-haves, `asked` their number. The geometric mean lets a strong skill
    make up for a missing one only in part (UNDP 2010, Human Development Report, technical note 1).
    """
    # Counted down from the full sum, so that the end is exact: who meets everything has exactly 1.
    short = np.divide((asked * FULL_LOG_CREDIT - logs) * UNIT, asked, out=np.full(len(asked), np.nan), where=asked > 0)
    mean = (np.exp(-short) - GEOMETRIC_FLOOR) / (1 - GEOMETRIC_FLOOR)
    mean[(logs == 0) & (asked > 0)] = 0.0
    return np.asarray(np.clip(mean, 0.0, 1.0))


def optional_skills(credits: Whole, asked: Whole) -> Floats:
    """Arithmetic mean of the credit for each nice-to-have, given their sum in UNITs; NaN where none is named."""
    return np.asarray(np.divide(credits * UNIT, asked, out=np.full(len(asked), np.nan), where=asked > 0))


def text(products: Whole, words: Whole) -> Floats:
    """Cosine of TF-IDF vectors (Salton & Buckley 1988); NaN where the opening has no words.

    `products` is the sum of query weight (in UNITs) times impact (of IMPACT_STEPS) over the words shared.
    """
    return np.where(words > 0, np.minimum(products * (UNIT / IMPACT_STEPS), 1.0), np.nan)


def distance(km: Floats) -> Floats:
    """Half for every 15 km of great circle (exponential deterrence, Wilson 1971); NaN where a place is unknown."""
    return np.asarray(np.exp2(-km / HALF_DISTANCE_KM))


def kilometres(point: Floats, points: Floats) -> Floats:
    """Great-circle distance in km from one point of the unit sphere (3) to many (3 x n), by the chord between them."""
    x, y, z = points[0] - point[0], points[1] - point[1], points[2] - point[2]
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(np.sqrt(x * x + y * y + z * z) / 2, 1.0)))


def fit_without_optional(values: Floats) -> Floats:
    """The weighted mean of the components that say how she fits, nice-to-haves left out; NaN where none has data."""
    rows = [row for row, code in enumerate(FIT) if code is not ReasonCode.OPTIONAL_SKILLS]
    total, weight = np.zeros(values.shape[1]), np.zeros(values.shape[1])
    for row in rows:
        present = ~np.isnan(values[row])
        share = WEIGHTS[FIT[row]]
        total += np.where(present, values[row], 0.0) * share
        weight += np.where(present, share, 0.0)
    return np.asarray(np.divide(total, weight, out=np.full(len(total), np.nan), where=weight > 0))


def contributions(values: Floats) -> Floats:
    """Components of WEIGHTS x openings, in that order -> contributions; each column sums exactly to its score.

    Distance contributes its weight times its value; the rest of 1 goes to the other components that have data.
    """
    present = ~np.isnan(values)
    weights = np.fromiter(WEIGHTS.values(), float)
    shares = np.where(present, values, 0.0) * weights[:, None]
    # The weights of the present ones are added in one order, whatever the number of openings.
    total = np.zeros(values.shape[1])
    for row in range(len(FIT)):
        total += np.where(present[row], weights[row], 0.0)
    left = np.where(present[-1], 1.0 - weights[-1], 1.0)
    shares[:-1] *= np.divide(left, total, out=np.zeros_like(total), where=total > 0)
    return np.asarray(np.floor(shares / GRAIN) * GRAIN)
