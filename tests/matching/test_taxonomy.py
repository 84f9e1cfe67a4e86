"""Relatedness of skills and occupations: hand-worked numbers, a slow reference, and taxonomies that make no sense."""

from __future__ import annotations

import copy
import pickle
from math import log1p, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import Taxonomy
from matching.taxonomy import MOST_COVERED, MOST_KEPT, WIDEST_FAMILY, TaxonomyError


def occupation(name, *, essential=(), optional=(), isco="", broader=(), kind="occupation"):
    return {
        "id": name,
        "kind": kind,
        "labels": [name],
        "essential": essential,
        "optional": optional,
        "isco": isco,
        "broader": broader,
    }


def skill(name, **relations):
    return {"id": name, "labels": [name], **relations}


def test_what_a_held_skill_shows_by_its_relations():
    taxonomy = Taxonomy.from_concepts(
        [
            {"id": "textile", "kind": "group", "labels": ["textile"]},
            skill("sew", broader=["textile"], related=["cut"]),
            skill("sew-by-hand", broader=["sew"]),
            skill("cut"),
            skill("iron", broader=["textile"]),
        ]
    )
    assert taxonomy.covers("sew") == {"sew": 1.0, "textile": 0.8, "sew-by-hand": 0.5, "cut": 0.4, "iron": 0.3}
    # The narrower shows more of the broader than the other way round; association goes both ways.
    assert taxonomy.covers("sew-by-hand") == {"sew-by-hand": 1.0, "sew": 0.8}
    assert taxonomy.covers("cut") == {"cut": 1.0, "sew": 0.4}
    assert taxonomy.covers("unheard of") == {"unheard of": 1.0}


def test_skills_of_the_same_occupations_show_something_of_each_other():
    jobs = [occupation(f"job{i}", essential=["sew", "iron"] if i else ["sew", "cook"]) for i in range(5)]
    taxonomy = Taxonomy.from_concepts([*map(skill, ("sew", "iron", "cook")), *jobs])
    # sew in 5, iron in 4, both in 4: 4 / (sqrt(20) + 1); cook in 1 with sew: 1 / (sqrt(5) + 1) is just above the floor.
    assert taxonomy.covers("iron") == {"iron": 1.0, "sew": pytest.approx(0.4 * 4 / (sqrt(20) + 1))}
    assert list(taxonomy.covers("sew")) == ["sew", "iron", "cook"]
    assert taxonomy.covers("sew")["iron"] == taxonomy.covers("iron")["sew"]
    # One occupation alone proves little, and what is not a concept is not shown.
    alone = Taxonomy.from_concepts([skill("a"), skill("b"), occupation("job", essential=["a", "b", "gone"])])
    assert alone.covers("a") == {"a": 1.0, "b": pytest.approx(0.4 * 0.5)}


def test_a_wide_family_shows_nothing_and_a_query_stays_small():
    def family(size):
        return Taxonomy.from_concepts([skill("top"), *(skill(f"s{i:03}", broader=["top"]) for i in range(size))])

    assert family(WIDEST_FAMILY).covers("s000")["s001"] == 0.3
    assert family(WIDEST_FAMILY).covers("top")["s001"] == 0.5
    assert family(WIDEST_FAMILY + 1).covers("s000") == {"s000": 1.0, "top": 0.8}
    assert family(WIDEST_FAMILY + 1).covers("top") == {"top": 1.0}
    many = Taxonomy.from_concepts([skill("held", related=[f"s{i:03}" for i in range(99)]), *family(99).to_concepts()])
    covered = many.covers("held")
    assert list(covered) == ["held", *(f"s{i:03}" for i in range(MOST_COVERED - 1))]


def test_nearness_of_occupations_by_hand():
    taxonomy = Taxonomy.from_concepts(
        [
            {"id": "isco/75", "kind": "group", "isco": "75", "labels": ["craft"]},
            {"id": "own", "kind": "group", "labels": ["own group"]},
            occupation("tailor", isco="7531", broader=["isco/75"]),
            occupation("furrier", isco="7531", broader=["isco/75"]),
            occupation("seamstress", isco="7533", broader=["isco/75"]),
            occupation("cook", isco="5120", broader=["own"]),
            occupation("clerk", isco="4110", broader=["own"]),
            occupation("pastry cook", isco="5120", broader=["cook"]),
            occupation("no code"),
        ]
    )
    near = taxonomy.occupation_similarity
    assert near("tailor", "furrier") == pytest.approx(0.7)
    assert near("tailor", "seamstress") == pytest.approx(0.4)
    # The ISCO group above both adds nothing to the digits; a group of one's own does.
    assert near("tailor", "isco/75") == pytest.approx(0.8)
    assert near("cook", "clerk") == pytest.approx(0.6)
    assert near("cook", "pastry cook") == near("pastry cook", "cook") == pytest.approx(0.8)
    assert near("tailor", "cook") == near("no code", "cook") == near("no code", "gone") == 0.0
    assert near("tailor", "tailor") == near("gone", "gone") == 1.0
    assert taxonomy.occupations_like("no code") == {"no code": 1.0}
    assert taxonomy.occupations_like("gone") == {"gone": 1.0}


