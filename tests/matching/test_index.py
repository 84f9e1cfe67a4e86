"""Ranking against brute force, and what must hold however openings came and whoever computes."""

from __future__ import annotations

import json
import random
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import Opening, OpeningIndex, Profile, Ranker
from matching.records import opening_from, plain, profile_from
from matching.storage import IndexFileError
from matching.types import HeldSkill, InvalidValue, Place, Requirement

from . import reference, worlds

some = settings(max_examples=60, deadline=None)


@some
@given(openings=worlds.openings, profile=worlds.profiles(worlds.rules), k=st.integers(0, 5), large=st.booleans())
def test_best_k_are_those_of_the_exhaustive_answer(openings, profile, k, large):
    with worlds.treated_as_large(large):
        index = worlds.index_of(openings)
        everything = index.rank(profile, k=len(openings) + 1)
        exposure = {opening.id: opening.exposure for opening in openings}
        assert everything == sorted(everything, key=lambda r: (-r.score, exposure[r.opening_id], r.opening_id))
        assert index.rank(profile, k=k) == everything[:k]


@settings(max_examples=150, deadline=None)
@given(openings=worlds.openings, profile=worlds.profiles(worlds.rules), large=st.booleans())
def test_scores_are_those_of_the_reference(openings, profile, large):
    with worlds.treated_as_large(large):
        index = OpeningIndex.build(openings, linker=NoPhrases())
    eligible = [opening for opening in openings if not reference.broken_rules(profile, opening)]
    scores = {result.opening_id: result.score for result in index.rank(profile, k=50)}
    assert scores.keys() == {opening.id for opening in eligible}
    for opening in eligible:
        expected = reference.score(profile, opening, openings, NoPhrases())
        assert scores[opening.id] == pytest.approx(expected, abs=1e-5)  # the reference's arc cosine is coarse


class NoPhrases:
    """A linker that knows the taxonomy and links no phrase."""

    taxonomy = worlds.TAXONOMY

    def link(self, phrases, k=5, kinds=()):
        return [[] for _ in phrases]

    def alike(self, phrases, k=10, kind="occupation"):
        return [[] for _ in phrases]


@some
@given(openings=worlds.openings, profile=worlds.profiles(worlds.rules), k=st.integers(1, 12))
def test_the_way_of_millions_gives_the_same_answer(openings, profile, k):
    few = worlds.index_of(openings)
    with worlds.treated_as_large():
        many = worlds.index_of(openings)
        assert many.rank(profile, k) == few.rank(profile, k)
        assert many.excluded(profile) == few.excluded(profile)
        # Also when the postings choose: k good ones of those that pass, whatever recall's own number is.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("matching.recall.RECALLED", 2)
            answers = {result.opening_id: result for result in few.rank(profile, len(openings))}
            assert all(answers[result.opening_id] == result for result in many.rank(profile, k))


def test_compiled_sums_are_the_plain_ones(world):
    openings, profiles = world
    index = worlds.index_of(openings)
    plain_results = index.rank_many(profiles)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("matching.features.COMPILED_FROM", 0)
        assert index.rank_many(profiles) == plain_results
        patch.setattr("matching.features._compiled", lambda: None)
        assert index.rank_many(profiles) == plain_results


@some
@given(openings=worlds.openings, profile=worlds.profiles(worlds.rules))
def test_recall_passes_exactly_what_the_gates_pass(openings, profile):
    with worlds.treated_as_large():
        index = worlds.index_of([*openings, Opening("one more", vetted=False)])
        rows, scores = index.search(profile, k=50)
    found = [index.columns.ids[row] for row in rows.tolist()]
    assert sorted(found) == sorted(o.id for o in openings if not reference.broken_rules(profile, o))
    assert scores.tolist() == sorted(scores.tolist(), reverse=True)


