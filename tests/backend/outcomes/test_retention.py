"""Retention by its definitions, and the frame that the curves are drawn from."""

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.outcomes.retention import durations, outcomes_at, retention_at
from tests.backend.outcomes.frames import CUTOFF, START, contact, day_of, facts, job
from tests.backend.outcomes.frames import episode as _episode
from tests.backend.outcomes.frames import frame as _frame

BETTER = [job(0, 60, reason="better_job", end_recorded_on=62)]


@pytest.mark.parametrize(
    ("jobs", "contacts", "code"),
    [
        # Seen from day 76 to day 120, and on no other day.
        ([job()], [contact(76)], "same_employer"),
        ([job()], [contact(75)], "unknown"),
        ([job()], [contact(120)], "same_employer"),
        ([job()], [contact(121)], "unknown"),
        ([job()], [contact(75), contact(200)], "unknown"),  # heard too late, like the no below
        ([job()], [contact(100, known=121)], "unknown"),  # written down too late
        ([job()], [contact(75), contact(150, "none")], "unknown"),
        ([job(verified_on=110)], [], "same_employer"),
        # An end that was known by day 120, exact ...
        ([job(0, 90)], [], "same_employer"),
        ([job(0, 89)], [], "not_employed"),
        ([job(0, 20)], [], "not_employed"),
        ([job(0, 89, end_recorded_on=120)], [], "not_employed"),
        ([job(0, 89, end_recorded_on=121)], [], "unknown"),
        ([job(0, 89, end_recorded_on=121)], [contact(80)], "same_employer"),  # that was known by then
        ([job(0, 200)], [], "unknown"),  # nobody asked, though she worked
        ([job(0, 200)], [contact(80)], "same_employer"),
        # ... or guessed.
        ([job()], [contact(30), contact(91, "none")], "not_employed"),
        ([job()], [contact(30), contact(120, "none")], "not_employed"),
        ([job()], [contact(30), contact(121, "none")], "unknown"),
        ([job()], [contact(80), contact(110, "none")], "same_employer"),  # midway, on day 95
        # Another employer, or back after a break.
        ([job(0, 50), job(60, employer="b")], [contact(80, spell=1)], "changed_employer"),
        ([job(0, 90), job(92, employer="b")], [contact(110, spell=1)], "same_employer"),
        ([job(0, 50), job(60, recorded_on=121, employer="b")], [contact(125, spell=1)], "not_employed"),
        ([job()], [contact(80, "elsewhere")], "changed_employer"),
        ([job(0, 20), job(60)], [contact(80, spell=1)], "returned"),
        ([job(0, 20), job(60, 70)], [], "not_employed"),
        ([job(0, 20), job(100)], [], "not_employed"),
        # After a better job nobody knows, until somebody does.
        (BETTER, [], "unknown"),
        (BETTER, [contact(100, "elsewhere")], "changed_employer"),
        (BETTER, [contact(100, "none")], "not_employed"),
        (BETTER, [contact(121, "none")], "unknown"),
        ([job(0, 80, reason="better_job")], [contact(78)], "unknown"),
        ([job(0, 95, reason="better_job")], [], "same_employer"),
        ([*BETTER, job(85, employer="b")], [], "changed_employer"),
        # A placement that was told of when its window had closed.
        ([job(0, recorded_on=121)], [contact(80)], "unknown"),
        ([job(0, 50, recorded_on=121, end_recorded_on=121), job(60)], [contact(80, spell=1)], "unknown"),
        ([job(154)], [contact(254)], "not_due"),  # day 154 + 90 + 30 is the day after the cut-off
        ([job(153)], [contact(250)], "same_employer"),
    ],
)
def test_outcome_codes_at_90_days(jobs: list[dict[str, Any]], contacts: list[dict[str, Any]], code: str) -> None:
    assert outcomes_at(facts(jobs, contacts), 90, CUTOFF).to_dict() == {"p": code}


