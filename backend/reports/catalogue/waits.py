"""Time in each stage of the way to work, and the independence profile, as they are published."""

from typing import Any

import pandas as pd

from backend.outcomes.after_exit import time_to_first_job
from backend.outcomes.independence import DOMAINS, MARKS, nearest
from backend.outcomes.survival import kaplan_meier, median

from ..disclosure import Release, Rules
from ..frames import Frames

WEEK = 7
COUNTED = {"entered_to_introduced": "entered", "introduced_to_placed": "reached", "entered_to_placed": "entered"}
"""The column of the funnel's line of introductions that counts the people of a stage."""


def published_waits(frames: Frames, funnel: Release, rules: Rules) -> dict[str, Any]:
    """`stages`: the median days of each stage to the nearest week, with n; `profile`: mean scores by mark, with n.

    Days of those still waiting count as censored. Nothing is said of fewer than `small` people, nor where the funnel
    withholds how many they are.
    """
    told = funnel.rows("stage")["introduced"]
    people, end = frames.people, pd.Timestamp(frames.cutoff)
    placed_on = frames.placements["started_on"].reindex(people.index)
    introduced = people["introduced_on"].where(people["introduced_on"] <= end)
    stages = {
        "entered_to_introduced": _wait(people["entered_on"], introduced, end),
        "introduced_to_placed": _wait(introduced.dropna(), placed_on, end),
        "entered_to_placed": time_to_first_job(people["entered_on"], frames.episodes, frames.cutoff),
    }
    return {
        "stages": {name: _median(waited, told[COUNTED[name]], rules) for name, waited in stages.items()},
        "profile": _profile(frames, rules),
    }


def _wait(since: pd.Series, until: pd.Series, end: pd.Timestamp) -> pd.DataFrame:
    """Days from one day to the next, or to the cut-off while it has not come; who skipped a stage is left out."""
    then = until.reindex(since.index)
    days = (then.where(then.notna(), end) - since).dt.days
    return pd.DataFrame({"days": days, "event": then.notna()})[days >= 0]


def _median(waited: pd.DataFrame, counted: int | None, rules: Rules) -> dict[str, int | None]:
    if len(waited) < rules.small or counted is None:
        return {"people": None, "median": None}
    middle = median(kaplan_meier(waited["days"], waited["event"]))
    return {
        "people": rules.rounded(len(waited)),
        "median": None if middle is None else WEEK * round(middle / WEEK),
    }


def _profile(frames: Frames, rules: Rules) -> dict[str, Any]:
    """Mean scores of the domains at intake and at each mark, of whoever was assessed then."""
    entered = frames.people["entered_on"]
    days = {0: 0} | MARKS
    found = {}
    for months, day in days.items():
        then = nearest(frames.assessments, entered + pd.Timedelta(days=day))
        means = {domain: then[domain].astype(float).dropna() for domain in DOMAINS}
        found[str(months)] = {
            "people": rules.rounded(len(then)) if len(then) >= rules.small else None,
            "means": {name: round(scores.mean(), 1) if len(scores) >= rules.small else None
                      for name, scores in means.items()},
        }  # fmt: skip
    return found
