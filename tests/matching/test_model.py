"""The ranker: what it learns, what it must not learn, and when it steps back to the prior."""

from __future__ import annotations

import json
from math import exp, log

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from matching import Opening, Profile, Ranker
from matching.card import Evidence, calibration_error, compare
from matching.logit import WIDTHS, calibration, shrunk_weights
from matching.model import GAINS, Outcome
from matching.scoring import WEIGHTS
from matching.types import HeldSkill, InvalidValue, Requirement

from .worlds import index_of

COLUMNS = [str(code) for code in WEIGHTS]
MOST = np.fromiter(WEIGHTS.values(), float)
DISTANCE = COLUMNS.index("distance")
FIRST_DAY = np.datetime64("2024-01-01")


def shown(rows: int, seed: int = 1) -> pd.DataFrame:
    values = np.random.default_rng(seed).random((rows, len(COLUMNS)))
    return pd.DataFrame(values * MOST, columns=COLUMNS)


def programme(people: int = 240, each: int = 8, slope: float = 60.0, level: float = -4.0, seed: int = 2) -> dict:
    """Two years in which openings near by work out more often; arguments of `fit`."""
    random = np.random.default_rng(seed)
    frame = shown(people * each, seed)
    chance = 1 / (1 + np.exp(-(level + slope * frame["distance"] + frame.sum(axis=1))))
    shown_on = FIRST_DAY + np.repeat(random.integers(0, 650, people), each) + random.integers(0, 40, len(frame))
    return {
        "contributions": frame,
        "outcomes": (random.random(len(frame)) < chance).astype(int).to_numpy(),
        "shown_on": shown_on,
        "known_on": shown_on + random.integers(0, 30, len(frame)),
        "groups": np.repeat(np.arange(people), each),
    }


def newest(told: dict) -> np.ndarray:
    return told["known_on"] > told["known_on"].max() - np.timedelta64(91, "D")


def test_an_unfitted_ranker_is_the_score():
    index = index_of([Opening("a", title="kuvar", skills=(Requirement("cook"),)), Opening("b", title="pekar")])
    profile = Profile("p", title="kuvar", skills=(HeldSkill("cook"),))
    frame = index.contributions(profile)
    scores = {result.opening_id: result.score for result in index.rank(profile)}
    assert dict(zip(frame.index, Ranker().predict_proba(frame)[:, 1], strict=True)) == scores


def test_without_outcomes_it_is_the_prior_to_the_last_digit():
    frame = shown(50)
    prior = Ranker().predict_proba(frame)
    for rows, outcomes in ((0, []), (50, np.ones(50)), (50, np.zeros(50)), (50, np.full(50, 3))):
        ranker = Ranker().fit(frame[:rows], outcomes)
        assert ranker.predict_proba(frame).tobytes() == prior.tobytes()
        assert not ranker.used
    assert np.array_equal(prior[:, 1], frame.to_numpy().sum(axis=1))
    assert Ranker().predict_proba(frame[:0]).shape == (0, 2)


def test_it_leaves_the_prior_smoothly():
    frame = shown(2000)
    good = (frame["distance"] > frame["distance"].median()).astype(int).to_numpy()
    prior = Ranker().predict_proba(frame)[:, 1]
    moved = [np.abs(Ranker().fit(frame[:n], good[:n]).predict_proba(frame)[:, 1] - prior).mean() for n in (4, 40, 2000)]
    assert moved == sorted(moved)
    assert moved[0] < 0.05
    learned = Ranker().fit(frame, good).predict_proba(frame)[:, 1]
    assert learned[good == 1].mean() > learned[good == 0].mean() + 0.5


def test_the_same_outcomes_told_more_often_move_the_weights_further():
    told = programme(people=5)
    values, gains = told["contributions"].to_numpy(), told["outcomes"].astype(float)
    prior = np.zeros(len(values))
    moved = []
    for times in (1, 4, 16, 64):
        _intercept, weights = shrunk_weights(
            np.tile(values, (times, 1)), np.tile(prior, times), np.tile(gains, times), -4
        )
        moved.append(float(np.abs(weights * MOST).sum()))
        assert (weights >= -4).all()
    assert moved == sorted(moved)
    assert 0 < moved[0] < moved[-1] / 2


