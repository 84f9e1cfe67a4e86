"""Retention curves as they are published: read at fixed days and counted in fives, so that no step shows one person.

Where everybody is followed to the end a curve is a table: people by the stretch of days in which their work ended.
That table goes through `disclosure` as a measure does, with the quarters before; a point that it withholds is left out
of the curve. Intervals and medians come from printed numbers; shares, people at risk and people lost below
`Rules.least` are not told, nor that they are nought.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from backend.outcomes.survival import (
    HORIZONS,
    at_days,
    cumulative_incidence,
    kaplan_meier,
    log_log_interval,
    log_rank,
)

from ..disclosure import Measure, Release, Rules
from ..disclosure.tables import EVERYBODY, OTHER
from ..frames import Frames
from .measures import count_by

DAYS = tuple(sorted({*HORIZONS, *range(0, 181, 30), 240, 300, 450, 540, 630}))
"""Days at which a curve is read."""
FEWEST_AT_RISK = 10
"""A curve stops where fewer are at risk, or fewer than the least count that is told if that is more."""
GROUPED = ("cohort", "training", "sector", "municipality", "subsidy")
DIMENSIONS = (EVERYBODY, *GROUPED)


def lasting(suffix: str = "") -> Callable[[Frames], Measure]:
    """First placements by the stretch of `DAYS` in which they ended, so far as is known; with `_same` the first jobs.

    It is counted to find what a curve may tell, and printed nowhere.
    """
    ends = tuple(f"by_{day}" for day in DAYS)
    outcomes = (*ends, "after", "none")

    def measure(frames: Frames) -> Measure:
        placed = frames.placements
        stretch = np.searchsorted(DAYS, placed[f"days{suffix}"])
        outcome = pd.Series(np.where(placed[f"event{suffix}"], stretch, len(outcomes) - 1), placed.index)
        goes_on = {f"on_{day}": outcomes[number:] for number, day in enumerate(DAYS, start=1)}
        return Measure(
            f"lasting{suffix}",
            outcomes,
            {"placed": outcomes, "ended": outcomes[:-1]} | goes_on,
            (),
            count_by(placed, outcome.map(dict(enumerate(outcomes))), GROUPED, outcomes),
            frozenset(outcomes[:-1]),
            fewest=Rules().small,  # the others have no curve
        )

    return measure


LASTING: tuple[Callable[[Frames], Measure], ...] = (lasting(), lasting("_same"))


def published_curves(frames: Frames, releases: Mapping[str, Release], rules: Rules) -> dict[str, Any]:
    """By dimension: `groups`, the curves of the rows that `LASTING` prints, and the `log_rank` test between them.

    A curve has `placed`, `ended` and `lost` (None where hidden), `median` (the first point at one half or below) and
    `points`: t, at_risk (after the ends of day t), and the shares survival, lower, upper, all_lost; that of everybody
    also of those who by then had ended (not to study, by incapacity or death) and competing (by those). A share is a
    rounded count of those placed, None where too few; the interval is that of the printed shares and numbers at risk.
    `same_employer` is the curve with the first employer: its own `median` and `points` (t, at_risk, survival, lower,
    upper). Each stops where fewer than `fewest_at_risk` are at risk. Groups of fewer than `small` placements have none.
    """
    placed = frames.placements.assign(**{EVERYBODY: EVERYBODY})
    found = {}
    for dimension in DIMENSIONS:
        groups = {}
        for row, told in releases["lasting"].rows(dimension).items():
            people = placed[placed[dimension] == row]
            if row != OTHER and told["placed"] is not None and len(people) >= max(rules.small, rules.least):
                same = releases["lasting_same"].rows(dimension)[row]
                groups[row] = _curve(people, told, same, rules, is_everybody=dimension == EVERYBODY)
        tested = _tested(placed, dimension, list(groups)) if len(groups) > 1 else None
        found[dimension] = {"groups": groups, "log_rank": tested}
    return found


def fewest_at_risk(rules: Rules) -> int:
    return max(FEWEST_AT_RISK, rules.least)


Told = Mapping[str, int | None]


def _curve(people: pd.DataFrame, told: Told, told_same: Told, rules: Rules, *, is_everybody: bool) -> dict[str, Any]:
    placed = len(people)
    points = _points(kaplan_meier(people["days"], people["event"]), placed, told, rules)
    days = [point["t"] for point in points]
    beside = {"all_lost": at_days(kaplan_meier(people["days"], people["event"] | people["is_lost"]), days)["survival"]}
    if is_everybody:
        incidence = cumulative_incidence(people["days"], people["cause"]).reindex(columns=["t", 1, 2], fill_value=0.0)
        so_far = incidence.iloc[np.searchsorted(incidence["t"], days, side="right") - 1].reset_index(drop=True)
        beside |= {"ended": so_far[1], "competing": so_far[2]}
    for number, point in enumerate(points):
        point |= {name: _share(float(shares[number]), placed, rules) for name, shares in beside.items()}
    same = _points(kaplan_meier(people["days_same"], people["event_same"]), placed, told_same, rules)
    return {
        "placed": told["placed"],
        "ended": told["ended"],
        "lost": _count(int(people["is_lost"].sum()), rules),
        "median": _median(points),
        "points": points,
        "same_employer": {"median": _median(same), "points": same},
    }


def _points(curve: pd.DataFrame, placed: int, told: Told, rules: Rules) -> list[dict[str, Any]]:
    """A curve read where its table may be, as far as enough people are at risk and go on."""
    points: list[dict[str, Any]] = []
    # At risk after the ends of the day, as the share is: two readings of one day would tell who ended on it.
    ended_then = curve.set_index("t")["events"].reindex(list(DAYS), fill_value=0).to_numpy()
    read = at_days(curve, DAYS)
    for here in read.assign(at_risk=read["at_risk"] - ended_then).to_dict("records"):
        share = _share(here["survival"], placed, rules)
        if here["at_risk"] < fewest_at_risk(rules) or share is None:
            break
        if told[f"on_{here['t']}"] is not None:
            points.append({"t": here["t"], "survival": share, "at_risk": rules.rounded(here["at_risk"])})
    return _with_interval(points)


def _with_interval(points: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The interval as a reader works it out from what is printed: one step of Greenwood's sum for each point.

    Where nobody is censored a step adds (1 - share kept) / (at risk at its end), exactly; with people censored within
    it the sum is smaller, so the interval is never narrower than that of the days but for the rounding.
    """
    shares = np.array([point["survival"] for point in points], dtype=float)
    kept = shares / np.append(1.0, shares)[:-1]
    at_risk = np.array([point["at_risk"] for point in points], dtype=float)
    lower, upper = log_log_interval(shares, shares * np.sqrt(np.cumsum((1 - kept) / at_risk)))
    return [
        point | {"lower": round(low, 4), "upper": round(high, 4)}
        for point, low, high in zip(points, lower.tolist(), upper.tolist(), strict=True)
    ]


def _median(points: Sequence[Mapping[str, Any]]) -> int | None:
    """The first point on which no more than half go on, and at least a step; None beyond what is shown."""
    return next((max(DAYS[1], point["t"]) for point in points if point["survival"] <= 0.5), None)


def _tested(placed: pd.DataFrame, dimension: str, rows: list[str]) -> dict[str, float] | None:
    """The log-rank test between the rows that have curves; to two digits, which say nothing of one person."""
    among = placed[placed[dimension].isin(rows)]
    tested = log_rank(among["days"], among["event"], among[dimension].to_numpy(dtype=str))
    return {"freedom": tested.freedom, "p_value": round(tested.p_value, 2)} if tested else None


def _share(share: float, placed: int, rules: Rules) -> float | None:
    """A share of those placed as a rounded count of them; None where it is not known or of too few."""
    count = None if math.isnan(share) else _count(round(share * placed), rules)
    return None if count is None else count / rules.rounded(placed)


def _count(count: int, rules: Rules) -> int | None:
    return None if count < rules.least else rules.rounded(count)
