"""What each column means: the data dictionary that goes with the tables."""

from collections.abc import Iterable

import pandas as pd

from backend.outcomes.retention import WINDOW_AFTER, WINDOW_BEFORE

from .anonymity import ANY, OTHER
from .tables import HORIZONS, LADDERS, Tables

HEADER = ("table", "column", "type", "meaning", "values")

_FEW = "; `other` takes together what fewer than k people have"
_BEGINNING = " when the stretch began" + _FEW


def _at(day: int) -> dict[str, str]:
    """What the columns about a horizon mean."""
    closes = day + WINDOW_AFTER
    return {
        "seen": f"of first placements due at {day} days: somebody saw her at work from day {day - WINDOW_BEFORE} "
        f"to day {closes} (or she left for a better job later than day {day}) and no end was known by day {closes}",
        "ended": f"of first placements due at {day} days: her last day at work, in days from the first, if its end was "
        f"known by day {closes}; with neither this nor seen_{day} nobody knows whether she worked on day {day}",
        "same": f"whether the work known of on day {day} was with her first employer",
    }


MEANINGS: dict[str, dict[str, str]] = {
    "persons": {
        "person": "a random name, drawn for this export alone: it joins the tables and nothing else",
        "age_band": "age on entering the programme",
        "region": "where she lives: RS11 Belgrade, RS12 Vojvodina, RS21 Šumadija and West, RS22 South and East (NUTS "
        "level 2); RS1x North, RS2x South (level 1); or abroad",
        "language": "the language she speaks best",
        "entered": "the calendar quarter, or the year, in which she entered the programme",
    },
    "spells": {
        "person": "whose work it is",
        "number": "0: the stretch that her first qualifying placement began; 1, 2, ...: after a break of 30 days or "
        "more",
        "started_day": "first day worked, in days from entering the programme",
        "last_day": "last day known to be worked, in days from the first",
        "is_ended": "whether an end is known; where it is not, the stretch is censored on last_day (leaving for a "
        "better job is no end)",
        "end": "of what ended: competing (education, lasting incapacity, death) or work" + _FEW,
        "is_estimated": "the end is the midpoint between two contacts",
        "verified_day": "last day on which somebody knew her to work, in days from the first",
        "same_employer_day": "last day known with the first employer, in days from the first",
        "left_first_employer": "whether she is known to have left the first employer",
        "followed_for": "the last contact day (3, 7, 30, 90, 180, 365, 540, 730) that lies 30 days or more before the "
        "cut-off: she is due at 90 days if it is 90 or more",
        "is_lost": "censored although the window of a planned contact (14 days before it to 30 after) has passed "
        "since, without anybody knowing her to work",
        **{f"{name}_{day}": meaning for day in HORIZONS for name, meaning in _at(day).items()},
        "employer": "a random name of the employer, drawn for this export alone" + _FEW,
        "sector": "section of NACE Rev. 2" + _BEGINNING,
        "contract": "form of work" + _BEGINNING,
        "hours": "hours per week" + _BEGINNING,
        "pay": "net pay as a multiple of the legal minimum of that day for the hours worked" + _FEW,
        "subsidised": "whether the work was subsidised" + _BEGINNING,
        "evidence": "A contract, payslip or official record; B employer; C her own word; D other" + _FEW,
    },
    "follow_ups": {
        "person": "who was contacted",
        "spell": "number of the stretch of work that it is about",
        "day": "planned for this day after the first day worked",
        "contact": "made, missed, or open (nobody has tried)" + _FEW,
        "days_late": "days from the planned day to the contact; negative before it",
        "work": "what a contact that was made found" + _FEW,
        "evidence": "as in spells" + _FEW,
        "paid_on_time": "whether she was paid in full and on time" + _FEW,
    },
    "assessments": {
        "person": "who was assessed",
        "day": "days from entering the programme",
        "index": "independence index, 0 to 100; empty below six domains or without the first four; not "
        "psychometrically validated",
        "domains": "how many of the eight domains were scored",
    },
}  # fmt: skip


def dictionary(tables: Tables) -> Iterable[tuple[str, str, str, str, str]]:
    """A row per column, with the values that it takes."""
    for name, told in tables.named.items():
        for column in told.columns:
            meaning = MEANINGS[name][column]
            if name == "persons" and column in LADDERS:
                meaning += f"; {ANY}: not told, so that at least {tables.k} people share every description"
            yield name, column, _type(told[column]), meaning.replace(" k ", f" {tables.k} "), _values(told[column])


def _type(column: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(column):
        return "true or false"
    if pd.api.types.is_integer_dtype(column):
        return "whole number"
    return "number" if pd.api.types.is_float_dtype(column) else "text"


def _values(column: pd.Series) -> str:
    """The codes of a column of codes."""
    if column.name in ("person", "employer") or _type(column) != "text":
        return ""
    codes = sorted(set(column) - {"", OTHER, ANY})
    return " | ".join(codes + [code for code in (OTHER, ANY) if code in set(column)])
