import pytest
from django.conf import settings
from django.utils.translation import override

from backend.skills import linking
from backend.skills.services import SkillRow, load_taxonomy, save_concepts


@pytest.fixture
def loaded(db: None) -> None:
    load_taxonomy(settings.FIXTURES_DIR / "taxonomy.json")


def test_a_skill_is_found_in_any_script_and_language(loaded: None):
    phrases = ["šivenje na mašini", "SIVENJE NA MASINI", "шивење на машини", "machine sewing"]
    for links in linking.link_skills(phrases):
        with override("en"):
            assert links[0].skill.label == "machine sewing"
        assert links[0].score == 1
        assert [link.score for link in links] == sorted((link.score for link in links), reverse=True)


def test_only_a_sure_link_stands_for_a_phrase(loaded: None):
    assert set(linking.sure_skills(["šivenje na mašini", "kvantna hromodinamika", ""])) == {"šivenje na mašini"}


def test_both_title_forms_mean_one_occupation(loaded: None):
    assert linking.link_occupation("Konobarica") == linking.link_occupation("konobar") is not None
    assert linking.link_occupation("xyzzy") is None


def test_skills_are_suggested_from_the_clauses_of_a_text(loaded: None):
    found = linking.suggest_skills("Traži se radnica.\nŠivenje na mašini i rad na kasi, vedar duh.")
    with override("sr-latn"):
        assert {link.skill.label for link in found} >= {"šivenje na mašini", "rad na kasi"}
    assert linking.suggest_skills("") == []


@pytest.mark.django_db
def test_an_empty_taxonomy_links_nothing():
    assert linking.link_skills(["šivenje"]) == [[]]
    assert linking.link_occupation("kuvar") is None
    assert linking.linker() is None
    assert len(linking.taxonomy()) == 0


def test_a_new_concept_is_known_at_once(loaded: None):
    assert not linking.sure_skills(["brušenje dijamanata"])
    save_concepts(
        skills=[SkillRow(uri="own:diamonds", labels={"sr": ["brušenje dijamanata"]})], occupations=[], source="own"
    )
    assert linking.sure_skills(["brušenje dijamanata"])["brušenje dijamanata"].uri == "own:diamonds"


def test_the_taxonomy_keeps_kinds_relations_and_codes(loaded: None):
    taxonomy = linking.taxonomy()
    kinds = {concept.kind for concept in taxonomy.concepts.values()}
    assert {"skill", "occupation"} <= kinds
    occupation = next(concept for concept in taxonomy.concepts.values() if concept.kind == "occupation")
    assert len(occupation.isco) == 4
    assert occupation.essential
