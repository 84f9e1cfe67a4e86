"""Titles as vectors: what meets what, by how much, and what must not drown or swell."""

from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import Linker, Opening, OpeningIndex, Profile, Taxonomy
from matching.letters import LEAST_LIKENESS, MOST_LIKE, LikeWords
from matching.types import Requirement
from matching.words import (
    CONCEPT_SHARE,
    OCCUPATIONS,
    RELATED,
    SPREAD_WORDS,
    TEXT_SHARE,
    Vocabulary,
    opening_terms,
    profile_terms,
    query_vector,
)

CONCEPTS = [
    {"id": "knead", "labels": {"en": ["knead dough"]}},
    {"id": "bake", "labels": {"en": ["bake bread"]}},
    {"id": "sew", "labels": {"en": ["sew garments"]}},
    {"id": "weld", "labels": {"en": ["weld metal"]}},
    {
        "id": "baker",
        "kind": "occupation",
        "isco": "7512",
        "labels": {"en": ["baker"], "sr": ["pekar"]},
        "essential": ["knead", "bake"],
    },
    {
        "id": "confectioner",
        "kind": "occupation",
        "isco": "7512",
        "labels": {"en": ["confectioner"], "sr": ["poslastičar"]},
        "essential": ["knead", "bake"],
    },
    {
        "id": "tailor",
        "kind": "occupation",
        "isco": "7531",
        "labels": {"en": ["tailor"], "sr": ["krojač"]},
        "essential": ["sew"],
    },
    {
        "id": "welder",
        "kind": "occupation",
        "isco": "7212",
        "labels": {"en": ["welder"], "sr": ["zavarivač"]},
        "essential": ["weld"],
    },
]


@pytest.fixture(scope="module")
def linker() -> Linker:
    return Linker(Taxonomy.from_concepts(CONCEPTS))


def _words_only(terms: dict[str, float]) -> dict[str, float]:
    return {term: weight for term, weight in terms.items() if not term.startswith("#")}


def _concepts_only(terms: dict[str, float]) -> dict[str, float]:
    return {term: weight for term, weight in terms.items() if term.startswith("#")}


def _ranked(titles: dict[str, str], title: str, linker: Linker | None = None) -> list[str]:
    openings = [Opening(id=key, title=value) for key, value in titles.items()]
    return [r.opening_id for r in OpeningIndex.build(openings, linker).rank(Profile(id="p", title=title))]


def test_a_word_of_the_title_counts_three_times_and_repetition_little() -> None:
    (terms,) = opening_terms([Opening(id="o", title="Vozač vozač kamion")], None)
    assert terms == pytest.approx({"vozac": 1 + log(6), "kamion": 1 + log(3)})


def test_a_short_text_weighs_a_third_of_the_title() -> None:
    (terms,) = opening_terms([Opening(id="o", title="vozač", text="kamion")], None)
    assert terms == pytest.approx({"vozac": 1 + log(3), "kamion": 1 / 3})


def test_a_long_text_never_outweighs_its_title() -> None:
    text = " ".join(f"{'abcdefghij'[n % 10]}{'klmnopqrst'[n // 10 % 10]}{'uvwxyzabcd'[n // 100]}r" for n in range(900))
    (terms,) = opening_terms([Opening(id="o", title="vozač", text=text)], None)
    title = terms.pop("vozac")
    assert len(terms) > 500
    assert sqrt(sum(weight**2 for weight in terms.values())) == pytest.approx(TEXT_SHARE * title)


def test_a_text_alone_counts_in_full_and_asked_phrases_are_text() -> None:
    (terms,) = opening_terms([Opening(id="o", text="kamion", skills=(Requirement(phrase="prikolica"),))], None)
    assert terms == pytest.approx({"kamion": 1.0, "prikolic": 1.0})


def test_without_a_linker_only_words_remain() -> None:
    (terms,) = opening_terms([Opening(id="o", title="krojač", occupation=None)], None)
    assert not _concepts_only(terms)
    assert not _concepts_only(profile_terms(Profile(id="p", title="krojač"), None))


def test_a_title_that_is_a_label_means_its_occupation_most(linker: Linker) -> None:
    (terms,) = opening_terms([Opening(id="o", title="pekar")], linker)
    concepts = _concepts_only(terms)
    assert max(concepts, key=concepts.__getitem__) == "#baker"
    assert len(concepts) <= OCCUPATIONS


def test_a_told_occupation_is_certain_whatever_the_title(linker: Linker) -> None:
    (terms,) = opening_terms([Opening(id="o", title="Posao za sve", occupation="welder")], linker)
    concepts = _concepts_only(terms)
    assert max(concepts, key=concepts.__getitem__) == "#welder"


def test_the_surer_the_link_the_more_its_occupations_weigh(linker: Linker) -> None:
    """A strange title leans on its words, a known one on what it means."""

    def share(title: str) -> float:
        terms = profile_terms(Profile(id="p", title=title), linker)
        lengths = [sqrt(sum(w**2 for w in part(terms).values())) for part in (_concepts_only, _words_only)]
        return lengths[0] / lengths[1]

    assert share("pekar") == pytest.approx(CONCEPT_SHARE)
    assert share("pekorosta") < 0.7 * share("pekar")