def test_weights_are_the_most_likely_ones_of_a_slow_search():
    told = programme(people=40)
    values, gains = told["contributions"].to_numpy(), told["outcomes"].astype(float)
    prior = np.linspace(-2, 2, len(values))
    intercept, weights = shrunk_weights(values, prior, gains, -4)
    spread = values.std(axis=0)

    def badness(width, point):
        odds = prior + point[0] + values @ point[1:]
        penalty = (point[0] / 1.5) ** 2 + ((point[1:] * spread / width) ** 2).sum()
        return (np.logaddexp(0, odds) - gains * odds).sum() + penalty / 2

    bounds = [(None, None), *[(-4, None)] * len(COLUMNS)]
    scale = np.append(1.0, spread)
    slow = [
        minimize(
            lambda at, w=width: badness(w, at / scale),
            np.zeros(7),
            bounds=[(low and low * s, None) for (low, _), s in zip(bounds, scale, strict=True)],
        )
        for width in WIDTHS
    ]
    found = np.append(intercept, weights)
    # It is the best point for one of the widths.
    assert min(abs(badness(width, found) - each.fun) for width, each in zip(WIDTHS, slow, strict=True)) < 1e-3
    assert all(badness(width, found) >= each.fun - 1e-3 for width, each in zip(WIDTHS, slow, strict=True))


def test_a_calibration_worked_by_hand():
    # Log-odds of 0 throughout, 9 of 12 good: only the shift a moves, to where 12 (sigma(a) - 0.75) + a / 1.5^2 = 0.
    shift, slope = calibration(np.zeros(12), np.array([1.0] * 9 + [0.0] * 3))
    assert slope == 1.0
    assert 12 * (1 / (1 + exp(-shift)) - 0.75) + shift / 2.25 == pytest.approx(0, abs=1e-4)
    # Outcomes that contradict the log-odds flatten them, but never turn them round.
    odds = np.tile([-3.0, 3.0], 500)
    assert calibration(odds, (odds < 0).astype(float))[1] == pytest.approx(0, abs=1e-6)


def test_a_comparison_worked_by_hand():
    half = np.full(4, 0.5)
    evidence = Evidence(
        gains=np.array([0.0, 1.0, 0.25, 0.25]),
        prior=half,
        calibrated_prior=np.full(4, 0.25),
        model=np.array([0.2, 0.8, 0.5, 0.5]),
        people=np.array([0, 0, 1, 1]),
    )
    found = {metric.name: metric for metric in compare(evidence)}
    # The second person's rows have one gain and say nothing of order; the first one's good row was second.
    assert (found["ndcg_at_10"].prior, found["ndcg_at_10"].model) == (pytest.approx(log(2) / log(3)), 1.0)
    assert found["log_loss"].prior == pytest.approx(log(2))
    assert found["log_loss"].model == pytest.approx((-2 * log(0.8) + 2 * log(2)) / 4)
    assert found["log_loss_calibrated"].prior == pytest.approx(
        -(log(0.75) + log(0.25) + 2 * (0.25 * log(0.25) + 0.75 * log(0.75))) / 4
    )
    assert found["brier"].model == pytest.approx((0.04 + 0.04 + 2 * 0.0625) / 4)
    assert found["calibration_error"].difference == pytest.approx(found["calibration_error"].model - 0.125)
    assert found["brier"].low <= found["brier"].difference <= found["brier"].high
    assert calibration_error(np.array([0.1] * 10 + [0.9] * 10), np.array([0.0] * 10 + [1.0] * 10)) == pytest.approx(0.1)


