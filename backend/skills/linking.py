"""Words to concepts: the only door from the taxonomy in the database to `matching`.

The linker is built once per process and again when the taxonomy has changed. Concept ids in `matching` are our URIs.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Max

from matching import Linker, Taxonomy
from matching.types import InvalidValue

from .models import Label, Occupation, OccupationLabel, OccupationSkill, Skill, SkillLabel, SkillRelation

# A link below this is too unsure to stand for what was written.
SURE = 0.7
_CLAUSES = re.compile(r"[,.;:!?()\n\r\t•|/]+|\s+(?:i|и|and|ili|или|or|dhe)\s+")


@dataclass(frozen=True, slots=True)
class SkillLink:
    """A skill that a phrase may mean; score 0 to 1, where 1 is the very label."""

    skill: Skill
    label: str
    score: float


def link_skills(phrases: Sequence[str], k: int = 5) -> list[list[SkillLink]]:
    """For each phrase at most k skills, best first."""
    linker = _Current.linker()
    if linker is None:
        return [[] for _ in phrases]
    found = linker.link(phrases, k=k, kinds=("skill",))
    skills = Skill.objects.in_bulk({link.concept_id for links in found for link in links}, field_name="uri")
    return [
        [
            SkillLink(skill, skill.label, link.score)
            for link in links
            if (skill := skills.get(link.concept_id)) is not None
        ]
        for links in found
    ]


def sure_skills(phrases: Iterable[str]) -> dict[str, Skill]:
    """The skill that each phrase surely means; phrases without one are left out."""
    wanted = sorted(set(phrases))
    found = zip(wanted, link_skills(wanted, k=1), strict=True)
    return {phrase: links[0].skill for phrase, links in found if links and links[0].score >= SURE}


def sure_occupations(titles: Iterable[str]) -> dict[str, Occupation]:
    """The occupation that each title surely means; titles without one are left out."""
    linker = _Current.linker()
    wanted = sorted(set(titles))
    if linker is None or not wanted:
        return {}
    found = zip(wanted, linker.link(wanted, k=1, kinds=("occupation",)), strict=True)
    uris = {title: links[0].concept_id for title, links in found if links and links[0].score >= SURE}
    occupations = Occupation.objects.in_bulk(set(uris.values()), field_name="uri")
    return {title: occupations[uri] for title, uri in uris.items() if uri in occupations}


def link_occupation(title: str) -> Occupation | None:
    """The occupation that a title surely means."""
    return sure_occupations([title]).get(title)


def suggest_skills(text: str, k: int = 10) -> list[SkillLink]:
    """At most k skills that the clauses of a text surely mean, best first; for a person to accept or not."""
    clauses = [clause.strip() for clause in _CLAUSES.split(text[:20_000])]
    best: dict[str, SkillLink] = {}
    for links in link_skills([clause for clause in clauses if clause], k=1):
        for link in links:
            known = best.get(link.skill.uri)
            if link.score >= SURE and (known is None or known.score < link.score):
                best[link.skill.uri] = link
    return sorted(best.values(), key=lambda link: (-link.score, link.skill.uri))[:k]


def taxonomy() -> Taxonomy:
    """The taxonomy as `matching` knows it; a concept's id is its URI."""
    return _Current.taxonomy()


def linker() -> Linker | None:
    """The linker over the taxonomy; None while there is no label to link to."""
    return _Current.linker()


def read_esco(folder: Path, languages: Sequence[str] | None) -> Taxonomy:
    """The official ESCO download as a taxonomy; raises ValidationError naming file and column."""
    try:
        return Taxonomy.from_esco(folder, languages)
    except InvalidValue as error:
        raise ValidationError({"folder": str(error)}) from error


class _Current:
    """The taxonomy of this process with its linker, and the version of the tables they were built from."""

    _lock = Lock()
    _version: tuple[Any, ...] = ()
    _taxonomy: Taxonomy
    _linker: Linker | None = None

    @classmethod
    def taxonomy(cls) -> Taxonomy:
        with cls._lock:
            cls._refresh()
            return cls._taxonomy

    @classmethod
    def linker(cls) -> Linker | None:
        with cls._lock:
            cls._refresh()
            if cls._linker is None and any(concept.labels for concept in cls._taxonomy.concepts.values()):
                cls._linker = Linker(cls._taxonomy)
            return cls._linker

    @classmethod
    def _refresh(cls) -> None:
        version = _version()
        if version != cls._version:
            cls._taxonomy, cls._linker, cls._version = _read_taxonomy(), None, version


def _version() -> tuple[Any, ...]:
    """What changes whenever concepts, labels or relations were added."""
    return (
        *Skill.objects.aggregate(Max("created_at"), Count("pk")).values(),
        *Occupation.objects.aggregate(Max("created_at"), Count("pk")).values(),
        *SkillLabel.objects.aggregate(Max("pk"), Count("pk")).values(),
        *OccupationLabel.objects.aggregate(Max("pk"), Count("pk")).values(),
        SkillRelation.objects.count(),
        OccupationSkill.objects.count(),
    )


def _read_taxonomy() -> Taxonomy:
    related: dict[tuple[str, str], list[str]] = defaultdict(list)
    for source, kind, target in SkillRelation.objects.values_list("source__uri", "kind", "target__uri"):
        related[source, kind].append(target)
    for occupation, is_essential, skill in OccupationSkill.objects.values_list(
        "occupation__uri", "is_essential", "skill__uri"
    ):
        related[occupation, "essential" if is_essential else "optional"].append(skill)

    def concept(uri: str, labels: dict[str, list[str]], **fields: Any) -> dict[str, Any]:
        keys = ("broader", "related", "essential", "optional")
        return {"id": uri, "labels": labels, **fields, **{key: sorted(related.get((uri, key), ())) for key in keys}}

    skill_labels = _labels(SkillLabel.objects.values_list("skill__uri", "language", "kind", "text"))
    occupation_labels = _labels(OccupationLabel.objects.values_list("occupation__uri", "language", "kind", "text"))
    skills = [
        concept(uri, skill_labels.get(uri, {}), kind="group" if kind == Skill.Kind.GROUP else "skill")
        for uri, kind in Skill.objects.order_by("uri").values_list("uri", "kind")
    ]
    occupations = [
        concept(uri, occupation_labels.get(uri, {}), kind="occupation", isco=isco)
        for uri, isco in Occupation.objects.order_by("uri").values_list("uri", "isco")
    ]
    return Taxonomy.from_concepts([*skills, *occupations])


def _labels(rows: Iterable[tuple[str, str, str, str]]) -> dict[str, dict[str, list[str]]]:
    """Labels by URI and language, the preferred one first."""
    found: dict[str, dict[str, list[str]]] = {}
    for uri, language, _kind, text in sorted(rows, key=lambda row: (row[1], row[2] != Label.Kind.PREFERRED, row[3])):
        found.setdefault(uri, {}).setdefault(language, []).append(text)
    return found
