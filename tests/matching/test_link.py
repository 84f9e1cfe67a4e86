"""Linking by hand-made labels, and the official ESCO layout in all its wrappings."""

from __future__ import annotations

import gzip
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import Linker, Taxonomy, labels
from matching.calibration import chances
from matching.labels import LabelIndex, Near
from matching.taxonomy import TaxonomyError
from matching.types import InvalidValue

from .worlds import LINKER, TAXONOMY


def best(phrase: str, **options) -> str | None:
    links = LINKER.link([phrase], k=1, **options)[0]
    return links[0].concept_id if links else None


@pytest.mark.parametrize(
    "same",
    [
        ("krojačica", "krojacica", "кројачица", "Кројач", "krojač/krojačica", "krojač (m/ž)"),
        ("mašinsko šivenje", "masinsko sivenje", "машинско шивење", "МАШИНСКО ШИВЕЊЕ"),
        ("радница у шивењу", "radnica u šivenju", "radnica u sivenju", "radnik u sivenju"),
    ],
)
def test_writings_of_one_phrase_link_identically(same):
    first, *others = LINKER.link(same)
    assert first
    assert all(links == first for links in others)


def test_links_are_ranked_and_certain_only_for_the_very_label():
    (links,) = LINKER.link(["mašinsko šivenje jakni"], k=10, kinds=("skill",))
    assert links[0].concept_id == "sew"
    assert [link.score for link in links] == sorted((link.score for link in links), reverse=True)
    assert 0.3 < links[0].score < 1
    assert LINKER.link(["šivenje"], k=1)[0][0].score == 1


def test_kinds_and_count_are_kept_to():
    assert best("krojenje", kinds=("occupation",)) == "tailor"
    assert best("tekstil", kinds=("group",)) == "textile"
    assert all(len(links) <= 2 for links in LINKER.link(["krojenje", "kuvar"], k=2))


def test_a_correction_outranks_everything():
    linker = Linker(TAXONOMY)
    linker.learn("šnajderka", "tailor")
    linker.learn("kuvanje", "bake")
    assert [links[0].concept_id for links in linker.link(["шнајдерка", "kuvanje"])] == ["tailor", "bake"]
    with pytest.raises(InvalidValue, match="'nobody'"):
        linker.learn("x", "nobody")


@pytest.mark.parametrize("phrase", ["", "   ", "😀", "!!!", "/"])
def test_a_phrase_without_words_links_to_nothing(phrase):
    assert LINKER.link([phrase]) == [[]]


def test_strange_phrases_are_survived():
    assert len(LINKER.link(["x" * 10_000, "kuvar " * 2_000, "مرحبا بالعالم", "שלום", "\u202ekuvar", "\x00"])) == 6


def test_an_empty_taxonomy_is_named():
    for concepts in ([], [{"id": "x", "labels": []}], [{"id": "x", "labels": ["😀"]}]):
        with pytest.raises(TaxonomyError, match="empty"):
            Linker(Taxonomy.from_concepts(concepts))


def test_labels_of_all_languages_are_one_pivot():
    linker = Linker(Taxonomy.from_concepts([{"id": "cook", "labels": {"hr": ["kuhar/kuharica"], "en": ["cook"]}}]))
    assert [links[0].concept_id for links in linker.link(["Kuharica", "cook"])] == ["cook", "cook"]
    assert linker.spot("Radila sam kao kuharica u hotelu")[0].concept_id == "cook"


@pytest.mark.parametrize(
    ("concept", "message"),
    [
        ({"labels": ["x"]}, "id is missing"),
        ({"id": "x", "kind": "job"}, "kind 'job'"),
        ({"id": "x", "labels": "x"}, "labels is text"),
        ({"id": "x", "broader": "y"}, "broader is text"),
    ],
)
def test_wrong_concepts_are_named(concept, message):
    with pytest.raises(TaxonomyError, match=message):
        Taxonomy.from_concepts([concept])


def test_a_circle_of_broader_ends():
    ring = Taxonomy.from_concepts([{"id": i, "labels": [i], "broader": [j]} for i, j in ("ab", "bc", "ca", "dd")])
    assert list(ring.ancestors("a")) == ["b", "c"]
    assert list(ring.ancestors("d")) == []
    assert ring.covers("d") == {"d": 1.0}


def test_relatedness_worked_by_hand():
    assert TAXONOMY.covers("sew") == {"sew": 1.0, "iron": 0.3, "cut": 0.4, "textile": 0.8}
    assert TAXONOMY.covers("cook") == {"cook": 1.0, "bake": 0.5}
    assert TAXONOMY.covers("bake") == {"bake": 1.0, "cook": 0.8}
    assert TAXONOMY.occupation_similarity("tailor", "seamstress") == 0.4
    assert TAXONOMY.occupation_similarity("tailor", "cook-job") == 0.0
    assert TAXONOMY.occupation_similarity("tailor", "elsewhere") == 0.0