def test_where_there_is_something_to_learn_it_is_better_and_better_calibrated():
    told = programme()
    ranker = Ranker().fit(**told)
    metrics = {metric.name: metric for metric in ranker.card.metrics}
    assert (ranker.used, ranker.card.why) == (True, "better")
    assert metrics["ndcg_at_10"].difference > 0.02
    assert metrics["log_loss_calibrated"].high < 0
    assert metrics["calibration_error"].model < metrics["calibration_error"].prior / 2
    fresh = programme(seed=9)
    errors = [
        calibration_error(each.predict_proba(fresh["contributions"])[:, 1], fresh["outcomes"].astype(float))
        for each in (ranker, Ranker())
    ]
    assert errors[0] < 0.08 < errors[1]


def test_what_is_worse_on_the_newest_quarter_is_not_used():
    told = programme()
    ranker = Ranker().fit(**told)
    of = newest(told)
    # Now what is near stops working out, in the newest quarter alone.
    near = told["contributions"]["distance"] > told["contributions"]["distance"].median()
    turned = {**told, "outcomes": np.where(of, ~near, told["outcomes"]).astype(int)}
    sober = Ranker().fit(**turned)
    assert ranker.used
    assert np.array_equal(sober.weights, ranker.weights)  # what was known before is the same
    assert (sober.used, sober.card.why) == (False, "worse_order")
    assert (
        sober.predict_proba(told["contributions"]).tobytes() == Ranker().predict_proba(told["contributions"]).tobytes()
    )


def test_nothing_to_learn_beyond_level_and_spread_is_not_used():
    assert not Ranker().fit(**programme(slope=0)).used


def test_what_was_known_later_teaches_nothing():
    # Every second person's outcomes took until the newest quarter to be known, and one component gives them away.
    told = programme()
    late, last = told["groups"] % 2 == 0, told["known_on"].max()
    told["known_on"] = np.where(late, last - np.arange(len(late)) % 80, told["known_on"])
    told["shown_on"] = np.minimum(told["shown_on"], told["known_on"])
    random, text = np.random.default_rng(3), COLUMNS.index("text")
    given_away = np.where(late, told["outcomes"], random.integers(0, 2, len(late)))
    leaky = {**told, "contributions": told["contributions"].assign(text=given_away * WEIGHTS["text"])}
    assert Ranker().fit(**leaky).weights[text] < 4
    # The negative control: had all been known when it was shown, it would have been learned.
    assert Ranker().fit(**{**leaky, "known_on": told["shown_on"]}).weights[text] > 10


def test_nobody_is_evaluated_by_what_she_taught():
    # One person has most of the rows, and a component speaks for her yes and for nobody else's.
    told = programme(slope=0.0, level=-1.5)
    giant = told["groups"] % 4 > 0
    random = np.random.default_rng(3).integers(0, 2, len(giant))
    frame = told["contributions"].assign(text=np.where(giant, told["outcomes"], random) * WEIGHTS["text"])
    told |= {"contributions": frame, "groups": np.where(giant, 0, told["groups"])}
    assert not Ranker().fit(**told).used
    # The negative control: her rows taken for those of many people, it looks like something to learn.
    assert Ranker().fit(**{**told, "groups": None}).used


def test_the_parts_follow_one_another_in_time():
    told = programme()
    train, calibrate, last = Ranker().fit(**told).card.folds
    assert train.last < calibrate.first <= calibrate.last < last.first <= last.last
    assert last.rows == newest(told).sum()
    assert train.rows + calibrate.rows + last.rows == len(told["outcomes"])


def test_names_and_steps_say_the_same():
    told = programme()
    steps = told["outcomes"] * (1 + np.arange(len(told["outcomes"])) % 4)
    names = np.array(list(Outcome))[steps]
    by_step, by_name = Ranker().fit(**{**told, "outcomes": steps}), Ranker().fit(**{**told, "outcomes": names})
    assert by_step.to_dict() == by_name.to_dict()
    assert by_name.card.outcomes == {str(name): int((names == name).sum()) for name in sorted(Outcome)}
    assert list(GAINS.values()) == [0, 0.25, 0.5, 0.75, 1]


