"""The independence profile over time and sustained independence, pure: frames in, series out.

A frame of *assessments* has the columns person, assessed_on, the eight domains (1 to 4, NaN where not scored),
needs_met and agrees (True, False or NA). None of this is psychometrically validated: whoever shows it says so. The
steps of change are 12.5% and 25% of the scale (CAST study, DOMAIN 1.1).
"""

import datetime as dt

import numpy as np
import pandas as pd

from .models import INDEPENDENCE_DOMAINS
from .retention import of_each
from .spells import Facts, pays_enough

DOMAINS = list(INDEPENDENCE_DOMAINS)
NEEDED_DOMAINS = 6
ALWAYS_NEEDED = DOMAINS[:4]
MEASURABLE, SUBSTANTIAL = 12.5, 25.0

MARKS = {12: 365, 24: 730}
"""Months at which independence is reported, and the day after entry that each means."""
NEAR = 45
"""An assessment within so many days of a mark speaks for it: assessments are planned 90 days apart."""
APART, TOO_OLD = 90, 225
"""Two assessments confirm one another from 90 days apart; one older than 225 days says nothing of now."""

WORK_DAYS, OF_DAYS = 270, 365
STRONG = ("housing", "safety")
STRONG_SCORE = 3


def index(assessments: pd.DataFrame) -> pd.Series:
    """100 x (mean - 1) / 3 over the scored domains; NaN below six domains or without the first four."""
    scores = assessments[DOMAINS].astype(float)
    is_enough = (scores.notna().sum(axis=1) >= NEEDED_DOMAINS) & scores[ALWAYS_NEEDED].notna().all(axis=1)
    return (100 * (scores.mean(axis=1) - 1) / 3).where(is_enough)


def nearest(assessments: pd.DataFrame, marks: pd.Series) -> pd.DataFrame:
    """Of each person the assessment nearest to her mark (a day), within NEAR days; the earlier of two as near."""
    found = assessments.assign(off=(assessments["assessed_on"] - of_each(assessments["person"], marks)).dt.days.abs())
    found = found[found["off"] <= NEAR].sort_values(["person", "off", "assessed_on"])
    return found.drop_duplicates("person").set_index("person")


def change(assessments: pd.DataFrame, entries: pd.Series, months: int, cutoff: dt.date) -> pd.Series:
    """Change of the index from intake to the mark, by person who entered long enough ago.

    Intake is the first scored assessment, if it was within NEAR days of entering. substantial_gain (25 points or more),
    measurable_gain (12.5), no_change, loss (12.5 or more), substantial_loss (25 or more) or unknown.
    """
    marks = _due(entries, months, cutoff)
    scored = assessments.assign(index=index(assessments))
    scored = scored[scored["index"].notna()]
    first = scored.sort_values("assessed_on").drop_duplicates("person").set_index("person")
    first = first[(first["assessed_on"] - entries.reindex(first.index)).dt.days.abs() <= NEAR]
    then = nearest(scored, marks)
    is_later = then["assessed_on"] > first["assessed_on"].reindex(then.index)
    points = (then["index"] - first["index"].reindex(then.index))[is_later].reindex(marks.index)
    codes = np.select(
        [points.isna(), points >= SUBSTANTIAL, points >= MEASURABLE, points > -MEASURABLE, points > -SUBSTANTIAL],
        ["unknown", "substantial_gain", "measurable_gain", "no_change", "loss"],
        "substantial_loss",
    )
    return pd.Series(codes, index=marks.index, dtype="str")


def sustained(
    assessments: pd.DataFrame, entries: pd.Series, months: int, cutoff: dt.date, *, facts: Facts, flags: pd.DataFrame
) -> pd.Series:
    """Sustained independence at a mark, by person who entered long enough ago: sustained, not_sustained or unknown.

    On the assessment nearest the mark and on one at least 90 days before: housing and safety at 3 or more, no domain at
    1, basic needs met without emergency aid, and she agrees. On the day of the later one: employed at least 270 of the
    365 days before, paid at or above the minimum of that day, and no red flag open (`flags`: person, raised_on,
    resolved_on). Without two such assessments, or where a fact is not said and none refutes it, it is unknown.

    Work is counted as it was known when the mark fell due, 45 days after it: a mark that has been published stays.
    """
    marks = _due(entries, months, cutoff)
    now = nearest(assessments, marks)
    before = _confirming(assessments, now["assessed_on"])
    people, closes = now.index, marks + pd.Timedelta(days=NEAR)
    facts_now = pd.DataFrame(
        {
            **{f"now_{name}": fact for name, fact in _said(now).items()},
            **{f"before_{name}": fact.reindex(people) for name, fact in _said(before).items()},
            "employed": _worked(facts.known_by(closes.reindex(people)), now["assessed_on"]),
            "paid": _paid(facts.spells, now["assessed_on"], closes),
            "unflagged": ~people.isin(_flagged(flags, now["assessed_on"])),
        },
        index=people,
        dtype="boolean",
    )
    refuted = (~facts_now).fillna(False).any(axis=1)
    codes = np.select([refuted, facts_now.notna().all(axis=1)], ["not_sustained", "sustained"], "unknown")
    return pd.Series(codes, index=people, dtype="str").reindex(marks.index, fill_value="unknown")


