"""The dictionaries of columns from their distinct values: sorted, with what is found through them turned around."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import numpy as np

from matching.arrays import Array, Strings, Whole, grouped, smallest, starts_of
from matching.columns import Parties, Requirements, Works
from matching.rows import Told
from matching.text import fold

T = TypeVar("T")


def sorted_codes(values: Iterable[T], key: Callable[[T], Any]) -> tuple[list[T], Whole]:
    """Distinct values in order, and for each of them as they came its number in that order."""
    came = list(values)
    order = sorted(range(len(came)), key=lambda i: key(came[i]))
    new = np.zeros(len(came), dtype=np.int64)
    new[order] = np.arange(len(came))
    return [came[i] for i in order], new


def make_works(combinations: Sequence[tuple[Any, ...]]) -> tuple[Works, Whole]:
    """Works over distinct combinations of the fields of `Works.FIELDS`, and the new number of each."""
    dictionaries = []
    for field in range(len(Works.FIELDS)):
        dictionaries.append(tuple(sorted({c[field] for c in combinations}, key=lambda value: (value is None, value))))
    numbers = [{value: i for i, value in enumerate(values)} for values in dictionaries]
    ordered, new = sorted_codes([tuple(n[v] for n, v in zip(numbers, c, strict=True)) for c in combinations], tuple)
    table = np.array(ordered, dtype=np.uint32).reshape(len(ordered), len(Works.FIELDS))
    return Works(table, **dict(zip(Works.FIELDS, dictionaries, strict=True))), new


def make_parties(combinations: Sequence[tuple[str, str, str, int, str]]) -> tuple[Parties, Whole]:
    """Parties over distinct (employer, group, end client, agency, sector), and the new number of each."""
    ordered, new = sorted_codes(combinations, tuple)
    names = sorted({"", *(name for c in ordered for name in (*c[:3], c[4]))})
    number = {name: i for i, name in enumerate(names)}
    folded = [fold(name) for name in names]
    keys = sorted({"", *folded})
    key_number = {key: i for i, key in enumerate(keys)}
    key = np.array([key_number[name] for name in folded], dtype=np.uint32)
    employer, group, client, _, sector = zip(*ordered, strict=True) if ordered else [()] * 5
    roles = [np.array([number[name] for name in named], dtype=np.uint32) for named in (employer, group, client, sector)]
    # One line per party and distinct key among its three names.
    lines = np.unique(np.concatenate([np.column_stack([key[r], np.arange(len(r))]) for r in roles[:3]]), axis=0)
    starts = starts_of(np.bincount(lines[:, 0].astype(np.int64), minlength=len(keys)))
    parties = Parties(
        employer=roles[0],
        group=roles[1],
        client=roles[2],
        agency=np.array([c[3] for c in ordered], dtype=np.int8),
        sector=roles[3],
        names=Strings.of(names),
        key=key,
        keys=Strings.of(keys),
        holders_from=starts,
        holders=smallest(lines[:, 1], len(ordered)),
    )
    return parties, new


def make_requirements(distinct: Sequence[Told]) -> tuple[Requirements, Whole]:
    """Requirements over distinct told ones, and the new number of each."""
    ordered, new = sorted_codes(
        distinct, lambda told: (told.need, told.phrase, -1 if told.level is None else told.level)
    )
    needs = list(dict.fromkeys(told.need for told in ordered))  # in order: the told ones are sorted by need first
    skills = sorted({"", *(need.skill for need in needs)})
    keys = sorted({(), *(need.phrase for need in needs)})
    stems = sorted({stem for key in keys for stem in key})
    phrases = sorted({told.phrase for told in ordered})
    skill_number, key_number = _numbers(skills), _numbers(keys)
    stem_number, phrase_number, need_number = _numbers(stems), _numbers(phrases), _numbers(needs)
    need_skill = _array(skill_number[need.skill] for need in needs)
    need_key = _array(key_number[need.phrase] for need in needs)
    told_need = _array(need_number[told.need] for told in ordered)
    key_stems = _array(stem_number[stem] for key in keys for stem in key)
    key_lengths = _array(map(len, keys))
    keys_with_from, positions = grouped(key_stems, len(stems))
    needs_of_key_from, needs_of_key = grouped(need_key, len(keys))
    requirements = Requirements(
        skills=Strings.of(skills),
        stems=Strings.of(stems),
        phrases=Strings.of(phrases),
        key_from=starts_of(key_lengths),
        key_stems=key_stems,
        keys_with_from=keys_with_from,
        keys_with=np.repeat(np.arange(len(keys)), key_lengths)[positions],
        need_skill=need_skill,
        need_key=need_key,
        need_level=np.array([need.level for need in needs], dtype=np.uint8),
        needs_of_skill=starts_of(np.bincount(need_skill, minlength=len(skills))),
        needs_of_key_from=needs_of_key_from,
        needs_of_key=needs_of_key,
        told_need=told_need,
        told_phrase=_array(phrase_number[told.phrase] for told in ordered),
        told_level=np.array([-1 if told.level is None else told.level for told in ordered], dtype=np.int8),
        told_of_need=starts_of(np.bincount(told_need, minlength=len(needs))),
    )
    return requirements, new


def _numbers(values: Sequence[Any]) -> dict[Any, int]:
    return {value: number for number, value in enumerate(values)}


def _array(values: Iterable[int]) -> Array:
    return np.fromiter(values, dtype=np.int64)
