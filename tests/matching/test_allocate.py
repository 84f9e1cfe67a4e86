"""Allocation against every possible one, against deferred acceptance step by step, and by hand."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from matching import allocate
from matching.types import InvalidValue

NAN = float("nan")
OPENINGS = 3

rows = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, NAN]), min_size=OPENINGS, max_size=OPENINGS)
tables = st.lists(rows, min_size=1, max_size=4).map(np.array)
rooms = st.lists(st.integers(0, 2), min_size=OPENINGS, max_size=OPENINGS).map(np.array)


def total(table, choice):
    return sum(table[person, opening] for person, opening in enumerate(choice) if opening >= 0)


def every_choice(table, room):
    """Each allocation that shows nobody what she may not see and fills no opening twice."""
    for choice in product(range(-1, OPENINGS), repeat=len(table)):
        if not np.isnan(total(table, choice)) and all(choice.count(o) <= room[o] for o in range(OPENINGS)):
            yield choice


def pairs_that_block(table, room, chosen):
    def would_leave(person, opening):
        mine = -1 if chosen[person] < 0 else table[person, chosen[person]]
        others = [table[other, opening] for other in range(len(table)) if chosen[other] == opening]
        takes = len(others) < room[opening] or any(table[person, opening] > score for score in others)
        return room[opening] > 0 and table[person, opening] > mine and takes

    return sum(would_leave(person, opening) for person in range(len(table)) for opening in range(OPENINGS))


@settings(max_examples=80, deadline=None)
@given(table=tables, room=rooms)
def test_no_allocation_has_a_higher_total(table, room):
    found = allocate(table, room)
    choice = tuple(found.opening.tolist())
    assert choice in set(every_choice(table, room))
    assert found.total == pytest.approx(total(table, choice))
    assert found.total == pytest.approx(max(total(table, other) for other in every_choice(table, room)))
    best = sum(np.nanmax(row) for row in table if not np.isnan(row).all())
    assert found.cost == pytest.approx(best - found.total)
    assert found.offers.tolist() == [choice.count(opening) for opening in range(OPENINGS)]
    assert found.blocking_pairs == pairs_that_block(table, room, choice)


@settings(max_examples=80, deadline=None)
@given(table=tables, room=rooms)
def test_the_stable_allocation_is_what_deferred_acceptance_arrives_at(table, room):
    """People propose, openings keep the best so far (Gale & Shapley 1962); equal scores as the library decides them."""
    wishes = {
        person: sorted((o for o in range(OPENINGS) if table[person, o] >= 0), key=lambda o, p=person: (-table[p, o], o))
        for person in range(len(table))
    }
    kept = {opening: [] for opening in range(OPENINGS)}
    waiting = list(wishes)
    while waiting:
        person = waiting.pop()
        if wishes[person]:
            opening = wishes[person].pop(0)
            kept[opening] = sorted([*kept[opening], person], key=lambda p, o=opening: (-table[p, o], p))
            waiting.extend(kept[opening][room[opening] :])
            kept[opening] = kept[opening][: room[opening]]
    placed = {person: opening for opening, people in kept.items() for person in people}
    found = allocate(table, room, stable=True)
    assert found.opening.tolist() == [placed.get(person, -1) for person in range(len(table))]
    assert found.blocking_pairs == pairs_that_block(table, room, found.opening) == 0
    assert found.total <= allocate(table, room).total + 1e-6


@settings(max_examples=80, deadline=None)
@given(
    table=tables,
    room=rooms,
    n=st.integers(1, 4),
    limit=st.integers(0, 4),
    seen=st.lists(st.integers(0, 2), min_size=OPENINGS, max_size=OPENINGS),
    stable=st.booleans(),
)
def test_shortlists_keep_every_limit(table, room, n, limit, seen, stable):
    found = allocate(table, room, shortlist=n, exposure=seen, exposure_limit=limit, stable=stable)
    assert found.shortlist.shape == (len(table), n)
    assert (found.shortlist[:, 0] == found.opening).all()
    assert all((found.opening == opening).sum() <= room[opening] for opening in range(OPENINGS))
    for opening in range(OPENINGS):
        assert found.offers[opening] == (found.shortlist == opening).sum() <= min(limit, room[opening] * n)
    for person, listed in enumerate(found.shortlist.tolist()):
        shown = [opening for opening in listed if opening >= 0]
        assert len(set(shown)) == len(shown)
        assert not np.isnan(table[person, shown]).any()
    again = allocate(table, room, shortlist=n, exposure=seen, exposure_limit=limit, stable=stable)
    assert found.shortlist.tobytes() == again.shortlist.tobytes()


def test_by_hand():
    # Both like the first best; giving it to the second costs the first only a little, and she would rather not.
    found = allocate([[0.9, 0.8], [0.7, NAN]], [1, 1])
    assert found.opening.tolist() == [1, 0]
    assert (found.total, found.cost, found.blocking_pairs) == (pytest.approx(1.5), pytest.approx(0.1), 1)
    assert (found.most_offered, found.most_wanted) == (0.5, 1.0)
    stable = allocate([[0.9, 0.8], [0.7, NAN]], [1, 1], stable=True)
    assert stable.opening.tolist() == [0, -1]
    assert (stable.total, stable.cost, stable.blocking_pairs) == (pytest.approx(0.9), pytest.approx(0.7), 0)
    assert allocate([[0.9], [0.8]], [1]).opening.tolist() == [0, -1]
    # To be introduced somewhere is better than nowhere, even at a score of 0.
    assert allocate([[0.0]], [1]).opening.tolist() == [0]


def test_the_result_is_an_array_of_openings():
    found = allocate([[0.9, 0.8], [0.7, NAN]], [1, 1])
    assert np.asarray(found).tolist() == [1, 0]
    assert np.asarray(found, dtype=float).dtype == float
    assert list(found) == [1, 0]
    assert len(found) == 2


@pytest.mark.parametrize("stable", [False, True])
def test_ties_go_to_what_was_shown_least_and_then_in_order(stable):
    table = np.full((2, 3), 0.5)
    assert sorted(allocate(table, [1, 1, 1], stable=stable)) == [0, 1]
    assert sorted(allocate(table, [1, 1, 1], exposure=[9, 0, 3], stable=stable)) == [1, 2]
    # A score that is truly higher outweighs any exposure.
    table[:, 0] = 0.51
    assert sorted(allocate(table, [1, 1, 1], exposure=[9, 0, 3], stable=stable)) == [0, 1]


def test_a_shortlist_spreads_what_everyone_wants():
    # One opening is everyone's best; with two positions and a limit of two lists, the others get what is theirs.
    table = np.array([[0.9, 0.5, 0.1], [0.9, 0.1, 0.5], [0.8, 0.5, 0.4], [0.8, 0.4, 0.5]])
    free = allocate(table, [2, 2, 2], shortlist=2)
    assert free.offers.tolist() == [4, 2, 2]
    spread = allocate(table, [2, 2, 2], shortlist=2, exposure_limit=[2, 4, 4])
    assert spread.shortlist.tolist() == [[0, 1], [0, 2], [1, 2], [2, 1]]
    assert spread.offers.tolist() == [2, 3, 3]
    assert spread.most_wanted == 1.0
    assert spread.most_offered == pytest.approx(3 / 8)


def test_stored_pairs_alone_may_be_shown():
    table = np.array([[0.9, NAN, 0.0], [0.7, 0.2, NAN], [NAN, NAN, NAN]])
    person, opening = np.nonzero(~np.isnan(table))
    stored = sparse.coo_array((table[person, opening], (person, opening)), shape=table.shape)
    for options in ({}, {"stable": True}, {"shortlist": 2}):
        dense, thin = allocate(table, [1, 1, 1], **options), allocate(stored, [1, 1, 1], **options)
        assert dense.shortlist.tolist() == thin.shortlist.tolist()
        assert dense.cost == thin.cost


def test_many_people_with_one_wish_and_room_enough():
    # Positions beyond the number of people are no more than that, however many there are.
    table = np.tile([0.9, 0.5], (300, 1))
    found = allocate(table, [10**12, 1])
    assert found.offers.tolist() == [300, 0]
    assert found.cost == 0


def test_nobody_and_nothing():
    assert allocate(np.zeros((0, 2)), [1, 1]).opening.tolist() == []
    nothing = allocate(np.zeros((2, 0)), np.zeros(0, dtype=int))
    assert nothing.opening.tolist() == [-1, -1]
    assert (nothing.total, nothing.cost, nothing.most_offered, nothing.most_wanted) == (0, 0, 0, 0)
    assert allocate([[NAN]], [1]).opening.tolist() == [-1]


@pytest.mark.parametrize(
    ("table", "room", "options", "message"),
    [
        ([[0.5]], [1, 1], {}, "capacities"),
        ([0.5], [1], {}, "scores"),
        ([[1.5]], [1], {}, "scores"),
        ([[-0.1]], [1], {}, "scores"),
        ([[float("inf")]], [1], {}, "scores"),
        ([[0.5]], [-1], {}, "capacities"),
        ([[0.5]], [0.5], {}, "capacities"),
        ([[0.5]], [1], {"exposure": [-1]}, "exposure"),
        ([[0.5]], [1], {"exposure": [1, 2]}, "exposure"),
        ([[0.5]], [1], {"exposure_limit": -1}, "exposure_limit"),
        ([[0.5]], [1], {"exposure_limit": [1, 2]}, "exposure_limit"),
        ([[0.5]], [1], {"shortlist": 0}, "shortlist"),
    ],
)
def test_what_cannot_be_used_is_named(table, room, options, message):
    with pytest.raises(InvalidValue, match=f"^{message}:"):
        allocate(table, room, **options)
