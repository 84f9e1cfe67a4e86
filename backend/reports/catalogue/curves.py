"""Retention curves as they are published: read at fixed days and counted in fives, so that no step shows one person."""

import math
from typing import Any

import numpy as np
import pandas as pd

from backend.outcomes.survival import HORIZONS, at_days, cumulative_incidence, kaplan_meier, log_rank, median

from ..disclosure import Release, Rules
from ..disclosure.tables import EVERYBODY, OTHER
from ..frames import Frames

STEP = 30
"""Days between the points of a curve."""
FEWEST_AT_RISK = 10
"""A curve stops where fewer are at risk, or fewer than the threshold if that is more."""
DIMENSIONS = (EVERYBODY, "cohort", "training", "sector", "municipality", "subsidy")


def published_curves(frames: Frames, release: Release, rules: Rules) -> dict[str, Any]:
    """By dimension: `groups`, the curves of the rows that `release` prints, and the `log_rank` test between them.

    A curve has `placed` (rounded), `ended` and `lost` (rounded, None where hidden), `median` (to the nearest step, at
    least one) and `points`: t, at_risk, and the shares survival, lower, upper, all_lost, and of those who by then had
    ended (not to study, by incapacity or death) and competing (by those), each rounded to what `base` people of those
    placed are. `same_employer` is the curve with the first employer: its own `median` and `points` (t, at_risk,
    survival, lower, upper). Each stops where fewer than `fewest_at_risk` are at risk. Groups of fewer than `small`
    placements have none.
    """
    placed = frames.placements
    found = {}
    for dimension in DIMENSIONS:
        rows = [row for row in release.rows(dimension) if row != OTHER]
        groups = {row: placed if dimension == EVERYBODY else placed[placed[dimension] == row] for row in rows}
        groups = {row: people for row, people in groups.items() if len(people) >= rules.small}
        found[dimension] = {
            "groups": {row: _curve(people, rules) for row, people in groups.items()},
            "log_rank": _tested(placed, dimension, list(groups)) if len(groups) > 1 else None,
        }
    return found


def fewest_at_risk(rules: Rules) -> int:
    return max(FEWEST_AT_RISK, rules.threshold)


def _curve(people: pd.DataFrame, rules: Rules) -> dict[str, Any]:
    placed = rules.rounded(len(people))
    whole = kaplan_meier(people["days"], people["event"])
    points = _points(whole, placed, rules)
    days = [point["t"] for point in points]
    lost = at_days(kaplan_meier(people["days"], people["event"] | people["is_lost"]), days)["survival"]
    incidence = cumulative_incidence(people["days"], people["cause"])
    so_far = np.searchsorted(incidence["t"], days, side="right") - 1
    ended, competing = (
        incidence[cause].to_numpy()[so_far] if cause in incidence else np.zeros(len(days)) for cause in (1, 2)
    )
    for number, point in enumerate(points):
        shares = {"all_lost": lost[number], "ended": ended[number], "competing": competing[number]}
        point |= {name: _share(float(share), placed, rules) for name, share in shares.items()}
    same = kaplan_meier(people["days_same"], people["event_same"])
    same_points = _points(same, placed, rules)
    return {
        "placed": placed,
        "ended": _count(int(people["event"].sum()), rules),
        "lost": _count(int(people["is_lost"].sum()), rules),
        "median": _median(whole, points),
        "points": points,
        "same_employer": {"median": _median(same, same_points), "points": same_points},
    }


def _points(curve: pd.DataFrame, placed: int, rules: Rules) -> list[dict[str, Any]]:
    """A curve read in steps, as far as enough people are at risk."""
    points = []
    for here in at_days(curve, sorted({*range(0, HORIZONS[-1] + 1, STEP), *HORIZONS})).to_dict("records"):
        if here["at_risk"] < fewest_at_risk(rules):
            break
        shares = {name: _share(here[name], placed, rules) for name in ("survival", "lower", "upper")}
        points.append({"t": here["t"], "at_risk": rules.rounded(here["at_risk"])} | shares)
    return points


def _median(curve: pd.DataFrame, points: list[dict[str, Any]]) -> int | None:
    """To the nearest step, and at least one; None beyond what is shown."""
    middle = median(curve)
    if middle is None or not points or middle > points[-1]["t"]:
        return None
    return max(STEP, STEP * round(middle / STEP))


def _tested(placed: pd.DataFrame, dimension: str, rows: list[str]) -> dict[str, float] | None:
    """The log-rank test between the rows that have curves; to two digits, which say nothing of one person."""
    among = placed[placed[dimension].isin(rows)]
    tested = log_rank(among["days"], among["event"], among[dimension].to_numpy(dtype=str))
    return {"freedom": tested.freedom, "p_value": round(tested.p_value, 2)} if tested else None


def _share(share: float, placed: int, rules: Rules) -> float | None:
    """A share of those placed, as if it were counted and rounded; None where it is not known."""
    return None if math.isnan(share) else min(1.0, rules.rounded(round(share * placed)) / placed)


def _count(count: int, rules: Rules) -> int | None:
    return None if 0 < count < rules.threshold else rules.rounded(count)
