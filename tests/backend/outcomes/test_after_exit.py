"""Funders' indicators, on lives that can be counted by hand."""

import datetime as dt

import pandas as pd
import pytest

from backend.outcomes.after_exit import (
    days_after,
    employed_between,
    quarter_after,
    same_employer_between,
    time_to_first_job,
)
from tests.backend.outcomes.frames import START, episode, frame

# START is 1 January 2026: who leaves on it leaves in the first quarter, and the second after is July to September.
EXITS = pd.Series({"p": pd.Timestamp(START)})
CUTOFF = dt.date(2027, 6, 1)


def test_quarters_are_those_of_the_calendar() -> None:
    exits = pd.Series({"early": pd.Timestamp(2026, 1, 1), "late": pd.Timestamp(2026, 3, 31)})
    for quarter, first, last in ((2, (2026, 7, 1), (2026, 9, 30)), (4, (2027, 1, 1), (2027, 3, 31))):
        spans = quarter_after(exits, quarter)
        assert set(spans["first"].dt.date) == {dt.date(*first)}
        assert set(spans["last"].dt.date) == {dt.date(*last)}


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], "not_employed"),  # no work on record
        ([episode("p", 10, 200)], "employed"),  # verified on 20 July
        ([episode("p", 10, 100)], "unknown"),  # runs, and nobody has known since April
        ([episode("p", 10, 100, ended=True)], "not_employed"),
        ([episode("p", 10, 181, ended=True)], "employed"),  # its last day is 1 July
        ([episode("p", 10, 180, ended=True)], "not_employed"),
        ([episode("p", 272, 300)], "employed"),  # begins on 30 September
        ([episode("p", 273, 300)], "not_employed"),
        # An end between April and August, nobody knows when.
        (
            [episode("p", 10, 160, ended=True, is_estimated=True, verified_on=100, ended_known_on=220)],
            "unknown",
        ),
        ([episode("p", 10, 100, ended=True), episode("p", 190, 250, number=1)], "employed"),
    ],
)
def test_work_in_the_second_quarter_after(rows: list[dict[str, object]], code: str) -> None:
    assert employed_between(frame(*rows), quarter_after(EXITS, 2), CUTOFF).to_dict() == {"p": code}


def test_it_is_due_when_the_span_and_a_month_have_passed() -> None:
    spans = quarter_after(EXITS, 2)
    for day, code in ((29, "not_due"), (30, "employed")):
        work = frame(episode("p", 10, 250))
        assert employed_between(work, spans, dt.date(2026, 10, day))["p"] == code


def test_subsidised_work_can_be_left_out() -> None:
    work = frame(episode("p", 10, 250) | {"is_subsidised": True})
    spans = quarter_after(EXITS, 2)
    assert employed_between(work, spans, CUTOFF)["p"] == "employed"
    assert employed_between(work, spans, CUTOFF, with_subsidised=False)["p"] == "not_employed"


def test_work_within_four_weeks_of_leaving() -> None:
    within = days_after(EXITS, 0, 28)
    assert employed_between(frame(episode("p", 28, 90)), within, CUTOFF)["p"] == "employed"
    assert employed_between(frame(episode("p", 29, 90)), within, CUTOFF)["p"] == "not_employed"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (episode("p", 10, 400), {"p": "retained"}),
        (episode("p", 10, 400, same_until=300, left_first=True), {"p": "not_retained"}),
        (episode("p", 10, 250, ended=True), {"p": "not_retained"}),
        (episode("p", 10, 250), {"p": "unknown"}),
        (episode("p", 10, 100, ended=True), {}),  # not employed in the second quarter: not in this cohort
    ],
)
def test_the_same_employer_in_both_quarters(row: dict[str, object], code: dict[str, str]) -> None:
    assert same_employer_between(frame(row), EXITS, CUTOFF).to_dict() == code


def test_the_way_to_the_first_job() -> None:
    entries = pd.Series({name: pd.Timestamp(START) for name in ("quick", "later", "not yet", "none")})
    entries["new"] = pd.Timestamp(2026, 12, 1)
    work = frame(episode("quick", 0, 10), episode("later", 90, 120), episode("not yet", 200, 220))
    waited = time_to_first_job(entries, work, START + dt.timedelta(days=150))
    assert waited["days"].to_dict() == {"quick": 0, "later": 90, "not yet": 150, "none": 150}
    assert waited.index[waited["event"]].tolist() == ["quick", "later"]