def test_a_query_brings_occupations_of_the_same_skills_and_no_others(linker: Linker) -> None:
    terms = profile_terms(Profile(id="p", title="pekar"), linker)
    assert terms["#baker"] > terms["#confectioner"] > 0
    assert terms.get("#welder", 0.0) < terms["#confectioner"] / 2


def test_titles_of_other_words_and_languages_meet_in_the_taxonomy(linker: Linker) -> None:
    titles = {"a": "welder", "b": "tailor", "c": "baker", "d": "confectioner"}
    assert _ranked(titles, "pekar", linker)[:2] == ["c", "d"]
    assert _ranked(titles, "krojač", linker)[0] == "b"
    # Without the taxonomy nothing speaks for any of them.
    assert _ranked(titles, "pekar")[0] == "a"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Medicinska sestra - nega dece", "Медицинска сестра - нега деце"),
        ("Čistačica poslovnog prostora", "Cistacica poslovnog prostora"),
        ("poslastičar", "poslastičarka"),
        ("njega starijih", "nega starijih"),
    ],
)
def test_script_diacritics_gender_and_pronunciation_change_nothing(linker: Linker, one: str, other: str) -> None:
    first, second = (opening_terms([Opening(id="o", title=title)], linker)[0] for title in (one, other))
    assert first == second
    assert profile_terms(Profile(id="p", title=one), linker) == profile_terms(Profile(id="p", title=other), linker)


def test_a_word_finds_its_inflections_and_compounds_but_no_codes() -> None:
    words = ["network", "networks", "networking", "gardener", "b2b", "b2c", "it"]
    like = LikeWords({word: number for number, word in enumerate(words)})
    found = dict(like.like("network"))
    assert set(found) == {1, 2}
    assert found[1] > found[2] >= LEAST_LIKENESS
    assert like.like("b2b") == like.like("it") == []


def test_likeness_worked_by_hand() -> None:
    like = LikeWords({"abcdef": 0, "abcdeg": 1})
    own = log(3 / 2) + 1  # inverse frequency of a group in one of two words; of one in both it is 1
    shared = 4 + 3  # " ab", "abc", "bcd", "cde" and " abc", "abcd", "bcde"
    alone = 2 + 2  # "def", "ef " and "cdef", "def "
    cosine = shared / (shared + alone * own**2)
    assert like.like("abcdef") == [(1, pytest.approx((cosine + 5 / 6) / 2))]


def test_at_most_some_words_are_like_one() -> None:
    words = [f"administrat{a}{b}" for a in "abcdef" for b in "xyz"]
    like = LikeWords({word: number for number, word in enumerate(words)})
    assert len(like.like("administration")) == MOST_LIKE


def test_a_query_has_length_one_counting_what_nobody_asks_for() -> None:
    vocabulary = Vocabulary(["krojac", "radni"])
    idf = np.array([2.0, 1.0])
    numbers, weights = query_vector({"krojac": 1.0, "x1": 2.0}, vocabulary, idf, n_openings=9)
    unseen = log(10) + 1
    assert numbers.tolist() == [0]
    assert weights == pytest.approx([2 / sqrt(4 + (2 * unseen) ** 2)])


def test_an_occupation_that_no_opening_has_costs_nothing() -> None:
    vocabulary = Vocabulary(["#baker", "krojac"])
    _, weights = query_vector({"krojac": 1.0, "#tailor": 5.0}, vocabulary, np.ones(2), n_openings=9)
    assert weights == pytest.approx([1.0])


def test_like_words_take_part_of_the_weight_of_a_word() -> None:
    vocabulary = Vocabulary(["network", "networking", "zebra"])
    numbers, weights = query_vector({"network": 1.0}, vocabulary, np.ones(3), n_openings=3)
    assert numbers.tolist() == [0, 1]
    assert 0 < weights[1] < weights[0]


def test_no_words_no_query() -> None:
    numbers, weights = query_vector({}, Vocabulary([]), np.zeros(0), 0)
    assert len(numbers) == len(weights) == 0


def test_a_long_text_is_bounded_and_twice_the_same(linker: Linker) -> None:
    text = ("I have been a baker and a tailor for many years, with people of all kinds in small towns. " * 120)[:10_000]
    profile = Profile(id="p", text=text)
    terms = profile_terms(profile, linker)
    assert terms == profile_terms(profile, linker)
    assert list(terms) == list(profile_terms(profile, linker))
    assert len(_concepts_only(terms)) <= RELATED
    assert {"#baker", "#tailor"} <= set(_concepts_only(terms))
    vocabulary = Vocabulary(sorted({*terms, *(f"{word}s" for word in terms)}))
    numbers, _ = query_vector(terms, vocabulary, np.ones(len(vocabulary.number)), 10)
    assert len(numbers) <= len(terms) + SPREAD_WORDS * MOST_LIKE


@given(st.text(max_size=60), st.text(max_size=200))
def test_any_text_gives_positive_weights_and_a_query_within_length_one(title: str, text: str) -> None:
    (terms,) = opening_terms([Opening(id="o", title=title, text=text)], None)
    assert all(weight > 0 for weight in terms.values())
    vocabulary = Vocabulary(sorted(terms))
    query = profile_terms(Profile(id="p", title=title, text=text), None)
    numbers, weights = query_vector(query, vocabulary, np.ones(len(terms)), 1)
    assert numbers.tolist() == sorted(set(numbers.tolist()))
    assert float(weights @ weights) == pytest.approx(1.0 if terms else 0.0)