def test_rare_skills_bring_occupations_nearer_than_common_ones():
    everyone = [occupation(f"job{i}", essential=["talk", f"own{i}"]) for i in range(20)]
    taxonomy = Taxonomy.from_concepts(
        [
            *everyone,
            occupation("tailor", essential=["talk", "sew"], isco="7531"),
            occupation("seamstress", essential=["sew"], optional=["talk"], isco="7533"),
        ]
    )
    # sew in 2 of 22, talk in 22 of 22, counted half where it is optional.
    rare, common = log1p(22 / 2) ** 2, log1p(22 / 22) ** 2
    cosine = (rare * rare + common * common / 2) / (sqrt(rare**2 + common**2) * sqrt(rare**2 + common**2 / 4))
    # Where both say which skills they need, their codes say nothing more.
    assert taxonomy.occupation_similarity("tailor", "seamstress") == pytest.approx(0.8 * cosine)
    assert taxonomy.occupation_similarity("job1", "job2") == 0.0
    sharing = taxonomy.occupations_sharing_skills("tailor")
    assert sharing == {"tailor": 1.0, "seamstress": pytest.approx(0.8 * cosine)}
    assert taxonomy.occupations_sharing_skills("gone") == {"gone": 1.0}


def test_codes_stand_in_for_skills_that_nobody_told():
    taxonomy = Taxonomy.from_concepts(
        [
            occupation("tailor", essential=["sew"], isco="7531"),
            occupation("furrier", isco="7531"),
            occupation("upholsterer", essential=["nail"], isco="7531"),
            occupation("dressmaker", essential=["sew"], isco="7531", broader=["tailor"]),
        ]
    )
    near = taxonomy.occupation_similarity
    assert near("tailor", "furrier") == pytest.approx(0.7)
    assert near("tailor", "upholsterer") == 0.0
    # The same skills, and the narrower of the two: independent evidence.
    assert near("tailor", "dressmaker") == pytest.approx(1 - (1 - 0.8) * (1 - 0.8))
    assert taxonomy.occupations_sharing_skills("tailor") == {"tailor": 1.0, "dressmaker": pytest.approx(0.8)}


names = st.sampled_from(("a", "b", "c", "d", "e", "f", "nowhere"))
ids = st.lists(names, max_size=4).map(tuple)
concepts = st.lists(
    st.fixed_dictionaries(
        {
            "id": names.filter(lambda name: name != "nowhere"),
            "kind": st.sampled_from(("skill", "occupation", "group")),
            "labels": st.dictionaries(st.sampled_from(("en", "sr")), st.just(["x"])),
            "isco": st.sampled_from(("", "5", "5120", "5121", "7531", "75x1")),
            "broader": ids,
            "related": ids,
            "essential": ids,
            "optional": ids,
        }
    ),
    unique_by=lambda row: row["id"],
    max_size=6,
)


@settings(max_examples=80, deadline=None)
@given(rows=concepts, order=st.randoms(use_true_random=False))
def test_relatedness_holds_on_every_taxonomy(rows, order):
    taxonomy = Taxonomy.from_concepts(rows)
    shuffled = list(rows)
    order.shuffle(shuffled)
    other = Taxonomy.from_concepts(shuffled)
    for one in (*taxonomy.concepts, "nowhere"):
        covered = taxonomy.covers(one)
        assert covered == other.covers(one)
        assert list(covered) == list(other.covers(one))
        assert covered[one] == 1.0
        assert all(0 < share <= 1 for share in covered.values())
        assert set(covered) <= {one, *taxonomy.concepts}
        like = taxonomy.occupations_like(one)
        assert like == other.occupations_like(one)
        assert like[one] == 1.0
        for second, nearness in like.items():
            assert 0 < nearness <= 1
            assert taxonomy.occupation_similarity(second, one) == nearness