def test_a_yes_and_a_no_have_the_same_time_to_be_heard() -> None:
    """Of twenty alike, half at work on day 90 and half not, whoever is heard late is unknown: the rate stays a half."""
    jobs, contacts = [], []
    for number in range(20):
        jobs.append(job(person=str(number)))
        heard = 100 if number < 10 else 150
        contacts.append(contact(heard, "same" if number % 2 else "none", number, person=str(number)))
    told = retention_at(facts(jobs, contacts), 90, CUTOFF)
    assert (told.due, told.known, told.retained) == (20, 10, 5)


def test_a_rate_stands_with_its_bounds() -> None:
    jobs, contacts = [], []

    def people(number: int, name: str, hers: list[dict[str, Any]], seen: int | None) -> None:
        for one in range(number):
            jobs.extend({**row, "person": f"{name}{one}"} for row in hers)
            if seen is not None:
                contacts.append(contact(seen, spell=len(jobs) - 1, person=f"{name}{one}"))

    people(5, "same", [job()], 100)
    people(2, "moved", [job(0, 40), job(50, employer="b")], 100)
    people(3, "left", [job(0, 30)], None)
    people(3, "silent", [job()], 30)
    people(1, "new", [job(200)], 210)
    retention = retention_at(facts(jobs, contacts), 90, CUTOFF)
    assert (retention.due, retention.known, retention.retained, retention.same_employer) == (13, 10, 7, 5)
    assert retention.rate == 0.7
    assert (retention.lower, retention.upper) == pytest.approx((0.397, 0.892), abs=5e-4)
    assert retention.if_unknown_lost == pytest.approx(7 / 13)
    assert retention.if_unknown_retained == pytest.approx(10 / 13)
    assert retention.needs_caveat  # 10 of 13 is below 80%
    assert retention.codes["not_due"] == 1


def test_a_rate_of_nobody() -> None:
    retention = retention_at(facts([]), 90, CUTOFF)
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
    planned = pd.Series({name: pd.Timestamp(day_of(90)) for name in ("runs", "silent", "left", "not yet")})
    lasted = durations(frame, CUTOFF, planned).set_index("person")
    assert lasted["days"].to_dict() == {
        "runs": 100, "ran on": 273, "left": 50, "left late": 273, "changed": 200, "silent": 10,
    }  # fmt: skip
    assert lasted.index[lasted["event"]].tolist() == ["left"]
    assert lasted.loc["left", "cause"] == 2
    assert lasted.loc["changed", ["days_same", "event_same"]].tolist() == [40, True]
    assert lasted.index[lasted["is_lost"]].tolist() == ["silent"]
    assert durations(_frame(), CUTOFF).empty


def test_who_is_in_touch_as_planned_is_not_lost() -> None:
    """Censored on day 100. Lost is who was not seen from 14 days before a planned contact on, when 30 have passed."""
    frame = _frame(_episode("p", last=100))
    for days, is_lost in {
        (114,): False,
        (115,): True,
        (30, 114): False,
        (30, 243): True,
        (244,): False,
        (): False,
    }.items():
        planned = pd.Series([pd.Timestamp(day_of(day)) for day in days], ["p"] * len(days), dtype="datetime64[s]")
        assert durations(frame, CUTOFF, planned)["is_lost"].tolist() == [is_lost]


