"""The two sources of the taxonomy: the file that comes with the software, and ESCO."""

import json
from collections.abc import Sequence
from pathlib import Path

from backend.skills.linking import read_esco
from backend.skills.models import Concept, Skill

from .concepts import OccupationRow, Saved, SkillRow, save_concepts

# The heads of ESCO's skill pillar, which tell what kind of skill stands below them.
_ESCO_SKILL = "http://data.europa.eu/esco/skill/"
_LANGUAGES = f"{_ESCO_SKILL}e35a5936-091d-4e87-bafe-f264e55bd656"
_KNOWLEDGE = f"{_ESCO_SKILL}c46fcb45-5c14-4ffa-abed-5a43f104bb22"
_SKILLS = f"{_ESCO_SKILL}335228d2-297d-4e0e-a6ee-bc6a8dc110d9"
_TRANSVERSAL = f"{_ESCO_SKILL}04a13491-b58c-4d33-8b59-8fad0d55fe9e"


def load_taxonomy(path: Path) -> Saved:
    """Load the built-in taxonomy from its JSON file."""
    content = json.loads(path.read_text(encoding="utf-8"))
    skill_keys = ("uri", "labels", "kind", "broader", "related")
    occupation_keys = ("uri", "labels", "isco", "essential", "optional")
    return save_concepts(
        skills=[SkillRow(**{key: row[key] for key in skill_keys}) for row in content["skills"]],
        occupations=[OccupationRow(**{key: row[key] for key in occupation_keys}) for row in content["occupations"]],
        source=Concept.Source.OWN,
    )


def import_esco(*, folder: Path, languages: Sequence[str] | None = None) -> Saved:
    """Load ESCO's official CSV files (v1.0.3 to v1.2; plain, gzipped or zipped) in the given or all languages.

    Raises ValidationError naming the file and column that cannot be used. Of ISCO groups only the codes are kept.
    Source: European Commission, ESCO (Commission Decision 2011/833/EU).
    """
    taxonomy = read_esco(folder, languages)
    skills = [
        SkillRow(
            uri=concept.id,
            kind=_kind(concept.kind, set(taxonomy.ancestors(concept.id))),
            labels=concept.labels,
            broader=concept.broader,
            related=concept.related,
        )
        for concept in taxonomy.concepts.values()
        if concept.kind == "skill" or (concept.kind == "group" and "/isco/" not in concept.id)
    ]
    occupations = [
        OccupationRow(
            uri=concept.id,
            # From v1.1 on the narrower occupations carry a longer code of ESCO's own; ISCO's part is the first four.
            isco=concept.isco[:4],
            labels=concept.labels,
            essential=concept.essential,
            optional=concept.optional,
        )
        for concept in taxonomy.concepts.values()
        if concept.kind == "occupation"
    ]
    return save_concepts(skills=skills, occupations=occupations, source=Concept.Source.ESCO)


def _kind(kind: str, ancestors: set[str]) -> str:
    if kind == "group":
        return Skill.Kind.GROUP
    if _LANGUAGES in ancestors:
        return Skill.Kind.LANGUAGE
    if _KNOWLEDGE in ancestors:
        return Skill.Kind.KNOWLEDGE
    if _TRANSVERSAL in ancestors and _SKILLS not in ancestors:
        return Skill.Kind.TRANSVERSAL
    return Skill.Kind.SKILL
