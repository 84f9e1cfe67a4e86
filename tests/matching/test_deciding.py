"""Ranker, allocation, courses and metrics on cases whose right answer is known."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import Opening, Profile, Ranker, allocate, plan_courses
from matching.metrics import average_precision, mean_average_precision, mean_reciprocal_rank, ndcg_at_k, precision_at_k
from matching.scoring import WEIGHTS
from matching.types import HeldSkill, InvalidValue, Requirement, Rules

from .worlds import index_of

COLUMNS = [str(code) for code in WEIGHTS]


def shown(rows: int) -> pd.DataFrame:
    values = np.random.default_rng(1).random((rows, len(COLUMNS)))
    return pd.DataFrame(values * np.fromiter(WEIGHTS.values(), float), columns=COLUMNS)


def test_an_unfitted_ranker_is_the_score():
    index = index_of([Opening("a", title="kuvar", skills=(Requirement("cook"),)), Opening("b", title="pekar")])
    profile = Profile("p", title="kuvar", skills=(HeldSkill("cook"),))
    frame = index.contributions(profile)
    scores = {result.opening_id: result.score for result in index.rank(profile)}
    assert dict(zip(frame.index, Ranker().predict_proba(frame)[:, 1], strict=True)) == scores


def test_the_ranker_leaves_the_prior_smoothly(tmp_path):
    frame = shown(2000)
    good = (frame["distance"] > frame["distance"].median()).astype(int).to_numpy()
    prior = Ranker().predict_proba(frame)[:, 1]
    assert np.array_equal(Ranker().fit(frame, np.ones(2000)).predict_proba(frame)[:, 1], prior)
    moved = [np.abs(Ranker().fit(frame[:n], good[:n]).predict_proba(frame)[:, 1] - prior).mean() for n in (4, 40, 2000)]
    assert moved == sorted(moved)
    assert moved[0] < 0.05
    ranker = Ranker().fit(frame, good)
    learned = ranker.predict_proba(frame)[:, 1]
    assert learned[good == 1].mean() > learned[good == 0].mean() + 0.5
    ranker.save(tmp_path / "ranker.json")
    assert np.array_equal(Ranker.open(tmp_path / "ranker.json").predict_proba(frame), ranker.predict_proba(frame))
    (tmp_path / "ranker.json").write_text("{")
    with pytest.raises(InvalidValue, match="not a saved ranker"):
        Ranker.open(tmp_path / "ranker.json")
    with pytest.raises(InvalidValue, match="outcomes"):
        ranker.fit(frame, good[:-1])


scores = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, float("nan")]), min_size=3, max_size=3)


@settings(max_examples=60, deadline=None)
@given(table=st.lists(scores, min_size=1, max_size=4), capacities=st.lists(st.integers(0, 2), min_size=3, max_size=3))
def test_allocation_is_the_best_of_all(table, capacities):
    chosen = allocate(table, capacities)
    assert all((chosen == opening).sum() <= room for opening, room in enumerate(capacities))

    def total(choice):
        return sum(table[person][opening] for person, opening in enumerate(choice) if opening >= 0)

    allowed = [
        choice
        for choice in product(range(-1, 3), repeat=len(table))
        if all(choice.count(opening) <= room for opening, room in enumerate(capacities)) and not np.isnan(total(choice))
    ]
    assert total(chosen.tolist()) == pytest.approx(max(map(total, allowed)))


def test_allocation_by_hand():
    # Both like the first best; giving it to the second costs the first only a little.
    assert allocate([[0.9, 0.8], [0.7, np.nan]], [1, 1]).tolist() == [1, 0]
    assert allocate([[0.9], [0.8]], [1]).tolist() == [0, -1]
    assert allocate(np.zeros((0, 2)), [1, 1]).tolist() == []
    for table, room in (([[0.5]], [1, 1]), ([[1.5]], [1]), ([[0.5]], [-1]), ([[0.5]], [0.5])):
        with pytest.raises(InvalidValue):
            allocate(table, room)


def test_courses_that_unlock_the_most():
    openings = [
        Opening("a", skills=(Requirement("cook"), Requirement("drive"))),
        Opening("b", skills=(Requirement("drive"), Requirement("type", essential=False))),
        Opening("c", skills=(Requirement("drive"), Requirement("type"))),
        Opening("d", skills=(Requirement("sew"),), pay_per_hour=100.0),
    ]
    courses = {
        "driving": [HeldSkill("drive")],
        "office": [HeldSkill("type")],
        "sewing": [HeldSkill("sew")],
        "nothing": [],
    }
    profile = Profile("p", skills=(HeldSkill("cook"),), rules=Rules(pay_floor=300))
    steps = plan_courses(index_of(openings), profile, courses, k=4)
    # The sewing job is below her floor, so sewing unlocks nothing she may see.
    assert [(step.course, step.unlocks) for step in steps] == [("driving", ("a", "b")), ("office", ("c",))]
    assert [step.course for step in plan_courses(index_of(openings), profile, courses, k=1)] == ["driving"]


@pytest.mark.parametrize("k", [1, 2])
def test_greedy_courses_are_near_the_best_set(k):
    skills = ("sew", "cook", "drive", "type")
    openings = [
        Opening(f"{a}{b}", skills=(Requirement(a), Requirement(b))) for a, b in combinations(skills, 2) if a != "type"
    ] + [Opening("solo", skills=(Requirement("type"),))]
    courses = {skill: [HeldSkill(skill)] for skill in skills}
    steps = plan_courses(index_of(openings), Profile("p"), courses, k=k)
    unlocked = sum(len(step.unlocks) for step in steps)

    def opened(chosen):
        return sum(all(need.skill in chosen for need in opening.skills) for opening in openings)

    assert unlocked == max(opened(chosen) for chosen in combinations(skills, k))


def test_metrics_worked_by_hand():
    ranked, relevant = ["a", "b", "c", "d"], {"b", "d", "z"}
    assert precision_at_k(ranked, relevant, 2) == 0.5
    assert average_precision(ranked, relevant) == pytest.approx((1 / 2 + 2 / 4) / 3)
    assert mean_average_precision([ranked, ["z"]], [relevant, {"z"}]) == pytest.approx((1 / 3 + 1) / 2)
    assert mean_reciprocal_rank([ranked, ranked], [relevant, set()]) == 0.25
    assert ndcg_at_k(["a", "b"], {"b": 3.0, "a": 1.0}, 2) == pytest.approx((1 + 3 / np.log2(3)) / (3 + 1 / np.log2(3)))
    assert ndcg_at_k([], {}, 5) == average_precision([], []) == mean_average_precision([], []) == 0