def _worked(episodes: pd.DataFrame, until: pd.Series) -> pd.Series:
    """Whether she was employed WORK_DAYS of the year up to a day; NA where work nobody has seen since could do it."""
    after = episodes.groupby("person")["started_on"].shift(-1) - pd.Timedelta(days=1)
    end = of_each(episodes["person"], until)
    could_last = after.where(after < end, end)
    last_on = episodes["last_on"].where(episodes["is_ended"] | (episodes["last_on"] > could_last), could_last)
    known = days_employed(episodes, until) >= WORK_DAYS
    possible = days_employed(episodes.assign(last_on=last_on), until) >= WORK_DAYS
    return known.astype("boolean").mask(possible & ~known)


def _paid(spells: pd.DataFrame, on: pd.Series, closes: pd.Series) -> pd.Series:
    """Whether her last work by a day pays the minimum of that day: True, False or NA."""
    begun = spells[
        (spells["started_on"] <= of_each(spells["person"], on))
        & (spells["recorded_on"] <= of_each(spells["person"], closes))
    ]
    last = begun.sort_values("started_on").drop_duplicates("person", keep="last").set_index("person")
    paid = {
        person: pays_enough(pay, hours, on[person].date())
        for person, pay, hours in zip(last.index, last["pay"], last["hours"], strict=True)
    }
    return pd.Series(paid, dtype="boolean").reindex(on.index)


def _flagged(flags: pd.DataFrame, on: pd.Series) -> pd.Series:
    """Who had one of these flags open on her day."""
    day = of_each(flags["person"], on)
    is_open = (flags["raised_on"] <= day) & ~(flags["resolved_on"] <= day)
    return flags.loc[is_open, "person"]


def days_employed(episodes: pd.DataFrame, until: pd.Series) -> pd.Series:
    """Days known to be employed among the 365 up to and with a day, by person of `until`."""
    end = of_each(episodes["person"], until)
    start = end - pd.Timedelta(days=OF_DAYS - 1)
    from_day = episodes["started_on"].where(episodes["started_on"] > start, start)
    to_day = episodes["last_on"].where(episodes["last_on"] < end, end)
    days = ((to_day - from_day).dt.days + 1).clip(lower=0)
    return days.groupby(episodes["person"]).sum().reindex(until.index, fill_value=0)


def _due(entries: pd.Series, months: int, cutoff: dt.date) -> pd.Series:
    """The mark of everybody for whom its window has closed by the cut-off."""
    marks = entries + pd.Timedelta(days=MARKS[months])
    return marks[marks + pd.Timedelta(days=NEAR) <= pd.Timestamp(cutoff)]


def _confirming(assessments: pd.DataFrame, now: pd.Series) -> pd.DataFrame:
    """Of each person the newest assessment from 90 to 225 days before the given one."""
    age = (of_each(assessments["person"], now) - assessments["assessed_on"]).dt.days
    found = assessments[(age >= APART) & (age <= TOO_OLD)].sort_values("assessed_on", ascending=False)
    return found.drop_duplicates("person").set_index("person")


def _said(assessed: pd.DataFrame) -> dict[str, pd.Series]:
    """What an assessment has to say, each True, False or NA."""
    scores = assessed[DOMAINS].astype("Float64")
    return {
        **{domain: scores[domain] >= STRONG_SCORE for domain in STRONG},
        # A domain that was not scored refutes nothing.
        "none_worst": ~(scores == 1).fillna(False).any(axis=1).astype("boolean"),
        "needs_met": assessed["needs_met"].astype("boolean"),
        "agrees": assessed["agrees"].astype("boolean"),
    }
