"""The independence profile and sustained independence, on lives that can be counted by hand."""

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from backend.outcomes.independence import DOMAINS, change, days_employed, index, sustained
from tests.backend.outcomes.frames import START, episode, frame

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


WORK = frame(episode("p", 60, 400))
TWICE = [assessment(270), assessment(365)]


@pytest.mark.parametrize(
    ("rows", "facts", "code"),
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
        (TWICE, {"paid": pd.Series({"p": False})}, "not_sustained"),
        (TWICE, {"paid": pd.Series({"p": None}, dtype="boolean")}, "unknown"),
        (TWICE, {"flagged": ["p"]}, "not_sustained"),
        (TWICE, {"episodes": frame()}, "not_sustained"),
        (TWICE, {"episodes": frame(episode("p", 97, 400))}, "not_sustained"),  # 269 days
        (TWICE, {"episodes": frame(episode("p", 96, 400))}, "sustained"),  # 270 days
    ],
)
def test_sustained_at_twelve_months(rows: list[dict[str, Any]], facts: dict[str, Any], code: str) -> None:
    given = {"episodes": WORK, "paid": pd.Series({"p": True}), "flagged": []} | facts
    assert sustained(pd.DataFrame(rows), ENTRIES, 12, CUTOFF, **given).to_dict() == {"p": code}


def test_days_employed_are_of_the_last_year() -> None:
    until = pd.Series({"p": pd.Timestamp(START + dt.timedelta(days=400)), "none": pd.Timestamp(START)})
    work = frame(episode("p", 0, 99, ended=True), episode("p", 200, 500, number=1))
    # Days 36 to 99 and 200 to 400.
    assert days_employed(work, until).to_dict() == {"p": 64 + 201, "none": 0}
