"""Openings made searchable: build, add, remove, rank one person or many, save and open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matching import eligibility, storage
from matching.columns import Columns, Row, make_columns, make_rows
from matching.explain import explain
from matching.features import Floats, Query, best_credit, components, credits, make_query
from matching.link import Linker
from matching.scoring import WEIGHTS, contributions
from matching.types import Exclusion, HeldSkill, InvalidValue, Opening, Profile, Ranked

PEOPLE_PER_TASK = 64


@dataclass(frozen=True, slots=True)
class _Scored:
    """Openings that passed the gates, with their scores and what these are made of."""

    rows: NDArray[np.int64]
    values: Floats
    shares: Floats
    credits: Floats


class OpeningIndex:
    """Openings that people are ranked against.

    The linker is optional: without it skills meet by concept id, by equal phrase or by shared words. Equal openings
    give equal results whatever the order and the changes by which they came.
    """

    def __init__(self, rows: Iterable[Row] = (), linker: Linker | None = None) -> None:
        self.linker = linker
        self._rows = {row.opening.id: row for row in rows}
        self._columns: Columns | None = None

    @classmethod
    def build(cls, openings: Iterable[Opening], linker: Linker | None = None) -> OpeningIndex:
        """An index of openings; InvalidValue when an id comes twice."""
        openings = list(openings)
        rows = make_rows(openings, linker)
        index = cls(rows, linker)
        if len(index) < len(rows):
            ids = [opening.id for opening in openings]
            raise InvalidValue(f"id: {next(i for i in sorted(ids) if ids.count(i) > 1)!r} comes twice")
        return index

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, opening_id: object) -> bool:
        return opening_id in self._rows

    def add(self, opening: Opening) -> None:
        """Make an opening searchable; one with the same id is replaced."""
        self._rows[opening.id] = make_rows([opening], self.linker)[0]
        self._columns = None

    def remove(self, opening_id: str) -> None:
        """Take an opening out; KeyError when it is not there."""
        del self._rows[opening_id]
        self._columns = None

    @property
    def columns(self) -> Columns:
        """The openings as columns, made anew after a change."""
        if self._columns is None:
            self._columns = make_columns(self._rows.values())
        return self._columns

    def rank(self, profile: Profile, k: int = 50) -> list[Ranked]:
        """The k best of the openings she may see, best first; equal scores by fewest exposures, then by id."""
        return _rank(self.columns, self._query(profile), _checked(k))

    def rank_text(self, text: str, k: int = 50) -> list[Ranked]:
        """As `rank` for someone known only by free text; the labels that stand in it count as skills and wishes."""
        profile = Profile(id="text", text=text)
        if self.linker:
            concepts = self.linker.taxonomy.concepts
            kinds = {link.concept_id: concepts[link.concept_id].kind for link in self.linker.spot(text)}
            profile = replace(
                profile,
                skills=tuple(HeldSkill(skill=concept) for concept, kind in kinds.items() if kind == "skill"),
                occupations=tuple(concept for concept, kind in kinds.items() if kind == "occupation"),
            )
        return self.rank(profile, k)

    def rank_many(
        self, profiles: Iterable[Profile], k: int = 50, executor: Executor | None = None
    ) -> list[list[Ranked]]:
        """`rank` for each profile, in order; any `concurrent.futures` executor shares out the work."""
        queries = [self._query(profile) for profile in profiles]
        if executor is None:
            return _rank_some(self.columns, queries, _checked(k))
        tasks = [queries[i : i + PEOPLE_PER_TASK] for i in range(0, len(queries), PEOPLE_PER_TASK)]
        done = executor.map(_rank_some, repeat(self.columns, len(tasks)), tasks, repeat(_checked(k), len(tasks)))
        return [ranked for some in done for ranked in some]

    def excluded(self, profile: Profile) -> list[Exclusion]:
        """Each opening kept from this person with each rule that keeps it, by opening id."""
        return eligibility.exclusions(self.columns, profile)

    def contributions(self, profile: Profile) -> pd.DataFrame:
        """What `Ranker` learns from: a row for every opening she may see (index: its id), a column per component."""
        scored = _score(self.columns, self._query(profile))
        ids = [self.columns.openings[row].id for row in scored.rows.tolist()]
        return pd.DataFrame(scored.shares, index=pd.Index(ids, name="opening_id"), columns=[str(c) for c in WEIGHTS])

    def save(self, path: str | Path) -> None:
        """Write the index with its taxonomy to one file, whole or not at all."""
        storage.save(Path(path), list(self.columns.rows), self.linker)

    @classmethod
    def open(cls, path: str | Path) -> OpeningIndex:
        """Read an index that `save` wrote; IndexFileError when the file is not whole."""
        rows, linker = storage.open_(Path(path))
        return cls(rows, linker)

    def _query(self, profile: Profile) -> Query:
        return make_query(profile, self.columns, self.linker)


def _checked(k: int) -> int:
    if k < 0:
        raise InvalidValue(f"k: {k} is below 0")
    return k


def _rank_some(columns: Columns, queries: Sequence[Query], k: int) -> list[list[Ranked]]:
    return [_rank(columns, query, k) for query in queries]


def _score(columns: Columns, query: Query) -> _Scored:
    rows = np.flatnonzero(~eligibility.excluded(columns, query.profile))
    credit = credits(columns, query)
    values = components(columns, query, rows, best_credit(credit))
    return _Scored(rows, values, contributions(values), credit)


def _rank(columns: Columns, query: Query, k: int) -> list[Ranked]:
    scored = _score(columns, query)
    # Rows stand by id, so their numbers are the last tie-break.
    best = np.lexsort((scored.rows, columns.exposure[scored.rows], -scored.shares.sum(axis=1)))[:k]
    return explain(columns, query, scored.rows[best].tolist(), scored.shares[best], scored.values[best], scored.credits)
