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
from tests.backend.outcomes.frames import START, contact, facts, job

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


Stretch = list[dict[str, Any]]
"""Jobs that follow one another without a break."""


def stretch(
    person: str, start: int, last: int, *, ended: bool = False, first_until: int | None = None, **fields: Any
) -> Stretch:
    """Work from a day to a day, seen every thirty days and on the last one; with `first_until` at a second employer.

    Without an end it may go on, but nobody has seen it since.
    """
    reason = {"reason": fields.pop("reason", "dismissed")} if ended else {}
    if first_until is not None:
        rest = stretch(person, first_until + 1, last, ended=ended, employer="second", **reason, **fields)
        return [job(start, first_until, person, **fields), *rest]
    seen = {"seen": [*range(start, last, 30), last]}
    return [job(start, last if ended else None, person, **reason, **fields) | seen]


def hand(
    everybody: pd.DataFrame, work: Sequence[Stretch] = (), *, groups: dict[str, Any] | None = None, **told: Any
) -> Frames:
    """Frames of these people and stretches of work; `groups` by name divide them, in the order of the people."""
    jobs = [one for jobs in work for one in jobs]
    seen = [(place, one["person"], on) for place, one in enumerate(jobs) for on in one.get("seen", ())]
    known = facts(jobs, [contact(on, spell=place, person=person) for place, person, on in seen])
    placed = durations(known.episodes, THIRD.ends_on).set_index("person")
    first = known.episodes[known.episodes["number"] == 0].set_index("person")
    divided = {
        "cohort": "2026", "training": "none", "sector": "C", "municipality": "Niš", "employer": "Firma",
        "subsidy": "unsubsidised", "grant": "none", "reason": first["reason"].reindex(placed.index),
    }  # fmt: skip
    for name, of_each in (groups or {}).items():
        divided[name] = pd.Series(of_each, everybody.index[: len(of_each)]).reindex(placed.index)
    nothing: dict[str, Any] = {
        "completions": pd.DataFrame(columns=["person", "course", "ended_on"]).astype({"ended_on": "datetime64[s]"}),
        "left_on": pd.Series(dtype="datetime64[s]"),
        "assessments": pd.DataFrame(columns=ASSESSED).astype({"assessed_on": "datetime64[s]"}),
        "red_flags": pd.DataFrame(columns=["person", "raised_on", "resolved_on"]).astype(
            {"raised_on": "datetime64[s]", "resolved_on": "datetime64[s]"}
        ),
        "follow_ups": pd.DataFrame(columns=["day", "counsellor", "outcome"]),
        "flags": pd.DataFrame(columns=["severity", "outcome"]),
        "introductions": pd.DataFrame(columns=["employer", "outcome"]),
    }
    return Frames(quarter=THIRD, people=everybody, facts=known, placements=placed.assign(**divided), **nothing | told)


def counted(measure: Measure, dimension: str = "") -> dict[str, dict[str, int]]:
    """What a measure would print if nothing were hidden or rounded: row, column, number."""
    return {
        str(row): {column: int(sum(counts[one] for one in ends)) for column, ends in measure.columns.items()}
        for row, counts in measure.counts[dimension].iterrows()
    }
