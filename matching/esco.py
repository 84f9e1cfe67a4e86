"""The official ESCO CSV files, v1.0.3 to v1.2, read into plain concepts.

Files are found by name in one folder, plain, gzipped or inside a zip. Rows are read by column name; list cells are
separated by line feeds; codes are text. Languages join on `conceptUri`. v1.2 adds a language to the relation files.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from matching.types import InvalidValue

# file stem -> (kind of concept, column of its ISCO code)
CONCEPT_FILES = {
    "occupations": ("occupation", "iscoGroup"),
    "skills": ("skill", ""),
    "skillGroups": ("group", ""),
    "ISCOGroups": ("group", "code"),
}
_NAME = re.compile(r"([A-Za-z]+?)(?:_([a-z]{2}(?:-[A-Za-z]+)?))?\.csv(?:\.gz)?", re.ASCII)

csv.field_size_limit(16_000_000)  # inScheme cells of the official files pass the module's small default

Rows = Iterator[tuple[str, ...]]


def read_esco(folder: Path, languages: Sequence[str] | None) -> list[dict[str, Any]]:
    """Concept mappings for `Taxonomy.from_concepts`; InvalidValue names the file and column that is missing."""
    files = _files(folder)
    # English first: its label names a concept where nobody asked for languages.
    present = sorted(
        {language for stem, language in files if stem in CONCEPT_FILES}, key=lambda code: (code != "en", code)
    )
    if not present:
        raise InvalidValue(f"{folder}: no occupations_XX.csv or skills_XX.csv (plain, .gz or inside .zip)")
    for language in languages or ():
        if language not in present:
            raise InvalidValue(f"{folder}: no file occupations_{language}.csv or skills_{language}.csv")
    concepts: dict[str, dict[str, Any]] = {}
    for language in dict.fromkeys(languages or present):
        for stem, (kind, isco_column) in CONCEPT_FILES.items():
            if source := files.get((stem, language)):
                _read_concepts(source, kind, isco_column, language, concepts)
    _read_relations(files, concepts)
    return list(concepts.values())


class _Source:
    """One CSV wherever it lies, with its name for messages."""

    def __init__(self, name: str, open_bytes: Callable[[], Any]) -> None:
        self.name = name
        self._open_bytes = open_bytes

    @contextmanager
    def _text(self) -> Iterator[io.TextIOWrapper]:
        with self._open_bytes() as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as text:
            yield text

    def rows(self, required: Sequence[str], optional: Sequence[str] = ()) -> Rows:
        """The named columns of each row, required ones first; an absent optional column reads as empty."""
        try:
            with self._text() as text:
                reader = csv.reader(text)
                header = next(reader, [])
                for column in required:
                    if column not in header:
                        raise InvalidValue(f"{self.name}: column {column} is missing")
                places = [header.index(name) if name in header else -1 for name in (*required, *optional)]
                for row in reader:
                    yield tuple(row[place] if 0 <= place < len(row) else "" for place in places)
        except (UnicodeDecodeError, csv.Error, OSError, EOFError, zipfile.BadZipFile) as error:
            raise InvalidValue(f"{self.name}: cannot be read ({error})") from error


def _files(folder: Path) -> dict[tuple[str, str], _Source]:
    """(file stem, language) -> source; a relation file without a language has ''."""
    if not folder.is_dir():
        raise InvalidValue(f"{folder}: no such folder")
    found: dict[tuple[str, str], _Source] = {}

    def keep(name: str, shown: str, open_bytes: Callable[[], Any]) -> None:
        if match := _NAME.fullmatch(name):
            found.setdefault((match[1], match[2] or ""), _Source(shown, open_bytes))

    for path in sorted(folder.iterdir()):
        if path.suffix == ".zip":
            try:
                with zipfile.ZipFile(path) as archive:
                    members = archive.namelist()
            except zipfile.BadZipFile as error:
                raise InvalidValue(f"{path.name}: cannot be read ({error})") from error
            for member in members:
                keep(Path(member).name, f"{path.name}/{member}", _zip_opener(path, member))
        elif path.suffix == ".gz":
            keep(path.name, path.name, partial(gzip.open, path, "rb"))
        else:
            keep(path.name, path.name, partial(path.open, "rb"))
    return found


def _zip_opener(path: Path, member: str) -> Callable[[], Any]:
    @contextmanager
    def opened() -> Iterator[Any]:
        with zipfile.ZipFile(path) as archive, archive.open(member) as file:
            yield file

    return opened


def _read_concepts(
    source: _Source, kind: str, isco_column: str, language: str, concepts: dict[str, dict[str, Any]]
) -> None:
    required = ["conceptUri", "preferredLabel"]
    for uri, preferred, alternative, hidden, isco in source.rows(
        required, ["altLabels", "hiddenLabels", isco_column or "-"]
    ):
        concept = concepts.setdefault(uri, {"id": uri, "kind": kind, "labels": {}, "isco": isco})
        concept["isco"] = concept["isco"] or isco
        names = [preferred, *alternative.split("\n"), *hidden.split("\n")]
        concept["labels"].setdefault(language, []).extend(name for name in names if name.strip())


def _read_relations(files: dict[tuple[str, str], _Source], concepts: dict[str, dict[str, Any]]) -> None:
    by_stem: dict[str, _Source] = {}
    for (stem, _language), source in sorted(files.items(), key=lambda item: item[0]):
        by_stem.setdefault(stem, source)
    found: dict[tuple[str, str], list[str]] = defaultdict(list)

    def rows(stem: str, *columns: str) -> Rows:
        return by_stem[stem].rows(columns) if stem in by_stem else iter(())

    for stem in ("broaderRelationsOccPillar", "broaderRelationsSkillPillar"):
        for uri, broader in rows(stem, "conceptUri", "broaderUri"):
            found[uri, "broader"].append(broader)
    for one, other in rows("skillSkillRelations", "originalSkillUri", "relatedSkillUri"):
        found[one, "related"].append(other)
        found[other, "related"].append(one)
    for occupation, relation, skill in rows("occupationSkillRelations", "occupationUri", "relationType", "skillUri"):
        if relation in ("essential", "optional"):
            found[occupation, relation].append(skill)
    for (uri, key), ids in found.items():
        if uri in concepts:
            concepts[uri][key] = ids
