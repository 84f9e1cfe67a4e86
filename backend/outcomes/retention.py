"""Retention statistics, pure: frames in, frames out.

Estimators are statsmodels'; the log-log intervals and the definitions are ours. A frame of *episodes* has one row per
person and unbroken stretch of employment (gaps under 30 days merged), as `spells.episodes` makes it. Its columns:

    person, number      number 0 is the episode that began with the placement
    started_on, last_on first day worked, last day known to be worked
    is_ended            whether an end is known; ended_known_on is when it was, NaT while it runs
    is_estimated        the end is a midpoint between two contacts
    verified_on         last day on which somebody knew her to work
    same_until          last day with the first employer; left_first says whether she has left it
    reason, is_subsidised
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight
from statsmodels.stats.proportion import proportion_confint

Z95 = NormalDist().inv_cdf(0.975)
HORIZONS = (0, 30, 90, 180, 365, 730)
WINDOW_BEFORE, WINDOW_AFTER = 14, 30
"""A contact from M-14 to M+30 days says what was so at M."""

HEADLINE = ("same_employer", "changed_employer")
COMPETING_REASONS = frozenset({"study"})
KNOWN_ENOUGH = 0.8


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
    survival, error = np.ones(len(t)), np.zeros(len(t))
    if event.any():
        with np.errstate(divide="ignore", invalid="ignore"):
            fitted = SurvfuncRight(time, event)
        step = np.searchsorted(fitted.surv_times, t, side="right")
        survival = np.append(1.0, fitted.surv_prob)[step]
        error = np.append(0.0, fitted.surv_prob_se)[step]
    lower, upper = _log_log(survival, error)
    row = np.searchsorted(t, time)
    ended, left = np.bincount(row, event, len(t)).astype(int), np.bincount(row, minlength=len(t))
    return pd.DataFrame(
        {
            "t": t,
            "survival": survival,
            "lower": lower,
            "upper": upper,
            "at_risk": len(time) - np.cumsum(left) + left,
            "events": ended,
            "censored": left - ended,
        }
    )


def at_days(curve: pd.DataFrame, days: Sequence[int] = HORIZONS) -> pd.DataFrame:
    """The curve read at given days: t, survival, lower, upper, at_risk.

    Beyond the last day observed nobody is at risk and, unless the curve has reached 0, its value is NaN.
    """
    rows = []
    for day in days:
        so_far, ahead = curve[curve["t"] <= day], curve[curve["t"] >= day]
        at_risk = int(ahead["at_risk"].iloc[0]) if len(ahead) else 0
        is_known = len(so_far) > 0 and (at_risk > 0 or so_far["survival"].iloc[-1] == 0)
        read = {name: float(so_far[name].iloc[-1]) if is_known else np.nan for name in ("survival", "lower", "upper")}
        rows.append({"t": day, **read, "at_risk": at_risk})
    return pd.DataFrame(rows)


def shown(curve: pd.DataFrame, min_at_risk: int = 10) -> pd.DataFrame:
    """The part of a curve that is shown: it stops where fewer than `min_at_risk` people are left."""
    return curve[curve["at_risk"] >= min_at_risk]


def median(curve: pd.DataFrame) -> int | None:
    """The first day on which the curve is at 0.5 or below; None if it never is."""
    # The product is computed in logarithms: 3/4 x 2/3 comes out a last digit above one half.
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


def durations(episodes: pd.DataFrame, cutoff: dt.date, schedule: Iterable[int] = ()) -> pd.DataFrame:
    """What the curves are drawn from: one row per person whose placement began by the cut-off.

    Columns: person, started_on, days, event, cause (0 censored, 1 ended, 2 a competing end), days_same and event_same
    (with the first employer), is_estimated, is_subsidised, is_lost. Running employment is censored at the last verified
    day, an end after the cut-off at the cut-off. `is_lost`: censored although a contact day of `schedule` has passed
    since without anybody knowing; the second curve counts these as ended.
    """
    first = episodes[(episodes["number"] == 0) & (episodes["started_on"] <= pd.Timestamp(cutoff))]
    end = pd.Timestamp(cutoff)
    last = first["last_on"].where(first["last_on"] <= end, end)
    same = first["same_until"].where(first["same_until"] <= end, end)
    event = first["is_ended"] & (first["last_on"] <= end)
    days = (last - first["started_on"]).dt.days
    observed = (end - first["started_on"]).dt.days
    is_lost = pd.Series(data=False, index=first.index)
    for day in schedule:
        is_lost |= ~event & (observed >= day + WINDOW_AFTER) & (days < day - WINDOW_BEFORE)
    return pd.DataFrame(
        {
            "person": first["person"],
            "started_on": first["started_on"],
            "days": days,
            "event": event,
            "cause": event.astype(int) + (event & first["reason"].isin(COMPETING_REASONS)),
            "days_same": (same - first["started_on"]).dt.days,
            "event_same": first["left_first"] & (first["same_until"] <= end),
            "is_estimated": first["is_estimated"],
            "is_subsidised": first["is_subsidised"],
            "is_lost": is_lost,
        }
    ).reset_index(drop=True)


@dataclass(frozen=True, slots=True)
class Retention:
    """A retention rate with all that must stand beside it; `codes` counts people by outcome code, not_due included."""

    horizon: int
    due: int
    known: int
    retained: int
    same_employer: int
    lower: float
    upper: float
    codes: Mapping[str, int]

    @property
    def rate(self) -> float | None:
        """Retained among known."""
        return self.retained / self.known if self.known else None

    @property
    def if_unknown_lost(self) -> float | None:
        return self.retained / self.due if self.due else None

    @property
    def if_unknown_retained(self) -> float | None:
        return (self.retained + self.due - self.known) / self.due if self.due else None

    @property
    def needs_caveat(self) -> bool:
        """Fewer than 80% of those due are known."""
        return self.due > 0 and self.known < KNOWN_ENOUGH * self.due


def retention_at(episodes: pd.DataFrame, horizon: int, cutoff: dt.date) -> Retention:
    """How many were employed `horizon` days after their placement began, without a gap of 30 days before."""
    codes = Counter(outcomes_at(episodes, horizon, cutoff).values())
    due = sum(count for code, count in codes.items() if code != "not_due")
    known = due - codes["unknown"]
    retained = sum(codes[code] for code in HEADLINE)
    lower, upper = wilson(retained, known)
    return Retention(horizon, due, known, retained, codes["same_employer"], lower, upper, dict(codes))


def outcomes_at(episodes: pd.DataFrame, horizon: int, cutoff: dt.date) -> dict[str, str]:
    """By person: same_employer, changed_employer, returned, not_employed, unknown or not_due."""
    end = pd.Timestamp(cutoff)
    found = {}
    for person, rows in episodes.sort_values("number").groupby("person", sort=False):
        day = rows["started_on"].iloc[0] + pd.Timedelta(days=horizon)
        is_due = day + pd.Timedelta(days=WINDOW_AFTER) <= end
        found[str(person)] = _outcome(rows, day) if is_due else "not_due"
    return found


def _outcome(rows: pd.DataFrame, day: pd.Timestamp) -> str:
    first, *later = rows.to_dict("records")
    employed = _employed(first, day)
    if employed is None:
        return "unknown"
    if employed:
        is_same = not first["left_first"] or first["same_until"] >= day
        return "same_employer" if is_same else "changed_employer"
    # The break itself is known; whether she works again by now is told apart only where that is known too.
    is_back = any(again["started_on"] <= day and _employed(again, day) for again in later)
    return "returned" if is_back else "not_employed"


def _employed(episode: Mapping[Any, Any], day: pd.Timestamp) -> bool | None:
    """Whether an episode that began by `day` covers it; None when nobody knew at the time."""
    if episode["is_ended"] and not episode["is_estimated"]:
        return bool(episode["last_on"] >= day)
    was_asked = episode["verified_on"] >= day - pd.Timedelta(days=WINDOW_BEFORE)
    if not episode["is_ended"]:
        return True if was_asked else None
    if was_asked or episode["ended_known_on"] <= day + pd.Timedelta(days=WINDOW_AFTER):
        return bool(episode["last_on"] >= day)
    return None


def _checked(days: ArrayLike, marks: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    time, mark = np.asarray(days, dtype=float), np.asarray(marks, dtype=float)
    if time.shape != mark.shape or time.ndim != 1:
        raise ValueError("days and marks must be two rows of equal length")
    if np.isnan(time).any() or np.isnan(mark).any() or (time < 0).any() or (mark < 0).any():
        raise ValueError("days and marks must be known and not negative")
    if (time % 1).any() or (mark % 1).any():
        raise ValueError("days and marks must be whole")
    return time.astype(np.int64), mark.astype(np.int64)


def _log_log(survival: NDArray[np.float64], error: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Lower and upper ends from normal quantiles on log(-log S): never below 0 nor above 1."""
    lower, upper = np.where(survival == 1, 1.0, np.nan), np.where(survival == 1, 1.0, np.nan)
    inside = (survival > 0) & (survival < 1)
    s = survival[inside]
    centre, spread = np.log(-np.log(s)), Z95 * error[inside] / s / -np.log(s)
    lower[inside], upper[inside] = np.exp(-np.exp(centre + spread)), np.exp(-np.exp(centre - spread))
    return lower, upper