@some
@given(openings=worlds.openings, profile=worlds.profiles(worlds.free_rules), large=st.booleans())
def test_contributions_sum_to_the_score_exactly(openings, profile, large):
    with worlds.treated_as_large(large):
        index = worlds.index_of(openings)
    for ranker in (None, Backwards()):
        for result in index.rank(profile, ranker=ranker):
            forwards = sum(reason.contribution for reason in result.reasons)
            backwards = sum(reason.contribution for reason in reversed(result.reasons))
            assert forwards == backwards == result.score
            assert 0 <= result.score <= 1
            assert json.loads(json.dumps(plain(result)))["opening_id"] == result.opening_id


class Backwards:
    """A ranker that has learned the opposite of the prior."""

    used = True

    def chances(self, values):
        return 1 - values.sum(axis=1)


def test_a_ranker_reorders_the_best_and_says_so(world):
    openings, profiles = world
    index = worlds.index_of(openings)
    prior = index.rank(profiles[0], k=50)
    learned = index.rank(profiles[0], k=50, ranker=Backwards())
    assert {result.opening_id for result in learned} == {result.opening_id for result in prior}
    assert [result.score for result in learned] == sorted((1 - result.score for result in prior), reverse=True)
    experience = {}
    for result in learned:
        without = next(other.score for other in prior if other.opening_id == result.opening_id)
        (said,) = (reason for reason in result.reasons if reason.code == "experience")
        assert said.contribution == result.score - without
        assert said.detail == {"without": without}
        experience[result.opening_id] = said.contribution
    assert min(experience.values()) < 0 < max(experience.values())
    assert index.rank(profiles[0], k=50, ranker=Ranker()) == prior


@settings(max_examples=150, deadline=None)
@given(
    openings=worlds.openings,
    profile=worlds.profiles(worlds.free_rules),
    more=worlds.skills(HeldSkill),
    linked=st.booleans(),
    large=st.booleans(),
)
def test_adding_a_skill_never_lowers_a_score(openings, profile, more, linked, large):
    with worlds.treated_as_large(large):
        index = worlds.index_of(openings, linked)
    before = {result.opening_id: result.score for result in index.rank(profile)}
    after = {r.opening_id: r.score for r in index.rank(replace(profile, skills=profile.skills + more))}
    assert before.keys() == after.keys()
    assert all(after[opening_id] >= before[opening_id] for opening_id in before)


@some
@given(
    openings=worlds.openings,
    profile=worlds.profiles(worlds.rules),
    seed=st.integers(0, 99),
    large=st.booleans(),
)
def test_order_changes_nothing(openings, profile, seed, large):
    shuffle = random.Random(seed)
    mixed = [replace(o, skills=tuple(shuffle.sample(o.skills, len(o.skills)))) for o in openings]
    shuffle.shuffle(mixed)
    her = replace(profile, skills=tuple(shuffle.sample(profile.skills, len(profile.skills))))
    with worlds.treated_as_large(large):
        before = [(r.opening_id, r.score) for r in worlds.index_of(openings).rank(profile)]
        assert [(r.opening_id, r.score) for r in worlds.index_of(mixed).rank(her)] == before


@some
@given(openings=worlds.openings, profile=worlds.profiles(worlds.rules), extra=worlds.opening)
def test_add_then_remove_changes_nothing(openings, profile, extra):
    index = worlds.index_of(openings)
    before = index.rank(profile)
    index.add(extra)
    assert index.rank(profile) == worlds.index_of([*openings, extra]).rank(profile)
    index.remove(extra.id)
    assert index.rank(profile) == before


