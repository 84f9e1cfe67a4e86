"""Concepts with labels in many languages and the relations between them; reads the official ESCO download."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from matching.esco import read_esco
from matching.relatedness import Occupations, SkillsTogether
from matching.types import InvalidValue

KINDS = ("skill", "occupation", "group")
RELATIONS = ("broader", "related", "essential", "optional")

# How far a held skill stands in for a needed one. Holding the narrower skill shows most of the broader one; the
# reverse shows less; a sibling or an associated skill shows some. Judgement, as no public data grades it.
NARROWER_COVERS = 0.8
BROADER_COVERS = 0.5
RELATED_COVERS = 0.4
SIBLING_COVERS = 0.3
# What stands beside a skill in work is often learned with it, and is still another skill: at most as an associated one.
TOGETHER_COVERS = 0.4
# Members of a very wide family have little in common.
WIDEST_FAMILY = 30
# Each held skill widens a query by no more than this.
MOST_COVERED = 40
# People of one caseload ask for few occupations; the nearness to all others is kept for so many.
MOST_KEPT = 256


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

    @cached_property
    def _children(self) -> dict[str, tuple[str, ...]]:
        children: dict[str, list[str]] = defaultdict(list)
        for concept in sorted(self.concepts.values(), key=lambda concept: concept.id):
            for parent in concept.broader:
                if parent in self.concepts and parent != concept.id:
                    children[parent].append(concept.id)
        return {parent: tuple(ids) for parent, ids in children.items()}

    @cached_property
    def _associated(self) -> dict[str, tuple[str, ...]]:
        """Related concepts in both directions: that one is related to the other says that the other is to it."""
        found: dict[str, set[str]] = defaultdict(set)
        for concept in self.concepts.values():
            for other in concept.related:
                if other in self.concepts:
                    found[concept.id].add(other)
                    found[other].add(concept.id)
        return {one: tuple(sorted(others)) for one, others in found.items()}

    @cached_property
    def _together(self) -> SkillsTogether:
        return SkillsTogether(concept for concept in self.concepts.values() if concept.essential)

    @cached_property
    def _occupations(self) -> Occupations:
        return Occupations(self.concepts)

    @cached_property
    def _like(self) -> _Kept:
        return _Kept(self._occupations.like)

    @cached_property
    def _sharing(self) -> _Kept:
        return _Kept(self._occupations.sharing_skills)

    def __reduce__(self) -> tuple[type[Taxonomy], tuple[Mapping[str, Concept]]]:
        # What follows from the concepts is found again where it is needed.
        return Taxonomy, (self.concepts,)

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

    def joined(self, other: Taxonomy) -> Taxonomy:
        """Both taxonomies as one: concepts meet by id, labels and relations of this one first.

        For languages of several versions, and for own labels beside the official ones. A concept in both keeps the kind
        and, where it has one, the ISCO code of this one.
        """
        concepts = dict(self.concepts)
        for concept_id, added in other.concepts.items():
            mine = concepts.get(concept_id)
            concepts[concept_id] = added if mine is None else _merged(mine, added)
        return Taxonomy(concepts)

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
        """The skills that holding one skill shows, with how far (0 to 1); the skill itself counts 1 and comes first.

        By relation: broader, narrower, associated, sibling; and what the same occupations cannot do without
        (`SkillsTogether`). The largest of these counts. Not symmetric: the narrower shows more of the broader. At most
        `MOST_COVERED` skills, those shown best, then those asked for together most often, then by id.
        """
        concept = self.concepts.get(held)
        if concept is None:
            return {held: 1.0}
        together = {skill: near for skill, near in self._together.with_(held).items() if skill in self.concepts}
        credit = {skill: TOGETHER_COVERS * near for skill, near in together.items()}

        def at_least(skills: Iterable[str], share: float) -> None:
            for skill in skills:
                credit[skill] = max(credit.get(skill, 0.0), share)

        parents = [parent for parent in concept.broader if parent in self.concepts]
        at_least((sibling for parent in parents for sibling in self._family(parent)), SIBLING_COVERS)
        at_least(self._associated.get(held, ()), RELATED_COVERS)
        at_least(self._family(held), BROADER_COVERS)
        at_least(parents, NARROWER_COVERS)
        credit[held] = 1.0
        best = sorted(credit, key=lambda skill: (skill != held, -credit[skill], -together.get(skill, 0.0), skill))
        return {skill: credit[skill] for skill in best[:MOST_COVERED]}

    def _family(self, parent: str) -> tuple[str, ...]:
        """The children of a concept, or none where they are too many to have much in common."""
        children = self._children.get(parent, ())
        return children if len(children) <= WIDEST_FAMILY else ()

    def occupations_like(self, one: str) -> Mapping[str, float]:
        """Every occupation near to one, with how near (above 0, at most 1), itself included; see `Occupations`."""
        return self._like(one)

    def occupations_sharing_skills(self, one: str) -> Mapping[str, float]:
        """As `occupations_like`, by the overlap of skills alone: finer within a group, silent where none are known."""
        return self._sharing(one)

    def occupation_similarity(self, one: str, other: str) -> float:
        """How near two occupations are, 0 to 1, the same both ways; for many at once use `occupations_like`."""
        return 1.0 if one == other else self.occupations_like(one).get(other, 0.0)


class _Kept:
    """Nearness to all others, kept for at most `MOST_KEPT` occupations."""

    def __init__(self, find: Callable[[str], Mapping[str, float]]) -> None:
        self._find = find
        self._kept: dict[str, Mapping[str, float]] = {}

    def __call__(self, one: str) -> Mapping[str, float]:
        found = self._kept.get(one)
        if found is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            found = self._kept[one] = self._find(one)
        return found


def _merged(mine: Concept, added: Concept) -> Concept:
    relations = {key: _each_once((*getattr(mine, key), *getattr(added, key))) for key in RELATIONS}
    labels = {
        language: _each_once((*mine.labels.get(language, ()), *added.labels.get(language, ())))
        for language in dict.fromkeys((*mine.labels, *added.labels))
    }
    return Concept(mine.id, mine.kind, labels, isco=mine.isco or added.isco, **relations)


def _concept(row: Mapping[str, Any], position: int) -> Concept:
    concept_id = row.get("id")
    if not isinstance(concept_id, str) or not concept_id.strip():
        raise TaxonomyError(f"concept {position}: id is missing or is not text")
    kind = row.get("kind", "skill")
    if kind not in KINDS:
        raise TaxonomyError(f"concept {concept_id!r}: kind {kind!r} is none of {', '.join(KINDS)}")
    labels = row.get("labels") or {}
    by_language = labels if isinstance(labels, Mapping) else {"": labels}
    names = {language: _texts(concept_id, "labels", some) for language, some in by_language.items()}
    return Concept(
        id=concept_id,
        kind=kind,
        labels={
            language: _each_once(name.strip() for name in some if name.strip()) for language, some in names.items()
        },
        isco=str(row.get("isco") or ""),
        **{key: _each_once(_texts(concept_id, key, row.get(key))) for key in RELATIONS},
    )


def _texts(concept_id: str, key: str, values: Any) -> tuple[str, ...]:
    if isinstance(values, str):
        raise TaxonomyError(f"concept {concept_id!r}: {key} is text, not a list")
    texts = tuple(values or ()) if isinstance(values, Iterable | None) else (values,)
    if not all(isinstance(text, str) for text in texts):
        raise TaxonomyError(f"concept {concept_id!r}: {key} is not a list of text")
    return texts


def _each_once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