OCCUPATIONS = (
    "conceptType,conceptUri,iscoGroup,preferredLabel,altLabels\r\n"
    'Occupation,o1,0110,commissioned officer,"officer\narmy officer"\r\n'
)
HR = "conceptUri,preferredLabel,altLabels\no1,časnik/časnica,\n"
SKILLS = "conceptUri,preferredLabel\ns1,lead others\ns2,teamwork\n"
RELATIONS = "occupationUri,occupationLabel,relationType,skillType,skillUri\no1,x,essential,x,s1\no1,x,optional,x,s2\n"


def write(folder, wrapped: str) -> None:
    files = {
        "occupations_en.csv": OCCUPATIONS,
        "occupations_hr.csv": HR,
        "skills_en.csv": SKILLS,
        "occupationSkillRelations_en.csv": RELATIONS,
        "skillSkillRelations.csv": "originalSkillUri,relatedSkillUri\ns1,s2\n",
        "broaderRelationsSkillPillar.csv": "conceptUri,broaderUri\ns1,g\ns2,g\n",
    }
    if wrapped == "zip":
        with zipfile.ZipFile(folder / "download.zip", "w") as archive:
            for name, text in files.items():
                archive.writestr(f"some folder/{name}", text)
    for name, text in files.items() if wrapped != "zip" else ():
        if wrapped == "gz":
            (folder / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
        else:
            (folder / name).write_bytes(b"\xef\xbb\xbf" + text.encode())


@pytest.mark.parametrize("wrapped", ["plain", "gz", "zip"])
def test_esco_reads_alike_however_it_is_wrapped(tmp_path, wrapped):
    write(tmp_path, wrapped)
    taxonomy = Taxonomy.from_esco(tmp_path, languages=("en", "hr"))
    officer = taxonomy.concepts["o1"]
    assert (officer.isco, officer.kind, officer.label) == ("0110", "occupation", "commissioned officer")
    assert officer.labels["en"] == ("commissioned officer", "officer", "army officer")
    assert (officer.essential, officer.optional) == (("s1",), ("s2",))
    assert taxonomy.concepts["s1"].related == ("s2",)
    assert taxonomy.concepts["s2"].related == ("s1",)
    assert Linker(taxonomy).link(["časnica"], k=1)[0][0].concept_id == "o1"
    assert Taxonomy.from_concepts(taxonomy.to_concepts()) == taxonomy


def test_esco_faults_are_named_with_file_and_column(tmp_path):
    with pytest.raises(TaxonomyError, match="no occupations_XX"):
        Taxonomy.from_esco(tmp_path)
    with pytest.raises(TaxonomyError, match="no such folder"):
        Taxonomy.from_esco(tmp_path / "absent")
    (tmp_path / "skills_en.csv").write_text("conceptUri,label\ns1,x\n")
    with pytest.raises(TaxonomyError, match=r"skills_en.csv: column preferredLabel is missing"):
        Taxonomy.from_esco(tmp_path)
    (tmp_path / "skills_en.csv").write_bytes(b"conceptUri,preferredLabel\ns1,\xff\n")
    with pytest.raises(TaxonomyError, match=r"skills_en.csv: cannot be read"):
        Taxonomy.from_esco(tmp_path)
    with pytest.raises(TaxonomyError, match="occupations_xx"):
        Taxonomy.from_esco(tmp_path, languages=("xx",))


def test_a_first_name_comes_before_the_same_word_among_other_names() -> None:
    concepts = [
        {"id": "a-head-chef", "kind": "occupation", "labels": {"hr": ["glavni kuhar", "kuhar"]}},
        {"id": "b-cook", "kind": "occupation", "labels": {"hr": ["kuhar/kuharica"]}},
    ]
    (links,) = Linker(Taxonomy.from_concepts(concepts)).link(["kuharica"])
    assert links[0].concept_id == "b-cook"
    (links,) = Linker(Taxonomy.from_concepts(concepts)).link(["kuhar"])
    assert [link.concept_id for link in links] == ["b-cook", "a-head-chef"]
    assert links[0].score == 1.0 > links[1].score


BALKANS = Linker(
    Taxonomy.from_concepts(
        [
            {
                "id": "cook",
                "kind": "occupation",
                "labels": {
                    "sr": ["кувар"],
                    "hr": ["kuhar/kuharica"],
                    "mk": ["готвач/готвачка"],
                    "sl": ["kuhar/kuharica"],
                    "sq": ["kuzhinier/kuzhiniere"],
                    "en": ["cook"],
                },
            },
            {
                "id": "cleaner",
                "kind": "occupation",
                "labels": {
                    "sr": ["čistač/čistačica", "higijeničar"],
                    "sl": ["čistilec/čistilka"],
                    "mk": ["чистач"],
                    "sq": ["pastrues"],
                    "en": ["cleaner", "office cleaner"],
                },
            },
            {
                "id": "carer",
                "kind": "occupation",
                "labels": {
                    "bs": ["njegovatelj/njegovateljica starijih osoba"],
                    "sl": ["negovalec/negovalka"],
                    "en": ["home care aide"],
                },
            },
            {
                "id": "waiter",
                "kind": "occupation",
                "labels": {"sr": ["konobar"], "sl": ["natakar"], "sq": ["kamarier"], "en": ["waiter"]},
            },
            {"id": "sew", "labels": {"sr": ["šivenje na mašini"], "hr": ["strojno šivanje"], "en": ["machine sewing"]}},
            {"id": "iron", "labels": {"sr": ["peglanje veša"], "hr": ["glačanje rublja"], "en": ["ironing laundry"]}},
        ]
    )
)


@pytest.mark.parametrize(
    ("phrases", "concept"),
    [
        (("kuvarica", "Кувар", "KUVARICA", "kuharica", "готвачка", "kuzhiniere", "cook"), "cook"),
        (("čistačica", "cistacica", "ЧИСТАЧИЦА", "čistilka", "чистачка", "pastruese", "cleaner"), "cleaner"),
        (("negovateljica starijih osoba", "његоватељ старијих особа", "njegovatelj starijih osoba"), "carer"),
        (("konobarica", "natakarica", "kamariere"), "waiter"),
        (("šivenje na mašini", "шивење на машини", "sivenje na masini"), "sew"),
    ],
)
def test_first_names_are_certain_in_every_language_script_and_gender(phrases, concept):
    assert {(links[0].concept_id, links[0].score) for links in BALKANS.link(phrases, k=1)} == {(concept, 1.0)}


@pytest.mark.parametrize(
    ("phrase", "concept"),
    [
        ("glavna kuvarica u kuhinji", "cook"),
        ("čišćenje kancelarija, čistačice", "cleaner"),
        ("čistilka pisarn", "cleaner"),
        ("neguje stare osobe", "carer"),
        ("pomoćni konobar (Beograd, Novi Sad)", "waiter"),
        ("mašinsko šivenje", "sew"),
        ("pegla veš", "iron"),
        ("cleaners for offices", "cleaner"),
        ("kamarjer", "waiter"),
    ],
)
def test_inflections_slips_and_longer_phrases_find_their_concept(phrase, concept):
    links = BALKANS.link([phrase], k=1)[0]
    assert links[0].concept_id == concept
    assert links[0].score < 1


WRITINGS = ("čistačice i kuvari", "pomoćna radnica u kuhinji", "njegovateljica djece", "šivenje i peglanje")


@given(st.sampled_from(WRITINGS), st.sampled_from((str.upper, str.title, lambda text: f"  {text} (m/ž)")))
def test_case_and_markers_change_no_score(phrase, change):
    assert BALKANS.link([change(phrase)], k=6) == BALKANS.link([phrase], k=6)


def test_cyrillic_and_bare_letters_change_no_score():
    told = BALKANS.link(["čistačica zgrade", "чистачица зграде", "cistacica zgrade", "čistač zgrade"], k=6)
    assert told[0]
    assert told[0] == told[1] == told[2] == told[3]


def test_a_longer_answer_begins_with_the_shorter():
    (few,), (many,) = (BALKANS.link(["čistačica u kuhinji"], k=k) for k in (2, 6))
    assert many[:2] == few


def test_likeness_and_corrections():
    linker = Linker(BALKANS.taxonomy)
    linker.learn("spremačica", "cleaner")
    found = dict(linker.alike(["kuvarica", "higijeničarka", "spremačica"], k=1)[i][0] for i in range(3))
    assert found == {"cook": 1.0, "cleaner": 1.0}
    assert linker.alike(["higijeničarka"], k=1) == [[("cleaner", 0.995)]]
    assert linker.alike(["peglanje veša", ""], kind="nothing") == [[], []]
    (near,) = linker.alike(["peglanje i šivenje"], kind="skill")
    assert [concept for concept, _ in near] == ["iron", "sew"]
    assert 0 < near[1][1] < near[0][1] < 1


def test_chances_keep_the_order_and_share_what_is_equal():
    alone, shared, weak = (chances(np.array(scores), 3_000) for scores in ([0.9], [0.9, 0.9], [0.3, 0.2]))
    # By hand: exp(11 * (0.9 - 0.65)) = 15.64 to 1 for "none of them".
    assert alone[0] == pytest.approx(15.6426 / 16.6426, abs=1e-4)
    assert shared[0] == shared[1] == pytest.approx(15.6426 / 32.2853, abs=1e-4)
    assert weak.sum() < 0.05 < alone[0]
    assert weak[0] > weak[1]
    assert len(chances(np.array([]), 3_000)) == 0
    # Ten times fewer concepts, a tenth of the weight of "none of them"; below 200 nothing changes any more.
    assert chances(np.array([0.9]), 300)[0] == pytest.approx(156.426 / 157.426, abs=1e-4)
    assert chances(np.array([0.5]), 2) == chances(np.array([0.5]), 200)


def words_of(rng: np.random.Generator) -> list[str]:
    return ["".join(rng.choice(list("aeioukrst"), rng.integers(2, 7))) for _ in range(rng.integers(1, 5))]


def test_the_kernel_finds_what_the_full_comparison_finds(monkeypatch):
    rng = np.random.default_rng(5)
    named = sorted((int(rng.integers(60)), words_of(rng)) for _ in range(300))
    phrases = [words_of(rng) for _ in range(300)]  # several tasks
    index = LabelIndex(named)
    full = index.near_in_full(phrases, 60)
    monkeypatch.setattr(labels, "LARGE", 0)
    compiled = index.near(phrases, 60)
    assert (compiled.concepts[:, 0] >= 0).any()
    for numbers, scores, fast_numbers, fast_scores in zip(*full, *compiled, strict=True):
        found = fast_numbers >= 0
        # The kernel leaves out concepts that share no word like theirs; in full these have a score by letters alone.
        kept = np.isin(numbers, fast_numbers[found])
        assert scores[kept] == pytest.approx(fast_scores[found], abs=1e-8)
        assert numbers[kept].tolist() == fast_numbers[found].tolist()
        assert all(scores[~kept] <= labels.LETTERS)


def test_what_is_remembered_of_a_word_changes_nothing(monkeypatch):
    rng = np.random.default_rng(7)
    named = sorted((int(rng.integers(60)), words_of(rng)) for _ in range(300))
    phrases = [words_of(rng) for _ in range(300)]
    monkeypatch.setattr(labels, "LARGE", 0)
    index = LabelIndex(named)
    first = index.near(phrases, 5)
    compared = []
    monkeypatch.setattr(index, "_words", lambda *given, **options: compared.append(given))
    again = index.near(phrases[::-1], 5)
    assert not compared  # every word was remembered
    monkeypatch.setattr(labels, "MOST_KEPT", 2)
    forgetful = LabelIndex(named).near(phrases, 5)
    for other in (Near(again.concepts[::-1], again.scores[::-1]), forgetful):
        assert np.array_equal(other.concepts, first.concepts)
        assert np.array_equal(other.scores, first.scores)


def test_what_the_kernel_leaves_unscored_would_not_have_come_first(monkeypatch):
    """Of many concepts the kernel scores those that an estimate puts first: at least 98% of the first are the same."""
    rng = np.random.default_rng(6)
    words = sorted({word for _ in range(600) for word in words_of(rng)})
    weights = 1 / np.arange(1, len(words) + 1)

    def label() -> list[str]:
        return rng.choice(words, rng.integers(1, 6), p=weights / weights.sum()).tolist()

    index = LabelIndex([(concept, label()) for concept in range(2_000) for _ in range(3)])
    phrases = [label() for _ in range(200)]
    full = index.near_in_full(phrases, 5)
    compiled = index.near(phrases, 5)
    assert len(index.tables.shares.starts) > labels.LARGE
    assert np.mean(full.concepts[:, 0] == compiled.concepts[:, 0]) >= 0.98
    monkeypatch.setattr(labels, "CANDIDATES", 1)
    few = index.near(phrases, 1)
    assert np.mean(full.concepts[:, 0] == few.concepts[:, 0]) < 0.98


def test_scores_worked_by_hand():
    """Two concepts with one word each: the phrase is one of them, its letters share nothing with the other."""
    index = LabelIndex([(3, ["kuvar"]), (8, ["sef"])])
    near = index.near([["kuvar"]], 5)
    assert near.concepts.tolist() == [[3, -1, -1, -1, -1]]
    assert near.scores[0, 0] == pytest.approx(labels.LETTERS + labels.COVERAGE + labels.WHOLE + labels.SUPPORT)
    # One of two words, of one label: covered by half (both equally rare), the label in full.
    near = index.near([["kuvar", "sef"]], 2)
    half = labels.COVERAGE * 0.5**0.5 + labels.WHOLE * 0.5 + labels.SUPPORT * 0.5**0.5
    assert near.concepts.tolist() == [[3, 8]]
    assert all(half < score < half + labels.LETTERS for score in near.scores[0])
