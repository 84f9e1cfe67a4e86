"""What became of openings that were shown: the outcomes, and rows of them checked before anything is learned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from matching.scoring import WEIGHTS
from matching.types import InvalidValue

Floats: TypeAlias = NDArray[np.float64]

COLUMNS = tuple(str(code) for code in WEIGHTS)
QUARTER_DAYS = 91


class Outcome(StrEnum):
    """How far an opening that was shown came, each step including the ones before it."""

    SHOWN = "shown"
    ACCEPTED = "accepted"
    INTRODUCED = "introduced"
    HIRED = "hired"
    RETAINED = "retained"


GAINS: Mapping[str, float] = {str(outcome): step / 4 for step, outcome in enumerate(Outcome)}
"""The share of the way that each outcome is."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What to learn from: values are rows x components, `known` is a day or, without dates, a row's number."""

    values: Floats
    gains: Floats
    known: NDArray[np.int64]
    people: NDArray[np.int64]


def read_rows(
    contributions: pd.DataFrame | ArrayLike,
    outcomes: ArrayLike,
    shown_on: ArrayLike | None,
    known_on: ArrayLike | None,
    groups: ArrayLike | None,
) -> tuple[list[str], Rows, int]:
    """Outcomes by name, the rows, and the length of a quarter, from the arguments of `Ranker.fit`."""
    values = read_values(contributions)
    number = len(values)
    names, gains = _gains(outcomes, number)
    known, quarter = _known(shown_on, known_on, number)
    people = np.arange(number) if groups is None else pd.factorize(_column("groups", groups, number))[0]
    if (people < 0).any():
        raise InvalidValue("groups: a person is missing")
    return names, Rows(values, gains, known, people.astype(np.int64)), quarter


def read_values(contributions: pd.DataFrame | ArrayLike) -> Floats:
    """Contributions as rows x components; InvalidValue for anything else, above all for further columns."""
    if isinstance(contributions, pd.DataFrame):
        if unknown := sorted({str(column) for column in contributions.columns} - set(COLUMNS)):
            raise InvalidValue(f"contributions: {', '.join(unknown)} is no component of the score")
        for column in COLUMNS:
            if column not in contributions.columns:
                raise InvalidValue(f"contributions: column {column} is missing")
        contributions = contributions[list(COLUMNS)]
    try:
        values = np.ascontiguousarray(contributions, dtype=float)
    except (TypeError, ValueError) as error:
        raise InvalidValue(f"contributions: not numbers ({error})") from error
    if values.ndim != 2 or values.shape[1] != len(COLUMNS):
        raise InvalidValue(f"contributions: not rows of {len(COLUMNS)} numbers")
    if not np.isfinite(values).all() or (values < 0).any() or (values.sum(axis=1) > 1 + 1e-9).any():
        raise InvalidValue("contributions: not between 0 and 1, or not known")
    return values


def _gains(outcomes: ArrayLike, number: int) -> tuple[list[str], Floats]:
    """Outcomes by name and as gains from 0 to 1."""
    told = _column("outcomes", outcomes, number)
    if told.dtype.kind in "OUST":
        names = [str(name) for name in told.tolist()]
        if unknown := set(names) - GAINS.keys():
            raise InvalidValue(f"outcomes: {sorted(unknown)[0]!r} is none of {', '.join(GAINS)}")
        return names, np.array([GAINS[name] for name in names])
    steps = told.astype(float)
    if not np.isin(steps, range(len(Outcome))).all():
        raise InvalidValue("outcomes: not one of 0 to 4 for each row of contributions")
    if steps.max(initial=0) > 1:
        return [str(list(Outcome)[int(step)]) for step in steps], steps / 4
    return ["good" if step else "not" for step in steps], steps


def _known(shown_on: ArrayLike | None, known_on: ArrayLike | None, number: int) -> tuple[NDArray[np.int64], int]:
    """When each outcome was known and how long a quarter is: in days, or in rows where there are no dates."""
    if (shown_on is None) != (known_on is None):
        raise InvalidValue("shown_on, known_on: both or neither")
    if shown_on is None or known_on is None:
        return np.arange(number), max(1, number // 4)
    shown, known = _days("shown_on", shown_on, number), _days("known_on", known_on, number)
    if (known < shown).any():
        raise InvalidValue("known_on: before the opening was shown")
    return known, QUARTER_DAYS


def _days(name: str, dates: ArrayLike, number: int) -> NDArray[np.int64]:
    try:
        days = pd.to_datetime(pd.Series(_column(name, dates, number))).to_numpy().astype("datetime64[D]")
    except (TypeError, ValueError) as error:
        raise InvalidValue(f"{name}: not dates ({error})") from error
    if np.isnat(days).any():
        raise InvalidValue(f"{name}: a date is missing")
    return days.astype(np.int64)


def _column(name: str, values: ArrayLike, number: int) -> NDArray[Any]:
    column = np.asarray(values)
    if column.shape != (number,):
        raise InvalidValue(f"{name}: not one for each row of contributions")
    return column
