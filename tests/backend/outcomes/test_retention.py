"""The retention statistics: a published vector, slow reference implementations, and every edge."""

import datetime as dt
import math
from fractions import Fraction
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.outcomes.retention import (
    at_days,
    cumulative_incidence,
    durations,
    kaplan_meier,
    median,
    outcomes_at,
    retention_at,
    shown,
    wilson,
)
from backend.outcomes.spells import COLUMNS

DAYS = [21, 45, 60, 88, 95, 120, 150, 181, 200, 300, 365, 400]
EVENTS = [1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0, 0]
PEOPLE = st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=30)


# -- the reference vector (lifelines 0.30.3) ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "survival", "lower", "upper", "at_risk"),
    [(90, 0.7333, 0.379, 0.906, 8), (180, 0.6286, 0.282, 0.843, 5), (365, 0.3352, 0.061, 0.652, 2)],
)
def test_reference_curve(day: int, survival: float, lower: float, upper: float, at_risk: int) -> None:
    row = at_days(kaplan_meier(DAYS, EVENTS), [day]).iloc[0]
    assert row["survival"] == pytest.approx(survival, abs=5e-5)
    assert row["lower"] == pytest.approx(lower, abs=5e-4)
    assert row["upper"] == pytest.approx(upper, abs=5e-4)
    assert row["at_risk"] == at_risk


def test_reference_incidence() -> None:
    causes = [2 if day in (60, 181) else event for day, event in zip(DAYS, EVENTS, strict=True)]
    incidence = cumulative_incidence(DAYS, causes)
    read = [incidence[incidence["t"] <= day].iloc[-1] for day in (90, 180, 365)]
    assert [row[1] for row in read] == pytest.approx([0.1750, 0.2798, 0.4474], abs=5e-5)
    assert [row[2] for row in read] == pytest.approx([0.0917, 0.0917, 0.2174], abs=5e-5)


def test_reference_wilson() -> None:
    assert wilson(7, 10) == pytest.approx((0.397, 0.892), abs=5e-4)
    assert wilson(0, 0) == (0.0, 1.0)


# -- slow reference implementations -------------------------------------------------------------------------------


def _slow_kaplan_meier(people: list[tuple[int, bool]]) -> dict[int, tuple[Fraction, float]]:
    """Survival as an exact fraction, and Greenwood's sum, after each day."""
    survival, greenwood, curve = Fraction(1), 0.0, {}
    for day in sorted({0} | {days for days, _ in people}):
        at_risk = sum(days >= day for days, _ in people)
        ended = sum(days == day and event for days, event in people)
        survival *= 1 - Fraction(ended, at_risk)
        greenwood += ended / (at_risk * (at_risk - ended)) if at_risk > ended else math.inf
        curve[day] = (survival, greenwood)
    return curve


@settings(max_examples=150, deadline=None)
@given(PEOPLE)
def test_curve_equals_the_slow_one(people: list[tuple[int, bool]]) -> None:
    curve = kaplan_meier([days for days, _ in people], [event for _, event in people])
    slow = _slow_kaplan_meier(people)
    assert curve["t"].tolist() == list(slow)
    z = NormalDist().inv_cdf(0.975)
    for row in curve.itertuples():
        survival, greenwood = slow[row.t]
        assert row.survival == pytest.approx(float(survival))
        if 0 < survival < 1:
            log_s = math.log(survival)
            spread = z * math.sqrt(greenwood) / abs(log_s)
            assert row.lower == pytest.approx(math.exp(-math.exp(math.log(-log_s) + spread)), abs=1e-9)
            assert row.upper == pytest.approx(math.exp(-math.exp(math.log(-log_s) - spread)), abs=1e-9)
        assert row.at_risk == sum(days >= row.t for days, _ in people)
    assert curve["events"].sum() == sum(event for _, event in people)
    assert (curve["events"] + curve["censored"]).sum() == len(people)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 2)), min_size=1, max_size=30))
