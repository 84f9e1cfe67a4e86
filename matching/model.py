"""The learned ranker: the chance that an opening works out, from the prior score and what it is made of.

    log-odds = b * log-odds of the score + sum of d_j * contribution_j + a

With a = 0, b = 1, d = 0 that is the prior itself, and everything is drawn towards it, so few outcomes move it little.
Every contribution keeps a slope of at least zero: what speaks for an opening never lowers its chance.

Monotone gradient boosting, tried beside it on simulated programmes, ordered better where outcomes hung on thresholds of
two components at once, no better where they added up, and worse where the prior is right. It is left out until real
outcomes show the first kind; it also costs far more to ask and cannot start from the prior.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from matching import logit
from matching.card import Evidence, Fold, Metric, ModelCard, calibration_table, compare, count_outcomes, exposures
from matching.scoring import WEIGHTS
from matching.types import InvalidValue

Floats: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]

COLUMNS = tuple(str(code) for code in WEIGHTS)
QUARTER_DAYS = 91
LEAST_PEOPLE = 10
"""Fewer people in the newest quarter show nothing."""
SOFT = 0.01
"""Keeps the log-odds of a score of 0 or 1 finite."""
LEAST_SLOPE = 4 / (1 + 2 * SOFT)
"""The least slope of the score's log-odds: weights not below its negative leave every slope at zero or above."""


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
class _Rows:
    """What to learn from: values are rows x components, `known` is a day or, without dates, a row's number."""

    values: Floats
    gains: Floats
    known: NDArray[np.int64]
    people: NDArray[np.int64]


