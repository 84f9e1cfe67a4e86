"""The model card of a ranker: what it learned from, how good it was on the newest quarter, when not to use it.

After Mitchell et al. 2019, Model cards for model reporting (FAT* '19).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matching.metrics import ndcg_at_k

Floats: TypeAlias = NDArray[np.float64]

TOP = 10
"""Places of a ranking that count, for nDCG and for exposure."""
RESAMPLES = 1000
BINS, LEAST_IN_BIN = 5, 10
FEWEST = 10
"""Numbers of rows or people below this are not written out."""
LIMITS = (
    "It knows only openings that somebody decided about: what was never shown or never opened taught it nothing.",
    "That higher places are looked at more is not corrected for (position bias).",
    "A yes or a job also depends on employers, counsellors and the season; none of these is a component.",
    "It ranks openings for one person. It says nothing about people and must not be used to choose among them.",
    "Do not use it in another programme, after the components or their data changed, or a year after it was learned.",
)


@dataclass(frozen=True, slots=True)
class Fold:
    """Rows used for one purpose: how many, of how many people, and the first and last day of what became known."""

    name: str
    rows: int
    people: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of prior and model on the newest quarter; `low` to `high` is the 95% interval of the difference."""

    name: str
    prior: float
    model: float
    difference: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows of the newest quarter with like chances: what model and prior said on average, and what came."""

    rows: int
    model: float
    prior: float
    observed: float


@dataclass(frozen=True, slots=True)
class Exposure:
    """The share of the discounted first ten places that one group of a column has by the prior and by the model."""

    column: str
    value: str
    rows: int
    people: int
    prior: float
    model: float


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What must be known of a ranker before anybody relies on it.

    `why` says how the decision on using it fell: nothing_known, one_kind, too_few, worse_order, not_better or better.
    """

    used: bool
    why: str
    outcomes: Mapping[str, int]
    folds: Sequence[Fold]
    weights: Mapping[str, float]
    prior_weight: float
    intercept: float
    metrics: Sequence[Metric]
    calibration: Sequence[Bin]
    exposure: Sequence[Exposure]
    limits: Sequence[str] = LIMITS

    def to_dict(self) -> dict[str, Any]:
        """The card as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> ModelCard:
        """A card that `to_dict` gave; TypeError or KeyError when it is none."""
        parts: dict[str, Callable[..., Any]] = {
            "folds": Fold, "metrics": Metric, "calibration": Bin, "exposure": Exposure,
        }  # fmt: skip
        lists = {name: tuple(make(**each) for each in record[name]) for name, make in parts.items()}
        return cls(**{**record, **lists, "limits": tuple(record["limits"])})

    def markdown(self) -> str:
        """The card for reading; small numbers are left out."""
        return "\n".join(_markdown(self)) + "\n"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Rows on which a model is compared with the prior: gains 0 to 1, chances by each, number of the person.

    `calibrated_prior` has the prior's order with its level and spread learned: what a model must beat to be worth it.
    """

    gains: Floats
    prior: Floats
    calibrated_prior: Floats
    model: Floats
    people: NDArray[np.int64]


def compare(evidence: Evidence) -> tuple[Metric, ...]:
    """nDCG@10 per person (where somebody has rows of unlike gain), log loss and Brier score per row.

    Intervals are percentiles of a paired bootstrap over people (Efron & Tibshirani 1993), the same each time. Gains
    between 0 and 1 count as shares of a good outcome (fractional logit, Papke & Wooldridge 1996). `log_loss_calibrated`
    compares with the calibrated prior. The calibration error is of bins and stands without an interval.
    """
    rows = np.bincount(evidence.people).astype(float)
    orders = _orders(evidence, evidence.prior), _orders(evidence, evidence.model)
    sums: dict[str, tuple[Floats, Floats, Floats]] = {}
    if not np.isnan(orders[0]).all():
        sums["ndcg_at_10"] = np.nan_to_num(orders[0]), np.nan_to_num(orders[1]), 1.0 - np.isnan(orders[0])
    for name, loss, prior in (
        ("log_loss", log_loss, evidence.prior),
        ("log_loss_calibrated", log_loss, evidence.calibrated_prior),
        ("brier", _square, evidence.prior),
    ):
        sums[name] = _sums(evidence, loss, prior), _sums(evidence, loss, evidence.model), rows
    errors = [calibration_error(chances, evidence.gains) for chances in (evidence.prior, evidence.model)]
    return (*_metrics(sums), Metric("calibration_error", errors[0], errors[1], errors[1] - errors[0]))


