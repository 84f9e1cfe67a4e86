"""From an advert written elsewhere to a first filling of the posting form."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from backend.employers.imports import parse_row, read_rows
from backend.employers.services import RequirementInput
from backend.places.queries import find_country, find_municipality
from backend.skills.codes import Importance
from backend.skills.linking import sure_skills

TITLE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Advert:
    """Initial values of the posting form, and what could not be read, as (field, reason)."""

    fields: dict[str, Any]
    requirements: list[RequirementInput] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)


def read_advert(*, text: str) -> Advert:
    """Plain text: its first line is the title. JSON-LD: everything an import would take of its first JobPosting.

    Skills in plain text are left to the form, which suggests what it reads. Raises ValidationError on `text`.
    """
    if text.lstrip()[:1] in ("{", "["):
        return _read_posting(text)
    title, _end, tasks = text.strip().partition("\n")
    if len(title) > TITLE_LIMIT:
        return Advert({"title": "", "description": text.strip()})
    return Advert({"title": title.strip(), "description": tasks.strip()})


def _read_posting(text: str) -> Advert:
    try:
        row = read_rows(text.encode()).rows[0]
    except ValidationError as error:
        raise ValidationError({"text": error.messages}) from error
    said = parse_row(row)
    fields = {**said.fields, "occupation": said.occupation}
    fields |= {f"language_{code}": level for code, level in fields.pop("languages", {}).items()}
    unread = list(row.errors)
    if said.municipality:
        country = find_country(said.country) if said.country else None
        fields["municipality"] = find_municipality(said.municipality, country.code if country else None)
        if fields["municipality"] is None:
            unread.append(("municipality", _("We do not know this place: %(name)s.") % {"name": said.municipality}))
    known = sure_skills([*said.skills, *said.optional_skills])
    requirements = [
        RequirementInput(skill=known.get(phrase), phrase=phrase, importance=importance)
        for phrases, importance in ((said.skills, Importance.ESSENTIAL), (said.optional_skills, Importance.OPTIONAL))
        for phrase in phrases
    ]
    return Advert(fields, requirements, unread)