def test_incidences_equal_the_slow_ones_and_sum_to_what_is_lost(people: list[tuple[int, int]]) -> None:
    days, causes = [day for day, _ in people], [cause for _, cause in people]
    incidence = cumulative_incidence(days, causes)
    survival = {day: s for day, (s, _) in _slow_kaplan_meier([(d, c > 0) for d, c in people]).items()}
    total, before = {1: Fraction(0), 2: Fraction(0)}, Fraction(1)
    for row in incidence.to_dict("records"):
        day = row["t"]
        at_risk = sum(d >= day for d in days)
        for cause in total:
            total[cause] += before * Fraction(sum(d == day and c == cause for d, c in people), at_risk)
            assert row.get(cause, 0.0) == pytest.approx(float(total[cause]))
        before = survival[day]
        assert float(sum(total.values())) == pytest.approx(1 - float(before))


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 500), st.floats(0, 1))
def test_wilson_solves_its_equation(n: int, share: float) -> None:
    """Both ends are where the score statistic equals its 95% quantile."""
    successes = round(share * n)
    z2 = NormalDist().inv_cdf(0.975) ** 2
    for end in wilson(successes, n):
        assert n * (successes / n - end) ** 2 == pytest.approx(z2 * end * (1 - end), abs=1e-6)


# -- edges --------------------------------------------------------------------------------------------------------


def test_nobody() -> None:
    curve = kaplan_meier([], [])
    assert list(curve.columns) == ["t", "survival", "lower", "upper", "at_risk", "events", "censored"]
    assert len(curve) == 0
    assert median(curve) is None
    assert at_days(curve, [90])["survival"].isna().all()
    assert cumulative_incidence([], [])["t"].tolist() == [0]


def test_all_censored() -> None:
    curve = kaplan_meier([5, 9], [0, 0])
    assert curve["survival"].tolist() == curve["lower"].tolist() == curve["upper"].tolist() == [1.0, 1.0, 1.0]
    assert median(curve) is None
    read = at_days(curve, [9, 10])
    assert read["at_risk"].tolist() == [1, 0]
    assert read["survival"].iloc[0] == 1.0
    assert math.isnan(read["survival"].iloc[1])  # nobody was watched that long


def test_all_ended_on_the_first_day() -> None:
    curve = kaplan_meier([0, 0], [1, 1])
    assert curve["survival"].tolist() == [0.0]
    assert curve["lower"].isna().all()
    assert at_days(curve, [90])["survival"].tolist() == [0.0]
    assert median(curve) == 0


def test_a_median_is_the_first_day_at_or_below_a_half() -> None:
    assert median(kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1])) == 2
    assert median(kaplan_meier([1, 2, 3, 4], [1, 0, 0, 0])) is None
    assert median(kaplan_meier(DAYS, EVENTS)) == 300


def test_the_curve_is_shown_while_enough_are_at_risk() -> None:
    curve = kaplan_meier(DAYS, EVENTS)
    assert shown(curve)["t"].tolist() == [0, 21, 45, 60]
    assert shown(curve, min_at_risk=5)["t"].max() == 181


@pytest.mark.parametrize(
    ("days", "events"), [([1, 2], [1]), ([-1], [1]), ([np.nan], [1]), ([1.5], [1]), ([[1]], [[1]]), ([1], [-1])]
)
def test_nonsense_is_refused(days: Any, events: Any) -> None:
    with pytest.raises(ValueError, match="days and marks"):
        kaplan_meier(days, events)


# -- rates at a horizon -------------------------------------------------------------------------------------------

START = dt.date(2026, 1, 1)
CUTOFF = dt.date(2026, 10, 1)  # day 273


def _episode(
    person: str, start: int = 0, last: int = 0, ended: bool = False, number: int = 0, **fields: Any
) -> dict[str, Any]:
    """An episode by days since START, with one employer and a recorded end unless told otherwise."""
    days = {"verified_on": last, "same_until": last, "ended_known_on": last if ended else None} | {
        name: value for name, value in fields.items() if name in ("verified_on", "same_until", "ended_known_on")
    }
    return {
        "person": person,
        "number": number,
        "started_on": START + dt.timedelta(days=start),
        "last_on": START + dt.timedelta(days=last),
        "is_ended": ended,
        "is_estimated": fields.get("is_estimated", False),
        "left_first": fields.get("left_first", ended),
        "reason": fields.get("reason", "unknown" if ended else ""),
        "is_subsidised": False,
        **{name: None if day is None else START + dt.timedelta(days=day) for name, day in days.items()},
    }


def _frame(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(COLUMNS)).astype(COLUMNS)


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
    assert outcomes_at(_frame(*rows), 90, CUTOFF) == {"p": code}


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
