"""Retention by its definitions, and the frame that the curves are drawn from."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.outcomes.retention import durations, outcomes_at, retention_at
from tests.backend.outcomes.frames import CUTOFF, START
from tests.backend.outcomes.frames import episode as _episode
from tests.backend.outcomes.frames import frame as _frame


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([_episode("p", last=200)], "same_employer"),
        ([_episode("p", last=76)], "same_employer"),  # asked on day M-14
        ([_episode("p", last=75)], "unknown"),  # asked too early to know
        ([_episode("p", last=90, ended=True)], "same_employer"),
        ([_episode("p", last=89, ended=True)], "not_employed"),  # though asked within the window
        ([_episode("p", last=200, same_until=50, left_first=True)], "changed_employer"),
        ([_episode("p", last=200, same_until=90, left_first=True)], "same_employer"),
        ([_episode("p", last=20, ended=True), _episode("p", 60, 95, number=1)], "returned"),
        ([_episode("p", last=20, ended=True), _episode("p", 60, 70, number=1)], "not_employed"),
        ([_episode("p", last=20, ended=True), _episode("p", 100, 200, number=1)], "not_employed"),
        # An estimated end counts only if somebody was in touch at the time.
        ([_episode("p", last=60, ended=True, is_estimated=True, verified_on=30, ended_known_on=91)], "not_employed"),
        ([_episode("p", last=60, ended=True, is_estimated=True, verified_on=30, ended_known_on=121)], "unknown"),
        ([_episode("p", last=95, ended=True, is_estimated=True, verified_on=80, ended_known_on=110)], "same_employer"),
        ([_episode("p", start=154, last=200)], "not_due"),  # day 154 + 90 + 30 is the day after the cut-off
        ([_episode("p", start=153, last=250)], "same_employer"),
    ],
)
def test_outcome_codes_at_90_days(rows: list[dict[str, Any]], code: str) -> None:
    assert outcomes_at(_frame(*rows), 90, CUTOFF).to_dict() == {"p": code}


def test_a_rate_stands_with_its_bounds() -> None:
    rows = [
        *(_episode(f"same{i}", last=200) for i in range(5)),
        *(_episode(f"moved{i}", last=200, same_until=40, left_first=True) for i in range(2)),
        *(_episode(f"left{i}", last=30, ended=True) for i in range(3)),
        *(_episode(f"silent{i}", last=30) for i in range(3)),
        _episode("new", start=200, last=210),
    ]
    retention = retention_at(_frame(*rows), 90, CUTOFF)
    assert (retention.due, retention.known, retention.retained, retention.same_employer) == (13, 10, 7, 5)
    assert retention.rate == 0.7
    assert (retention.lower, retention.upper) == pytest.approx((0.397, 0.892), abs=5e-4)
    assert retention.if_unknown_lost == pytest.approx(7 / 13)
    assert retention.if_unknown_retained == pytest.approx(10 / 13)
    assert retention.needs_caveat  # 10 of 13 is below 80%
    assert retention.codes["not_due"] == 1


def test_a_rate_of_nobody() -> None:
    retention = retention_at(_frame(), 90, CUTOFF)
    assert (retention.due, retention.rate, retention.if_unknown_lost) == (0, None, None)
    assert (retention.lower, retention.upper, retention.needs_caveat) == (0.0, 1.0, False)


def test_durations_end_with_the_cutoff() -> None:
    frame = _frame(
        _episode("runs", last=100),
        _episode("ran on", last=300),
        _episode("left", last=50, ended=True, reason="study"),
        _episode("left late", last=274, ended=True),
        _episode("changed", last=200, same_until=40, left_first=True),
        _episode("silent", last=10),
        _episode("not yet", start=274, last=280),
        _episode("left", start=120, last=200, number=1),
    )
    lasted = durations(frame, CUTOFF, schedule=(30, 90)).set_index("person")
    assert lasted["days"].to_dict() == {
        "runs": 100, "ran on": 273, "left": 50, "left late": 273, "changed": 200, "silent": 10,
    }  # fmt: skip
    assert lasted.index[lasted["event"]].tolist() == ["left"]
    assert lasted.loc["left", "cause"] == 2
    assert lasted.loc["changed", ["days_same", "event_same"]].tolist() == [40, True]
    assert lasted.index[lasted["is_lost"]].tolist() == ["silent"]
    assert durations(_frame(), CUTOFF).empty


def _slow_outcome(rows: list[dict[str, Any]], day: dt.date) -> str:
    """One person at a time, in the words of OUTCOMES."""

    def employed(row: dict[str, Any]) -> bool | None:
        asked = row["verified_on"] >= day - dt.timedelta(days=14)
        if not row["is_ended"]:
            return True if asked else None
        told = row["ended_known_on"] <= day + dt.timedelta(days=30)
        if not row["is_estimated"] or asked or told:
            return row["last_on"] >= day
        return None

    first, *later = rows
    if (works := employed(first)) is None:
        return "unknown"
    if works:
        return "same_employer" if not first["left_first"] or first["same_until"] >= day else "changed_employer"
    return "returned" if any(row["started_on"] <= day and employed(row) for row in later) else "not_employed"


@st.composite
def _lives(draw: st.DrawFn) -> list[dict[str, Any]]:
    """One person's episodes, with gaps of 30 days or more between them; only the last may still run."""
    rows: list[dict[str, Any]] = []
    start = 0
    for number in range(draw(st.integers(1, 3))):
        last = start + draw(st.integers(0, 150))
        ended, estimated = number < 2 or draw(st.booleans()), draw(st.booleans())
        verified = start + draw(st.integers(0, last - start)) if estimated else last
        known = last + draw(st.integers(0, 60)) if estimated else last
        rows.append(
            _episode(
                "p", start, last, ended, number, is_estimated=ended and estimated, verified_on=verified,
                ended_known_on=known if ended else None, same_until=draw(st.integers(start, last)),
                left_first=draw(st.booleans()) or ended,
            )
        )  # fmt: skip
        if not ended:
            break
        start = last + 31 + draw(st.integers(0, 60))
    return rows


@settings(max_examples=200, deadline=None)
@given(_lives(), st.sampled_from([30, 90, 180]))
def test_outcomes_equal_the_slow_ones(rows: list[dict[str, Any]], horizon: int) -> None:
    day = START + dt.timedelta(days=horizon)
    assert outcomes_at(_frame(*rows), horizon, CUTOFF)["p"] == _slow_outcome(rows, day)
