"""What others would use, each as a task for a race: `make(world file, people, ...)` gives a function of the turn.

All rank by the same words and skills, each with its own formula of the same kind (TF-IDF cosine or BM25), and return
the numbers of the best openings. They get the world as arrays: none pays for reading it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks import world as market
from benchmarks.harness import Task
from benchmarks.world import SKILLS, WORDS, Person, World

EARTH_RADIUS_KM = 6371.0088


class Vectors:
    """TF-IDF of the openings (float32, rows of length 1) and of people, as scikit-learn makes them."""

    def __init__(self, world: World) -> None:
        from sklearn.feature_extraction.text import TfidfTransformer

        self._transformer = TfidfTransformer()
        self.openings = sparse.csr_matrix(self._transformer.fit_transform(sparse.csr_matrix(world.counts())))

    def of(self, people: list[Person]) -> sparse.csr_matrix:
        columns = [tokens(person) for person in people]
        offsets = np.cumsum([0, *map(len, columns)])
        ones = np.ones(offsets[-1], dtype=np.float32)
        counts = sparse.csr_matrix((ones, np.concatenate(columns), offsets), shape=(len(people), SKILLS + WORDS))
        return sparse.csr_matrix(self._transformer.transform(counts))


def tokens(person: Person) -> NDArray[np.int64]:
    """The columns of `World.counts` that a person has."""
    return np.array([*person.skills, *(SKILLS + word for word in person.words)])


def kilometres(latitude: float, longitude: float, latitudes: Any, longitudes: Any) -> Any:
    """Great-circle distance, for arrays and for columns of a frame."""
    phi, phis = np.radians(latitude), np.radians(latitudes)
    half = (
        np.sin((phis - phi) / 2) ** 2 + np.cos(phi) * np.cos(phis) * np.sin(np.radians(longitudes - longitude) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half))


def pandas_sklearn(world_file: Path, count: int, k: int) -> Task:
    """A frame filtered by conditions, scikit-learn's cosine over what is left, sorted."""
    import pandas as pd
    from sklearn.metrics.pairwise import cosine_similarity

    world, people = market.load(world_file), market.people(count)
    vectors = Vectors(world)
    asked = vectors.of(people)
    frame = pd.DataFrame(
        {
            "latitude": world.latitudes[world.place],
            "longitude": world.longitudes[world.place],
            "employer": world.employer,
            "client": world.client,
            "shifts": pd.Categorical.from_codes(world.shifts, ["day", "day, evening", "night", "unknown"]),
            "conditions": pd.Categorical.from_codes(world.conditions, ["none", "live_in", "night", "unknown"]),
            "hours": np.array(market.HOURS)[world.hours],
            "languages": pd.Categorical.from_codes(world.languages, ["sr B1", "sr C1", "sr B1, en B2", "none"]),
            "pay": world.pay,
            "vetted": world.vetted,
        }
    )

    def rank(turn: int) -> object:
        person = people[turn % count]
        home, zone = person.place, person.zone
        passed = frame[
            frame["vetted"]
            & (kilometres(*at(world, home), frame["latitude"], frame["longitude"]) <= person.travel_km)
            & (kilometres(*at(world, zone), frame["latitude"], frame["longitude"]) > market.ZONE_KM)
            & ~frame["employer"].isin(person.employers)
            & ~frame["client"].isin(person.employers)
            & frame["shifts"].isin(["day", "day, evening", "unknown"])
            & frame["conditions"].isin(["none", "night"])
            & (frame["hours"] <= market.MAX_HOURS)
            & frame["languages"].isin(["sr B1", "sr C1", "none"])
            & ~(frame["pay"] < person.pay_floor)
        ]
        rows = passed.index.to_numpy()
        if not len(rows):
            return rows
        scores = cosine_similarity(vectors.openings[rows], asked[turn % count]).ravel()
        return rows[np.argsort(-scores, kind="stable")[:k]]

    return rank


def numpy_scipy(world_file: Path, count: int, k: int) -> Task:
    """Masks over plain arrays, scipy's product over the rows that are left, a partial sort."""
    world, people = market.load(world_file), market.people(count)
    vectors = Vectors(world)
    asked = vectors.of(people)
    latitudes, longitudes = world.latitudes[world.place], world.longitudes[world.place]
    hours = np.array(market.HOURS)[world.hours]

    def rank(turn: int) -> object:
        person = people[turn % count]
        home, zone = person.place, person.zone
        rows = np.flatnonzero(
            world.vetted
            & (kilometres(*at(world, home), latitudes, longitudes) <= person.travel_km)
            & (kilometres(*at(world, zone), latitudes, longitudes) > market.ZONE_KM)
            & ~np.isin(world.employer, person.employers)
            & ~np.isin(world.client, person.employers)
            & (world.shifts != 2)
            & np.isin(world.conditions, (0, 2))
            & (hours <= market.MAX_HOURS)
            & (world.languages != 2)
            & ~(world.pay < person.pay_floor)
        )
        scores = (vectors.openings[rows] @ asked[turn % count].T).toarray().ravel()
        return rows[best(scores, k)]

    return rank


