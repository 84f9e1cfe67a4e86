"""Matching measured beside its rivals: rankings, means with bootstrap intervals, calibration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from matching.baselines import BASELINES, Scorer
from matching.index import OpeningIndex
from matching.link import Linker
from matching.metrics import (
    Bin,
    Interval,
    average_precision,
    bootstrap,
    expected_calibration_error,
    recall_at_k,
    reciprocal_rank,
    reliability,
)
from matching.task import Task
from matching.taxonomy import Taxonomy
from matching.types import Opening, Profile

# Places beyond this count as not ranked, for every system alike (the depth of TREC's runs).
DEPTH = 1_000
BATCH = 64
MEASURES: Mapping[str, Callable[[Sequence[str], frozenset[str]], float]] = {
    "MAP": average_precision,
    "MRR": reciprocal_rank,
    "recall@10": partial(recall_at_k, k=10),
}

Rankings = list[list[str]]


@dataclass(frozen=True, slots=True)
class Estimate:
    """One system on one task: its measures, and for ours the paired difference to the best rival."""

    system: str
    ours: bool
    measures: Mapping[str, Interval]
    difference: Interval | None = None


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far the score of the best link is the chance that it is right."""

    error: float
    table: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured on one task; `measure` is the one it is judged by, `best_rival` the best baseline in it."""

    task: str
    measure: str
    queries: int
    documents: int
    systems: tuple[Estimate, ...]
    best_rival: str
    calibration: Calibration | None
    same_as: str
    same_share: float | None
    notes: tuple[str, ...]


def evaluate(tasks: Iterable[Task], seed: int = 0) -> Iterator[Report]:
    """A report for each task, in order; `seed` draws the bootstrap."""
    linkers, scorers = _Linkers(), _Scorers()
    firsts: dict[str, Rankings] = {}
    for task in tasks:
        ours = dict(_ours(task, linkers))
        first = next(iter(ours.values()))
        firsts[task.name] = [ranked[:10] for ranked in first]
        same = None
        if other := firsts.get(task.same_as):
            same = float(np.mean([a == b for a, b in zip(firsts[task.name], other, strict=True)]))
        rivals = {name: _ranked(task, score) for name, score in scorers.of(task.documents).items()}
        yield _report(task, ours, rivals, seed, same, _calibration(task, linkers) if task.kind else None)


class _Linkers:
    """The linker of the taxonomy used last: tasks that share one follow each other."""

    def __init__(self) -> None:
        self._linker: Linker | None = None

    def of(self, taxonomy: Taxonomy) -> Linker:
        if self._linker is None or self._linker.taxonomy is not taxonomy:
            self._linker = Linker(taxonomy)
        return self._linker


class _Scorers:
    """The rivals made ready for the documents used last, which spellings of one task share."""

    def __init__(self) -> None:
        self._documents: Mapping[str, tuple[str, ...]] | None = None
        self._scorers: dict[str, Scorer] = {}

    def of(self, documents: Mapping[str, tuple[str, ...]]) -> Mapping[str, Scorer]:
        if self._documents is not documents:
            texts = [name for names in documents.values() for name in names]
            self._documents, self._scorers = documents, {name: make(texts) for name, make in BASELINES.items()}
        return self._scorers


def _ours(task: Task, linkers: _Linkers) -> Iterator[tuple[str, Rankings]]:
    """Matching through its public names: the linker where concepts are ranked; where titles are, the index first."""
    depth = min(DEPTH, len(task.documents))
    if task.kind:
        links = linkers.of(task.taxonomy).link(task.queries, k=depth, kinds=(task.kind,))
        yield "linker", [[link.concept_id for link in found] for found in links]
        return
    openings = [Opening(id=key, title=names[0]) for key, names in task.documents.items()]
    index = OpeningIndex.build(openings, linker=linkers.of(task.taxonomy))
    profiles = (Profile(id="query", title=query) for query in task.queries)
    yield "index", [[one.opening_id for one in index.rank(profile, k=depth)] for profile in profiles]
    yield "linker", _by_concept(task, depth)


def _by_concept(task: Task, depth: int) -> Rankings:
    """The titles as labels of concepts (each of its own unless told), listed concept by concept."""
    titles: dict[str, list[str]] = {}
    for key in task.documents:
        titles.setdefault(task.concept_of.get(key, key), []).append(key)
    concepts = Taxonomy.from_concepts(
        {"id": concept, "labels": [task.documents[key][0] for key in keys], "kind": "occupation"}
        for concept, keys in titles.items()
    )
    found = Linker(concepts).link(task.queries, k=min(depth, len(titles)), kinds=("occupation",))
    return [[key for link in links for key in titles[link.concept_id]][:depth] for links in found]


def _ranked(task: Task, score: Scorer) -> Rankings:
    """A rival's rankings; a document is as good as its best name, equal ones stand in the order of the documents."""
    ids = list(task.documents)
    starts = np.cumsum([0, *(len(names) for names in task.documents.values())])[:-1]
    rankings = []
    for start in range(0, len(task.queries), BATCH):
        scores = np.maximum.reduceat(score(task.queries[start : start + BATCH]), starts, axis=1)
        best = np.argsort(-scores, axis=1, kind="stable")[:, :DEPTH]
        rankings += [[ids[place] for place in row] for row in best.tolist()]
    return rankings


def _report(
    task: Task,
    ours: Mapping[str, Rankings],
    rivals: Mapping[str, Rankings],
    seed: int,
    same: float | None,
    calibration: Calibration | None,
) -> Report:
    values = {
        system: {name: _per_query(measure, ranked, task) for name, measure in MEASURES.items()}
        for system, ranked in {**ours, **rivals}.items()
    }
    best = max(rivals, key=lambda name: float(np.mean(values[name][task.measure])))
    return Report(
        task=task.name,
        measure=task.measure,
        queries=len(task.queries),
        documents=len(task.documents),
        systems=tuple(
            Estimate(
                system,
                system in ours,
                {name: bootstrap(found, seed) for name, found in measured.items()},
                bootstrap(np.subtract(measured[task.measure], values[best][task.measure]), seed)
                if system in ours
                else None,
            )
            for system, measured in values.items()
        ),
        best_rival=best,
        calibration=calibration,
        same_as=task.same_as,
        same_share=same,
        notes=task.notes,
    )


def _per_query(
    measure: Callable[[Sequence[str], frozenset[str]], float], rankings: Rankings, task: Task
) -> list[float]:
    return [measure(ranked, relevant) for ranked, relevant in zip(rankings, task.relevant, strict=True)]


def _calibration(task: Task, linkers: _Linkers) -> Calibration:
    """Of the best link of every phrase: its score and whether it is right; wrong for a phrase that names nothing."""
    phrases = [*task.queries, *task.unanswerable]
    relevant = [*task.relevant, *[frozenset[str]()] * len(task.unanswerable)]
    found = linkers.of(task.taxonomy).link(phrases, k=1, kinds=(task.kind,))
    offered = [(links[0], right) for links, right in zip(found, relevant, strict=True) if links]
    table = reliability([link.score for link, _ in offered], [link.concept_id in right for link, right in offered])
    return Calibration(expected_calibration_error(table), tuple(table))