@settings(max_examples=100, deadline=None)
@given(
    rows=st.lists(st.tuples(*(st.floats(0, 1 / 6) for _code in COLUMNS)), min_size=1, max_size=8),
    column=st.integers(0, len(COLUMNS) - 1),
    more=st.floats(0, 1 / 6),
)
def test_what_speaks_for_an_opening_never_lowers_its_chance(rows, column, more):
    values = np.array(rows)
    raised = values.copy()
    raised[:, column] = np.minimum(raised[:, column] + more, 1 / 6)
    before, after = FITTED.chances(values), FITTED.chances(raised)
    assert (after >= before - 1e-12).all()
    assert ((before >= 0) & (before <= 1)).all()
    # Whoever else is ranked, and however the table lies in memory.
    alone = np.concatenate([FITTED.chances(values[i : i + 1]) for i in range(len(values))])
    assert alone.tobytes() == before.tobytes() == FITTED.chances(np.asfortranarray(values)).tobytes()


FITTED = Ranker().fit(**programme(slope=90.0, level=-6.0))


def test_the_same_data_give_the_same_ranker():
    assert FITTED.used
    again = Ranker().fit(**programme(slope=90.0, level=-6.0))
    assert json.dumps(again.to_dict()) == json.dumps(FITTED.to_dict())


def test_saved_and_opened_it_is_the_same(tmp_path):
    path, frame = tmp_path / "ranker.json", shown(300)
    for ranker in (FITTED, Ranker()):
        ranker.save(path)
        opened = Ranker.open(path)
        assert opened.predict_proba(frame).tobytes() == ranker.predict_proba(frame).tobytes()
        assert opened.card == ranker.card
    whole = FITTED.to_dict()
    for broken in ("{", "[]", "{}", json.dumps({**whole, "weights": [1.0]}), json.dumps({**whole, "card": {}})):
        path.write_text(broken)
        with pytest.raises(InvalidValue, match="ranker"):
            Ranker.open(path)
    path.write_text(json.dumps({**whole, "columns": COLUMNS[1:]}))
    with pytest.raises(InvalidValue, match="other components"):
        Ranker.open(path)


def test_protected_columns_and_bad_values_are_refused():
    told = programme(people=20)
    frame = told["contributions"]

    def refused(match, **changed):
        with pytest.raises(InvalidValue, match=match):
            Ranker().fit(**{**told, **changed})

    for column in ("sex", "age", "nationality", "history", "experience"):
        refused(column, contributions=frame.assign(**{column: 1.0}))
        with pytest.raises(InvalidValue, match=column):
            FITTED.predict_proba(frame.assign(**{column: 1.0}))
    refused("text is missing", contributions=frame.drop(columns="text"))
    refused("contributions", contributions=frame.replace(frame.iloc[0, 0], np.nan))
    refused("contributions", contributions=-frame)
    refused("contributions", contributions=frame * 9)
    refused("contributions", contributions=frame.astype(str) + "x")
    refused("outcomes", outcomes=told["outcomes"][:-1])
    refused("outcomes", outcomes=told["outcomes"] + 4)
    refused("outcomes", outcomes=np.full(len(frame), "promoted"))
    refused("both or neither", known_on=None)
    refused("before the opening was shown", known_on=told["shown_on"] - 1)
    refused("a date is missing", known_on=np.where(told["groups"] == 0, np.datetime64("NaT"), told["known_on"]))
    refused("not dates", shown_on=np.full(len(frame), "soon"))
    refused("groups", groups=np.array([None, *range(len(frame) - 1)], dtype=object))
    refused("beside", beside=pd.DataFrame({"place": ["a"]}))


def test_the_card_shows_exposure_and_hides_small_numbers():
    told = programme()
    places = pd.DataFrame({"place": np.where(told["groups"] == told["groups"][newest(told)][0], "hamlet", "city")})
    card = Ranker().fit(**told, beside=places).card
    assert sum(group.prior for group in card.exposure) == pytest.approx(1)
    assert sum(group.model for group in card.exposure) == pytest.approx(1)
    hamlet = next(group for group in card.exposure if group.value == "hamlet")
    assert hamlet.people == 1
    page = card.markdown()
    assert "| place: hamlet | under 10 | not shown | not shown |" in page
    assert "Used: yes (better)" in page
    assert "position bias" in page
    assert "| training |" in page
