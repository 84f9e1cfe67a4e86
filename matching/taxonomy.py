"""Concepts with labels in many languages and the relations between them; reads the official ESCO download."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from matching.esco import read_esco
from matching.types import InvalidValue

KINDS = ("skill", "occupation", "group")

# How far a held skill stands in for a needed one. Holding the narrower skill shows most of the broader one; the
# reverse shows less; a sibling or an associated skill shows some. Judgement, as no public data grades it.
NARROWER_COVERS = 0.8
BROADER_COVERS = 0.5
RELATED_COVERS = 0.4
SIBLING_COVERS = 0.3
# Children of a very wide group have little in common.
WIDEST_FAMILY = 30
# Agreement of two ISCO-08 codes by the number of leading digits they share (ILO 2012: the hierarchy groups by
# similarity of skill level and specialisation).
ISCO_AGREEMENT = (0.0, 0.05, 0.2, 0.4, 0.7)


class TaxonomyError(InvalidValue):
    """A taxonomy source that cannot be understood; the message names the file or concept and the column or key."""


@dataclass(frozen=True, slots=True)
class Concept:
    """A skill, an occupation or a group of either; labels by language, the preferred one first."""

    id: str
    kind: str
    labels: Mapping[str, tuple[str, ...]]
    broader: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    isco: str = ""
    essential: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The preferred label in the first language that has one, else the id."""
        return next((names[0] for names in self.labels.values() if names), self.id)


@dataclass(frozen=True)
class Taxonomy:
    """All concepts by id, with the relatedness of skills and of occupations that follows from their relations."""

    concepts: Mapping[str, Concept]
    _children: Mapping[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        children: dict[str, list[str]] = defaultdict(list)
        for concept in self.concepts.values():
            for parent in concept.broader:
                children[parent].append(concept.id)
        object.__setattr__(self, "_children", {parent: tuple(ids) for parent, ids in children.items()})

    @classmethod
    def from_concepts(cls, concepts: Iterable[Mapping[str, Any]]) -> Taxonomy:
        """Concepts from plain mappings.

        Keys: id, labels (list of str, or mapping language -> list, first preferred), kind ("skill", "occupation" or
        "group"; default "skill"), broader, related (ids), isco, essential, optional (skill ids). Relations to ids that
        are not there are kept and lead nowhere. Raises TaxonomyError for a missing or repeated id or a wrong kind.
        """
        found: dict[str, Concept] = {}
        for position, row in enumerate(concepts, start=1):
            concept = _concept(row, position)
            if concept.id in found:
                raise TaxonomyError(f"concept {concept.id!r}: id appears twice")
            found[concept.id] = concept
        return cls(found)

    @classmethod
    def from_esco(cls, folder: str | Path, languages: Sequence[str] | None = None) -> Taxonomy:
        """The official ESCO CSV download, v1.0.3 to v1.2, plain, gzipped or zipped; all languages there by default.

        Raises TaxonomyError with file and column where the meaning is lost. Source: European Commission, ESCO.
        """
        try:
            return cls.from_concepts(read_esco(Path(folder), languages))
        except TaxonomyError:
            raise
        except InvalidValue as error:
            raise TaxonomyError(str(error)) from error

    def to_concepts(self) -> list[dict[str, Any]]:
        """The concepts as plain mappings that `from_concepts` reads back."""
        return [asdict(concept) for concept in self.concepts.values()]

    def __len__(self) -> int:
        return len(self.concepts)

    def __contains__(self, concept_id: object) -> bool:
        return concept_id in self.concepts

    def label(self, concept_id: str) -> str:
        """The preferred label of a concept, or the id itself when it is not known."""
        concept = self.concepts.get(concept_id)
        return concept.label if concept else concept_id

    def ancestors(self, concept_id: str) -> Iterator[str]:
        """Every broader concept, nearest first, each once; a circle of `broader` ends where it began."""
        seen, queue = {concept_id}, [concept_id]
        for current in queue:
            concept = self.concepts.get(current)
            for parent in concept.broader if concept else ():
                if parent not in seen:
                    seen.add(parent)
                    queue.append(parent)
                    yield parent

    def covers(self, held: str) -> Mapping[str, float]:
        """The skills that holding one skill shows, with how far (0 to 1); the skill itself counts 1."""
        concept = self.concepts.get(held)
        credit: dict[str, float] = {}
        if concept:
            for parent in concept.broader:
                family = self._children.get(parent, ())
                if len(family) <= WIDEST_FAMILY:
                    credit.update((sibling, SIBLING_COVERS) for sibling in family)
            for other in concept.related:
                credit[other] = RELATED_COVERS
            for child in self._children.get(held, ()):
                credit[child] = BROADER_COVERS
            for parent in concept.broader:
                credit[parent] = NARROWER_COVERS
        credit[held] = 1.0
        return credit

    def occupation_similarity(self, one: str, other: str) -> float:
        """How near two occupations are, 0 to 1: the same, by shared ISCO digits, or a common broader occupation."""
        if one == other:
            return 1.0
        first, second = self.concepts.get(one), self.concepts.get(other)
        if first is None or second is None:
            return 0.0
        shared = 0
        for left, right in zip(first.isco[:4], second.isco[:4], strict=False):
            if left != right:
                break
            shared += 1
        by_code = ISCO_AGREEMENT[shared]
        if other in first.broader or one in second.broader:
            return max(by_code, 0.8)
        return max(by_code, 0.6 if set(first.broader) & set(second.broader) - _isco_groups(first, second) else 0.0)


def _isco_groups(*concepts: Concept) -> set[str]:
    """Parents that are only the ISCO group again, which the shared digits have counted already."""
    return {parent for concept in concepts for parent in concept.broader if concept.isco and "/isco/" in parent}


def _concept(row: Mapping[str, Any], position: int) -> Concept:
    concept_id = row.get("id")
    if not isinstance(concept_id, str) or not concept_id:
        raise TaxonomyError(f"concept {position}: id is missing or is not text")
    kind = row.get("kind", "skill")
    if kind not in KINDS:
        raise TaxonomyError(f"concept {concept_id!r}: kind {kind!r} is none of {', '.join(KINDS)}")
    labels = row.get("labels") or {}
    if isinstance(labels, str):
        raise TaxonomyError(f"concept {concept_id!r}: labels is text, not a list")
    by_language = labels if isinstance(labels, Mapping) else {"": labels}
    return Concept(
        id=concept_id,
        kind=kind,
        labels={
            language: tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
            for language, names in by_language.items()
        },
        isco=str(row.get("isco") or ""),
        **{key: _ids(row, key) for key in ("broader", "related", "essential", "optional")},
    )


def _ids(row: Mapping[str, Any], key: str) -> tuple[str, ...]:
    ids = row.get(key) or ()
    if isinstance(ids, str):
        raise TaxonomyError(f"concept {row['id']!r}: {key} is text, not a list of ids")
    return tuple(dict.fromkeys(ids))
