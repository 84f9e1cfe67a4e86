"""An index as one file: a zip of JSON lines and numpy arrays, checked by its sums; nothing in it can run."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from matching.columns import Need, Row
from matching.link import Linker
from matching.records import opening_from, plain
from matching.taxonomy import Taxonomy
from matching.types import InvalidValue

FORMAT = 1


class IndexFileError(InvalidValue):
    """A file that is not a whole index of this format."""


def save(path: Path, rows: list[Row], linker: Linker | None) -> None:
    """Write beside the place first and move into it: a reader sees the old file or the new one."""
    terms = sorted({term for row in rows for term in row.terms})
    number = {term: i for i, term in enumerate(terms)}
    arrays = {
        "offsets": np.cumsum([0, *(len(row.terms) for row in rows)]),
        "terms": np.array([number[term] for row in rows for term in row.terms], dtype=np.int64),
        "counts": np.array([count for row in rows for count in row.terms.values()], dtype=np.float64),
    }
    head = {"format": FORMAT, "openings": len(rows), "linker": linker is not None}
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("head.json", json.dumps(head))
            archive.writestr("rows.jsonl", "\n".join(json.dumps(_row_record(row)) for row in rows))
            archive.writestr("terms.json", json.dumps(terms))
            for key, array in arrays.items():
                with archive.open(f"{key}.npy", "w") as member:
                    np.lib.format.write_array(member, array, allow_pickle=False)
            if linker:
                archive.writestr("taxonomy.json", json.dumps(linker.taxonomy.to_concepts()))
                archive.writestr("aliases.json", json.dumps(linker.aliases))
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def open_(path: Path) -> tuple[list[Row], Linker | None]:
    """The rows and the linker of a saved index."""
    try:
        with zipfile.ZipFile(path) as archive:
            head = json.loads(archive.read("head.json"))
            if head["format"] != FORMAT:
                raise IndexFileError(f"{path}: format {head['format']} is not {FORMAT}")
            rows = list(_rows(archive))
            if len(rows) != head["openings"]:
                raise IndexFileError(f"{path}: {len(rows)} openings of {head['openings']}")
            linker = None
            if head["linker"]:
                linker = Linker(Taxonomy.from_concepts(json.loads(archive.read("taxonomy.json"))))
                linker.aliases.update(json.loads(archive.read("aliases.json")))
            return rows, linker
    except IndexFileError:
        raise
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, KeyError, IndexError, TypeError, ValueError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise IndexFileError(f"{path}: not a whole index file ({error})") from error


def _row_record(row: Row) -> dict[str, Any]:
    return {
        "opening": plain(row.opening),
        "occupation": row.occupation,
        "needs": [asdict(need) for need in row.needs],
    }


def _rows(archive: zipfile.ZipFile) -> Iterator[Row]:
    terms = json.loads(archive.read("terms.json"))
    offsets, numbers, counts = (_array(archive, key).tolist() for key in ("offsets", "terms", "counts"))
    for i, line in enumerate(filter(None, archive.read("rows.jsonl").decode().split("\n"))):
        record = json.loads(line)
        span = slice(offsets[i], offsets[i + 1])
        needs = tuple(Need(n["skill"], tuple(n["phrase"]), n["level"]) for n in record["needs"])
        words = {terms[number]: count for number, count in zip(numbers[span], counts[span], strict=True)}
        yield Row.of(opening_from(record["opening"]), record["occupation"], needs, words)


def _array(archive: zipfile.ZipFile, key: str) -> NDArray[Any]:
    with archive.open(f"{key}.npy") as member:
        file: IO[bytes] = member
        return np.asarray(np.lib.format.read_array(file, allow_pickle=False))