@settings(max_examples=60, deadline=None)
@given(rows=concepts)
def test_the_hierarchy_is_that_of_the_slow_reading(rows):
    """One pair at a time, for concepts without skills: digits, parent and child, a common parent that is no group."""
    rows = [row | {"kind": "occupation", "essential": (), "optional": ()} for row in rows]
    taxonomy = Taxonomy.from_concepts(rows)
    by_id = {row["id"]: row for row in rows}

    def slow(one, other):
        a, b = by_id[one], by_id[other]
        shared = 0
        for left, right in zip(a["isco"], b["isco"], strict=False):
            if left != right or not left.isdecimal():
                break
            shared += 1
        best = (0.0, 0.05, 0.2, 0.4, 0.7)[shared]
        if set(a["broader"]) & set(b["broader"]) & (set(by_id) - {one, other}):
            best = max(best, 0.6)
        return max(best, 0.8) if one in b["broader"] or other in a["broader"] else best

    for one in by_id:
        for other in by_id:
            if one != other:
                assert taxonomy.occupation_similarity(one, other) == pytest.approx(slow(one, other))


def test_one_person_more_than_are_kept_gets_the_same_answer():
    rows = [occupation(f"job{i:03}", isco=f"{i % 10}{i % 7}{i % 5}0") for i in range(MOST_KEPT + 2)]
    taxonomy = Taxonomy.from_concepts(rows)
    first = dict(taxonomy.occupations_like("job000"))
    for row in rows:
        taxonomy.occupations_like(row["id"])
    assert taxonomy.occupations_like("job000") == first


def test_a_taxonomy_travels_light():
    taxonomy = Taxonomy.from_concepts([occupation("a", isco="5120"), occupation("b", isco="5121"), skill("s")])
    before = pickle.dumps(taxonomy)
    near = taxonomy.occupations_like("a")
    assert pickle.dumps(taxonomy) == before
    assert copy.deepcopy(taxonomy) == taxonomy
    assert copy.deepcopy(taxonomy).occupations_like("a") == near


def test_joining_two_versions():
    official = Taxonomy.from_concepts(
        [
            {"id": "cook", "kind": "occupation", "labels": {"en": ["cook"]}, "isco": "5120", "essential": ["boil"]},
            {"id": "boil", "labels": {"en": ["boil"]}},
        ]
    )
    own = Taxonomy.from_concepts(
        [
            {"id": "cook", "kind": "occupation", "labels": {"sr": ["kuvarica"], "en": ["chef", "cook"]}},
            {"id": "own", "labels": {"sr": ["svoje"]}},
        ]
    )
    joined = official.joined(own)
    cook = joined.concepts["cook"]
    assert cook.labels == {"en": ("cook", "chef"), "sr": ("kuvarica",)}
    assert (cook.isco, cook.essential, cook.label) == ("5120", ("boil",), "cook")
    assert list(joined.concepts) == ["cook", "boil", "own"]
    assert own.joined(official).concepts["cook"].isco == "5120"
    assert official.joined(Taxonomy.from_concepts([])) == official


def test_taxonomies_that_say_nothing():
    empty = Taxonomy.from_concepts([])
    assert empty.covers("x") == empty.occupations_like("x") == {"x": 1.0}
    assert empty.label("x") == "x"
    assert list(empty.ancestors("x")) == []
    ring = Taxonomy.from_concepts([skill(one, broader=[other]) for one, other in ("ab", "bc", "ca")])
    assert list(ring.ancestors("a")) == ["b", "c"]
    # In a ring of three everyone is parent of one and child of the other.
    assert ring.covers("a") == {"a": 1.0, "b": 0.8, "c": 0.5}
    unnamed = Taxonomy.from_concepts([{"id": "a", "labels": {"en": [], "sr": [" "]}}])
    assert unnamed.label("a") == "a"
    astray = Taxonomy.from_concepts([skill("a", broader=["gone"], related=["gone"]), skill("b", broader=["gone"])])
    assert astray.covers("a") == {"a": 1.0}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"id": "a", "labels": "text"}, "labels is text"),
        ({"id": "a", "labels": {"en": "text"}}, "labels is text"),
        ({"id": "a", "labels": [None]}, "labels is not a list of text"),
        ({"id": "a", "labels": ["x"], "broader": 7}, "broader is not a list of text"),
        ({"id": "a", "labels": ["x"], "essential": [7]}, "essential is not a list of text"),
        ({"id": "a", "labels": ["x"], "related": "b"}, "related is text"),
        ({"id": " ", "labels": ["x"]}, "id is missing"),
        ({"id": 7, "labels": ["x"]}, "id is missing"),
        ({"id": "a", "labels": ["x"], "kind": "job"}, "kind 'job' is none of"),
    ],
)
def test_a_concept_that_cannot_be_understood_is_named(row, message):
    with pytest.raises(TaxonomyError, match=message):
        Taxonomy.from_concepts([row])
