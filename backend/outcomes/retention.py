"""Retention as OUTCOMES defines it, pure: frames in, frames out; the estimators are in `survival`.

A frame of *episodes* has one row per person and unbroken stretch of employment (gaps under 30 days merged), as
`spells.episodes` makes it. Its columns:

    person, number      number 0 is the episode that began with the placement
    started_on, last_on first day worked, last day known to be worked
    is_ended            whether an end is known; ended_known_on is when it was, NaT while it runs
    is_estimated        the end is a midpoint between two contacts
    verified_on         last day on which somebody knew her to work
    same_until          last day with the first employer; left_first says whether she has left it
    reason, is_subsidised
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .survival import wilson

WINDOW_BEFORE, WINDOW_AFTER = 14, 30
"""A contact from M-14 to M+30 days says what was so at M."""

HEADLINE = ("same_employer", "changed_employer")
COMPETING_REASONS = frozenset({"study", "incapacity", "death"})
"""Ends that no employer and no programme could have prevented: they compete with losing work."""
KNOWN_ENOUGH = 0.8


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
    found = outcomes_at(episodes, horizon, cutoff).value_counts()
    codes = {str(code): int(count) for code, count in found.items()}
    due = sum(codes.values()) - codes.get("not_due", 0)
    known = due - codes.get("unknown", 0)
    retained = sum(codes.get(code, 0) for code in HEADLINE)
    lower, upper = wilson(retained, known)
    return Retention(horizon, due, known, retained, codes.get("same_employer", 0), lower, upper, codes)


def outcomes_at(episodes: pd.DataFrame, horizon: int, cutoff: dt.date) -> pd.Series:
    """By person: same_employer, changed_employer, returned, not_employed, unknown or not_due."""
    first = episodes[episodes["number"] == 0].set_index("person")
    day = first["started_on"] + pd.Timedelta(days=horizon)
    employed = _employed(first, day)
    is_same = ~first["left_first"] | (first["same_until"] >= day)
    # The break itself is known; whether she works again by now is told apart only where that is known too.
    again = episodes[episodes["number"] > 0]
    on = of_each(again["person"], day)
    is_back = first.index.isin(again.loc[(again["started_on"] <= on) & (_employed(again, on) == YES), "person"])
    is_due = day + pd.Timedelta(days=WINDOW_AFTER) <= pd.Timestamp(cutoff)
    codes = np.select(
        [~is_due, employed == UNKNOWN, (employed == YES) & is_same, employed == YES, is_back],
        ["not_due", "unknown", "same_employer", "changed_employer", "returned"],
        "not_employed",
    )
    return pd.Series(codes, index=first.index, dtype="str")


def of_each(people: pd.Series, values: pd.Series) -> pd.Series:
    """For each row's person the value that stands under her in `values`; missing where there is none."""
    return values.reindex(people).set_axis(people.index)


YES, UNKNOWN = 1, -1


def _employed(episodes: pd.DataFrame, day: pd.Series) -> NDArray[np.int8]:
    """Whether each episode that began by its `day` covers it; UNKNOWN where nobody knew at the time."""
    covers = episodes["last_on"] >= day
    was_asked = episodes["verified_on"] >= day - pd.Timedelta(days=WINDOW_BEFORE)
    was_told = episodes["ended_known_on"] <= day + pd.Timedelta(days=WINDOW_AFTER)
    is_ended, is_estimated = episodes["is_ended"], episodes["is_estimated"]
    is_known = (is_ended & ~is_estimated) | was_asked | (is_ended & was_told)
    return np.where(is_known, np.where(is_ended, covers, YES), UNKNOWN).astype(np.int8)
