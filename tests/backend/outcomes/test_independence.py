"""The independence profile and sustained independence, on lives that can be counted by hand."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from backend.outcomes.independence import DOMAINS, change, days_employed, index, sustained
from tests.backend.outcomes.frames import START, contact, day_of, episode, facts, frame, job

ENTRIES = pd.Series({"p": pd.Timestamp(START)})
CUTOFF = START + dt.timedelta(days=420)


def assessment(day: int, score: float = 3, **said: Any) -> dict[str, Any]:
    """Every domain at one score, needs met and agreed to, unless said otherwise."""
    return {
        "person": "p",
        "assessed_on": pd.Timestamp(START + dt.timedelta(days=day)),
        **dict.fromkeys(DOMAINS, score),
        "needs_met": True,
        "agrees": True,
        **said,
    }


def test_the_index_needs_six_domains_and_the_first_four() -> None:
    rows = pd.DataFrame(
        [
            assessment(0, 1),
            assessment(0, 4),
            assessment(0, 2, health=None, support=None),
            assessment(0, 2, health=None, support=None, finances=None),
            assessment(0, 2, housing=None),
        ]
    )
    assert index(rows).round(2).fillna(-1).tolist() == [0, 100, 33.33, -1, -1]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([assessment(0, 2), assessment(365, 3)], "substantial_gain"),  # 33 points
        ([assessment(0, 2), assessment(365, 2, housing=4, safety=3)], "measurable_gain"),  # 12.5 points
        ([assessment(0, 2), assessment(365, 2, housing=4)], "no_change"),
        ([assessment(0, 2), assessment(365, 2, housing=1, safety=1, income=1)], "loss"),  # 12.5 points
        ([assessment(0, 3), assessment(365, 2)], "substantial_loss"),
        ([assessment(0, 2), assessment(319, 3)], "unknown"),  # 46 days before the mark
        ([assessment(0, 2), assessment(320, 3)], "substantial_gain"),
        ([assessment(0, 2), assessment(411, 3)], "unknown"),
        ([assessment(365, 3)], "unknown"),  # nothing to compare with
        ([assessment(45, 2), assessment(365, 3)], "substantial_gain"),
        ([assessment(46, 2), assessment(365, 3)], "unknown"),  # that was no intake
        ([assessment(-45, 2), assessment(365, 3)], "substantial_gain"),
        ([assessment(-46, 2), assessment(0, 2), assessment(365, 3)], "unknown"),
        ([assessment(0, 2), assessment(355, 3), assessment(366, 2)], "no_change"),  # the nearer one speaks
        ([assessment(0, 2), assessment(365, 3, income=None)], "unknown"),
        ([], "unknown"),
    ],
)
def test_change_since_intake(rows: list[dict[str, Any]], code: str) -> None:
    told = pd.DataFrame(rows, columns=["person", "assessed_on", *DOMAINS, "needs_met", "agrees"])
    told["assessed_on"] = told["assessed_on"].astype("datetime64[s]")
    assert change(told, ENTRIES, 12, CUTOFF).to_dict() == {"p": code}


def test_a_mark_is_due_when_its_window_has_closed() -> None:
    rows = pd.DataFrame([assessment(0), assessment(365)])
    assert change(rows, ENTRIES, 12, START + dt.timedelta(days=409)).empty
    assert not change(rows, ENTRIES, 12, START + dt.timedelta(days=410)).empty


HOUR = Decimal("174")
"""Hours of a month, for which the minimum is 371 each from the first of January 2026 on."""
WELL_PAID = {"pay": 500 * HOUR}
WORK = facts([job(60, **WELL_PAID)], [contact(400)])
TWICE = [assessment(270), assessment(365)]


def _flags(*spans: tuple[int, int | None]) -> pd.DataFrame:
    rows = [("p", day_of(raised), day_of(resolved)) for raised, resolved in spans]
    told = pd.DataFrame(rows, columns=["person", "raised_on", "resolved_on"])
    return told.astype({"person": "str", "raised_on": "datetime64[s]", "resolved_on": "datetime64[s]"})


def _worked(start: int, seen: int, *more: dict[str, Any], known: int | None = None, **fields: Any) -> dict[str, Any]:
    return {"facts": facts([job(start, **WELL_PAID | fields), *more], [contact(seen, known=known)])}


@pytest.mark.parametrize(
    ("rows", "given", "code"),
    [
        (TWICE, {}, "sustained"),
        ([assessment(276), assessment(365)], {}, "unknown"),  # 89 days apart
        ([assessment(139), assessment(365)], {}, "unknown"),  # 226 days apart
        ([assessment(365)], {}, "unknown"),
        ([assessment(270), assessment(365, housing=2)], {}, "not_sustained"),
        ([assessment(270, safety=2), assessment(365)], {}, "not_sustained"),
        ([assessment(270), assessment(365, health=1)], {}, "not_sustained"),
        ([assessment(270), assessment(365, agrees=False)], {}, "not_sustained"),
        ([assessment(270, needs_met=False), assessment(365)], {}, "not_sustained"),
        ([assessment(270), assessment(365, agrees=None)], {}, "unknown"),
        ([assessment(270), assessment(365, housing=None)], {}, "unknown"),
        ([assessment(270, agrees=None), assessment(365, safety=1)], {}, "not_sustained"),
        # Work: 270 days are enough; work that nobody has seen since could be.
        (TWICE, {"facts": facts([])}, "not_sustained"),
        (TWICE, _worked(97, 400), "not_sustained"),  # 269 days
        (TWICE, _worked(96, 400), "sustained"),
        (TWICE, _worked(97, 100), "not_sustained"),  # could not be 270
        (TWICE, _worked(96, 100), "unknown"),
        (TWICE, _worked(60, 364, known=410), "sustained"),
        (TWICE, _worked(60, 364, known=411), "unknown"),  # not when the mark fell due
        (TWICE, {"facts": facts([job(60, 328, **WELL_PAID)])}, "not_sustained"),  # 269 days, and over
        (TWICE, _worked(60, 300, job(400, employer="b", pay=HOUR)), "unknown"),
        # Pay, by the minimum of the day of the assessment.
        (TWICE, _worked(60, 400, pay=None), "unknown"),
        (TWICE, _worked(60, 400, pay=370 * HOUR), "not_sustained"),
        # What she earns later is not asked.
        ([assessment(270), assessment(360)], _worked(60, 345, job(361, employer="b", pay=HOUR)), "sustained"),
        # Flags that were open on that day.
        (TWICE, {"flags": _flags((300, None))}, "not_sustained"),
        (TWICE, {"flags": _flags((300, 366))}, "not_sustained"),
        (TWICE, {"flags": _flags((300, 365))}, "sustained"),
        (TWICE, {"flags": _flags((366, None))}, "sustained"),
    ],
)  # fmt: skip
def test_sustained_at_twelve_months(rows: list[dict[str, Any]], given: dict[str, Any], code: str) -> None:
    said = {"facts": WORK, "flags": _flags()} | given
    assert sustained(pd.DataFrame(rows), ENTRIES, 12, CUTOFF, **said).to_dict() == {"p": code}


def test_pay_is_compared_with_the_minimum_of_the_day_of_the_assessment() -> None:
    """The minimum of the end of 2025: enough on its last day, too little on the first of 2026."""
    work = facts([job(-320, pay=337 * HOUR)], [contact(30)])
    for day, code in {-1: "sustained", 0: "not_sustained"}.items():
        rows = pd.DataFrame([assessment(-95), assessment(day)])
        entries = pd.Series({"p": pd.Timestamp(day_of(-365))})
        assert sustained(rows, entries, 12, CUTOFF, facts=work, flags=_flags()).to_dict() == {"p": code}


def test_a_mark_that_was_published_stays() -> None:
    """Whatever happens after the mark fell due, on day 410: a lost job, lower pay, a flag, one more year."""
    later = facts(
        [job(60, 415, **WELL_PAID), job(420, employer="b", pay=HOUR)], [contact(400), contact(500, "none", 1)]
    )
    for cutoff in (410, 500, 800):
        told = sustained(
            pd.DataFrame(TWICE), ENTRIES, 12, START + dt.timedelta(days=cutoff), facts=later, flags=_flags((411, None))
        )
        assert told.to_dict() == {"p": "sustained"}


def test_days_employed_are_of_the_last_year() -> None:
    until = pd.Series({"p": pd.Timestamp(START + dt.timedelta(days=400)), "none": pd.Timestamp(START)})
    work = frame(episode("p", 0, 99, ended=True), episode("p", 200, 500, number=1))
    # Days 36 to 99 and 200 to 400.
    assert days_employed(work, until).to_dict() == {"p": 64 + 201, "none": 0}
