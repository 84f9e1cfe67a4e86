"""The codes of an opening in the reader's words."""

from typing import Any

from backend.employers.models import Opening
from backend.skills.codes import Condition, Language, Licence, Shift


def in_words(opening: Opening) -> dict[str, Any]:
    """Shifts, licences, languages and conditions with their labels; codes of a later version stand as they are."""
    shifts, licences, languages = dict(Shift.choices), dict(Licence.choices), dict(Language.choices)
    return {
        "shifts": [shifts.get(code, code) for code in opening.shifts or []],
        "licences": [licences.get(code, code) for code in opening.licences],
        "languages": [(languages.get(code, code), level) for code, level in opening.languages.items()],
        "conditions": [(label, getattr(opening, code)) for code, label in Condition.choices],
    }
