"""The survival estimators: a published vector, slow reference implementations, properties, and every edge."""

import math
from fractions import Fraction
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from backend.outcomes.survival import (
    FEWEST_EVENTS,
    at_days,
    cumulative_incidence,
    kaplan_meier,
    log_rank,
    median,
    wilson,
)

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


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 2)), min_size=30, max_size=60))
def test_log_rank_equals_the_slow_one(people: list[tuple[int, int]]) -> None:
    """Two groups: the square of observed less expected, over its hypergeometric variance."""
    rows = [(day, True, group % 2) for day, group in people] + [(41, False, 0), (41, False, 1)]
    found = log_rank(*zip(*rows, strict=True))
    ends = [sum(event and group == one for _, event, group in rows) for one in (0, 1)]
    assert (found is None) == (min(ends) < FEWEST_EVENTS)
    if found is None:
        return
    excess, variance = Fraction(0), Fraction(0)
    for day in sorted({day for day, event, _ in rows if event}):
        n, n1 = sum(d >= day for d, _, _ in rows), sum(d >= day and g == 1 for d, _, g in rows)
        d = sum(at == day and event for at, event, _ in rows)
        d1 = sum(at == day and event and g == 1 for at, event, g in rows)
        excess += d1 - Fraction(d * n1, n)
        variance += Fraction(d * n1 * (n - n1) * (n - d), n * n * (n - 1)) if n > 1 else 0
    assert found.statistic == pytest.approx(float(excess**2 / variance))
    assert found.freedom == 1
    # With one degree of freedom the chance is that of a normal deviate as far out.
    assert found.p_value == pytest.approx(2 * NormalDist().cdf(-math.sqrt(found.statistic)), abs=1e-9)


# -- properties ---------------------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(PEOPLE, st.integers(0, 45))
def test_somebody_censored_never_lowers_the_curve_before(people: list[tuple[int, bool]], day: int) -> None:
    before = kaplan_meier(*zip(*people, strict=True))
    after = kaplan_meier(*zip(*people, (day, False), strict=True))
    days = [t for t in before["t"] if t <= day]
    assert (at_days(after, days)["survival"] >= at_days(before, days)["survival"] - 1e-12).all()


@settings(max_examples=60, deadline=None)
@given(PEOPLE, st.randoms())
def test_the_order_of_people_says_nothing(people: list[tuple[int, bool]], random: Any) -> None:
    mixed = random.sample(people, len(people))
    assert kaplan_meier(*zip(*people, strict=True)).equals(kaplan_meier(*zip(*mixed, strict=True)))


@settings(max_examples=60, deadline=None)
@given(PEOPLE, st.integers(2, 5))
def test_everybody_counted_more_often_is_the_same_curve_known_better(
    people: list[tuple[int, bool]], times: int
) -> None:
    once, often = kaplan_meier(*zip(*people, strict=True)), kaplan_meier(*zip(*people * times, strict=True))
    assert often["survival"].tolist() == pytest.approx(once["survival"].tolist())
    assert (often["at_risk"] == times * once["at_risk"]).all()
    inside = once["survival"].between(0, 1, inclusive="neither")
    width = (once["upper"] - once["lower"])[inside]
    assert ((often["upper"] - often["lower"])[inside] < width).all()


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


@pytest.mark.parametrize(
    ("days", "events"), [([1, 2], [1]), ([-1], [1]), ([np.nan], [1]), ([1.5], [1]), ([[1]], [[1]]), ([1], [-1])]
)
def test_nonsense_is_refused(days: Any, events: Any) -> None:
    with pytest.raises(ValueError, match="days and marks"):
        kaplan_meier(days, events)


def test_groups_are_compared_only_with_enough_ends() -> None:
    days, events = [*range(20), *range(20)], [1] * 40
    assert log_rank(days, events, [0] * 40) is None  # one group
    assert log_rank(days, events, [0] * 31 + [1] * 9) is None  # nine ends in one of them
    same = log_rank(days, events, [0] * 20 + [1] * 20)
    assert same is not None
    assert same.p_value == pytest.approx(1)
    three = log_rank(days, events, [0] * 10 + [1] * 10 + [2] * 20)
    assert three is not None
    assert three.freedom == 2
    with pytest.raises(ValueError, match="days and marks"):
        log_rank(days, events, [0])


@pytest.mark.parametrize("seed", range(10))
def test_the_curve_is_that_of_statsmodels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    days, events = rng.integers(0, 60 * (seed + 1), 40 * (seed + 1)), rng.random(40 * (seed + 1)) < 0.6
    curve = kaplan_meier(days, events).set_index("t")
    with np.errstate(divide="ignore", invalid="ignore"):
        theirs = SurvfuncRight(days, events)
    ours = curve.loc[theirs.surv_times]
    np.testing.assert_allclose(ours["survival"], theirs.surv_prob, atol=1e-12)
    np.testing.assert_array_equal(ours["at_risk"], theirs.n_risk)
    is_inside = (theirs.surv_prob > 1e-9) & (theirs.surv_prob < 1)
    survival = theirs.surv_prob[is_inside]
    reach = NormalDist().inv_cdf(0.975) * theirs.surv_prob_se[is_inside] / survival / -np.log(survival)
    np.testing.assert_allclose(ours["lower"][is_inside], survival ** np.exp(reach), atol=1e-12)
    np.testing.assert_allclose(ours["upper"][is_inside], survival ** np.exp(-reach), atol=1e-12)
