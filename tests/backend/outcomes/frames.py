"""Frames of episodes for tests, by days since START."""

import datetime as dt
from typing import Any

import pandas as pd

from backend.outcomes.spells import COLUMNS

START = dt.date(2026, 1, 1)
CUTOFF = dt.date(2026, 10, 1)  # day 273


def episode(
    person: str, start: int = 0, last: int = 0, ended: bool = False, number: int = 0, **fields: Any
) -> dict[str, Any]:
    """An episode by days since START, with one employer and a recorded end unless told otherwise."""
    days = {"verified_on": last, "same_until": last, "ended_known_on": last if ended else None} | {
        name: value for name, value in fields.items() if name in ("verified_on", "same_until", "ended_known_on")
    }
    return {
        "person": person,
        "number": number,
        "started_on": START + dt.timedelta(days=start),
        "last_on": START + dt.timedelta(days=last),
        "is_ended": ended,
        "is_estimated": fields.get("is_estimated", False),
        "left_first": fields.get("left_first", ended),
        "reason": fields.get("reason", "unknown" if ended else ""),
        "is_subsidised": False,
        **{name: None if day is None else START + dt.timedelta(days=day) for name, day in days.items()},
    }


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(COLUMNS)).astype(COLUMNS)
