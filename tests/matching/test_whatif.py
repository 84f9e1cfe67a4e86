"""What if: by hand, against ranking twice, and what must not be dropped even to look."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import Opening, Profile
from matching.types import HeldSkill, InvalidValue, Place, Requirement, Rules
from matching.whatif import LIMITS, what_if

from . import worlds
from .worlds import index_of

HERE, NEAR, FAR = Place(44.8, 20.5, "here"), Place(44.9, 20.5, "near"), Place(43.3, 21.9, "far")
SAFETY = {rule.name for rule in fields(Rules)} - LIMITS


def places(moves):
    return [(move.opening_id, move.place_before, move.place_after) for move in moves]


def test_a_course_done():
    openings = [
        Opening("a", skills=(Requirement("sew"), Requirement("drive"))),
        Opening("b", skills=(Requirement("sew"), Requirement("cook"))),
        Opening("c", skills=(Requirement("sew"), Requirement("drive"), Requirement("type"))),
        Opening("d", title="nothing asked"),
    ]
    index = index_of(openings, linked=False)
    profile = Profile("p", skills=(HeldSkill("sew"),))
    found = what_if(index, profile, skills=[HeldSkill("drive")])
    assert found.unlocked == ("a",)
    assert found.reachable == ()
    # c gains, from half and less to two of three, and passes b; a was first and stays there.
    assert places(found.rises) == [("c", 3, 2)]
    assert places(found.falls) == [("b", 2, 3)]
    assert places(found.changes) == [("a", 1, 1)]
    before, after = ({r.opening_id: r.score for r in index.rank(p)} for p in (profile, with_(profile, "drive")))
    (rise,), (fall,), (change,) = found.rises, found.falls, found.changes
    assert (rise.score_before, rise.score_after) == (before["c"], after["c"])
    assert fall.score_before == fall.score_after == before["b"]
    assert change.score_after == 1.0
    # What happens below the k best is not told, but the scores of what enters and leaves are.
    cut = what_if(index, profile, skills=[HeldSkill("drive")], k=2)
    assert places(cut.rises) == [("c", None, 2)]
    assert places(cut.falls) == [("b", 2, None)]
    assert cut.rises[0].score_before == before["c"]
    assert cut.unlocked == ("a",)


def with_(profile, skill):
    return replace(profile, skills=(*profile.skills, HeldSkill(skill)))


def test_a_limit_dropped():
    openings = [
        Opening("near", place=NEAR, pay_per_hour=300.0),
        Opening("far", place=FAR, pay_per_hour=300.0, skills=(Requirement("sew"),)),
        Opening("barred", place=FAR, employer="Beta", pay_per_hour=300.0),
    ]
    rules = Rules(max_travel_km=50, pay_floor=200, excluded_employers=frozenset({"beta"}))
    index = index_of([replace(o, employer=o.employer or "Alfa", agency=False) for o in openings], linked=False)
    found = what_if(index, Profile("p", place=HERE, rules=rules), without=["max_travel_km"])
    # The barred employer stays barred.
    assert (found.reachable, found.unlocked) == (("far",), ())
    (rise,) = found.rises
    assert (rise.opening_id, rise.score_before, rise.place_before) == ("far", None, None)
    # With the skill the far opening is unlocked only where the limit falls too.
    skilled = what_if(index, Profile("p", place=HERE, rules=rules), skills=[HeldSkill("sew")])
    assert skilled == what_if(index, Profile("p", place=HERE, rules=rules))
    both = what_if(index, Profile("p", place=HERE, rules=rules), skills=[HeldSkill("sew")], without=["max_travel_km"])
    assert (both.reachable, both.unlocked) == (("far",), ("far",))


@pytest.mark.parametrize("name", sorted(SAFETY))
def test_what_keeps_her_safe_cannot_be_dropped_even_to_look(name):
    with pytest.raises(InvalidValue, match=name):
        what_if(index_of([Opening("a")]), Profile("p"), without=[name])
    with pytest.raises(InvalidValue, match=name):
        what_if(index_of([Opening("a")]), Profile("p"), without=["pay_floor", name])


def test_the_limits_are_known_by_name():
    assert {"require_vetted", "legal_minimum"} < SAFETY
    assert {name for name in SAFETY if name.startswith("excluded_")} == {
        "excluded_places",
        "excluded_employers",
        "excluded_sectors",
        "excluded_conditions",
    }
    index = index_of([Opening("a")])
    for without in (["place"], [""], "pay_floor"):
        with pytest.raises(InvalidValue, match="without"):
            what_if(index, Profile("p"), without=without)


@settings(max_examples=25, deadline=None)
@given(
    openings=worlds.openings,
    profile=worlds.profiles(worlds.rules),
    skills=worlds.skills(HeldSkill),
    without=st.frozensets(st.sampled_from(sorted(LIMITS))),
    k=st.integers(0, 13),
)
def test_it_says_what_ranking_twice_says(openings, profile, skills, without, k):
    index = index_of(openings)
    rules = replace(profile.rules, **dict.fromkeys(without))
    changed = replace(profile, skills=(*profile.skills, *skills), rules=rules)
    found = what_if(index, profile, skills=skills, without=without, k=k)
    before, after = ({r.opening_id: r for r in index.rank(p, len(index) + 1)} for p in (profile, changed))
    freed = {r.opening_id: r for r in index.rank(replace(profile, rules=rules), len(index) + 1)}
    assert found.reachable == tuple(sorted(set(after) - set(before)))

    def ready(ranked):
        return not any(gap.essential for gap in ranked.gaps)

    assert found.unlocked == tuple(sorted(one for one in after if ready(after[one]) and not ready(freed[one])))
    told = (*found.rises, *found.falls, *found.changes)
    assert len({move.opening_id for move in told}) == len(told)
    for move in told:
        one = move.opening_id
        assert move.score_before == (before[one].score if one in before else None)
        assert move.score_after == (after[one].score if one in after else None)
    tops = [[r.opening_id for r in index.rank(p, k)] for p in (profile, changed)]
    for one in set(tops[0]) | set(tops[1]):
        was, is_ = (top.index(one) + 1 if one in top else None for top in tops)
        moved = [(move.place_before, move.place_after) for move in told if move.opening_id == one]
        if was != is_:
            assert moved == [(was, is_)]
    if not without:
        # A skill more never takes anything away from a score.
        assert all(move.score_after >= move.score_before for move in told)


class Backwards:
    """A ranker that has learned the opposite of the prior."""

    used = True

    def chances(self, values):
        return 1.0 - values.sum(axis=1)

    def predict_proba(self, contributions):
        good = self.chances(contributions.to_numpy())
        return np.column_stack([1.0 - good, good])


def test_a_ranker_that_has_learned_gives_its_places_and_scores():
    openings = [Opening(name, skills=(Requirement("sew"), Requirement(name))) for name in ("drive", "cook", "type")]
    index, profile = index_of(openings, linked=False), Profile("p", skills=(HeldSkill("sew"),))
    found = what_if(index, profile, skills=[HeldSkill("cook")], k=1, ranker=Backwards())
    before, after = (index.rank(p, 3, Backwards()) for p in (profile, with_(profile, "cook")))
    assert before[0].opening_id == "cook"
    assert after[0].opening_id == "drive"
    assert places(found.rises) == [("drive", None, 1)]
    assert places(found.falls) == [("cook", 1, None)]
    (fall,) = found.falls
    assert fall.score_before == before[0].score
    assert fall.score_after == pytest.approx(next(r.score for r in after if r.opening_id == "cook"))
    assert found.unlocked == ("cook",)


def test_nothing_asked_changes_nothing():
    index = index_of([Opening("a", skills=(Requirement("sew"),))])
    found = what_if(index, Profile("p"))
    assert (found.reachable, found.unlocked, found.rises, found.falls, found.changes) == ((), (), (), (), ())
