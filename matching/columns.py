"""Openings as columns: what gates, components and explanations read, without a Python object per opening.

Rows stand in place order (Hilbert curve, then place, then id). What repeats is stored once and referred to by number,
and every dictionary is sorted: equal openings give equal columns to the last bit, in whatever order they came.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.arrays import Array, Record, Starts, Strings, Whole, runs, starts_of
from matching.reach import Places
from matching.rows import Need, Told
from matching.types import Gap
from matching.words import Vocabulary

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Works(Record):
    """The distinct combinations of what an opening says about the work: one row of numbers per combination.

    Column j of `combinations` numbers the values of field j of FIELDS; None stands for unknown.
    """

    combinations: Array
    shifts: tuple[tuple[str, ...] | None, ...]
    conditions: tuple[tuple[str, ...] | None, ...]
    languages: tuple[tuple[tuple[str, str], ...] | None, ...]
    licences: tuple[tuple[str, ...] | None, ...]
    permit_required: tuple[bool | None, ...]
    vetted: tuple[bool | None, ...]
    hours: tuple[float | None, ...]

    FIELDS = ("shifts", "conditions", "languages", "licences", "permit_required", "vetted", "hours")

    def __len__(self) -> int:
        return len(self.combinations)

    def where(self, field: str, test: Callable[[Any], bool]) -> NDArray[np.bool_]:
        """The combinations whose value of one field passes a test, which is asked once per distinct value."""
        passing = np.fromiter(map(test, getattr(self, field)), dtype=bool)
        return np.asarray(passing[self.combinations[:, self.FIELDS.index(field)]])

    def value(self, number: int, field: str) -> Any:
        """The value of one field in one combination."""
        return getattr(self, field)[self.combinations[number, self.FIELDS.index(field)]]

    def told(self, number: int) -> tuple[Any, ...]:
        """One combination, in the order of FIELDS."""
        return tuple(self.value(number, field) for field in self.FIELDS)


@dataclass(frozen=True, eq=False)
class Parties(Record):
    """The distinct combinations of employer, group, end client, agency and sector.

    The first three and the sector are numbers of `names` (0 is none); `agency` is -1 for unknown. `key` numbers each
    name among the folded `keys`, by which names are compared; those of key 0 have no letter and tell nothing.
    """

    employer: Array
    group: Array
    client: Array
    agency: NDArray[np.int8]
    sector: Array
    names: Strings
    key: Array
    keys: Strings
    holders_from: Whole  # key k is employer, group or client of holders[holders_from[k] : holders_from[k + 1]]
    holders: Array

    def __len__(self) -> int:
        return len(self.agency)

    @cached_property
    def employer_unknown(self) -> NDArray[np.bool_]:
        """The combinations that do not say who employs."""
        return np.asarray(self.key[self.employer] == 0)

    @cached_property
    def client_unknown(self) -> NDArray[np.bool_]:
        """The combinations that do not say for whom she would work: an employer not known to hire for itself."""
        return np.asarray((self.key[self.client] == 0) & (self.agency != 0))

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """The combinations that say both."""
        return ~(self.employer_unknown | self.client_unknown)

    def holding(self, key: str) -> Array:
        """The combinations in which a folded name is employer, group or end client."""
        number = self.keys.find(key)
        return (
            self.holders[:0] if not number else self.holders[self.holders_from[number] : self.holders_from[number + 1]]
        )

    def told(self, number: int) -> tuple[str, str, str, int, str]:
        """One combination: the names of employer, group and end client, agency, sector; "" for none."""
        employer, group, client, sector = (
            self.names[int(role[number])] for role in (self.employer, self.group, self.client, self.sector)
        )
        return employer, group, client, int(self.agency[number]), sector


@dataclass(frozen=True, eq=False)
class Requirements(Record):
    """The distinct requirements, as told and as compared; those of one skill, and of one need, stand together.

    told -> need -> (skill, phrase key, level); skill 0 and key 0 are none. A key is a set of stems.
    """

    skills: Strings
    stems: Strings
    phrases: Strings
    key_from: Whole
    key_stems: Array
    keys_with_from: Whole  # stem s is in keys_with[keys_with_from[s] : keys_with_from[s + 1]]
    keys_with: Array
    need_skill: Array
    need_key: Array
    need_level: NDArray[np.uint8]
    needs_of_skill: Whole  # skill s has needs needs_of_skill[s] to needs_of_skill[s + 1]
    needs_of_key_from: Whole
    needs_of_key: Array
    told_need: Array
    told_phrase: Array
    told_level: NDArray[np.int8]  # -1 for none
    told_of_need: Whole  # need n was told as told_of_need[n] to told_of_need[n + 1]

    def __len__(self) -> int:
        return len(self.told_need)

    @cached_property
    def skill_number(self) -> dict[str, int]:
        """Skill id -> its number."""
        return {skill: number for number, skill in enumerate(self.skills.as_list()) if skill}

    @cached_property
    def stem_number(self) -> dict[str, int]:
        """Stem of a phrase -> its number."""
        return {stem: number for number, stem in enumerate(self.stems.as_list())}

    def told(self, number: int) -> Told:
        """A requirement as it was told, with what it is compared by."""
        need = int(self.told_need[number])
        key = int(self.need_key[need])
        stems = tuple(self.stems[int(s)] for s in self.key_stems[self.key_from[key] : self.key_from[key + 1]])
        skill, phrase, level = self.spoken(number)
        return Told(Need(skill or "", stems, int(self.need_level[need])), phrase, level)

    def spoken(self, number: int) -> tuple[str | None, str, int | None]:
        """A requirement as one speaks of it: skill, phrase and level as told."""
        level = int(self.told_level[number])
        skill = self.skills[int(self.need_skill[int(self.told_need[number])])]
        return skill or None, self.phrases[int(self.told_phrase[number])], None if level < 0 else level


@dataclass(frozen=True, eq=False)
class Columns(Record):
    """Everything a ranking reads about openings, one value or one run of values per row."""

    ids: Strings
    by_id: Array  # rows in the order of their ids
    exposure: Array
    tie: NDArray[np.uint32]  # rank by fewest exposures, then by id
    place: Array  # number in places
    party: Array  # number in parties
    work: Array  # number in works
    pay: Array  # rank among the distinct values; unknown comes last
    occupation: Array  # number in occupations; unknown comes last
    asked_from: Starts
    asked: Array  # told requirements, must-haves first
    musts: Array
    implied: NDArray[np.bool_]  # what is asked comes from the occupation
    words_from: Starts
    words: Array  # numbers in terms
    raw: NDArray[np.uint8]  # weight of each word before idf, in steps of 1/32
    impacts: NDArray[np.uint8]  # TF-IDF of each word in steps of 1/255, rows of length 1
    places: Places
    parties: Parties
    works: Works
    pays: Floats
    occupations: Strings
    requirements: Requirements
    terms: Strings
    idf: Floats
    counted: int  # the openings that idf was counted over

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of all openings with their numbers."""
        return Vocabulary(self.terms.as_list())

    @cached_property
    def gaps_said(self) -> tuple[dict[int, Gap], dict[int, Gap]]:
        """Kept by `explain`: the gap of a nice-to-have, and of a must-have, that nothing counts for."""
        return {}, {}

    @cached_property
    def occupation_ids(self) -> list[str]:
        """All occupations, by number."""
        return self.occupations.as_list()

    def occupation_of(self, number: int) -> str | None:
        """An occupation by number; None for the one after the last."""
        return self.occupation_ids[number] if number < len(self.occupation_ids) else None

    def row_of(self, opening_id: str) -> int | None:
        """The row of an opening; None when it is not there."""
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self.ids[int(self.by_id[middle])] < opening_id:
                low = middle + 1
            else:
                high = middle
        found = low < len(self) and self.ids[int(self.by_id[low])] == opening_id
        return int(self.by_id[low]) if found else None

    def must_haves(self, rows: Whole) -> tuple[Whole, Whole]:
        """The told must-haves of some rows in one array, and where those of each row begin and the last ends."""
        counts = self.musts[rows].astype(np.int64)
        return starts_of(counts), self.asked[runs(self.asked_from[rows], counts)].astype(np.int64)
