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
DIMENSIONS = (EVERYBODY, "cohort", "training", "sector", "municipality", "subsidy")


def published_curves(frames: Frames, release: Release, rules: Rules) -> dict[str, Any]:
    """By dimension: `groups`, the curves of the rows that `release` prints, and the `log_rank` test between them.

    A curve has `placed` (rounded), `ended` and `lost` (rounded, None where hidden), `median` (to the nearest step) and
    `points`: t, at_risk, and the shares survival, lower, upper, all_lost, same_employer and competing, each rounded to
    what `base` people of those placed are. It stops where fewer than the threshold are at risk. Groups of fewer than
    `small` placements have none.
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


def _curve(people: pd.DataFrame, rules: Rules) -> dict[str, Any]:
    whole = kaplan_meier(people["days"], people["event"])
    lost = kaplan_meier(people["days"], people["event"] | people["is_lost"])
    same = kaplan_meier(people["days_same"], people["event_same"])
    incidence = cumulative_incidence(people["days"], people["cause"])
    placed = rules.rounded(len(people))
    days = sorted({*range(0, HORIZONS[-1] + 1, STEP), *HORIZONS})
    read, read_lost, read_same = (at_days(curve, days).to_dict("records") for curve in (whole, lost, same))
    so_far = np.searchsorted(incidence["t"], days, side="right") - 1
    competing = incidence[2].to_numpy()[so_far] if 2 in incidence else np.zeros(len(days))
    points = []
    for here, if_lost, if_same, elsewhere in zip(read, read_lost, read_same, competing, strict=True):
        if here["at_risk"] < rules.threshold:
            break
        points.append(
            {"t": here["t"], "at_risk": rules.rounded(here["at_risk"])}
            | {name: _share(here[name], placed, rules) for name in ("survival", "lower", "upper")}
            | {
                "all_lost": _share(if_lost["survival"], placed, rules),
                "same_employer": _share(if_same["survival"], placed, rules),
                "competing": _share(float(elsewhere), placed, rules),
            }
        )
    middle, until = median(whole), points[-1]["t"] if points else -1
    return {
        "placed": placed,
        "ended": _count(int(people["event"].sum()), rules),
        "lost": _count(int(people["is_lost"].sum()), rules),
        "median": STEP * round(middle / STEP) if middle is not None and middle <= until else None,
        "points": points,
    }


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