def sklearn_cosine(world_file: Path, count: int, k: int) -> Task:
    """Scikit-learn's TF-IDF cosine with everything, sorted."""
    from sklearn.metrics.pairwise import linear_kernel

    vectors = Vectors(market.load(world_file))
    asked = vectors.of(market.people(count))

    def rank(turn: int) -> object:
        return np.argsort(-linear_kernel(vectors.openings, asked[turn % count]).ravel(), kind="stable")[:k]

    return rank


def bm25(world_file: Path, count: int, k: int) -> Task:
    """bm25s with its numba backend."""
    retriever, people = _bm25(world_file), market.people(count)

    def rank(turn: int) -> object:
        asked = [tokens(people[turn % count]).tolist()]
        return retriever.retrieve(asked, k=k, n_threads=1, show_progress=False, return_as="documents")[0]

    return rank


def bm25_batch(world_file: Path, count: int, k: int, threads: int) -> Task:
    """The same for all people at once."""
    retriever, people = _bm25(world_file), market.people(count)
    asked = [tokens(person).tolist() for person in people]

    def rank(_turn: int) -> object:
        return retriever.retrieve(asked, k=k, n_threads=threads, show_progress=False, return_as="documents")[-1]

    return rank


def _bm25(world_file: Path) -> Any:
    import bm25s

    counts = market.load(world_file).counts()
    corpus = [part.tolist() for part in np.split(counts.indices, counts.indptr[1:-1])]
    retriever = bm25s.BM25(backend="numba")
    retriever.index((corpus, {str(token): token for token in range(SKILLS + WORDS)}), show_progress=False)
    return retriever


def tantivy(world_file: Path, count: int, k: int) -> Task:
    """Tantivy (a Lucene in Rust): any of the terms, BM25, an index in memory of one segment."""
    import tantivy as engine

    counts, people = market.load(world_file).counts(), market.people(count)
    builder = engine.SchemaBuilder()
    builder.add_text_field("terms", tokenizer_name="whitespace", index_option="freq")
    index = engine.Index(builder.build())
    writer = index.writer(heap_size=500_000_000, num_threads=1)
    for part in np.split(counts.indices, counts.indptr[1:-1]):
        writer.add_document(engine.Document(terms=" ".join(map(str, part.tolist()))))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher, schema = index.searcher(), index.schema

    def rank(turn: int) -> object:
        asked = tokens(people[turn % count]).tolist()
        terms = [(engine.Occur.Should, engine.Query.term_query(schema, "terms", str(token), "freq")) for token in asked]
        return searcher.search(engine.Query.boolean_query(terms), limit=k, count=False).hits

    return rank


def topn_batch(world_file: Path, count: int, k: int, threads: int) -> Task:
    """sparse_dot_topn: people x openings, the best k of each row."""
    from sparse_dot_topn import sp_matmul_topn

    vectors = Vectors(market.load(world_file))
    asked = vectors.of(market.people(count))
    turned = sparse.csr_matrix(vectors.openings.T)

    def rank(_turn: int) -> object:
        return sp_matmul_topn(asked, turned, top_n=k, sort=True, n_threads=threads)[-1]

    return rank


def sklearn_batch(world_file: Path, count: int, k: int) -> Task:
    """Scikit-learn's cosine of people x openings in chunks, sorted."""
    from sklearn.metrics.pairwise import linear_kernel

    vectors = Vectors(market.load(world_file))
    asked = vectors.of(market.people(count))

    def rank(_turn: int) -> object:
        answer: object = None
        for start in range(0, count, 64):
            scores = linear_kernel(asked[start : start + 64], vectors.openings)
            answer = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return answer

    return rank


def at(world: World, place: int) -> tuple[float, float]:
    """The coordinates of a place."""
    return float(world.latitudes[place]), float(world.longitudes[place])


def best(scores: NDArray[Any], k: int) -> NDArray[np.int64]:
    """The positions of the k largest, largest first."""
    if len(scores) > k:
        top = np.argpartition(-scores, k)[:k]
        return top[np.argsort(-scores[top], kind="stable")]
    return np.argsort(-scores, kind="stable")