def log_loss(gains: Floats, chances: Floats) -> Floats:
    """The log loss of each row."""
    sure = np.clip(chances, 1e-9, 1 - 1e-9)
    return np.asarray(-(gains * np.log(sure) + (1 - gains) * np.log1p(-sure)))


def calibration_error(chances: Floats, gains: Floats) -> float:
    """The mean distance of chance from outcome over bins of equal size (expected calibration error)."""
    bins = _bins(chances)
    return float(sum(len(rows) * abs(chances[rows].mean() - gains[rows].mean()) for rows in bins) / len(gains))


def calibration_table(evidence: Evidence) -> tuple[Bin, ...]:
    """Up to five bins of at least ten rows by the model's chance."""
    return tuple(
        Bin(
            rows=len(rows),
            model=float(evidence.model[rows].mean()),
            prior=float(evidence.prior[rows].mean()),
            observed=float(evidence.gains[rows].mean()),
        )
        for rows in _bins(evidence.model)
    )


def exposures(evidence: Evidence, beside: pd.DataFrame) -> tuple[Exposure, ...]:
    """How places are shared among the groups of each column that stands beside the data and is no feature."""
    shares = {
        name: _places(evidence.people, chances) for name, chances in (("p", evidence.prior), ("m", evidence.model))
    }
    found = []
    for column in beside.columns:
        values = beside[column].fillna("").astype(str).to_numpy()
        for value in sorted(set(values.tolist())):
            of = values == value
            prior, model = (float(share[of].sum() / share.sum()) for share in shares.values())
            people = len(set(evidence.people[of].tolist()))
            found.append(Exposure(str(column), value, int(of.sum()), people, prior, model))
    return tuple(found)


def count_outcomes(outcomes: Sequence[str]) -> dict[str, int]:
    """How many rows have each outcome, in alphabetical order."""
    return dict(sorted(Counter(outcomes).items()))


def _orders(evidence: Evidence, chances: Floats) -> Floats:
    """Each person's nDCG@10; NaN where all her rows have one gain, since every order is right."""
    result = np.full(int(evidence.people.max()) + 1, np.nan)
    for person, rows in _by_person(evidence.people):
        if np.ptp(evidence.gains[rows]) > 0:
            ranked = rows[np.argsort(-chances[rows], kind="stable")].astype(str).tolist()
            gains = dict(zip(rows.astype(str).tolist(), evidence.gains[rows].tolist(), strict=True))
            result[person] = ndcg_at_k(ranked, gains, TOP)
    return result


def _places(people: NDArray[np.int64], chances: Floats) -> Floats:
    """The discount of each row's place among its person's; 0 beyond the tenth."""
    result = np.zeros(len(chances))
    for _person, rows in _by_person(people):
        best = rows[np.argsort(-chances[rows], kind="stable")][:TOP]
        result[best] = 1 / np.log2(np.arange(len(best)) + 2)
    return result


