"""Counts of people by outcome, each made from the frames of a quarter."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from backend.outcomes.after_exit import (
    ON_LEAVING,
    SIX_MONTHS,
    days_after,
    employed_between,
    quarter_after,
    same_employer_between,
)
from backend.outcomes.independence import change, sustained
from backend.outcomes.retention import HEADLINE, outcomes_at

from ..disclosure import Measure
from ..disclosure.agreement import Place
from ..disclosure.tables import EVERYBODY
from ..frames import SAID, Frames

RETENTION_DAYS = (90, 180, 365)
MARKS = (12, 24)
WORK_DIMENSIONS = ("cohort", "training", "sector", "municipality", "employer", "subsidy", "grant")
PEOPLE_DIMENSIONS = ("cohort", "municipality", "grant")

Columns = Mapping[str, tuple[str, ...]]
Counts = dict[str, pd.DataFrame]


def count_by(
    people: pd.DataFrame, outcome: pd.Series, dimensions: tuple[str, ...], outcomes: tuple[str, ...]
) -> Counts:
    """People whose outcome is one of those that count, for everybody and along each dimension."""
    counted = people.loc[outcome.index].assign(outcome=outcome)
    counted = counted[counted["outcome"].isin(outcomes)]
    everybody = counted.assign(**{EVERYBODY: EVERYBODY})
    found = {name: pd.crosstab(everybody[name], everybody["outcome"]) for name in (EVERYBODY, *dimensions)}
    counts = {name: table.reindex(columns=list(outcomes), fill_value=0) for name, table in found.items()}
    return counts | {EVERYBODY: counts[EVERYBODY].reindex([EVERYBODY], fill_value=0)}


def _beside(tables: Mapping[str, pd.Series], outcomes: tuple[str, ...], dimension: str) -> Counts:
    """Counts of several groups that overlap, one row each."""
    rows = {name: told.value_counts().reindex(list(outcomes), fill_value=0) for name, told in tables.items()}
    return {dimension: pd.DataFrame(rows, index=list(outcomes)).T}


def funnel(frames: Frames) -> Measure:
    """How many of all who entered came so far; each stage counted by itself."""
    people, placed = frames.people, frames.placements
    reached = {
        "matched": people["is_matched"].astype(bool),
        "introduced": people["introduced_on"].notna(),
        "placed": pd.Series(people.index.isin(placed.index), people.index),
    }
    for days in RETENTION_DAYS:
        codes = outcomes_at(frames.facts, days, frames.cutoff)
        reached[f"retained_at_{days}_days"] = pd.Series(
            people.index.isin(codes.index[codes.isin(HEADLINE)]), people.index
        )
    outcomes = ("reached", "not_reached")
    told = {stage: is_there.map({True: "reached", False: "not_reached"}) for stage, is_there in reached.items()}
    return Measure(
        "funnel",
        outcomes,
        {"entered": outcomes, "reached": ("reached",)},
        (),  # who has not come so far may not have had the time, or nobody knows
        _beside(told, outcomes, "stage"),
        frozenset({"reached"}),
        is_open=True,
    )


def caseload(frames: Frames) -> Measure:
    outcomes = ("active", "light_touch", "paused")
    counts = count_by(frames.people, frames.people["status"], ("counsellor",), outcomes)
    return Measure("caseload", outcomes, {"everybody": outcomes, "active": ("active",)}, (), counts)


def completeness(frames: Frames) -> Measure:
    """Of the active people, whose file says what matching would use."""
    active = frames.people[frames.people["status"] == "active"]
    outcomes = ("said", "not_said")
    told = {
        name.removeprefix(SAID): active[name].astype(bool).map({True: "said", False: "not_said"})
        for name in active.columns
        if name.startswith(SAID)
    }
    return Measure(
        "completeness",
        outcomes,
        {"active": outcomes, "said": outcomes[:1]},
        (("said", "active"),),
        _beside(told, outcomes, "field"),
        is_open=True,
    )


RETENTION_OUTCOMES = ("same_employer", "changed_employer", "left", "unknown")
RETENTION_COLUMNS: Columns = {
    "due": RETENTION_OUTCOMES,
    "known": RETENTION_OUTCOMES[:3],
    "retained": RETENTION_OUTCOMES[:2],
    "same_employer": RETENTION_OUTCOMES[:1],
}


def retention(days: int) -> Callable[[Frames], Measure]:
    """Retention at a horizon, along everything that a placement is counted under."""

    def measure(frames: Frames) -> Measure:
        codes = outcomes_at(frames.facts, days, frames.cutoff)
        codes = codes[codes.index.isin(frames.placements.index)].replace({"returned": "left", "not_employed": "left"})
        return Measure(
            f"retention_{days}",
            RETENTION_OUTCOMES,
            RETENTION_COLUMNS,
            (("retained", "known"), ("same_employer", "known")),
            count_by(frames.placements, codes, WORK_DIMENSIONS, RETENTION_OUTCOMES),
            frozenset(RETENTION_OUTCOMES[:3]),
        )

    return measure


def end_reasons(frames: Frames) -> Measure:
    """Why first placements ended, of those whose end is known."""
    ended = frames.placements[frames.placements["event"]]
    outcome = pd.Series("ended", ended.index)
    return Measure(
        "end_reasons", ("ended",), {"ended": ("ended",)}, (), count_by(ended, outcome, ("reason",), ("ended",)),
        frozenset({"ended"}),
    )  # fmt: skip


def training_value(frames: Frames) -> Measure:
    """From completing a course to the first placement after it, and to 90 days there; a course counts for all.

    Work that she had begun before and went on with is no placement after it, nor is an earlier one.
    """
    outcomes = ("retained", "left", "unknown", "not_due", "not_placed")
    done = frames.completions.reset_index(drop=True)
    after = frames.facts.since(_next_work(done, frames.episodes))
    placed = after.episodes[after.episodes["number"] == 0].set_index("person")["started_on"]
    became = outcomes_at(after, RETENTION_DAYS[0], frames.cutoff).reindex(done.index.astype("str")).set_axis(done.index)
    is_placed = done.index.astype("str").isin(placed.index[placed <= pd.Timestamp(frames.cutoff)])
    told = pd.Series(
        np.select(
            [~is_placed, became.isin(HEADLINE), became.isin(["returned", "not_employed"]), became == "not_due"],
            ["not_placed", "retained", "left", "not_due"],
            "unknown",
        ),
        done.index,
    )
    tables = {str(course): told[(done["course"] == course).to_numpy()] for course in sorted(done["course"].unique())}
    return Measure(
        "training_value",
        outcomes,
        {"completed": outcomes, "placed": outcomes[:4], "due": outcomes[:3], "known": outcomes[:2],
         "retained": outcomes[:1]},
        (("placed", "completed"), ("retained", "known")),
        _beside(tables, outcomes, "course"),
        frozenset(outcomes[:2]),
        is_open=True,
    )  # fmt: skip


def _next_work(done: pd.DataFrame, episodes: pd.DataFrame) -> pd.DataFrame:
    """For each completion the first day of the first episode begun on its day or after it: group, person, since."""
    began = done.reset_index(names="group").merge(episodes[["person", "started_on"]], on="person")
    since = began[began["started_on"] >= began["ended_on"]].groupby("group")["started_on"].min()
    return pd.DataFrame({"group": since.index.astype("str"), "person": done["person"][since.index], "since": since})


def after_exit(frames: Frames) -> Measure:
    """What WIOA and ESF+ would count, of people who left a training; see `outcomes.after_exit`."""
    exits, work, cutoff = frames.left_on, frames.episodes, frames.cutoff
    told = {
        "wioa_second_quarter": employed_between(work, quarter_after(exits, 2), cutoff, with_subsidised=False),
        "wioa_fourth_quarter": employed_between(work, quarter_after(exits, 4), cutoff, with_subsidised=False),
        "wioa_same_employer": same_employer_between(work, exits, cutoff),
        "esf_on_leaving": employed_between(work, days_after(exits, 0, ON_LEAVING), cutoff),
        "esf_after_six_months": employed_between(work, days_after(exits, SIX_MONTHS, SIX_MONTHS), cutoff),
    }
    outcomes = ("employed", "not_employed", "unknown")
    named = {"retained": "employed", "not_retained": "not_employed"}
    return Measure(
        "after_exit",
        outcomes,
        {"due": outcomes, "known": outcomes[:2], "employed": outcomes[:1]},
        (("employed", "known"),),
        _beside({name: codes.replace(named) for name, codes in told.items()}, outcomes, "indicator"),
        is_open=True,
    )


def independence_change(months: int) -> Callable[[Frames], Measure]:
    """Change of the independence index since intake."""

    def measure(frames: Frames) -> Measure:
        outcomes = ("substantial_gain", "measurable_gain", "no_change", "loss", "substantial_loss", "unknown")
        codes = change(frames.assessments, frames.people["entered_on"], months, frames.cutoff)
        return Measure(
            f"independence_{months}",
            outcomes,
            {"due": outcomes, "known": outcomes[:5], "gained": outcomes[:2], "substantial_gain": outcomes[:1],
             "lost": outcomes[3:5]},
            (("gained", "known"), ("substantial_gain", "known"), ("lost", "known")),
            count_by(frames.people, codes, PEOPLE_DIMENSIONS, outcomes),
        )  # fmt: skip

    return measure


def sustained_independence(months: int) -> Callable[[Frames], Measure]:
    def measure(frames: Frames) -> Measure:
        outcomes = ("sustained", "not_sustained", "unknown")
        codes = sustained(
            frames.assessments, frames.people["entered_on"], months, frames.cutoff,
            facts=frames.facts, flags=frames.red_flags,
        )  # fmt: skip
        return Measure(
            f"sustained_{months}",
            outcomes,
            {"due": outcomes, "known": outcomes[:2], "sustained": outcomes[:1]},
            (("sustained", "known"),),
            count_by(frames.people, codes, PEOPLE_DIMENSIONS, outcomes),
        )

    return measure


def contacts(frames: Frames) -> Measure:
    """Contacts that were due in the quarter, and what came of them."""
    outcomes = ("on_time", "late", "missed", "open")
    return Measure(
        "contacts",
        outcomes,
        {"due": outcomes, "made": outcomes[:2], "on_time": outcomes[:1], "missed": outcomes[2:3], "open": outcomes[3:]},
        (("made", "due"), ("on_time", "due")),
        count_by(frames.follow_ups, frames.follow_ups["outcome"], ("day", "counsellor"), outcomes),
    )


def warning_flags(frames: Frames) -> Measure:
    """Warning flags raised in the quarter, and whether somebody looked in time."""
    outcomes = ("on_time", "late", "open")
    return Measure(
        "flags",
        outcomes,
        {"raised": outcomes, "dealt_with": outcomes[:2], "on_time": outcomes[:1]},
        (("on_time", "raised"),),
        count_by(frames.flags, frames.flags["outcome"], ("severity",), outcomes),
    )


def answers(frames: Frames) -> Measure:
    """Introductions shared with employers so far, and whether they answered."""
    outcomes = ("answered", "silent", "waiting")
    return Measure(
        "answers",
        outcomes,
        {"shared": outcomes, "settled": outcomes[:2], "answered": outcomes[:1]},
        (("answered", "settled"),),
        count_by(frames.introductions, frames.introductions["outcome"], ("employer",), outcomes),
        frozenset(outcomes[:1]),
    )


SAME: tuple[tuple[Place, ...], ...] = (
    (Place("funnel", "entered", "stage"), Place("caseload", "everybody", EVERYBODY)),
    (Place("completeness", "active", "field"), Place("caseload", "active", EVERYBODY)),
    *(
        (
            Place("funnel", "reached", "stage", f"retained_at_{days}_days"),
            Place(f"retention_{days}", "retained", EVERYBODY),
        )
        for days in RETENTION_DAYS
    ),
    (Place("funnel", "reached", "stage", "placed"), Place("lasting", "placed", EVERYBODY)),
    (Place("end_reasons", "ended", EVERYBODY), Place("lasting", "ended", EVERYBODY)),
    (Place("lasting", "placed"), Place("lasting_same", "placed")),
    *((Place(f"independence_{months}", "due"), Place(f"sustained_{months}", "due")) for months in MARKS),
)
"""Columns of several measures that count the same people."""

MEASURES: tuple[Callable[[Frames], Measure], ...] = (
    funnel,
    caseload,
    completeness,
    *(retention(days) for days in RETENTION_DAYS),
    end_reasons,
    training_value,
    after_exit,
    *(independence_change(months) for months in MARKS),
    *(sustained_independence(months) for months in MARKS),
    contacts,
    warning_flags,
    answers,
)
