"""The score: one pure function per component, and the weights that join them.

Every component maps arrays over openings to values from 0 to 1, NaN where there is no data. A component without data
drops out and its weight goes to the others in proportion, so the score stays within 0 and 1.

Whether a component has data depends on the opening and on the rest of the profile, never on which skills she holds:
only so can adding a skill never lower a score.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matching.types import ReasonCode

Floats = NDArray[np.float64]

# Judgement of the programme's field: must-haves first, then what she did and wishes for, then words and the way there.
WEIGHTS: Mapping[ReasonCode, float] = {
    ReasonCode.ESSENTIAL_SKILLS: 0.40,
    ReasonCode.OPTIONAL_SKILLS: 0.10,
    ReasonCode.OCCUPATION: 0.15,
    ReasonCode.WISH: 0.15,
    ReasonCode.TEXT: 0.12,
    ReasonCode.DISTANCE: 0.08,
}
# Coverage of a must-have that is wholly missing: one gap of many hurts without hiding what the others show.
GEOMETRIC_FLOOR = 0.05
HALF_DISTANCE_KM = 15.0
EARTH_RADIUS_KM = 6371.0088
# Contributions are multiples of this, so that sums of them are exact in any order and on any machine.
GRAIN = 2.0**-40


def essential_skills(needs: sparse.csr_array, credit: Floats) -> Floats:
    """Geometric mean of the credit for each must-have, from 0 (none met) to 1 (all met); NaN where none is asked.

    `needs` is openings x requirements (0 or 1), `credit` one value from 0 to 1 per requirement. The geometric mean lets
    a strong skill make up for a missing one only in part (UNDP 2010, Human Development Report, technical note 1).
    """
    counts = _counts(needs)
    logs = needs @ np.log(GEOMETRIC_FLOOR + (1 - GEOMETRIC_FLOOR) * credit)
    mean = np.exp(np.divide(logs, counts, out=np.full(counts.shape, np.nan), where=counts > 0))
    # The ends are exact: rounding must not leave a person who meets everything just below 1.
    return np.asarray(np.clip((mean - GEOMETRIC_FLOOR) / (1 - GEOMETRIC_FLOOR), 0.0, 1.0))


def optional_skills(wants: sparse.csr_array, credit: Floats) -> Floats:
    """Arithmetic mean of the credit for each nice-to-have; NaN where none is named."""
    counts = _counts(wants)
    return np.asarray(np.divide(wants @ credit, counts, out=np.full(counts.shape, np.nan), where=counts > 0))


def distance(km: Floats) -> Floats:
    """Half for every 15 km of great circle (exponential deterrence, Wilson 1971); NaN where a place is unknown."""
    return np.asarray(np.exp2(-km / HALF_DISTANCE_KM))


def kilometres(latitude: float, longitude: float, latitudes: Floats, longitudes: Floats) -> Floats:
    """Great-circle distance in km from one point to many, all in degrees (haversine, Sinnott 1984)."""
    phi, phis = np.radians(latitude), np.radians(latitudes)
    half = (
        np.sin((phis - phi) / 2) ** 2 + np.cos(phi) * np.cos(phis) * np.sin(np.radians(longitudes - longitude) / 2) ** 2
    )
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))))


def contributions(values: Floats) -> Floats:
    """Openings x components of WEIGHTS, values in that order -> contributions; each row sums exactly to its score."""
    weights = np.fromiter(WEIGHTS.values(), float)
    present = ~np.isnan(values)
    total = present @ weights
    shares = np.where(present, values, 0.0) * weights
    raw = np.divide(shares, total[:, None], out=np.zeros_like(shares), where=total[:, None] > 0)
    return np.asarray(np.floor(raw / GRAIN) * GRAIN)


def _counts(matrix: sparse.csr_array) -> Floats:
    return np.diff(matrix.indptr).astype(float)