@some
@given(openings=worlds.openings, profile=worlds.profiles(worlds.rules), seed=worlds.seeds)
def test_a_base_with_a_delta_is_the_whole_once_merged(openings, profile, seed):
    """Changes come one by one; whatever closed is never returned, and a merge forgets the way it came."""
    rng = random.Random(seed)
    there = {opening.id: opening for opening in openings}
    with worlds.treated_as_large():
        index = worlds.index_of(openings)
        before = index.rank(profile)
        for turn in range(6):
            if there and rng.random() < 0.5:
                gone = rng.choice(sorted(there))
                index.remove(gone)
                del there[gone]
            else:
                new = replace(worlds.Some(seed + turn).opening("new"), id=rng.choice([*there, f"new{turn}"]))
                index.add(new)
                there[new.id] = new
            allowed = {o.id for o in there.values() if not reference.broken_rules(profile, o)}
            assert len(index) == len(there)
            assert all(opening_id in index for opening_id in there)
            if rng.random() < 0.5:
                assert {result.opening_id for result in index.rank(profile, 50)} == allowed
                assert {e.opening_id for e in index.excluded(profile)} == there.keys() - allowed
                assert set(index.contributions(profile).index) == allowed
        _ = index.columns
        assert index.rank(profile) == worlds.index_of(list(there.values())).rank(profile)
        for opening_id in list(there):
            index.remove(opening_id)
        assert index.rank(profile) == []
        index.add(*openings)
        _ = index.columns
        assert index.rank(profile) == before


@pytest.mark.parametrize("large", [False, True])
def test_save_and_open_change_nothing(tmp_path, world, large):
    openings, profiles = world
    for linked in (True, False):
        with worlds.treated_as_large(large):
            index = worlds.index_of(openings[:-1], linked)
            index.remove(openings[0].id)
            index.add(openings[-1])
            index.save(tmp_path / "index")
            first = (tmp_path / "index").read_bytes()
            index.save(tmp_path / "index")
            assert (tmp_path / "index").read_bytes() == first
            again = OpeningIndex.open(tmp_path / "index")
            assert len(again.segments()) == len(index.segments()) == 1 + large
        assert again.rank_many(profiles) == index.rank_many(profiles)
        assert again.rank_text("krojačica, šivenje") == index.rank_text("krojačica, šivenje")
        assert len(again) == len(index)
        again.remove(openings[1].id)
        assert openings[1].id not in again
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