class Ranker:
    """The chance that an opening works out, from the contributions to its score; unfitted it is the score itself.

    After `fit`, `used` says whether the newest quarter showed it to be better than the prior; if not, it goes on
    predicting the prior. `card` tells all of it.
    """

    def __init__(self) -> None:
        self.weights = np.zeros(len(COLUMNS))
        self.prior_weight = 1.0
        self.intercept = 0.0
        self.used = False
        self.card = self._card("nothing_known", {})

    def fit(
        self,
        contributions: pd.DataFrame | ArrayLike,
        outcomes: ArrayLike,
        shown_on: ArrayLike | None = None,
        known_on: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        beside: pd.DataFrame | None = None,
    ) -> Ranker:
        """Learn from rows of openings that were shown.

        contributions: rows x components, as `OpeningIndex.contributions` gives them; no other column is taken.
        outcomes: names of `Outcome`, or steps 0 to 4 in the same order, or only 0 (did not work out) and 1 (did).
        shown_on, known_on: the day each opening was shown, and the day its outcome was known. What became known in the
        newest quarter of a year evaluates, the quarter before it calibrates, and only what was known earlier trains.
        Without dates the rows stand in order of time, and the last quarter of them is the newest.
        groups: the person of each row; nobody stands in two of the three parts. Without them each row is a person.
        beside: columns whose exposure the card is to show; never features.

        InvalidValue for any other column, number, date or length.
        """
        names, rows, quarter = _read(contributions, outcomes, shown_on, known_on, groups)
        if beside is not None and len(beside) != len(rows.gains):
            raise InvalidValue("beside: not one row for each row of contributions")
        self.__init__()  # type: ignore[misc]
        told = count_outcomes(names)
        if not names or np.ptp(rows.gains) == 0:
            self.card = self._card("one_kind" if names else "nothing_known", told)
            return self
        train, calibrate, newest = _split(rows, quarter)
        folds = [
            _fold(name, rows, of, dated=known_on is not None)
            for name, of in (("training", train), ("calibration", calibrate), ("newest quarter", newest))
        ]
        enough = len(np.unique(rows.people[newest])) >= LEAST_PEOPLE
        if not enough or not all(of.any() and np.ptp(rows.gains[of]) > 0 for of in (train, calibrate, newest)):
            self.card = self._card("too_few", told, folds=folds)
            return self
        self._learn(rows, train, calibrate)
        evidence = self._evidence(rows, train | calibrate, newest)
        metrics = compare(evidence)
        why = _verdict({metric.name: metric for metric in metrics})
        self.used = why == "better"
        self.card = self._card(
            why,
            told,
            folds=folds,
            metrics=metrics,
            calibration=calibration_table(evidence),
            exposure=() if beside is None else exposures(evidence, beside[newest]),
        )
        return self

    def predict_proba(self, contributions: pd.DataFrame | ArrayLike) -> Floats:
        """The chance of a bad and of a good outcome for each row (rows x 2, as scikit-learn has it)."""
        good = self.chances(_values(contributions))
        return np.column_stack([1 - good, good])

    def chances(self, values: Floats) -> Floats:
        """The chance for each row of contributions, columns in the order of WEIGHTS; the plain score if not `used`."""
        return self._chances(values) if self.used else _total(values, np.ones(len(COLUMNS)))

    def to_dict(self) -> dict[str, Any]:
        """The ranker with its card as plain JSON values."""
        return {
            "columns": list(COLUMNS),
            "weights": self.weights.tolist(),
            "prior_weight": self.prior_weight,
            "intercept": self.intercept,
            "used": self.used,
            "card": self.card.to_dict(),
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Ranker:
        """A ranker that `to_dict` gave; InvalidValue when it is none or was learned on other components."""
        ranker = cls()
        try:
            if record["columns"] != list(COLUMNS):
                raise InvalidValue("ranker: learned on other components")
            ranker.weights = np.array(record["weights"], dtype=float)
            ranker.prior_weight, ranker.intercept = float(record["prior_weight"]), float(record["intercept"])
            ranker.used, ranker.card = bool(record["used"]), ModelCard.from_dict(record["card"])
            if ranker.weights.shape != (len(COLUMNS),) or not np.isfinite(ranker.weights).all():
                raise InvalidValue("ranker: not one weight for each component")
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            if isinstance(error, InvalidValue):
                raise
            raise InvalidValue(f"not a saved ranker ({error})") from error
        return ranker

    def save(self, path: str | Path) -> None:
        """Write the ranker with its card as JSON."""
        Path(path).write_text(json.dumps(self.to_dict()), encoding="utf-8")

    @classmethod
    def open(cls, path: str | Path) -> Ranker:
        """Read a ranker that `save` wrote; InvalidValue when it is none or was learned on other components."""
        try:
            return cls.from_dict(json.loads(Path(path).read_text(encoding="utf-8")))
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise InvalidValue(f"{path}: not a saved ranker ({error})") from error

    def _chances(self, values: Floats) -> Floats:
        odds = self.prior_weight * _prior(values) + _total(values, self.weights) + self.intercept
        return logit.chances(odds)

    def _learn(self, rows: _Rows, train: Mask, calibrate: Mask) -> None:
        """Weights from what was known first, then intercept and slope from what was known next."""
        prior = _prior(rows.values)
        intercept, weights = logit.shrunk_weights(rows.values[train], prior[train], rows.gains[train], -LEAST_SLOPE)
        odds = intercept + prior + _total(rows.values, weights)
        shift, slope = logit.calibration(odds[calibrate], rows.gains[calibrate])
        self.weights, self.prior_weight, self.intercept = slope * weights, slope, shift + slope * intercept

    def _evidence(self, rows: _Rows, before: Mask, newest: Mask) -> Evidence:
        values, prior = rows.values[newest], _prior(rows.values)
        shift, slope = logit.calibration(prior[before], rows.gains[before])
        return Evidence(
            gains=rows.gains[newest],
            prior=logit.chances(prior[newest]),
            calibrated_prior=logit.chances(shift + slope * prior[newest]),
            model=self._chances(values),
            people=np.unique(rows.people[newest], return_inverse=True)[1].astype(np.int64),
        )

    def _card(self, why: str, told: Mapping[str, int], **parts: Any) -> ModelCard:
        empty: dict[str, Any] = {"folds": (), "metrics": (), "calibration": (), "exposure": ()}
        return ModelCard(
            used=self.used,
            why=why,
            outcomes=told,
            weights=dict(zip(COLUMNS, self.weights.tolist(), strict=True)),
            prior_weight=self.prior_weight,
            intercept=self.intercept,
            **{**empty, **{name: tuple(part) for name, part in parts.items()}},
        )


def _verdict(metrics: Mapping[str, Metric]) -> str:
    """Used is only what is worse in nothing and, beyond chance, better in log loss than the prior calibrated alike."""
    order = metrics.get("ndcg_at_10")
    if order is not None and order.difference < 0:
        return "worse_order"
    if metrics["log_loss"].difference > 0 or (beyond := metrics["log_loss_calibrated"].high) is None or beyond >= 0:
        return "not_better"
    return "better"


def _split(rows: _Rows, quarter: int) -> tuple[Mask, Mask, Mask]:
    """Training, calibration and evaluation, by when outcomes were known; people go with their newest row."""
    last = int(rows.known.max())
    age = np.minimum((last - rows.known) // quarter, 2)
    newest_of = np.full(int(rows.people.max()) + 1, 2)
    np.minimum.at(newest_of, rows.people, age)
    mine = age == newest_of[rows.people]
    return mine & (age == 2), mine & (age == 1), mine & (age == 0)


def _prior(values: Floats) -> Floats:
    """The score's log-odds, kept finite."""
    return logit.log_odds((_total(values, np.ones(len(COLUMNS))) + SOFT) / (1 + 2 * SOFT))


def _total(values: Floats, weights: Floats) -> Floats:
    """The weighted sum of each row, column by column: its last digit depends on neither the other rows nor layout."""
    total = np.zeros(len(values))
    for column, weight in zip(values.T, weights.tolist(), strict=True):
        total += column * weight
    return total


def _fold(name: str, rows: _Rows, of: Mask, dated: bool) -> Fold:
    known = rows.known[of]
    span = (
        [str(known.min().astype("datetime64[D]")), str(known.max().astype("datetime64[D]"))]
        if dated and of.any()
        else ["", ""]
    )
    return Fold(name, int(of.sum()), len(np.unique(rows.people[of])), *span)


def _read(
    contributions: pd.DataFrame | ArrayLike,
    outcomes: ArrayLike,
    shown_on: ArrayLike | None,
    known_on: ArrayLike | None,
    groups: ArrayLike | None,
) -> tuple[list[str], _Rows, int]:
    """The arguments of `fit` checked: outcomes by name, the rows, and the length of a quarter."""
    values = _values(contributions)
    number = len(values)
    names, gains = _gains(outcomes, number)
    known, quarter = _known(shown_on, known_on, number)
    people = np.arange(number) if groups is None else pd.factorize(_column("groups", groups, number))[0]
    if (people < 0).any():
        raise InvalidValue("groups: a person is missing")
    return names, _Rows(values, gains, known, people.astype(np.int64)), quarter


def _values(contributions: pd.DataFrame | ArrayLike) -> Floats:
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
