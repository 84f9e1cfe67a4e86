"""What `matching` does, as tasks for a race."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks import world as market
from benchmarks.harness import Task
from benchmarks.rivals import Vectors
from benchmarks.world import SKILLS
from matching import OpeningIndex, Profile
from matching.postings import Postings, quantise, search, search_many, touch

RELATED_SKILLS, RELATED_CREDIT = 5, 0.4


class Kernel:
    """Postings over the same vectors that the rivals multiply, and the queries of people."""

    def __init__(self, world_file: Path, count: int) -> None:
        vectors = Vectors(market.load(world_file))
        impacts = np.ceil(vectors.openings.data * 255).clip(1, 255).astype(np.uint8)
        offsets, columns = vectors.openings.indptr, vectors.openings.indices
        self.postings = Postings.build(offsets, columns, impacts, vectors.openings.shape[1])
        self.tie = np.arange(self.postings.n_rows, dtype=np.uint32)
        self.asked = vectors.of(market.people(count))

    def query(self, number: int) -> tuple[NDArray[np.int64], NDArray[np.uint16]]:
        row = sparse.csr_matrix(self.asked[number])
        return row.indices.astype(np.int64), quantise(row.data.astype(np.float64), self.postings)

    def related_query(self, number: int) -> tuple[NDArray[np.int64], NDArray[np.uint16]]:
        """With partial credit for five more skills for each of hers, related whether often asked for or seldom."""
        row = sparse.csr_matrix(self.asked[number])
        weights = dict(zip(row.indices.tolist(), row.data.tolist(), strict=True))
        rng = np.random.default_rng(number)
        for column, weight in list(weights.items()):
            if column < SKILLS:
                for near in rng.integers(SKILLS, size=RELATED_SKILLS).tolist():
                    weights[near] = max(weights.get(near, 0.0), RELATED_CREDIT * weight)
        columns = np.array(sorted(weights))
        return columns, quantise(np.array([weights[column] for column in columns.tolist()]), self.postings)


def kernel(world_file: Path, count: int, k: int) -> Task:
    """The exact best k by the linear score alone, no gates."""
    made = Kernel(world_file, count)
    queries = [made.query(number) for number in range(count)]
    return lambda turn: search(made.postings, *queries[turn % count], k, gate=None, tie=made.tie)


def kernel_related(world_file: Path, count: int, k: int) -> Task:
    """The same with credit for related skills."""
    made = Kernel(world_file, count)
    queries = [made.related_query(number) for number in range(count)]
    return lambda turn: search(made.postings, *queries[turn % count], k, gate=None, tie=made.tie)


def kernel_floor(world_file: Path, count: int) -> Task:
    """Merely reading the postings of the query."""
    made = Kernel(world_file, count)
    queries = [made.query(number)[0] for number in range(count)]
    return lambda turn: touch(made.postings, queries[turn % count])


def kernel_batch(world_file: Path, count: int, k: int, threads: int) -> Task:
    """All people at once."""
    made = Kernel(world_file, count)
    queries = [made.query(number) for number in range(count)]
    return lambda _turn: search_many(made.postings, queries, k, gates=None, tie=made.tie, threads=threads)[-1]


def index_search(index_file: Path, count: int, k: int) -> Task:
    """Gates and the exact best k of an index, by its own linear score."""
    index, profiles = OpeningIndex.open(index_file), _profiles(count)
    return lambda turn: index.search(profiles[turn % count], k)


def index_rank(index_file: Path, count: int, k: int) -> Task:
    """A whole request: gates, recall, score, reasons and gaps."""
    index, profiles = OpeningIndex.open(index_file), _profiles(count)
    return lambda turn: index.rank(profiles[turn % count], k)


def _profiles(count: int) -> list[Profile]:
    return [market.profile(person, number) for number, person in enumerate(market.people(count))]
