"""The public sets as tasks, the rivals beside us, and what is reported; on small sets in the published layouts."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from matching import Linker, OpeningIndex, Taxonomy
from matching.baselines import BASELINES
from matching.datasets import absent, tasks
from matching.evaluation import evaluate
from matching.task import Task, held_out
from matching.types import InvalidValue, Opening, Profile

# id -> language -> preferred label and other labels
OCCUPATIONS = {
    "o1": {
        "en": ("tailor", "dress maker"),
        "hr": ("krojač/krojačica", "šivač odjeće\nmodni krojač"),
        "sl": ("krojač", "šivilja"),
    },
    "o2": {
        "en": ("cook", "kitchen cook"),
        "hr": ("kuhar/kuharica", "pripremač jela\nkuharica"),
        "sl": ("kuhar", ""),
    },
    "o3": {
        "en": ("cleaner", "office cleaner"),
        "hr": ("čistač/čistačica", "spremač ureda"),
        "sl": ("čistilec", ""),
    },
}
SKILLS = {"s1": ("sewing", "stitching"), "s2": ("wash dishes", "dish washing"), "s3": ("operate press", "")}


def csv_text(*rows: tuple[str, ...]) -> str:
    return "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in rows)


def tsv(path: Path, *rows: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(f"{row}\n".replace(" | ", "\t") for row in rows)


@pytest.fixture
def data(tmp_path):
    """A folder with one small set of every kind."""
    english, labels = tmp_path / "esco-1.1.1-en", tmp_path / "esco-1.0.3-multilingual"
    english.mkdir()
    labels.mkdir()
    header = ("conceptUri", "preferredLabel", "altLabels")
    for folder, languages in ((english, ("en",)), (labels, ("en", "hr", "sl"))):
        for language in languages:
            rows = [(uri, *names[language]) for uri, names in OCCUPATIONS.items()]
            (folder / f"occupations_{language}.csv").write_text(csv_text(header, *rows), encoding="utf-8")
    skills = [(uri, *names) for uri, names in SKILLS.items()]
    (english / "skills_en.csv").write_text(csv_text(header, *skills), "utf-8")
    titles = tmp_path / "job-title-similarity" / "en"
    tsv(titles / "queries.tsv.gz", "q1 | tailor", "q2 | cook", "q3 | nobody judged this")
    tsv(titles / "corpus_documents.tsv.gz", "d1 | dress maker", "d2 | kitchen cook", "d3 | welder")
    tsv(titles / "annotations.tsv.gz", "q1 | 0 | d1 | 1", "q2 | 0 | d2 | 1", "q2 | 0 | d3 | 0")
    melo = tmp_path / "melo-slovene" / "svn_q_sl_c_en"
    tsv(melo / "queries.tsv.gz", "q1 | šivilja", "q2 | kuhar")
    tsv(melo / "corpus_elements.tsv.gz", "e1 | tailor", "e2 | dress maker", "e3 | cook")
    tsv(melo / "annotations.tsv.gz", "q1 | 0 | e1 | 1", "q1 | 0 | e2 | 1", "q2 | 0 | e3 | 1")
    tsv(melo / "concept_mapping.tsv.gz", "e1 | o1", "e2 | o1", "e3 | o2")
    spans = tmp_path / "skill-spans-dev"
    spans.mkdir()
    header = ("sentence", "span", "sub_span", "label")
    house = [("…", "sewing clothes", "sewing", "sewing"), ("…", "smart", "", "LABEL NOT PRESENT")]
    tech = [("…", "dish washing", "", "Wash dishes"), ("…", "gone", "", "a label of old")]
    (spans / "house_validation_annotations.csv").write_text(csv_text(header, *house), encoding="utf-8")
    (spans / "tech_validation_annotations.csv").write_text(csv_text(header, *tech), encoding="utf-8")
    tsv(tmp_path / "jobbert-titles-dev" / "titles.csv.gz", ",vacancyTitle,conceptUri", "0,senior tailor,o1", "1,x,o9")
    return tmp_path


def by_name(path: Path, *sets: str) -> dict[str, Task]:
    return {task.name: task for task in tasks(path, sets)}


def test_titles_keep_the_queries_that_were_judged_and_the_documents_that_are_relevant(data):
    task = by_name(data)["job-title-similarity en"]
    assert task.queries == ("tailor", "cook")
    assert task.relevant == ({"d1"}, {"d2"})
    assert task.documents["d3"] == ("welder",)
    assert {"en", "hr", "sl"} == set(task.taxonomy.concepts["o1"].labels)


def test_melo_is_labels_as_published_and_concepts_that_carry_them(data):
    found = by_name(data, "melo-slovene")
    assert found["melo-slovene sl c en"].relevant == ({"e1", "e2"}, {"e3"})
    concepts = found["melo-slovene sl c en concepts"]
    assert concepts.relevant == ({"o1"}, {"o2"})
    assert concepts.documents["o1"] == ("tailor", "dress maker")
    assert set(concepts.taxonomy.concepts["o1"].labels) == {""}  # its documents alone, not ESCO in other languages


def test_skill_phrases_take_the_annotated_part_and_say_what_has_no_gold(data):
    task = by_name(data)["skill-spans-dev"]
    assert task.queries == ("sewing", "dish washing")
    assert task.relevant == ({"s1"}, {"s2"})
    assert task.unanswerable == ("smart",)
    assert task.notes == ("left out: 1 labels are no preferred label of ESCO 1.1.1",)
    (note,) = by_name(data)["jobbert-titles-dev"].notes
    assert note.startswith("left out: 1 titles")


def test_held_out_labels_are_nowhere_in_the_taxonomy_that_answers(data):
    found = by_name(data, "croatian-labels")
    latin = found["croatian-labels Latin"]
    assert len(latin.queries) == 3
    assert set(latin.queries) <= {"šivač odjeće", "modni krojač", "pripremač jela", "spremač ureda"}  # not "kuharica"
    names = {name for concept in latin.taxonomy.concepts.values() for name in concept.labels["hr"]}
    assert names == {"krojač/krojačica", "kuhar/kuharica", "čistač/čistačica"}
    assert not set(latin.queries) & {name for names in latin.documents.values() for name in names}
    assert "спремач уреда" in found["croatian-labels Cyrillic"].queries
    assert "spremac ureda" in found["croatian-labels bare"].queries
    english = found["croatian-labels to English titles"]
    assert english.documents == {"o1": ("tailor",), "o2": ("cook",), "o3": ("cleaner",)}


def test_no_label_to_hold_out_is_no_task(data):
    (data / "esco-1.0.3-multilingual" / "occupations_hr.csv").unlink()
    assert by_name(data, "croatian-labels") == {}
    assert held_out(Taxonomy.from_concepts([{"id": "a", "labels": ["sewing"]}]), "sr", "skill").queries == ()


def test_a_sample_is_drawn_by_its_seed(data):
    path = data / "job-title-similarity" / "en"
    tsv(path / "queries.tsv.gz", *(f"q{i} | title {i}" for i in range(40)))
    tsv(path / "annotations.tsv.gz", *(f"q{i} | 0 | d1 | 1" for i in range(40)))

    def drawn(seed: int) -> tuple[str, ...]:
        (task,) = tasks(data, ["job-title-similarity"], sample=7, seed=seed)
        return task.queries

    assert len(drawn(1)) == 7
    assert drawn(1) == drawn(1) != drawn(2)


def test_what_is_not_there_is_named(data, tmp_path):
    (data / "skill-spans-dev").rename(data / "elsewhere")
    assert "skill-spans-dev (no skill-spans-dev)" in absent(data)
    assert "job-title-similarity/de (no job-title-similarity/de)" in absent(data, ["job-title-similarity"])
    assert not any(name.startswith("job-title-similarity/en") for name in absent(data))
    with pytest.raises(InvalidValue, match="--sets: tailors is none of job-title-similarity"):
        list(tasks(data, ["tailors"]))
    with pytest.raises(InvalidValue, match="no such folder"):
        list(tasks(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("job-title-similarity/en/queries.tsv.gz", "q1\ttailor\nq2\n", "queries.tsv.gz:2: 1 columns instead of 2"),
        ("job-title-similarity/en/annotations.tsv.gz", "q1\t0\td9\t1\n", "annotations.tsv.gz:1: 'q1' or 'd9' is in no"),
        ("melo-slovene/svn_q_sl_c_en/concept_mapping.tsv.gz", "e1\to1\n", "concept_mapping.tsv.gz:1: e2 is missing"),
        ("jobbert-titles-dev/titles.csv.gz", ",vacancyTitle\n0,x\n", "titles.csv.gz:2: column conceptUri is missing"),
    ],
)
def test_a_file_in_another_layout_is_named_with_its_line(data, name, text, where):
    (data / name).write_bytes(gzip.compress(text.encode()))
    with pytest.raises(InvalidValue, match=where):
        list(tasks(data))


def test_a_file_cut_short_or_in_another_encoding_is_named(data):
    path = data / "job-title-similarity" / "en" / "queries.tsv.gz"
    whole = path.read_bytes()
    for broken, reason in (
        (whole[:-12], r"queries\.tsv\.gz: cannot be read"),
        (b"not gzip", r"queries\.tsv\.gz: cannot be read"),
        (gzip.compress(b"q1\tcook\nq2\tkroja\xe8\n"), r"queries\.tsv\.gz:2: not UTF-8 \(byte 9\)"),
    ):
        path.write_bytes(broken)
        with pytest.raises(InvalidValue, match=reason):
            list(tasks(data, ["job-title-similarity"]))


TEXTS = ("sewing machine operator", "head cook", "cook", "", "šivač")


@pytest.mark.parametrize("name", BASELINES)
def test_every_rival_puts_the_very_text_first_and_scores_nothing_shared_lowest(name):
    scores = BASELINES[name](TEXTS)(["cook", "sewing machine operator", "zzz"])
    assert scores.shape == (3, 5)
    assert scores[0].argmax() in (1, 2)
    assert scores[0, 2] == scores[0].max()
    assert scores[1].argmax() == 0
    assert not scores[2, :4].any()
    assert np.isfinite(scores).all()


def test_bm25_worked_by_hand():
    scores = BASELINES["BM25"](("a b", "a c", "d d"))(["a d"])
    idf_a, idf_d = np.log1p(1.5 / 2.5), np.log1p(2.5 / 1.5)  # in two texts of three, in one
    assert scores[0] == pytest.approx([idf_a * 2.2 / 2.2, idf_a, idf_d * 2 * 2.2 / (2 + 1.2)])


def test_the_report_repeats_what_the_public_names_give(data):
    report = next(evaluate(tasks(data, ["job-title-similarity"])))
    assert [one.system for one in report.systems] == ["index", "linker", *BASELINES]
    assert [one.ours for one in report.systems] == [True, True, *[False] * len(BASELINES)]
    assert (report.queries, report.documents, report.measure) == (2, 3, "MAP")
    task = by_name(data)["job-title-similarity en"]
    openings = [Opening(id=key, title=names[0]) for key, names in task.documents.items()]
    index = OpeningIndex.build(openings, linker=Linker(task.taxonomy))
    places = []
    for query, (relevant,) in zip(task.queries, map(tuple, task.relevant), strict=True):
        ranked = [one.opening_id for one in index.rank(Profile(id="p", title=query))]
        places.append(ranked.index(relevant) + 1)
    assert report.systems[0].measures["MAP"].mean == pytest.approx(np.mean([1 / place for place in places]))
    best = max((one for one in report.systems if not one.ours), key=lambda one: one.measures["MAP"].mean)
    assert report.best_rival == best.system
    difference = report.systems[0].difference
    assert difference is not None
    assert difference.mean == pytest.approx(report.systems[0].measures["MAP"].mean - best.measures["MAP"].mean)
    assert best.difference is None


def test_two_spellings_of_one_query_are_held_to_one_ranking(data):
    reports = {report.task: report for report in evaluate(tasks(data, ["croatian-labels"]))}
    assert reports["croatian-labels Latin"].same_share is None
    assert reports["croatian-labels Cyrillic"].same_share == 1
    assert reports["croatian-labels bare"].same_share == 1


def test_calibration_counts_what_names_nothing_as_wrong():
    taxonomy = Taxonomy.from_concepts([{"id": "a", "labels": ["sewing"]}, {"id": "b", "labels": ["welding"]}])
    documents = {"a": ("sewing",), "b": ("welding",)}
    task = Task("t", "MRR", ("sewing",), documents, (frozenset({"a"}),), taxonomy, "skill", unanswerable=("welding",))
    (report,) = evaluate([task])
    assert report.calibration is not None
    assert sum(line.count for line in report.calibration.table) == 2
    assert sum(line.count * line.right for line in report.calibration.table) == 1


def test_labels_of_one_concept_are_listed_together():
    documents = {"e1": ("tailor",), "e2": ("welder",), "e3": ("dress maker",)}
    taxonomy = Taxonomy.from_concepts([{"id": "o", "labels": ["anything"], "kind": "occupation"}])

    def linked(concept_of: dict[str, str]) -> float:
        task = Task("t", "MAP", ("tailor",), documents, (frozenset({"e1", "e3"}),), taxonomy, concept_of=concept_of)
        (report,) = evaluate([task])
        return next(one for one in report.systems if one.system == "linker").measures["MAP"].mean

    assert linked({"e1": "o1", "e2": "o2", "e3": "o1"}) == 1
    assert linked({}) < 1