def _slow_outcome(jobs: list[dict[str, Any]], contacts: list[dict[str, Any]], horizon: int) -> str:
    """One person, day by day, in the words of OUTCOMES, for a first job, perhaps a second, and contacts about them."""
    start = jobs[0]["started_on"]
    day = start + dt.timedelta(days=horizon)
    closes = day + dt.timedelta(days=30)
    first, *more = [one for one in jobs if one["recorded_on"] <= closes]
    heard = sorted((one for one in contacts if one["known_on"] <= closes), key=lambda one: one["on"])

    def last_and_end(one: dict[str, Any], number: int, before: dt.date) -> tuple[dt.date, bool]:
        if one["ended_on"] and one["end_recorded_on"] <= closes:
            return one["ended_on"], True
        yes = [said["on"] for said in heard if said["kind"] == "same" and said["spell"] == number]
        seen = max([one["started_on"], *yes])
        no = [said["on"] for said in heard if said["kind"] == "none" and seen < said["on"] < before]
        return (seen + (no[0] - seen) // 2, True) if no else (seen, False)

    def works(last: dt.date, ended: bool) -> bool | None:
        if ended:
            return last >= day
        return True if last >= day - dt.timedelta(days=14) else None

    second = more[0] if more else None
    last, ended = last_and_end(first, 0, second["started_on"] if second else dt.date.max)
    if second is None:
        return {True: "same_employer", False: "not_employed", None: "unknown"}[works(last, ended)]
    then, is_over = last_and_end(second, 1, dt.date.max)
    if (second["started_on"] - last).days <= 30:  # one stretch
        stays = "same_employer" if last >= day else "changed_employer"
        return {True: stays, False: "not_employed", None: "unknown"}[works(then, is_over)]
    found = works(last, ended)
    if found is not False:
        return "same_employer" if found else "unknown"
    return "returned" if second["started_on"] <= day and works(then, is_over) else "not_employed"


@st.composite
def _lives(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """One or two jobs, and what contacts found, some of it written down late."""
    end = draw(st.none() | st.integers(0, 150))
    late = st.sampled_from([0, 0, 5, 40, 120])
    jobs = [job(0, end, end_recorded_on=None if end is None else end + draw(late))]
    begun = 0
    if end is not None and draw(st.booleans()):
        begun = max(end + draw(st.integers(1, 60)), (jobs[0]["end_recorded_on"] - START).days)
        jobs.append(job(begun, employer="b", recorded_on=begun + draw(late)))
    contacts = []
    for on in draw(st.lists(st.integers(1, 260), max_size=6, unique=True)):
        number = int(bool(begun) and on >= begun)
        if number == 0 and end is not None and on > end:
            kind = "none"
        else:
            kind = draw(st.sampled_from(["same", "same", "none"]))
        contacts.append(contact(on, kind, number, known=on + draw(late)))
    return jobs, contacts


@settings(max_examples=80, deadline=None)
@given(_lives(), st.sampled_from([30, 90, 180]))
def test_outcomes_equal_the_slow_ones(life: tuple[list[dict[str, Any]], list[dict[str, Any]]], horizon: int) -> None:
    found = outcomes_at(facts(*life), horizon, START + dt.timedelta(days=1000))["p"]
    assert found == _slow_outcome(*life, horizon)


@settings(max_examples=50, deadline=None)
@given(_lives(), _lives(), st.sampled_from([30, 90, 180]))
def test_nothing_learned_later_changes_an_answer(
    life: tuple[list[dict[str, Any]], list[dict[str, Any]]],
    other: tuple[list[dict[str, Any]], list[dict[str, Any]]],
    horizon: int,
) -> None:
    """Take away, or put in their place from another life, all facts that became known after M + 30 days."""
    jobs, contacts = life
    closes = day_of(horizon + 30)
    assert closes is not None
    before = [one for one in contacts if one["known_on"] <= closes]
    later = [one for one in other[1] if one["known_on"] > closes and one["kind"] == "none"]
    known = [one for one in jobs if one["recorded_on"] <= closes]
    forgotten = [
        one if one["ended_on"] is None or one["end_recorded_on"] <= closes
        else {**one, "ended_on": None, "end_recorded_on": None, "reason": "", "verified_on": one["started_on"]}
        for one in known
    ]  # fmt: skip
    as_told = outcomes_at(facts(jobs, contacts), horizon, day_of(1000))["p"]  # type: ignore[arg-type]
    assert outcomes_at(facts(forgotten, before), horizon, day_of(1000))["p"] == as_told  # type: ignore[arg-type]
    assert outcomes_at(facts(jobs, before + later), horizon, day_of(1000))["p"] == as_told  # type: ignore[arg-type]
