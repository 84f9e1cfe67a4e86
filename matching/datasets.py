"""The public sets that matching is measured on, read into tasks: queries, documents and which of these are relevant.

Every set is optional. Files are read by their published layout; what does not fit it is an InvalidValue that says
`file:line: reason`. Sources and licences: Zbib et al. 2022 (job-title-similarity), Retyk et al. 2024 (MELO),
Decorte et al. 2021 and 2022 (JobBERT titles, skill spans), European Commission (ESCO).
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path

import cyrtranslit

from matching.task import Task, held_out, names_of, sampled
from matching.taxonomy import Taxonomy
from matching.types import InvalidValue

ESCO_ENGLISH, ESCO_LABELS = "esco-1.1.1-en", "esco-1.0.3-multilingual"
NO_LABEL = frozenset({"LABEL NOT PRESENT", "UNDERSPECIFIED"})
BARE = str.maketrans(
    {"č": "c", "ć": "c", "š": "s", "ž": "z", "đ": "dj", "Č": "C", "Ć": "C", "Š": "S", "Ž": "Z", "Đ": "Dj"}
)


class DataFolder:
    """A folder of the sets in their published layout; ESCO is read once and only when a set needs it."""

    def __init__(self, path: Path) -> None:
        if not path.is_dir():
            raise InvalidValue(f"{path}: no such folder")
        self.path = path

    @cached_property
    def labels(self) -> Taxonomy:
        """Occupations of ESCO 1.0.3 in all languages that are there."""
        return Taxonomy.from_esco(self.path / ESCO_LABELS)

    @cached_property
    def english(self) -> Taxonomy:
        """ESCO 1.1.1 in English with all its relations."""
        return Taxonomy.from_esco(self.path / ESCO_ENGLISH)

    @cached_property
    def joined(self) -> Taxonomy:
        """ESCO 1.1.1 with the labels that 1.0.3 has in other languages."""
        return self.english.joined(self.labels)


Reader = Callable[[DataFolder, int, int], Iterator[Task]]


def absent(path: Path, sets: Collection[str] = ()) -> list[str]:
    """The parts of the wanted sets that cannot be read because a folder is not there, each with the folder."""
    missing = {name: [need for need in needs if not (path / need).exists()] for name, (needs, _) in _wanted(sets)}
    return [f"{name} (no {', '.join(folders)})" for name, folders in missing.items() if folders]


def tasks(path: Path, sets: Collection[str] = (), sample: int = 1_000, seed: int = 0) -> Iterator[Task]:
    """The tasks of the wanted sets (all by default) that are there, each with 1 to `sample` queries.

    Raises InvalidValue for a set that does not exist in any folder and for a file that cannot be read.
    """
    folder = DataFolder(path)
    for _, (needs, read) in _wanted(sets):
        if all((path / need).exists() for need in needs):
            yield from (task for task in read(folder, sample, seed) if task.queries)


def _wanted(sets: Collection[str]) -> list[tuple[str, tuple[tuple[str, ...], Reader]]]:
    for name in sets:
        if not any(part == name or part.startswith(f"{name}/") for part in PARTS):
            raise InvalidValue(f"--sets: {name} is none of {', '.join(dict.fromkeys(p.split('/')[0] for p in PARTS))}")
    return [(part, value) for part, value in PARTS.items() if not sets or {part, part.split("/")[0]} & {*sets}]


def _titles(part: str, folder: DataFolder, sample: int, seed: int) -> Iterator[Task]:
    """job-title-similarity: titles ranked for a title."""
    where = folder.path / part
    documents = {key: (text,) for key, text in _pairs(where / "corpus_documents.tsv.gz")}
    queries, relevant = _judged(where, documents, sample, seed)
    yield Task(part.replace("/", " "), "MAP", queries, documents, relevant, folder.joined)


def _melo(part: str, folder: DataFolder, sample: int, seed: int) -> Iterator[Task]:
    """MELO: labels of ESCO ranked for a national title as published, and the concepts that carry them."""
    where = folder.path / part
    documents = {key: (text,) for key, text in _pairs(where / "corpus_elements.tsv.gz")}
    concept_of = dict(_pairs(where / "concept_mapping.tsv.gz"))
    if strangers := sorted(documents.keys() - concept_of.keys()):
        raise InvalidValue(f"{where / 'concept_mapping.tsv.gz'}:1: {strangers[0]} is missing")
    queries, relevant = _judged(where, documents, sample, seed)
    name = part.replace("/svn_q", "").replace("_", " ")
    yield Task(name, "MAP", queries, documents, relevant, folder.joined, concept_of=concept_of)
    concepts: dict[str, tuple[str, ...]] = {}
    for key, (label,) in documents.items():
        concepts[concept_of[key]] = (*concepts.get(concept_of[key], ()), label)
    taxonomy = Taxonomy.from_concepts(
        {"id": key, "labels": names, "kind": "occupation"} for key, names in concepts.items()
    )
    answers = tuple(frozenset(concept_of[key] for key in keys) for keys in relevant)
    yield Task(f"{name} concepts", "MAP", queries, concepts, answers, taxonomy, kind="occupation")


def _judged(
    where: Path, documents: Collection[str], sample: int, seed: int
) -> tuple[tuple[str, ...], tuple[frozenset[str], ...]]:
    """Queries with at least one relevant document, and these; judgements as TREC has them."""
    texts = dict(_pairs(where / "queries.tsv.gz"))
    relevant: dict[str, set[str]] = defaultdict(set)
    path = where / "annotations.tsv.gz"
    for number, (query, _, document, grade) in enumerate(_table(path, 4), start=1):
        if query not in texts or document not in documents:
            raise InvalidValue(f"{path}:{number}: {query!r} or {document!r} is in no other file")
        if grade != "0":
            relevant[query].add(document)
    answered = [query for query in texts if relevant[query]]
    keys = [answered[i] for i in sampled(len(answered), sample, seed)]
    return tuple(texts[key] for key in keys), tuple(frozenset(relevant[key]) for key in keys)


def _skill_spans(folder: DataFolder, sample: int, seed: int) -> Iterator[Task]:
    """Phrases of adverts -> ESCO skills, gold by preferred label."""
    by_label: dict[str, set[str]] = defaultdict(set)
    documents = names_of(folder.english, "skill")
    for concept_id, names in documents.items():
        by_label[names[0].casefold()].add(concept_id)
    phrases, gold, unanswerable, unresolved = [], [], [], 0
    for part in ("house", "tech"):
        path = folder.path / "skill-spans-dev" / f"{part}_validation_annotations.csv"
        for span, sub_span, label in _csv(path, ("span", "sub_span", "label")):
            phrase = sub_span.strip() or span.strip()
            if label in NO_LABEL:
                unanswerable.append(phrase)
            elif found := by_label.get(label.strip().casefold()):
                phrases.append(phrase)
                gold.append(frozenset(found))
            else:
                unresolved += 1
    rows = sampled(len(phrases), sample, seed)
    yield Task(
        name="skill-spans-dev",
        measure="MRR",
        queries=tuple(phrases[i] for i in rows),
        documents=documents,
        relevant=tuple(gold[i] for i in rows),
        taxonomy=folder.english,
        kind="skill",
        unanswerable=tuple(unanswerable),
        notes=_noted(unresolved, "labels are no preferred label of ESCO 1.1.1"),
    )


def _jobbert(folder: DataFolder, sample: int, seed: int) -> Iterator[Task]:
    """Vacancy titles of one board -> ESCO occupations; the tags are noisy."""
    documents = names_of(folder.english, "occupation")
    path = folder.path / "jobbert-titles-dev" / "titles.csv.gz"
    rows = list(_csv(path, ("vacancyTitle", "conceptUri")))
    known = [(title, uri) for title, uri in rows if uri in documents]
    chosen = [known[i] for i in sampled(len(known), sample, seed)]
    yield Task(
        name="jobbert-titles-dev",
        measure="MRR",
        queries=tuple(title for title, _ in chosen),
        documents=documents,
        relevant=tuple(frozenset({uri}) for _, uri in chosen),
        taxonomy=folder.english,
        kind="occupation",
        notes=_noted(len(rows) - len(known), "titles carry an occupation that ESCO 1.1.1 does not have"),
    )


def _croatian(folder: DataFolder, sample: int, seed: int) -> Iterator[Task]:
    """Croatian labels held out of ESCO 1.0.3 -> occupations, in three spellings and to English titles.

    ESCO has no Serbian, Croatian is the nearest: the three spellings are those of Serbian, and have to rank alike.
    """
    latin = replace(held_out(folder.labels, "hr", "occupation", sample, seed), name="croatian-labels Latin")
    yield latin
    for spelling, spell in (
        ("Cyrillic", lambda name: cyrtranslit.to_cyrillic(name, "sr")),
        ("bare", lambda name: name.translate(BARE)),
    ):
        queries = tuple(map(spell, latin.queries))
        yield replace(latin, name=f"croatian-labels {spelling}", queries=queries, same_as=latin.name)
    concepts = latin.taxonomy.concepts
    english = {key: names[:1] for key in latin.documents if (names := concepts[key].labels.get("en"))}
    yield replace(latin, name="croatian-labels to English titles", documents=english, kind="")


_BOTH = (ESCO_ENGLISH, ESCO_LABELS)
PARTS: Mapping[str, tuple[tuple[str, ...], Reader]] = {
    **{
        part: ((part, *_BOTH), partial(_titles, part))
        for part in (f"job-title-similarity/{language}" for language in ("en", "de", "es", "pl"))
    },
    **{
        part: ((part, *_BOTH), partial(_melo, part))
        for part in ("melo-slovene/svn_q_sl_c_sl", "melo-slovene/svn_q_sl_c_en")
    },
    "skill-spans-dev": (("skill-spans-dev", ESCO_ENGLISH), _skill_spans),
    "jobbert-titles-dev": (("jobbert-titles-dev", ESCO_ENGLISH), _jobbert),
    "croatian-labels": ((ESCO_LABELS,), _croatian),
}


def _noted(count: int, what: str) -> tuple[str, ...]:
    return (f"left out: {count} {what}",) if count else ()


def _table(path: Path, columns: int) -> Iterator[tuple[str, ...]]:
    """The rows of a TSV file without a header."""
    for number, line in enumerate(_lines(path), start=1):
        cells = line.rstrip("\r\n").split("\t")
        if len(cells) != columns:
            raise InvalidValue(f"{path}:{number}: {len(cells)} columns instead of {columns}")
        yield tuple(cells)


def _pairs(path: Path) -> Iterator[tuple[str, str]]:
    """The rows of a TSV file of two columns."""
    return ((key, value) for key, value in _table(path, 2))


def _csv(path: Path, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The named columns of a CSV file."""
    reader = csv.DictReader(_lines(path))
    try:
        for row in reader:
            for column in columns:
                if row.get(column) is None:
                    raise InvalidValue(f"{path}:{reader.line_num}: column {column} is missing")
            yield tuple(row[column] for column in columns)
    except csv.Error as error:
        raise InvalidValue(f"{path}:{reader.line_num}: {error}") from error


def _lines(path: Path) -> Iterator[str]:
    """The lines of a UTF-8 file, gzipped or not, with their ends."""
    content = path.read_bytes()
    try:
        content = gzip.decompress(content) if path.suffix == ".gz" else content
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InvalidValue(f"{path}: cannot be read ({error})") from error
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True), start=1):
        try:
            yield line.decode()
        except UnicodeDecodeError as error:
            raise InvalidValue(f"{path}:{number}: not UTF-8 (byte {error.start + 1})") from error
