"""Courses: by hand, against every set of them, and where the greedy choice is bound to fail."""

from __future__ import annotations

from itertools import combinations
from math import e
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import Opening, OpeningIndex, Profile, plan, plan_courses
from matching.types import HeldSkill, InvalidValue, Place, Requirement, Rules

from .worlds import index_of


def asking(name, *skills, **facts):
    return Opening(name, skills=tuple(map(Requirement, skills)), **facts)


def teaching(*skills):
    return [HeldSkill(skill) for skill in skills]


def told(plan):
    return [(step.course, step.unlocks) for step in plan]


def test_courses_that_unlock_the_most():
    openings = [
        asking("a", "cook", "drive"),
        Opening("b", skills=(Requirement("drive"), Requirement("type", essential=False))),
        asking("c", "drive", "type"),
        asking("d", "sew", pay_per_hour=100.0),
        asking("hers already", "cook"),
        Opening("asks nothing"),
    ]
    courses = {"driving": teaching("drive"), "office": teaching("type"), "sewing": teaching("sew"), "nothing": []}
    profile = Profile("p", skills=(HeldSkill("cook"),), rules=Rules(pay_floor=300))
    found = plan_courses(index_of(openings), profile, courses, k=4)
    # The sewing job is below her floor, so sewing unlocks nothing she may see.
    assert told(found) == [("driving", ("a", "b")), ("office", ("c",))]
    assert (found.unlocked, found.greedy, found.bound, found.exact) == (3, 3, 3, True)
    # The opening that asks to drive and to type needs both courses.
    assert not found.guaranteed
    assert found.alone == {"driving": ("a", "b")}
    assert told(plan_courses(index_of(openings), profile, courses, k=1)) == [("driving", ("a", "b"))]
    assert told(plan_courses(index_of(openings), profile, courses, unwanted={"b", "c"})) == [("driving", ("a",))]


def test_a_course_to_a_level_too_low_unlocks_nothing():
    index = index_of([Opening("a", skills=(Requirement("sew", level=3),))])
    courses = {"first": [HeldSkill("sew", level=2)], "second": [HeldSkill("sew", level=3)]}
    assert told(plan_courses(index, Profile("p"), courses)) == [("second", ("a",))]
    assert told(plan_courses(index, Profile("p"), {"first": courses["first"]})) == []


def test_greedy_takes_the_wide_course_where_two_narrow_ones_are_better():
    """The textbook case: the widest course first leaves its halves to two others, which would have covered it all."""
    openings = [asking(f"{skill}{i}", skill) for skill in ("sew", "cook", "drive", "type") for i in range(3)]
    openings += [asking("sew3", "sew"), asking("drive3", "drive")]
    courses = {"left": teaching("sew", "cook"), "right": teaching("drive", "type"), "wide": teaching("sew", "drive")}
    found = plan_courses(index_of(openings), Profile("p"), courses, k=2)
    assert [step.course for step in found] == ["left", "right"]
    assert (found.unlocked, found.greedy, found.bound) == (14, 11, 14)
    assert found.guaranteed
    assert found.exact
    assert len(found) == 2
    assert found[0].course == "left"


def test_without_the_guarantee_greedy_can_miss_everything_but_one():
    # Ten openings need two courses together; the greedy choice goes for the one that needs a single course.
    openings = [asking("solo", "sew"), *(asking(f"pair{i}", "cook", "bake") for i in range(10))]
    courses = {"cooking": teaching("cook"), "baking": teaching("bake"), "sewing": teaching("sew")}
    found = plan_courses(index_of(openings, linked=False), Profile("p"), courses, k=2)
    assert (found.unlocked, found.greedy, found.guaranteed) == (10, 1, False)
    assert [step.course for step in found] == ["baking", "cooking"]
    assert [len(step.unlocks) for step in found] == [0, 10]


def test_two_ways_to_the_same_door_keep_the_guarantee_only_where_each_is_enough():
    index = index_of([asking("a", "cook", "drive")])
    both = {"all": teaching("cook", "drive"), "half": teaching("cook")}
    assert plan_courses(index, Profile("p"), both).guaranteed
    assert not plan_courses(index, Profile("p"), both | {"rest": teaching("drive")}).guaranteed
    assert plan_courses(index, Profile("p"), both | {"rest": teaching("drive")}, k=1).guaranteed


