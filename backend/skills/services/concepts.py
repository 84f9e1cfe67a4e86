"""Saving concepts in bulk.

Saving only ever adds concepts, labels and relations: rows elsewhere refer to them. What may change is which label is
preferred. ESCO decides that in the languages it has; the built-in taxonomy in those ESCO lacks and for own concepts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model

from backend.skills.models import (
    Concept,
    Label,
    Occupation,
    OccupationLabel,
    OccupationSkill,
    Skill,
    SkillLabel,
    SkillRelation,
)
from matching.text import fold

# ESCO has no labels in these, so here the built-in taxonomy speaks for ESCO's concepts too.
NOT_IN_ESCO = frozenset({"sr", "sq", "bs", "mk", "rom"})
LABEL_LIMIT = 400
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class SkillRow:
    """A skill to be saved; labels by language, the preferred one first; `broader` and `related` hold URIs."""

    uri: str
    labels: Mapping[str, Sequence[str]]
    kind: str = Skill.Kind.SKILL
    broader: Sequence[str] = ()
    related: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class OccupationRow:
    """An occupation to be saved; `essential` and `optional` hold URIs of skills."""

    uri: str
    labels: Mapping[str, Sequence[str]]
    isco: str = ""
    essential: Sequence[str] = ()
    optional: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """How many rows were added, and how many known concepts changed."""

    skills: int
    occupations: int
    labels: int
    relations: int
    changed: int


@transaction.atomic
def save_concepts(*, skills: Iterable[SkillRow], occupations: Iterable[OccupationRow], source: str) -> Saved:
    """Add concepts with their labels and relations; the same rows again change nothing."""
    skill_rows, occupation_rows = list(skills), list(occupations)
    known_skills = {skill.uri: skill for skill in Skill.objects.all()}
    known_occupations = {occupation.uri: occupation for occupation in Occupation.objects.all()}
    new_skills = [Skill(uri=row.uri, source=source, kind=row.kind) for row in skill_rows if row.uri not in known_skills]
    new_occupations = [
        Occupation(uri=row.uri, source=source, isco=row.isco)
        for row in occupation_rows
        if row.uri not in known_occupations
    ]
    skill_labels = _Labels(known_skills, new_skills, source)
    occupation_labels = _Labels(known_occupations, new_occupations, source)
    for skill_row in skill_rows:
        skill_labels.prefer(skill_row.uri, skill_row.labels)
    for occupation_row in occupation_rows:
        occupation_labels.prefer(occupation_row.uri, occupation_row.labels)
    return Saved(
        skills=len(new_skills),
        occupations=len(new_occupations),
        labels=skill_labels.save(Skill, SkillLabel, "skill_id")
        + occupation_labels.save(Occupation, OccupationLabel, "occupation_id"),
        relations=_save_relations(skill_rows, skill_labels.concepts)
        + _save_occupation_skills(occupation_rows, occupation_labels.concepts, skill_labels.concepts),
        changed=len(skill_labels.changed) + len(occupation_labels.changed),
    )


class _Labels:
    """The labels of one kind of concept on their way into the database."""

    def __init__(self, known: Mapping[str, Any], new: Sequence[Any], source: str) -> None:
        self.source = source
        self.new = new
        self.concepts: dict[str, Any] = {**known, **{concept.uri: concept for concept in new}}
        self.changed: dict[str, Any] = {}
        self.wanted: dict[tuple[UUID, str, str], None] = {}  # a set that keeps its order
        self._known = known

    def prefer(self, uri: str, labels: Mapping[str, Sequence[str]]) -> None:
        """Note the labels of a concept and settle which are preferred."""
        concept = self.concepts[uri]
        is_known = uri in self._known
        if is_known and self.source == Concept.Source.ESCO and concept.source != self.source:
            concept.source = self.source
            self.changed[uri] = concept
        for language, texts in labels.items():
            texts = [" ".join(text.split())[:LABEL_LIMIT] for text in texts if text.strip()]
            if not texts:
                continue
            preferred = concept.preferred_labels.get(language)
            if preferred is None or (preferred != texts[0] and self._decides(concept, language)):
                concept.preferred_labels = {**concept.preferred_labels, language: texts[0]}
                if is_known:
                    self.changed[uri] = concept
            self.wanted.update(dict.fromkeys((concept.pk, language, text) for text in texts))

    def _decides(self, concept: Concept, language: str) -> bool:
        return self.source == concept.source or self.source == Concept.Source.ESCO or language in NOT_IN_ESCO

    def save(self, concept_model: type[Any], label_model: type[Any], owner: str) -> int:
        """Write concepts and labels; returns the number of labels added."""
        concept_model.objects.bulk_create(self.new, batch_size=BATCH)
        concept_model.objects.bulk_update(self.changed.values(), ["source", "preferred_labels"], batch_size=500)
        preferred = {
            (concept.pk, language, text)
            for concept in self.concepts.values()
            for language, text in concept.preferred_labels.items()
        }
        labels = label_model.objects.values_list("pk", "kind", owner, "language", "text")
        stored = {(owner_id, language, text): (pk, kind) for pk, kind, owner_id, language, text in labels}
        demoted = [pk for key, (pk, kind) in stored.items() if kind == Label.Kind.PREFERRED and key not in preferred]
        promoted = [pk for key, (pk, kind) in stored.items() if kind != Label.Kind.PREFERRED and key in preferred]
        # At most one preferred label a language, so the old one steps back before the new one comes.
        for pks, to_kind in ((demoted, Label.Kind.ALTERNATIVE), (promoted, Label.Kind.PREFERRED)):
            for start in range(0, len(pks), BATCH):
                label_model.objects.filter(pk__in=pks[start : start + BATCH]).update(kind=to_kind)
        added = [key for key in self.wanted if key not in stored]
        label_model.objects.bulk_create(
            (
                label_model(
                    **{owner: concept_id},
                    language=language,
                    text=text,
                    folded=fold(text)[:LABEL_LIMIT],
                    kind=Label.Kind.PREFERRED if (concept_id, language, text) in preferred else Label.Kind.ALTERNATIVE,
                )
                for concept_id, language, text in added
            ),
            batch_size=BATCH,
        )
        return len(added)


def _save_relations(rows: Sequence[SkillRow], skills: Mapping[str, Skill]) -> int:
    stored = set(SkillRelation.objects.values_list("source_id", "target_id", "kind"))
    wanted = dict.fromkeys(
        (skills[row.uri].pk, skills[target].pk, str(kind))
        for row in rows
        for kind, targets in (
            (SkillRelation.Kind.BROADER, row.broader),
            (SkillRelation.Kind.RELATED, row.related),
        )
        for target in targets
        if target in skills and target != row.uri
    )
    return _add(
        SkillRelation,
        [
            SkillRelation(source_id=source, target_id=target, kind=kind)
            for source, target, kind in wanted
            if (source, target, kind) not in stored
        ],
    )


def _save_occupation_skills(
    rows: Sequence[OccupationRow], occupations: Mapping[str, Occupation], skills: Mapping[str, Skill]
) -> int:
    stored = set(OccupationSkill.objects.values_list("occupation_id", "skill_id"))
    wanted: dict[tuple[UUID, UUID], bool] = {}
    for row in rows:
        for uris, is_essential in ((row.essential, True), (row.optional, False)):
            for uri in uris:
                if uri in skills:
                    wanted.setdefault((occupations[row.uri].pk, skills[uri].pk), is_essential)
    return _add(
        OccupationSkill,
        [
            OccupationSkill(occupation_id=occupation, skill_id=skill, is_essential=is_essential)
            for (occupation, skill), is_essential in wanted.items()
            if (occupation, skill) not in stored
        ],
    )


def _add(model: type[Any], rows: Sequence[Model]) -> int:
    model.objects.bulk_create(rows, batch_size=BATCH)
    return len(rows)
