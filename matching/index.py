"""Openings made searchable: build, add, remove, rank one person or many, save and open.

A profile becomes a query (`features.make_query`: linked once), the gates say what she may be shown
(`eligibility.passing`), all that passes, or in a large index the best by a coarse score (`recall`), is scored in full
(`features.components`, `scoring.contributions`), and the best are explained (`explain.explain`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cached_property
from heapq import merge
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from matching import storage
from matching.arrays import Whole
from matching.building import Builder
from matching.catalogue import SMALL, Catalogue, Segment
from matching.columns import Columns
from matching.eligibility import exclusions, passing
from matching.explain import explain
from matching.features import Bound, Floats, Query, bind, components, make_query
from matching.link import Linker
from matching.model import Ranker
from matching.rows import make_rows
from matching.scoring import GRAIN, WEIGHTS, contributions
from matching.sharing import rank_shared
from matching.storage import Stored
from matching.taxonomy import Taxonomy
from matching.types import Exclusion, HeldSkill, InvalidValue, Opening, Profile, Ranked

TAXONOMY, ALIASES = "taxonomy", "aliases"  # documents of an index file
NEARNESS_KEPT = 512
RERANKED = 300


@dataclass(frozen=True)
class _Scored:
    """Openings of one segment that passed the gates, with what their scores are made of."""

    columns: Columns
    bound: Bound
    rows: Whole
    shares: Floats  # components x rows

    @cached_property
    def scores(self) -> Floats:
        return np.asarray(self.shares.sum(axis=0))

    def best(self, k: int) -> _Scored:
        """The k best, best first; equal scores by fewest exposures, then by id."""
        scores = self.scores
        kept = np.arange(len(scores))
        if 0 < k < len(scores):
            kept = np.flatnonzero(scores >= -np.partition(-scores, k - 1)[k - 1])
        order = kept[np.lexsort((self.columns.tie[self.rows[kept]], -scores[kept]))[:k]]
        return _Scored(self.columns, self.bound, self.rows[order], self.shares[:, order])


class OpeningIndex:
    """Openings that people are ranked against.

    The linker is optional: without it skills meet by concept id, by equal phrase or by shared words. Up to 4,096
    openings, equal openings give equal results whatever the order and the changes by which they came; above that, words
    keep the weight of the time when the base was made, until the next merge (see `catalogue`).
    """

    def __init__(
        self, catalogue: Catalogue | None = None, linker: Linker | None = None, stored: Stored | None = None
    ) -> None:
        self._catalogue = catalogue or Catalogue()
        self._linker = linker
        self._stored = stored
        self._near: dict[str, Floats] = {}
        self._near_segments: list[Segment] = []

    @classmethod
    def build(cls, openings: Iterable[Opening], linker: Linker | None = None) -> OpeningIndex:
        """An index of openings, read in pieces; InvalidValue when an id comes twice."""
        builder, stream = Builder(), iter(openings)
        while piece := list(islice(stream, SMALL)):
            builder.append(make_rows(piece, linker))
        return cls(Catalogue([(builder.finish(), None, None)]), linker)

    def __len__(self) -> int:
        return len(self._catalogue)

    def __contains__(self, opening_id: object) -> bool:
        return opening_id in self._catalogue

    @property
    def linker(self) -> Linker | None:
        """The linker; that of a saved index is made when it is first asked for."""
        if self._linker is None and self._stored and TAXONOMY in self._stored:
            self._linker = Linker(Taxonomy.from_concepts(self._stored.document(TAXONOMY)))
            self._linker.aliases.update(self._stored.document(ALIASES))
        return self._linker

    @property
    def generation(self) -> int:
        """A number that every change raises."""
        return self._catalogue.generation

    def add(self, *openings: Opening) -> None:
        """Make openings searchable; those with the same ids are replaced."""
        self._catalogue.add(make_rows(openings, self.linker))

    def remove(self, opening_id: str) -> None:
        """Take an opening out; KeyError when it is not there."""
        self._catalogue.remove(opening_id)

    @property
    def columns(self) -> Columns:
        """All openings as one set of columns, merged first if need be."""
        return self._catalogue.compact()

    def segments(self) -> list[Segment]:
        """The openings as they are searched."""
        return self._catalogue.segments()

    def query(self, profile: Profile) -> Query:
        """A profile made ready for this index."""
        self.segments()  # what was added has its occupations numbered first
        return make_query(profile, self.linker, self._nearness, self.generation)

    def bind(self, query: Query) -> list[tuple[Segment, Bound]]:
        """A query in the numbers of each segment."""
        return [(segment, bind(segment.columns, query, segment.occupations)) for segment in self.segments()]

    def rank(self, profile: Profile, k: int = 50, ranker: Ranker | None = None) -> list[Ranked]:
        """The k best of the openings she may see, best first; equal scores by fewest exposures, then by id.

        With a ranker that has learned, the score is its chance for the best few hundred, and one more reason says how
        far that is from the sum of the others.
        """
        return self.rank_queries([self.query(profile)], k, ranker)[0]

    def rank_text(self, text: str, k: int = 50) -> list[Ranked]:
        """As `rank` for someone known only by free text; the labels that stand in it count as skills."""
        profile = Profile(id="text", text=text)
        if self.linker:
            concepts = self.linker.taxonomy.concepts
            kinds = {link.concept_id: concepts[link.concept_id].kind for link in self.linker.spot(text)}
            profile = replace(
                profile,
                skills=tuple(HeldSkill(skill=concept) for concept, kind in kinds.items() if kind == "skill"),
            )
        return self.rank(profile, k)

    def rank_many(
        self, profiles: Iterable[Profile], k: int = 50, executor: Executor | None = None
    ) -> list[list[Ranked]]:
        """`rank` for each profile, in order; any `concurrent.futures` executor shares out the work."""
        queries = [self.query(profile) for profile in profiles]
        return self.rank_queries(queries, k) if executor is None else rank_shared(executor, self, queries, _checked(k))

    def rank_queries(self, queries: Sequence[Query], k: int, ranker: Ranker | None = None) -> list[list[Ranked]]:
        """`rank` for profiles that were made ready; needs no linker. InvalidValue when the index has changed since."""
        if any(query.generation != self.generation for query in queries):
            raise InvalidValue("queries: made before the index changed")
        segments = self.segments()
        return [_rank(segments, query, _checked(k), ranker) for query in queries]

    def search(self, profile: Profile, k: int = 50) -> tuple[Whole, Whole]:
        """Rows and scores of the exact k best by the linear score of recall alone, in a large index (see `recall`)."""
        (segment, bound), *_ = self.bind(self.query(profile))
        if segment.recall is None:
            raise InvalidValue(f"index: {len(self)} openings are scored in full, none is recalled")
        allowed = passing(segment.columns, profile)
        return segment.recall.search(segment.columns, bound, allowed, segment.open, _checked(k))

    def excluded(self, profile: Profile) -> list[Exclusion]:
        """Each opening kept from this person with each rule that keeps it, by opening id."""
        found = [exclusions(segment.columns, profile, segment.open) for segment in self.segments()]
        return list(merge(*found, key=lambda exclusion: exclusion.opening_id))

    def contributions(self, profile: Profile) -> pd.DataFrame:
        """What `Ranker` learns from: a row for every opening she may see (index: its id), a column per component."""
        query = self.query(profile)
        found = (_score(segment, query, every=True) for segment in self.segments())
        scored = [some for some in found if some]
        ids = [one.columns.ids[row] for one in scored for row in one.rows.tolist()]
        shares = np.concatenate([np.zeros((len(WEIGHTS), 0)), *(one.shares for one in scored)], axis=1)
        order = sorted(range(len(ids)), key=ids.__getitem__)
        index = pd.Index([ids[i] for i in order], name="opening_id", dtype=object)
        return pd.DataFrame(shares.T[order], index=index, columns=[str(code) for code in WEIGHTS])

    def save(self, path: str | Path) -> None:
        """Write the index with its taxonomy to one file, whole or not at all."""
        documents = self._catalogue.documents()
        if self.linker:
            documents |= {TAXONOMY: self.linker.taxonomy.to_concepts(), ALIASES: self.linker.aliases}
        storage.write(Path(path), self._catalogue.arrays(), documents)

    @classmethod
    def open(cls, path: str | Path) -> OpeningIndex:
        """Read an index that `save` wrote; IndexFileError when the file is not whole."""
        stored = storage.read(Path(path))
        return cls(Catalogue.from_stored(stored.arrays, stored.document), stored=stored)

    def _nearness(self, occupation: str) -> Floats:
        """How near an occupation is to every occupation of the index."""
        segments = self.segments()
        if segments is not self._near_segments or len(self._near) > NEARNESS_KEPT:
            self._near, self._near_segments = {}, segments
        if occupation not in self._near:
            like = self.linker.taxonomy.occupations_like(occupation) if self.linker else {occupation: 1.0}
            near = np.zeros(1 + max((int(s.occupations.max(initial=-1)) for s in segments), default=-1))
            for segment in segments:
                ids = segment.columns.occupation_ids
                near[segment.occupations] = [like.get(one, 0.0) for one in ids]
            self._near[occupation] = near
        return self._near[occupation]


def _checked(k: int) -> int:
    if k < 0:
        raise InvalidValue(f"k: {k} is below 0")
    return k


def _score(segment: Segment, query: Query, every: bool = False) -> _Scored | None:
    """What she may see of a segment: everything, or of a large one what recall finds unless `every` is asked for."""
    columns, allowed = segment.columns, passing(segment.columns, query.profile)
    if segment.recall is None or every:
        rows = allowed.rows(columns, segment.open)
        if not len(rows):
            return None
        bound = bind(columns, query, segment.occupations)
    else:
        bound = bind(columns, query, segment.occupations)
        rows = segment.recall.candidates(columns, bound, allowed, segment.open)
    return _Scored(columns, bound, rows, contributions(components(columns, bound, rows)))


def _rank(segments: Sequence[Segment], query: Query, k: int, ranker: Ranker | None) -> list[Ranked]:
    """The k best of all segments, explained; a ranker puts the best few hundred in its own order first."""
    learned = ranker is not None and ranker.used
    scored = [some for segment in segments if (some := _score(segment, query))]
    if not scored:
        return []
    best = [some.best(max(k, RERANKED) if learned else k) for some in scored]
    shares = np.concatenate([some.shares for some in best], axis=1)
    order = _order(best)
    experience = np.zeros(len(order))
    if ranker is not None and learned:
        order = order[: max(k, RERANKED)]
        chances = np.floor(ranker.chances(shares[:, order].T) / GRAIN) * GRAIN
        again = np.argsort(-chances, kind="stable")
        order, experience = order[again], (chances - shares[:, order].sum(axis=0))[again]
    order, experience = order[:k], experience[:k]
    # Explained segment by segment, given in the order of all.
    found: dict[int, Ranked] = {}
    start = 0
    for some in best:
        at = np.flatnonzero((order >= start) & (order < start + len(some.rows)))
        if len(at):
            rows = some.rows[order[at] - start]
            explained = explain(some.columns, some.bound, rows, shares[:, order[at]], experience[at])
            found |= dict(zip(at.tolist(), explained, strict=True))
        start += len(some.rows)
    return [found[i] for i in range(len(order))]


def _order(best: Sequence[_Scored]) -> Whole:
    """The order of what was found in all segments together: by score, then fewest exposures, then id."""
    if len(best) == 1:
        return np.arange(len(best[0].rows))
    keys = [
        (-score, exposure, some.columns.ids[row])
        for some in best
        for score, exposure, row in zip(
            some.scores.tolist(), some.columns.exposure[some.rows].tolist(), some.rows.tolist(), strict=True
        )
    ]
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)
