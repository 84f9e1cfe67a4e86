"""Frames of a few people whose every count can be worked out by hand; days count from 1 January 2026."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pandas as pd

from backend.outcomes.independence import DOMAINS
from backend.outcomes.retention import durations
from backend.reports.disclosure import Measure
from backend.reports.frames import SAID, Frames
from backend.reports.quarters import Quarter
from tests.backend.outcomes.frames import START, frame

THIRD = Quarter(2026, 3)
"""It ends on day 272."""
ASSESSED = ["person", "assessed_on", *DOMAINS, "needs_met", "agrees"]


def day(number: int) -> pd.Timestamp:
    return pd.Timestamp(START + dt.timedelta(days=number))


def people(number: int, **columns: Any) -> pd.DataFrame:
    """p0, p1, ... who entered on day 0; a column is one value for all or a list."""
    told = {
        "entered_on": day(0), "cohort": "2026", "municipality": "Niš", "counsellor": "A", "status": "active",
        "grant": "none", "is_matched": False, "introduced_on": pd.NaT, f"{SAID}skills": False,
    } | columns  # fmt: skip
    found = pd.DataFrame(told, index=pd.Index([f"p{i}" for i in range(number)], name="person"))
    return found.astype({"entered_on": "datetime64[s]", "introduced_on": "datetime64[s]"})


def hand(
    everybody: pd.DataFrame,
    work: Sequence[dict[str, Any]] = (),
    *,
    groups: dict[str, Any] | None = None,
    schedule: Sequence[int] = (),
    **told: Any,
) -> Frames:
    """Frames of these people and stretches of work; `groups` are what placements are divided by."""
    worked = frame(*work)
    placed = durations(worked, THIRD.ends_on, schedule).set_index("person")
    first = worked[worked["number"] == 0].set_index("person")
    divided = {
        "cohort": "2026", "training": "none", "sector": "C", "municipality": "Niš", "employer": "Firma",
        "subsidy": "unsubsidised", "grant": "none", "reason": first["reason"].reindex(placed.index),
    } | (groups or {})  # fmt: skip
    nothing: dict[str, Any] = {
        "completions": pd.DataFrame(columns=["person", "course", "ended_on"]).astype({"ended_on": "datetime64[s]"}),
        "left_on": pd.Series(dtype="datetime64[s]"),
        "assessments": pd.DataFrame(columns=ASSESSED).astype({"assessed_on": "datetime64[s]"}),
        "paid": pd.Series(dtype="boolean"),
        "flagged": frozenset(),
        "follow_ups": pd.DataFrame(columns=["day", "counsellor", "outcome"]),
        "flags": pd.DataFrame(columns=["severity", "outcome"]),
        "introductions": pd.DataFrame(columns=["employer", "outcome"]),
    }
    return Frames(
        quarter=THIRD, people=everybody, episodes=worked, placements=placed.assign(**divided), **nothing | told
    )


def counted(measure: Measure, dimension: str = "") -> dict[str, dict[str, int]]:
    """What a measure would print if nothing were hidden or rounded: row, column, number."""
    return {
        str(row): {column: int(sum(counts[one] for one in ends)) for column, ends in measure.columns.items()}
        for row, counts in measure.counts[dimension].iterrows()
    }
