"""JSON Lines files of openings, profiles and judgements; what cannot be read is said as `file:line: reason`."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from matching.records import opening_from, profile_from, unknown_keys
from matching.taxonomy import Taxonomy
from matching.types import InvalidValue, Opening, Profile

T = TypeVar("T", Opening, Profile)
Warn = Callable[[str], None]

GROUPS = ("municipality", "language", "age_band")
"""Columns beside the judgements by which quality and exposure are told apart; no profile has them."""


@dataclass(frozen=True, slots=True)
class Judgements:
    """What became of openings that people were shown.

    `gains` maps profile id -> opening id -> gain, 0 for an opening that was shown and led to nothing; `groups` maps
    each of GROUPS that the file has -> profile id -> its value.
    """

    gains: Mapping[str, Mapping[str, float]]
    groups: Mapping[str, Mapping[str, str]]


def read_openings(path: Path, known: Collection[str], warn: Warn) -> list[Opening]:
    """The openings of a file; skills given as text are concept ids when `known`. Keys not read go to `warn`."""
    return _read(path, Opening, lambda record: opening_from(record, known), warn)


def read_profiles(path: Path, known: Collection[str], warn: Warn) -> list[Profile]:
    """The profiles of a file, as `read_openings`."""
    return _read(path, Profile, lambda record: profile_from(record, known), warn)


def read_concepts(path: Path) -> Taxonomy:
    """A taxonomy of one concept a line, with the keys of `Taxonomy.from_concepts`."""
    found: dict[str, Mapping[str, Any]] = {}
    for number, record in _records(path):
        try:
            (concept_id,) = Taxonomy.from_concepts([record]).concepts
        except InvalidValue as error:
            raise InvalidValue(f"{path}:{number}: {error}") from error
        if concept_id in found:
            raise InvalidValue(f"{path}:{number}: id: {concept_id!r} comes twice")
        found[concept_id] = record
    return Taxonomy.from_concepts(found.values())


def read_judgements(path: Path, profiles: Collection[str], openings: Collection[str]) -> Judgements:
    """The judgements of a file: profile_id, opening_id and gain on each line, and the columns of GROUPS."""
    gains: dict[str, dict[str, float]] = defaultdict(dict)
    groups: dict[str, dict[str, str]] = defaultdict(dict)
    for number, record in _records(path):
        try:
            person, opening = _id(record, "profile_id", profiles), _id(record, "opening_id", openings)
            if opening in gains[person]:
                raise InvalidValue(f"opening_id: {opening!r} comes twice for this profile")
            gains[person][opening] = _gain(record.get("gain"))
            for column in GROUPS:
                value = record.get(column)
                if value is None:
                    continue
                if not isinstance(value, str):
                    raise InvalidValue(f"{column}: {value!r:.60} is not text")
                if groups[column].setdefault(person, value) != value:
                    raise InvalidValue(f"{column}: {value!r:.60} is another than on an earlier line of this profile")
        except InvalidValue as error:
            raise InvalidValue(f"{path}:{number}: {error}") from error
    return Judgements(dict(gains), {column: groups[column] for column in GROUPS if column in groups})


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a UTF-8 file that say something, with their numbers."""
    for number, raw in enumerate(path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        try:
            text = raw.decode().strip()
        except UnicodeDecodeError as error:
            raise InvalidValue(f"{path}:{number}: not UTF-8 (byte {error.start + 1})") from error
        if text:
            yield number, text


def _read(path: Path, kind: type[T], make: Callable[[object], T], warn: Warn) -> list[T]:
    found: dict[str, T] = {}
    unread: set[str] = set()
    for number, record in _records(path):
        try:
            one = make(record)
            if one.id in found:
                raise InvalidValue(f"id: {one.id!r} comes twice")
        except InvalidValue as error:
            raise InvalidValue(f"{path}:{number}: {error}") from error
        unread |= unknown_keys(record, kind)
        found[one.id] = one
    if unread:
        warn(f"{path}: warning: keys not read: {', '.join(sorted(unread))}")
    return list(found.values())


def _records(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in lines(path):
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise InvalidValue(f"{path}:{number}: not JSON ({error.msg}, column {error.colno})") from error
        except RecursionError as error:
            raise InvalidValue(f"{path}:{number}: {error}") from error
        if not isinstance(record, Mapping):
            raise InvalidValue(f"{path}:{number}: {record!r:.60} is not an object")
        yield number, record


def _id(record: Mapping[str, Any], name: str, known: Collection[str]) -> str:
    value = record.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)  # as in the files of openings and profiles
    if not isinstance(value, str):
        raise InvalidValue(f"{name}: is missing" if value is None else f"{name}: {value!r:.60} is not text")
    if value not in known:
        raise InvalidValue(f"{name}: {value!r:.60} is in no other file")
    return value


def _gain(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise InvalidValue(
            "gain: is missing" if value is None else f"gain: {value!r:.60} is not a number of at least 0"
        )
    return float(value)