def _by_person(people: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    order = np.argsort(people, kind="stable")
    starts = np.flatnonzero(np.diff(people[order], prepend=-1))
    for rows in np.split(order, starts[1:]):
        yield int(people[rows[0]]), rows


def _sums(evidence: Evidence, loss: Callable[[Floats, Floats], Floats], chances: Floats) -> Floats:
    return np.asarray(np.bincount(evidence.people, loss(evidence.gains, chances)), dtype=float)


def _square(gains: Floats, chances: Floats) -> Floats:
    return np.asarray((gains - chances) ** 2)


def _metrics(sums: Mapping[str, tuple[Floats, Floats, Floats]]) -> Iterator[Metric]:
    """For each name the sums per person of prior and model over their sizes, with the interval of the difference."""
    differences = np.column_stack([model - prior for prior, model, _sizes in sums.values()])
    sizes = np.column_stack([sizes for _prior, _model, sizes in sums.values()])
    random, number = np.random.default_rng(0), len(sizes)
    resampled = []
    for _resample in range(RESAMPLES):
        drawn = np.bincount(random.integers(number, size=number), minlength=number)
        total = drawn @ sizes
        resampled.append(np.divide(drawn @ differences, total, out=np.full(len(sums), np.nan), where=total > 0))
    low, high = np.nanpercentile(resampled, [2.5, 97.5], axis=0).tolist()
    for i, (name, (prior, model, size)) in enumerate(sums.items()):
        means = float(prior.sum() / size.sum()), float(model.sum() / size.sum())
        yield Metric(name, *means, means[1] - means[0], low[i], high[i])


def _bins(chances: Floats) -> list[NDArray[np.int64]]:
    order = np.argsort(chances, kind="stable")
    return np.array_split(order, max(1, min(BINS, len(chances) // LEAST_IN_BIN)))


def _markdown(card: ModelCard) -> Iterator[str]:
    def count(number: int) -> str:
        return str(number) if number >= FEWEST else f"under {FEWEST}"

    yield from (
        "# Ranker",
        "",
        f"Used: {'yes' if card.used else 'no'} ({card.why.replace('_', ' ')}).",
        "",
        "## Data",
        "",
    )
    yield from ("| outcome | rows |", "|---|---|")
    yield from (f"| {name} | {count(number)} |" for name, number in card.outcomes.items())
    yield from ("", "| rows for | rows | people | known from | to |", "|---|---|---|---|---|")
    yield from (f"| {f.name} | {count(f.rows)} | {count(f.people)} | {f.first} | {f.last} |" for f in card.folds)
    yield from (
        "",
        "## Components",
        "",
        "log-odds = intercept + weight of the prior x log-odds of the score + the sum over",
    )
    yield from ("contributions of weight x contribution.", "", "| component | weight |", "|---|---|")
    yield from (f"| {name} | {weight:+.3f} |" for name, weight in card.weights.items())
    yield from (f"| the prior's score | {card.prior_weight:.3f} |", f"| intercept | {card.intercept:+.3f} |", "")
    yield from (
        "## On the newest quarter",
        "",
        "| metric | prior | model | difference | 95% interval |",
        "|---|---|---|---|---|",
    )
    for metric in card.metrics:
        span = "" if metric.low is None else f"{metric.low:+.4f} to {metric.high:+.4f}"
        yield f"| {metric.name} | {metric.prior:.4f} | {metric.model:.4f} | {metric.difference:+.4f} | {span} |"
    yield from ("", "## Calibration", "", "| rows | model said | prior said | came |", "|---|---|---|---|")
    yield from (f"| {count(b.rows)} | {b.model:.3f} | {b.prior:.3f} | {b.observed:.3f} |" for b in card.calibration)
    if card.exposure:
        yield from ("", "## Exposure", "", "| group | rows | prior | model |", "|---|---|---|---|")
        for e in card.exposure:
            shown = f"{e.prior:.1%} | {e.model:.1%}" if e.people >= FEWEST else "not shown | not shown"
            yield f"| {e.column}: {e.value or 'not known'} | {count(e.rows)} | {shown} |"
    yield from ("", "## When not to use it", "", *(f"- {limit}" for limit in card.limits))
