"""Frames of facts and of episodes for tests, by days since START."""

import datetime as dt
from typing import Any

import pandas as pd

from backend.outcomes.episodes import COLUMNS
from backend.outcomes.spells import CONTACTS, SPELLS, Facts

START = dt.date(2026, 1, 1)
CUTOFF = dt.date(2026, 10, 1)  # day 273


def day_of(number: int | None) -> dt.date | None:
    return None if number is None else START + dt.timedelta(days=number)


def job(start: int = 0, end: int | None = None, person: str = "p", **fields: Any) -> dict[str, Any]:
    """A qualifying spell by days since START; it and its end were known at once, unless told otherwise."""
    days = {"verified_on": start if end is None else end, "recorded_on": start, "end_recorded_on": end} | {
        name: value for name, value in fields.items() if name in ("verified_on", "recorded_on", "end_recorded_on")
    }
    said = {
        "person": person, "reason": "" if end is None else "dismissed", "employer": "first", "is_subsidised": False,
        "is_qualifying": True, "pay": None, "hours": None, "introduction": "",
    }  # fmt: skip
    return {
        **said,
        **fields,
        "started_on": day_of(start),
        "ended_on": day_of(end),
        **{name: day_of(number) for name, number in days.items()},
    }


def contact(on: int, kind: str = "same", spell: int = 0, person: str = "p", known: int | None = None) -> dict[str, Any]:
    """A contact about the spell that stands at a place in the list of `facts`."""
    return {
        "person": person, "on": day_of(on), "known_on": day_of(on if known is None else known), "kind": kind,
        "spell": spell,
    }  # fmt: skip


def facts(jobs: list[dict[str, Any]], contacts: list[dict[str, Any]] | None = None) -> Facts:
    rows = [{**one, "spell": number} for number, one in enumerate(jobs)]
    return Facts(
        pd.DataFrame(rows, columns=list(SPELLS)).astype(SPELLS),
        pd.DataFrame(contacts or [], columns=list(CONTACTS)).astype(CONTACTS),
    )


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
        "started_on": day_of(start),
        "last_on": day_of(last),
        "is_ended": ended,
        "is_estimated": fields.get("is_estimated", False),
        "has_moved_on": False,
        "left_first": fields.get("left_first", ended),
        "reason": fields.get("reason", "unknown" if ended else ""),
        "is_subsidised": False,
        **{name: day_of(day) for name, day in days.items()},
    }


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(COLUMNS)).astype(COLUMNS)