def test_given_up_the_greedy_plan_stands_with_its_bound(monkeypatch):
    openings = [asking("solo", "sew"), *(asking(f"pair{i}", "cook", "bake") for i in range(10))]
    courses = {"cooking": teaching("cook"), "baking": teaching("bake"), "sewing": teaching("sew")}
    monkeypatch.setattr(plan, "MOST_DOORS", 1)
    found = plan_courses(index_of(openings, linked=False), Profile("p"), courses, k=2)
    assert (found.unlocked, found.greedy, found.bound, found.exact) == (1, 1, 11, False)


@pytest.mark.parametrize(
    ("chosen", "least", "unlocked", "bound"),
    [(None, None, 1, 11), ([1.0, 1.0, 0.0], -10.4, 10, 11), ([0.0, 0.0, 1.0], -10.4, 1, 11)],
    ids=["nothing found", "the better set found, not proven", "no better set found"],
)
def test_a_search_cut_short_says_what_could_still_be(monkeypatch, chosen, least, unlocked, bound):
    openings = [asking("solo", "sew"), *(asking(f"pair{i}", "cook", "bake") for i in range(10))]
    courses = {"cooking": teaching("cook"), "baking": teaching("bake"), "sewing": teaching("sew")}
    found = SimpleNamespace(x=None if chosen is None else np.array(chosen), status=1, mip_dual_bound=least)
    monkeypatch.setattr(plan, "milp", lambda *_, **__: found)
    planned = plan_courses(index_of(openings, linked=False), Profile("p"), courses, k=2)
    assert (planned.unlocked, planned.greedy, planned.bound, planned.exact) == (unlocked, 1, bound, False)


def test_nothing_to_plan():
    index = index_of([asking("a", "sew")])
    for some, courses, k in ((index, {}, 3), (index, {"c": teaching("sew")}, 0), (OpeningIndex(), {"c": []}, 3)):
        found = plan_courses(some, Profile("p"), courses, k=k)
        assert (told(found), found.unlocked, found.greedy, found.bound) == ([], 0, 0, 0)
    with pytest.raises(InvalidValue, match="k"):
        plan_courses(index, Profile("p"), {}, k=-1)


SKILLS = ("sew", "cook", "drive", "type", "weld")
some_skills = st.frozensets(st.sampled_from(SKILLS), max_size=3)


@settings(max_examples=60, deadline=None)
@given(
    asked=st.lists(some_skills, max_size=8),
    held=some_skills,
    taught=st.lists(some_skills, max_size=5),
    k=st.integers(0, 3),
    near=st.integers(0, 8),
)
def test_no_set_of_courses_unlocks_more(asked, held, taught, k, near):
    here, far = Place(44.8, 20.5, "here"), Place(43.3, 21.9, "far")
    openings = [asking(f"o{i}", *sorted(skills), place=here if i < near else far) for i, skills in enumerate(asked)]
    courses = {f"c{i}": teaching(*sorted(skills)) for i, skills in enumerate(taught)}
    profile = Profile("p", skills=tuple(teaching(*sorted(held))), place=here, rules=Rules(max_travel_km=10))

    def opened(chosen):
        known = held.union(*(taught[int(course[1:])] for course in chosen))
        return {f"o{i}" for i, skills in enumerate(asked[:near]) if skills <= known and not skills <= held}

    found = plan_courses(index_of(openings, linked=False), profile, courses, k=k)
    sets = [chosen for size in range(k + 1) for chosen in combinations(courses, size)]
    best = max(len(opened(chosen)) for chosen in sets)
    assert found.unlocked == found.bound == best
    # No smaller set does as well, and every step says what it adds.
    assert len(found) == min(len(chosen) for chosen in sets if len(opened(chosen)) == best)
    done: list[str] = []
    for step in found:
        assert set(step.unlocks) == opened([*done, step.course]) - opened(done)
        done.append(step.course)
    assert found.alone == {course: tuple(sorted(opened([course]))) for course in courses if opened([course])}
    assert found.greedy <= best
    if found.guaranteed:
        assert found.greedy >= (1 - 1 / e) * best - 1e-9
