"""What matching is measured on: queries, documents, and which of these are relevant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from matching.taxonomy import Taxonomy
from matching.text import canonical, title_forms


@dataclass(frozen=True, slots=True)
class Task:
    """Queries, what is to be ranked for each, and what of it is relevant.

    `documents` maps ids to names (a title, or all labels of a concept); with `kind` they are the concepts of that kind
    in `taxonomy`, else titles that `taxonomy` helps to compare; `concept_of` tells of titles that are labels of one
    concept. `measure` is "MAP" or "MRR". `unanswerable` are phrases
    of the same source that name no document: whatever is offered for them is wrong. `same_as` names the task whose
    rankings this one must repeat.
    """

    name: str
    measure: str
    queries: tuple[str, ...]
    documents: Mapping[str, tuple[str, ...]]
    relevant: tuple[frozenset[str], ...]
    taxonomy: Taxonomy
    kind: str = ""
    concept_of: Mapping[str, str] = field(default_factory=dict)
    unanswerable: tuple[str, ...] = ()
    same_as: str = ""
    notes: tuple[str, ...] = ()


def held_out(taxonomy: Taxonomy, language: str, kind: str, sample: int = 1_000, seed: int = 0) -> Task:
    """Labels of one language -> the concepts of a taxonomy that has lost them: a task that any taxonomy gives.

    Of every concept of the kind that has several labels in that language one is drawn that is no other spelling or
    gender of its preferred label. The taxonomy that answers keeps, in that language, the preferred labels alone, and
    all labels of other languages.
    """
    kept, drawn = [], {}
    random = np.random.default_rng(seed)
    for concept in taxonomy.to_concepts():
        first, others = concept["labels"].get(language, ())[:1], concept["labels"].get(language, ())[1:]
        left = _keys(first)
        new = [name for name in others if not _keys([name]) & left]
        if concept["kind"] == kind and new:
            drawn[concept["id"]] = new[int(random.integers(len(new)))]
        kept.append({**concept, "labels": {**concept["labels"], language: first}})
    answering = Taxonomy.from_concepts(kept)
    chosen = [list(drawn)[i] for i in sampled(len(drawn), sample, seed)]
    return Task(
        name=f"held-out labels {language}",
        measure="MRR",
        queries=tuple(drawn[concept_id] for concept_id in chosen),
        documents=names_of(answering, kind),
        relevant=tuple(frozenset({concept_id}) for concept_id in chosen),
        taxonomy=answering,
        kind=kind,
    )


def names_of(taxonomy: Taxonomy, kind: str) -> dict[str, tuple[str, ...]]:
    """Every label of every concept of a kind that has one, the preferred one first."""
    return {
        concept.id: tuple(dict.fromkeys(name for names in concept.labels.values() for name in names))
        for concept in taxonomy.concepts.values()
        if concept.kind == kind and any(concept.labels.values())
    }


def sampled(size: int, sample: int, seed: int) -> list[int]:
    """At most `sample` of the numbers below `size`, ascending."""
    if size <= sample:
        return list(range(size))
    return sorted(np.random.default_rng(seed).choice(size, sample, replace=False).tolist())


def _keys(names: Iterable[str]) -> set[str]:
    return {canonical(form) for name in names for form in title_forms(name)}
