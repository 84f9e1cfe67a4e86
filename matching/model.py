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
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from matching import logit
from matching.card import Evidence, Fold, Metric, ModelCard, calibration_table, compare, count_outcomes, exposures
from matching.outcomes import COLUMNS, GAINS, Outcome, Rows, read_rows, read_values
from matching.types import InvalidValue

__all__ = ["COLUMNS", "GAINS", "Outcome", "Ranker"]

Floats: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]

LEAST_PEOPLE = 10
"""Fewer people in the newest quarter show nothing."""
FOLDS = 5
"""Each fifth of the people is evaluated by what the others taught."""
SOFT = 0.01
"""Keeps the log-odds of a score of 0 or 1 finite."""
LEAST_SLOPE = 4 / (1 + 2 * SOFT)
"""The least slope of the score's log-odds: weights not below its negative leave every slope at zero or above."""


@dataclass(frozen=True, slots=True)
class _Learned:
    """What the model adds to the prior's log-odds."""

    weights: Floats
    prior_weight: float
    intercept: float

    def chances(self, values: Floats) -> Floats:
        return logit.chances(self.prior_weight * _prior(values) + _total(values, self.weights) + self.intercept)


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
        groups: the person of each row; what evaluates her rows was learned from others. Without them each row is one.
        beside: columns whose exposure the card is to show; never features.

        InvalidValue for any other column, number, date or length.
        """
        names, rows, quarter = read_rows(contributions, outcomes, shown_on, known_on, groups)
        if beside is not None and len(beside) != len(rows.gains):
            raise InvalidValue("beside: not one row for each row of contributions")
        self.__init__()  # type: ignore[misc]
        told = count_outcomes(names)
        if not names or np.ptp(rows.gains) == 0:
            self.card = self._card("one_kind" if names else "nothing_known", told)
            return self
        age = np.minimum((rows.known.max() - rows.known) // quarter, 2)  # in quarters: 0 the newest, 2 all that train
        folds = [
            _fold(name, rows, age == part, dated=known_on is not None)
            for part, name in ((2, "training"), (1, "calibration"), (0, "newest quarter"))
        ]
        if not _enough(rows, age):
            self.card = self._card("too_few", told, folds=folds)
            return self
        learned = _learn(rows, age, np.ones(len(names), dtype=bool))
        self.weights, self.prior_weight, self.intercept = learned.weights, learned.prior_weight, learned.intercept
        evidence = _evidence(rows, age)
        metrics = compare(evidence)
        why = _verdict({metric.name: metric for metric in metrics})
        self.used = why == "better"
        self.card = self._card(
            why,
            told,
            folds=folds,
            metrics=metrics,
            calibration=calibration_table(evidence),
            exposure=() if beside is None else exposures(evidence, beside[age == 0]),
        )
        return self

    def predict_proba(self, contributions: pd.DataFrame | ArrayLike) -> Floats:
        """The chance of a bad and of a good outcome for each row (rows x 2, as scikit-learn has it)."""
        good = self.chances(read_values(contributions))
        return np.column_stack([1 - good, good])

    def chances(self, values: Floats) -> Floats:
        """The chance for each row of contributions, columns in the order of WEIGHTS; the plain score if not `used`."""
        if not self.used:
            return _total(values, np.ones(len(COLUMNS)))
        return _Learned(self.weights, self.prior_weight, self.intercept).chances(values)

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


def _enough(rows: Rows, age: NDArray[np.int64]) -> bool:
    """Whether the newest quarter has enough people, and each fold outcomes of unlike gain to learn from."""
    if len(np.unique(rows.people[age == 0])) < LEAST_PEOPLE or np.ptp(rows.gains[age == 0]) == 0:
        return False
    parts = [rows.gains[(age == part) & (rows.people % FOLDS != fold)] for part in (1, 2) for fold in range(FOLDS)]
    return all(len(part) and np.ptp(part) > 0 for part in parts)


def _learn(rows: Rows, age: NDArray[np.int64], of: Mask, *, reweigh: bool = True) -> _Learned:
    """Weights from what was known first, then intercept and slope from what was known next, among some rows.

    Without `reweigh` the components keep the prior's weights, and only its level and spread are learned.
    """
    train, calibrate = of & (age == 2), of & (age == 1)
    prior, values = _prior(rows.values), rows.values if reweigh else np.zeros_like(rows.values)
    intercept, weights = logit.shrunk_weights(values[train], prior[train], rows.gains[train], -LEAST_SLOPE)
    odds = intercept + prior + _total(values, weights)
    shift, slope = logit.calibration(odds[calibrate], rows.gains[calibrate])
    return _Learned(slope * weights, slope, shift + slope * intercept)


def _evidence(rows: Rows, age: NDArray[np.int64]) -> Evidence:
    """The newest quarter, each person by models that learned from other people and from earlier days (cross-fitting).

    People are dealt out by number, not by when they were last seen: who still looks is not like who has found work.
    """
    newest = age == 0
    model, calibrated = np.zeros(len(age)), np.zeros(len(age))
    for fold in range(FOLDS):
        hers = rows.people % FOLDS == fold
        asked = newest & hers
        model[asked] = _learn(rows, age, ~hers).chances(rows.values[asked])
        calibrated[asked] = _learn(rows, age, ~hers, reweigh=False).chances(rows.values[asked])
    return Evidence(
        gains=rows.gains[newest],
        prior=logit.chances(_prior(rows.values[newest])),
        calibrated_prior=calibrated[newest],
        model=model[newest],
        people=np.unique(rows.people[newest], return_inverse=True)[1].astype(np.int64),
    )


def _prior(values: Floats) -> Floats:
    """The score's log-odds, kept finite."""
    return logit.log_odds((_total(values, np.ones(len(COLUMNS))) + SOFT) / (1 + 2 * SOFT))


def _total(values: Floats, weights: Floats) -> Floats:
    """The weighted sum of each row, column by column: its last digit depends on neither the other rows nor layout."""
    total = np.zeros(len(values))
    for column, weight in zip(values.T, weights.tolist(), strict=True):
        total += column * weight
    return total


def _fold(name: str, rows: Rows, of: Mask, dated: bool) -> Fold:
    known = rows.known[of]
    span = (
        [str(known.min().astype("datetime64[D]")), str(known.max().astype("datetime64[D]"))]
        if dated and of.any()
        else ["", ""]
    )
    return Fold(name, int(of.sum()), len(np.unique(rows.people[of])), *span)
