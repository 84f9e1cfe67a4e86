"""The learned ranker: a logistic model on the contributions that leans on the prior score while outcomes are few."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.linear_model import LogisticRegression

from matching.scoring import WEIGHTS
from matching.types import InvalidValue

COLUMNS = [str(code) for code in WEIGHTS]
# The number of outcomes of the rarer kind at which model and prior count alike.
PRIOR_STRENGTH = 50.0


class Ranker:
    """The chance that an opening works out, from the contributions to its score.

    Unfitted it is the prior: the score itself. Fitted, the model's share is n / (n + 50), n being the rarer of good and
    bad outcomes, so a handful of them changes little and one kind alone changes nothing.
    """

    def __init__(self) -> None:
        self.weights = np.zeros(len(COLUMNS))
        self.intercept = 0.0
        self.share = 0.0

    def fit(self, contributions: pd.DataFrame, outcomes: ArrayLike) -> Ranker:
        """Learn from contributions (rows: shown openings, columns: components) and outcomes (1 good, 0 not)."""
        values, good = _values(contributions), np.asarray(outcomes)
        if good.shape != (len(values),) or not np.isin(good, (0, 1)).all():
            raise InvalidValue("outcomes: not one 0 or 1 for each row of contributions")
        rarer = float(min(np.sum(good == 1), np.sum(good == 0)))
        self.__init__()  # type: ignore[misc]
        if rarer:
            model = LogisticRegression(C=10.0, max_iter=1000).fit(values / np.fromiter(WEIGHTS.values(), float), good)
            self.weights = model.coef_[0] / np.fromiter(WEIGHTS.values(), float)
            self.intercept = float(model.intercept_[0])
            self.share = rarer / (rarer + PRIOR_STRENGTH)
        return self

    def predict_proba(self, contributions: pd.DataFrame) -> NDArray[np.float64]:
        """The chance of a bad and of a good outcome for each row (rows x 2, as scikit-learn has it)."""
        values = _values(contributions)
        good = values.sum(axis=1)
        if self.share:
            learned = 1 / (1 + np.exp(-(values @ self.weights + self.intercept)))
            good = (1 - self.share) * good + self.share * learned
        return np.column_stack([1 - good, good])

    def save(self, path: str | Path) -> None:
        """Write the model as JSON."""
        record = {
            "columns": COLUMNS, "weights": self.weights.tolist(), "intercept": self.intercept, "share": self.share,
        }  # fmt: skip
        Path(path).write_text(json.dumps(record), encoding="utf-8")

    @classmethod
    def open(cls, path: str | Path) -> Ranker:
        """Read a model that `save` wrote; InvalidValue when it is none or was learned on other components."""
        ranker = cls()
        try:
            record = json.loads(Path(path).read_text(encoding="utf-8"))
            if record["columns"] != COLUMNS:
                raise InvalidValue(f"{path}: learned on other components")
            ranker.weights = np.array(record["weights"], dtype=float)
            ranker.intercept, ranker.share = float(record["intercept"]), float(record["share"])
        except (KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise InvalidValue(f"{path}: not a saved ranker ({error})") from error
        return ranker


def _values(contributions: pd.DataFrame) -> NDArray[np.float64]:
    for column in COLUMNS:
        if column not in contributions.columns:
            raise InvalidValue(f"contributions: column {column} is missing")
    return contributions[COLUMNS].to_numpy(dtype=float)
