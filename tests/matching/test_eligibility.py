"""Gates against an oracle that knows nothing of columns."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import Opening, Profile
from matching.reach import Places, hilbert_order
from matching.types import InvalidValue, Place, Rules, Zone

from . import worlds
from .reference import broken_rules
from .reference import km as reference_km


@settings(max_examples=150, deadline=None)
@given(openings=worlds.openings, profile=worlds.profiles(worlds.rules), large=st.booleans())
def test_exclusions_are_those_of_the_oracle(openings, profile, large):
    with worlds.treated_as_large(large):
        index = worlds.index_of(openings, linked=False)
    told: dict[str, set[str]] = {}
    for exclusion in index.excluded(profile):
        told.setdefault(exclusion.opening_id, set()).add(exclusion.code)
    expected = {opening.id: broken_rules(profile, opening) for opening in openings}
    assert told == {opening_id: codes for opening_id, codes in expected.items() if codes}
    ranked = {result.opening_id for result in index.rank(profile, k=len(openings))}
    assert ranked == {opening_id for opening_id, codes in expected.items() if not codes}


@settings(max_examples=40, deadline=None)
@given(openings=worlds.openings, profile=worlds.profiles(worlds.rules), more=worlds.rules)
def test_adding_an_exclusion_only_removes(openings, profile, more):
    index = worlds.index_of(openings, linked=False)
    rules = profile.rules
    stricter = replace(
        rules,
        excluded_places=rules.excluded_places + more.excluded_places,
        excluded_employers=rules.excluded_employers | more.excluded_employers,
        excluded_sectors=rules.excluded_sectors | more.excluded_sectors,
        excluded_conditions=rules.excluded_conditions | more.excluded_conditions,
        require_vetted=rules.require_vetted or more.require_vetted,
    )
    before = index.rank(profile, k=50)
    after = index.rank(replace(profile, rules=stricter), k=50)
    kept = {result.opening_id for result in after}
    # What stays keeps its score and its place among the others.
    assert [(r.opening_id, r.score) for r in before if r.opening_id in kept] == [(r.opening_id, r.score) for r in after]


BELGRADE, NIS = Place(44.8178, 20.4569, "BG"), Place(43.3209, 21.8958, "NI")


@pytest.mark.parametrize(
    ("opening", "rules", "code", "detail"),
    [
        ({"place": NIS}, {"excluded_places": (Zone(NIS, 1),)}, "excluded_place", {"place": "NI"}),
        # 202.3 km apart by great circle
        ({"place": BELGRADE}, {"excluded_places": (Zone(replace(NIS, code=""), 202.4),)}, "excluded_place", None),
        ({"place": BELGRADE}, {"excluded_places": (Zone(replace(NIS, code=""), 202.2),)}, None, None),
        ({}, {"excluded_places": (Zone(NIS, 1),)}, "place_unknown", None),
        ({"employer": "Алфа", "agency": False}, {"excluded_employers": frozenset({"ALFA"})}, "excluded_employer", None),
        ({"employer": "x", "agency": False}, {"excluded_employers": frozenset({"y"})}, None, None),
        ({"employer": "x", "agency": True}, {"excluded_employers": frozenset({"y"})}, "end_client_unknown", None),
        ({"employer": "x"}, {"excluded_employers": frozenset({"y"})}, "end_client_unknown", None),
        ({"employer": "x", "agency": True, "end_client": "z"}, {"excluded_employers": frozenset({"y"})}, None, None),
        (
            {"employer": "x", "agency": True, "end_client": "y"},
            {"excluded_employers": frozenset({"y"})},
            "excluded_employer",
            {"end_client": "y"},
        ),
        ({"shifts": frozenset({"night"})}, {"excluded_conditions": frozenset({"night"})}, "excluded_condition", None),
        ({}, {"excluded_conditions": frozenset({"live_in"})}, "condition_unknown", {"conditions": ["live_in"]}),
        ({"conditions": frozenset()}, {"excluded_conditions": frozenset({"live_in"})}, None, None),
        ({"pay_per_hour": 336.9}, {"pay_floor": 337.0}, "pay_floor", {"pay_per_hour": 336.9, "pay_floor": 337.0}),
        ({"pay_per_hour": 337.0}, {"pay_floor": 337.0}, None, None),
        ({"vetted": False}, {}, "not_vetted", None),
        ({}, {}, None, None),
        ({}, {"require_vetted": True}, "not_vetted", None),
    ],
)
def test_each_gate_by_hand(opening, rules, code, detail):
    index = worlds.index_of([Opening("o", **opening)], linked=False)
    found = index.excluded(Profile("p", rules=Rules(**rules)))
    assert [exclusion.code for exclusion in found] == ([code] if code else [])
    if detail is not None:
        assert found[0].detail == detail


@settings(max_examples=30, deadline=None)
@given(seed=worlds.seeds, km=st.sampled_from((0.01, 3.0, 50.0, 900.0, 25_000.0)), zone_km=st.sampled_from((0.0, 40.0)))
def test_a_directory_of_places_finds_those_in_reach(seed, km, zone_km):
    """Three hundred places in five groups, asked group by group, against each distance by itself."""
    rng = random.Random(seed)
    found = [
        Place(rng.uniform(42, 46), rng.uniform(19, 23) + rng.choice((0, 150)), rng.choice(("", "A", "B")))
        for _ in range(300)
    ]
    places = [found[i] for i in hilbert_order(found)]
    rows = np.array([rng.randint(0, 3) for _ in range(301)])
    directory = Places.of(places, rows)
    here, barred = rng.choice(places), replace(rng.choice(places), code=rng.choice(("", "A")))
    profile = Profile(
        "p", place=here, rules=Rules(max_travel_km=km, excluded_places=rng.choice(((), (Zone(barred, zone_km),))))
    )
    allowed = [
        not broken_rules(profile, Opening("o", place=place)) & {"travel", "excluded_place", "place_unknown"}
        for place in [*places, None]
    ]
    expected = np.flatnonzero(np.repeat(allowed, rows)).tolist()
    for small in (0, 4096):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("matching.reach.SMALL", small)
            ranges = directory.rows(directory.reachable(profile))
            assert [row for low, high in ranges.tolist() for row in range(low, high)] == expected
            pieces, distances = directory.by_distance(directory.reachable(profile), here)
        ranges = directory.rows(pieces)
        assert [row for low, high in ranges.tolist() for row in range(low, high)] == expected
        for (first, end), away in zip(pieces.tolist(), distances.tolist(), strict=True):
            if np.isfinite(away):
                assert end == first + 1
                assert away == pytest.approx(reference_km(here, places[first]), abs=1e-3)
            else:
                assert all(reference_km(here, place) > 89.9 for place in places[first:end])


def test_unknown_limits_are_named_not_punished():
    index = worlds.index_of([Opening("o", title="kuvar", licences=frozenset({"B"}))], linked=False)
    rules = Rules(max_travel_km=10, shifts=frozenset({"day"}), min_hours=10, pay_floor=300)
    (result,) = index.rank(Profile("p", title="kuvar", rules=rules))
    assert {
        "opening.place", "profile.place", "opening.shifts", "opening.hours_per_week", "opening.pay_per_hour",
        "profile.licences",
    } <= set(result.missing)  # fmt: skip


@pytest.mark.parametrize(
    "make",
    [
        lambda: Place(float("nan"), 20),
        lambda: Place(91, 20),
        lambda: Zone(NIS, -1),
        lambda: Rules(excluded_conditions=frozenset({"live-in"})),
        lambda: Rules(pay_floor=float("nan")),
        lambda: Opening("o", languages={"sr": "B9"}),
        lambda: Opening("", title="x"),
    ],
)
def test_values_that_cannot_be_used_are_refused(make):
    with pytest.raises(InvalidValue):
        make()


def test_a_protected_attribute_cannot_be_passed():
    for name in ("sex", "gender", "age", "birth_date", "nationality", "ethnicity", "history", "religion"):
        with pytest.raises(TypeError):
            Profile("p", **{name: "x"})
