"""Survival estimators, pure: arrays in, frames out.

Curves of whole days are two counts and a product, exact and equal to statsmodels'; the other estimators are its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from statsmodels.duration.survfunc import CumIncidenceRight, survdiff
from statsmodels.stats.proportion import proportion_confint

Z95 = NormalDist().inv_cdf(0.975)
HORIZONS = (0, 30, 90, 180, 365, 730)
FEWEST_EVENTS = 10
"""Groups with fewer ends than this are not compared by a test."""


def kaplan_meier(days: ArrayLike, events: ArrayLike) -> pd.DataFrame:
    """The product-limit curve (Kaplan & Meier 1958) with 95% log-log intervals (Kalbfleisch & Prentice 1980).

    `days` are whole days from the start, `events` say whether it ended then (else it is censored). One row for day 0
    and for every day on which something happened: t, survival, lower, upper, at_risk (days >= t), events, censored.
    The interval is NaN where the curve has reached 0. No person, no row.
    """
    time, event = _checked(days, events)
    if not len(time):
        return pd.DataFrame(
            {"t": pd.Series(dtype=int)}
            | {name: pd.Series(dtype=float) for name in ("survival", "lower", "upper")}
            | {name: pd.Series(dtype=int) for name in ("at_risk", "events", "censored")}
        )
    t = np.unique(np.append(0, time))
    row = np.searchsorted(t, time)
    ended, left = np.bincount(row, event, len(t)).astype(int), np.bincount(row, minlength=len(t))
    at_risk = len(time) - np.cumsum(left) + left
    survival = np.cumprod(1 - ended / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = survival * np.sqrt(np.cumsum(ended / (at_risk * (at_risk - ended))))  # Greenwood 1926
    lower, upper = log_log_interval(survival, error)
    return pd.DataFrame(
        {
            "t": t,
            "survival": survival,
            "lower": lower,
            "upper": upper,
            "at_risk": at_risk,
            "events": ended,
            "censored": left - ended,
        }
    )


def at_days(curve: pd.DataFrame, days: Sequence[int] = HORIZONS) -> pd.DataFrame:
    """The curve read at given days: t, survival, lower, upper, at_risk.

    Beyond the last day observed nobody is at risk and, unless the curve has reached 0, its value is NaN.
    """
    t, day = curve["t"].to_numpy(), np.asarray(days)
    last, ahead = np.searchsorted(t, day, side="right") - 1, np.searchsorted(t, day)
    at_risk = np.append(curve["at_risk"].to_numpy(), 0)[ahead]
    read = {name: np.append(curve[name].to_numpy(), np.nan)[last] for name in ("survival", "lower", "upper")}
    is_known = (at_risk > 0) | (read["survival"] == 0)
    return pd.DataFrame(
        {"t": day, **{name: np.where(is_known, one, np.nan) for name, one in read.items()}, "at_risk": at_risk}
    )


def median(curve: pd.DataFrame) -> int | None:
    """The first day on which the curve is at 0.5 or below; None if it never is."""
    # A product of floats may come out a last digit above one half.
    reached = curve.loc[curve["survival"] <= 0.5 + 1e-9, "t"]
    return int(reached.iloc[0]) if len(reached) else None


def cumulative_incidence(days: ArrayLike, causes: ArrayLike) -> pd.DataFrame:
    """Incidence of each of several competing ends (Aalen & Johansen 1978): t, then one column per cause.

    `causes` are 0 (censored), 1, 2, ...; 1-KM would overstate each.
    """
    time, cause = _checked(days, causes)
    names = range(1, int(cause.max(initial=0)) + 1)
    t = np.unique(np.append(0, time))
    if not names:
        return pd.DataFrame({"t": t})
    with np.errstate(divide="ignore", invalid="ignore"):
        fitted = CumIncidenceRight(time, cause)
    step = np.searchsorted(fitted.times, t, side="right")
    return pd.DataFrame({"t": t} | {name: np.append(0.0, fitted.cinc[name - 1])[step] for name in names})


def wilson(successes: int, n: int) -> tuple[float, float]:
    """The 95% score interval of a share (Wilson 1927); of nobody, anything from 0 to 1."""
    if n == 0:
        return 0.0, 1.0
    lower, upper = proportion_confint(successes, n, alpha=0.05, method="wilson")
    return float(lower), float(upper)


@dataclass(frozen=True, slots=True)
class LogRank:
    """A comparison of curves: chi-squared, its degrees of freedom and the chance of so much difference by luck."""

    statistic: float
    freedom: int
    p_value: float


def log_rank(days: ArrayLike, events: ArrayLike, groups: ArrayLike) -> LogRank | None:
    """Whether groups differ in how long they last (Mantel 1966); None under 10 ends in each, or with one group."""
    time, event = _checked(days, events)
    group = np.asarray(groups)
    if group.shape != time.shape:
        raise ValueError("days and marks must be two rows of equal length")
    names = np.unique(group)
    ends = [int(event[group == name].sum()) for name in names]
    if len(names) < 2 or min(ends) < FEWEST_EVENTS:
        return None
    statistic, p_value = survdiff(time, event, group)
    return LogRank(float(statistic), len(names) - 1, float(p_value))


def _checked(days: ArrayLike, marks: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    time, mark = np.asarray(days, dtype=float), np.asarray(marks, dtype=float)
    if time.shape != mark.shape or time.ndim != 1:
        raise ValueError("days and marks must be two rows of equal length")
    if np.isnan(time).any() or np.isnan(mark).any() or (time < 0).any() or (mark < 0).any():
        raise ValueError("days and marks must be known and not negative")
    if (time % 1).any() or (mark % 1).any():
        raise ValueError("days and marks must be whole")
    return time.astype(np.int64), mark.astype(np.int64)


def log_log_interval(survival: NDArray[np.float64], error: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Lower and upper ends of 95% from normal quantiles on log(-log S): never below 0 nor above 1."""
    lower, upper = np.where(survival == 1, 1.0, np.nan), np.where(survival == 1, 1.0, np.nan)
    inside = (survival > 0) & (survival < 1)
    s = survival[inside]
    centre, spread = np.log(-np.log(s)), Z95 * error[inside] / s / -np.log(s)
    lower[inside], upper[inside] = np.exp(-np.exp(centre + spread)), np.exp(-np.exp(centre - spread))
    return lower, upper
