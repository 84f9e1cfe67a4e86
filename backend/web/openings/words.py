"""The codes of an opening in the reader's words."""

from typing import Any

from backend.employers.models import Opening
from backend.skills.codes import Condition, Language, Licence, Shift

from .skill_rows import AskedSkillForm


def in_words(opening: Opening) -> dict[str, Any]:
    """Skills, shifts, licences, languages and conditions with their labels; an unknown code stands as it is."""
    levels = dict(AskedSkillForm.LEVELS)
    shifts, licences, languages = dict(Shift.choices), dict(Licence.choices), dict(Language.choices)
    return {
        "shifts": [shifts.get(code, code) for code in opening.shifts or []],
        "asked": [
            (
                asked.skill.label if asked.skill else asked.phrase,
                asked.get_importance_display(),
                levels.get(asked.level),
            )
            for asked in opening.requirements.all()
        ],
        "licences": [licences.get(code, code) for code in opening.licences],
        "languages": [(languages.get(code, code), level) for code, level in opening.languages.items()],
        "conditions": [(label, getattr(opening, code)) for code, label in Condition.choices],
    }