def test_a_file_cut_anywhere_is_refused(tmp_path, world):
    path = tmp_path / "index"
    worlds.index_of(world[0]).save(path)
    whole = path.read_bytes()
    for length in (0, 1, len(whole) // 3, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(IndexFileError):
            OpeningIndex.open(path)
    damaged = bytearray(whole)
    damaged[len(whole) // 3] ^= 0xFF
    path.write_bytes(damaged)
    with pytest.raises(IndexFileError):
        OpeningIndex.open(path)


def test_rank_many_equals_rank_with_any_executor(world):
    openings, profiles = world
    index = worlds.index_of(openings)
    one_by_one = [index.rank(profile, k=7) for profile in profiles]
    assert index.rank_many(profiles, k=7) == one_by_one
    with ThreadPoolExecutor(2) as threads:
        assert index.rank_many(profiles, k=7, executor=threads) == one_by_one
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        assert index.rank_many(profiles, k=7, executor=processes) == one_by_one


@pytest.fixture(scope="module")
def world():
    """Forty openings and ninety people, always the same."""
    rng = random.Random(7)
    openings = [
        Opening(
            f"o{i:02}",
            title=rng.choice(worlds.WORDS),
            text=" ".join(rng.sample(worlds.WORDS, 2)),
            skills=tuple(
                Requirement(skill, level=rng.choice((None, 1, 3)), essential=rng.random() < 0.7)
                for skill in rng.sample(worlds.SKILLS, 3)
            ),
            place=rng.choice((None, *worlds.PLACES)),
            languages={"sr": "B1"},
            shifts=frozenset({"day"}),
            exposure=rng.randrange(3),
        )
        for i in range(40)
    ]
    profiles = [
        Profile(
            f"p{i}",
            title=rng.choice(("", *worlds.WORDS)),
            skills=tuple(HeldSkill(skill) for skill in rng.sample(worlds.SKILLS, 2)),
            place=rng.choice((None, *worlds.PLACES)),
        )
        for i in range(90)
    ]
    return openings, profiles


def test_a_score_worked_by_hand():
    """Needs sewing and cooking, wants ironing; she sews."""
    opening = Opening(
        "o",
        skills=(Requirement("sew"), Requirement("cook"), Requirement("iron", essential=False)),
        occupation="tailor",
        place=Place(0, 0),
    )
    # 15 km of latitude away: half; tailor to seamstress shares three ISCO digits: 0.4
    profile = Profile("p", skills=(HeldSkill("sew"),), occupation="seamstress", place=Place(15 / 111.19508, 0))
    (result,) = worlds.index_of([opening]).rank(profile)
    essential = ((1 * 0.05) ** 0.5 - 0.05) / 0.95
    optional = 0.3  # ironing is a sibling of sewing
    fit = (0.40 * essential + 0.10 * optional + 0.15 * 0.4) / (0.40 + 0.10 + 0.15)
    expected = 0.92 * fit + 0.08 * 0.5
    assert result.score == pytest.approx(expected, abs=1e-6)
    assert {reason.code for reason in result.reasons} == {
        "essential_skills", "optional_skills", "occupation", "distance",
    }  # fmt: skip
    assert [(gap.code, gap.skill, gap.essential) for gap in result.gaps] == [
        ("missing", "cook", True),
        ("related", "iron", False),
    ]
    assert result.missing == ("profile.occupations", "profile.text")


def test_levels_below_the_one_asked_count_in_part():
    opening = Opening("o", skills=(Requirement("sew", level=4),))
    (result,) = worlds.index_of([opening]).rank(Profile("p", skills=(HeldSkill("sew", level=2),)))
    assert result.score == pytest.approx(((0.05 + 0.95 * 0.5) - 0.05) / 0.95)
    (gap,) = result.gaps
    assert (gap.code, gap.held_level, gap.needed_level) == ("level", 2, 4)


def test_a_profile_without_anything_names_what_is_missing():
    openings = [Opening("b", title="Kuvar", exposure=1), Opening("a", title="Kuvar", exposure=2), Opening("c")]
    results = worlds.index_of(openings).rank(Profile("p"))
    assert [(result.opening_id, result.score) for result in results] == [("c", 0), ("b", 0), ("a", 0)]
    assert all({"profile.skills", "profile.text", "profile.place"} <= set(result.missing) for result in results)


def test_scripts_and_spellings_rank_alike():
    openings = [Opening("o1", title="Кројачица у Ђурђеву"), Opening("o2", title="Krojačica u Đurđevu")]
    openings.append(Opening("o3", title="krojacica u Djurdjevu"))
    for linked in (True, False):
        results = worlds.index_of(openings, linked).rank(Profile("p", title="kројачица", text="Ђурђево"))
        assert len({result.score for result in results}) == 1
    index = worlds.index_of(openings)
    assert index.rank_text("КРОЈАЧИЦА") == index.rank_text("krojacica") == index.rank_text("krojačica")


def test_a_query_of_another_generation_is_refused(tmp_path):
    """Its numbers would mean other occupations."""
    index = worlds.index_of([Opening("a", occupation="tailor"), Opening("b", occupation="baker")])
    query = index.query(Profile("p", occupation="tailor"))
    index.save(tmp_path / "index")
    assert OpeningIndex.open(tmp_path / "index").rank_queries([query], 2) == index.rank_queries([query], 2)
    index.add(Opening("c", occupation="cook-job"))
    with pytest.raises(InvalidValue, match="before the index changed"):
        index.rank_queries([query], 2)


def test_empty_and_wrong_input_is_named():
    assert worlds.index_of([]).rank(Profile("p", title="kuvar", skills=(HeldSkill(phrase="kuvanje"),))) == []
    assert worlds.index_of([]).rank_text("x" * 10_000) == []
    with pytest.raises(InvalidValue, match="'o' comes twice"):
        worlds.index_of([Opening("o"), Opening("o")])
    with pytest.raises(InvalidValue, match="k: -1"):
        worlds.index_of([]).rank(Profile("p"), k=-1)
    with pytest.raises(KeyError):
        worlds.index_of([]).remove("o")


@some
@given(opening=worlds.opening, profile=worlds.profiles(worlds.rules))
def test_records_read_back_what_was_written(opening, profile):
    assert opening_from(json.loads(json.dumps(plain(opening)))) == opening
    assert profile_from(json.loads(json.dumps(plain(profile)))) == profile
