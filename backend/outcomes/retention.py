"""Retention as OUTCOMES defines it, pure: frames in, frames out; the estimators are in `survival`.

A frame of *episodes* has one row per person and unbroken stretch of employment (gaps under 30 days merged), as
`episodes.episodes_of` makes it. Its columns:

    person, number      number 0 is the episode that began with the placement
    started_on, last_on first day worked, last day known to be worked
    is_ended            whether an end is known; ended_known_on is when it was, NaT while it runs
    is_estimated        the end is a midpoint between two contacts
    verified_on         last day on which somebody knew her to work
    has_moved_on        she left on last_on for better work that nobody has seen: no end, and nothing known after it
    same_until          last day with the first employer; left_first says whether she has left it
    reason, is_subsidised

**The answer at day M is what was known by M + 30.** It is known if she was seen at work on some day from M - 14 to
M + 30, or if an end of her work had become known by M + 30, exact or guessed. Then she was employed on M if that end
is not before M, or if no end had become known. Nothing that becomes known later changes an answer: not a contact, not
an end, not another job. So a yes and a no have the same time to be heard, and a cohort that is due stays as it is, but
for a placement that was itself recorded too late.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .spells import Facts
from .survival import wilson

WINDOW_BEFORE, WINDOW_AFTER = 14, 30
"""Who was seen at work from M-14 to M+30 days was at work at M, unless an end is known by then."""

HEADLINE = ("same_employer", "changed_employer")
COMPETING_REASONS = frozenset({"study", "incapacity", "death"})
"""Ends that no employer and no programme could have prevented: they compete with losing work."""
KNOWN_ENOUGH = 0.8


def durations(episodes: pd.DataFrame, cutoff: dt.date, planned: pd.Series | None = None) -> pd.DataFrame:
    """What the curves are drawn from: one row per person whose placement began by the cut-off.

    Columns: person, started_on, days, event, cause (0 censored, 1 ended, 2 a competing end), days_same and event_same
    (with the first employer), is_estimated, is_subsidised, is_lost. Running employment is censored at the last verified
    day, an end after the cut-off at the cut-off. `planned` are days on which contact with a person was planned, by
    person. `is_lost`: censored although the window of such a day has passed since without anybody knowing her to work;
    the second curve counts these as ended.
    """
    first = episodes[(episodes["number"] == 0) & (episodes["started_on"] <= pd.Timestamp(cutoff))]
    end = pd.Timestamp(cutoff)
    last = first["last_on"].where(first["last_on"] <= end, end)
    same = first["same_until"].where(first["same_until"] <= end, end)
    event = first["is_ended"] & (first["last_on"] <= end)
    days = (last - first["started_on"]).dt.days
    is_lost = ~event & (last < of_each(first["person"], last_asked(planned, cutoff)))
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


def last_asked(planned: pd.Series | None, cutoff: dt.date) -> pd.Series:
    """By person the first day of the last planned contact's window, of those that had closed by the cut-off."""
    if planned is None:
        return pd.Series(dtype="datetime64[s]")
    passed = planned[planned + pd.Timedelta(days=WINDOW_AFTER) <= pd.Timestamp(cutoff)]
    return passed.groupby(level=0).max() - pd.Timedelta(days=WINDOW_BEFORE)


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


def retention_at(facts: Facts, horizon: int, cutoff: dt.date) -> Retention:
    """How many were employed `horizon` days after their placement began, without a gap of 30 days before."""
    found = outcomes_at(facts, horizon, cutoff).value_counts()
    codes = {str(code): int(count) for code, count in found.items()}
    due = sum(codes.values()) - codes.get("not_due", 0)
    known = due - codes.get("unknown", 0)
    retained = sum(codes.get(code, 0) for code in HEADLINE)
    lower, upper = wilson(retained, known)
    return Retention(horizon, due, known, retained, codes.get("same_employer", 0), lower, upper, codes)


def outcomes_at(facts: Facts, horizon: int, cutoff: dt.date) -> pd.Series:
    """By person placed: same_employer, changed_employer, returned, not_employed, unknown or not_due."""
    told = known_at(facts, horizon, cutoff)
    is_employed = told["employed"] == YES
    codes = np.select(
        [~told["is_due"], told["employed"] == UNKNOWN, is_employed & told["is_same"], is_employed, told["is_back"]],
        ["not_due", "unknown", "same_employer", "changed_employer", "returned"],
        "not_employed",
    )
    return pd.Series(codes, index=told.index, dtype="str")


def known_at(facts: Facts, horizon: int, cutoff: dt.date) -> pd.DataFrame:
    """By person placed, what was known by `horizon` + 30 days after her first day.

    is_due; was_seen (at work in the window, no end known); ended_on (the end that was known); employed (YES, NO or
    UNKNOWN); is_same (with her first employer on the day); is_back (after a break at work again by then).
    """
    placed = facts.episodes
    start = placed[placed["number"] == 0].set_index("person")["started_on"]
    day = start + pd.Timedelta(days=horizon)
    closes = day + pd.Timedelta(days=WINDOW_AFTER)
    then = facts.known_by(closes)
    first = then[then["number"] == 0].set_index("person").reindex(start.index)
    # Placed later than her first day was told: of that work nothing was known.
    first = first[first["started_on"] == start].reindex(start.index)
    again = then[then["number"] > 0]
    on = of_each(again["person"], day)
    is_back = again.loc[(again["started_on"] <= on) & (_employed(again, on) == YES), "person"]
    is_ended = first["is_ended"].eq(True)
    return pd.DataFrame(
        {
            "is_due": closes <= pd.Timestamp(cutoff),
            "was_seen": ~is_ended & (_employed(first, day) == YES),
            "ended_on": first["last_on"].where(is_ended),
            "employed": _employed(first, day),
            "is_same": first["left_first"].eq(False) | (first["same_until"] >= day),
            "is_back": start.index.isin(is_back),
        },
        index=start.index,
    )


def of_each(people: pd.Series, values: pd.Series) -> pd.Series:
    """For each row's person the value that stands under her in `values`; missing where there is none."""
    return values.reindex(people).set_axis(people.index)


YES, NO, UNKNOWN = 1, 0, -1


def _employed(episodes: pd.DataFrame, day: pd.Series) -> NDArray[np.int8]:
    """Whether each episode, as it was known when the window of its `day` closed, covers that day."""
    covers = episodes["last_on"] >= day
    is_seen = episodes["verified_on"] >= day - pd.Timedelta(days=WINDOW_BEFORE)
    is_seen &= covers | episodes["has_moved_on"].eq(False)
    ended = np.where(covers, YES, NO)
    return np.where(episodes["is_ended"].eq(True), ended, np.where(is_seen, YES, UNKNOWN)).astype(np.int8)
