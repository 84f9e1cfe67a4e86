"""What changed in an opening from one revision to the next, in the reader's words."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from backend.places.models import Municipality
from backend.skills.models import Occupation, Skill

from .content import hash_of
from .models import Employer, Opening, OpeningReview, OpeningRevision


@dataclass(frozen=True, slots=True)
class Change:
    """One field that says something else than before."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Step:
    """One revision: what it changed, what was decided about it, and whether it is as it was written."""

    revision: OpeningRevision
    changes: list[Change]
    reviews: list[OpeningReview]
    is_intact: bool


def history_of(opening: Opening) -> list[Step]:
    """All revisions of an opening, the newest first."""
    revisions = list(opening.revisions.select_related("made_by").order_by("number"))
    reviews = list(opening.reviews.select_related("decided_by").order_by("created_at"))
    words = _Words([revision.content for revision in revisions])
    steps = [
        Step(
            revision,
            words.changes(before.content, revision.content) if before else [],
            [review for review in reviews if review.content_hash == revision.content_hash],
            hash_of(revision.content) == revision.content_hash,
        )
        for before, revision in zip([None, *revisions], revisions, strict=False)
    ]
    return steps[::-1]


class _Words:
    """The rows that contents name by their keys, read once."""

    def __init__(self, contents: list[dict[str, Any]]) -> None:
        asked = {line[0] for content in contents for line in content["requirements"]}
        self.skills = {str(skill.pk): skill.label for skill in Skill.objects.filter(pk__in=asked - {""})}
        self.rows: dict[str, dict[str, str]] = {
            field: {str(row.pk): str(row) for row in model.objects.filter(pk__in={c[field] for c in contents} - {None})}  # type: ignore[attr-defined]
            for field, model in {
                "employer_id": Employer,
                "end_client_id": Employer,
                "occupation_id": Occupation,
                "municipality_id": Municipality,
            }.items()
        }

    def changes(self, before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
        return [
            Change(_label(field), self._word(field, before.get(field)), self._word(field, value))
            for field, value in after.items()
            if value != before.get(field)
        ]

    def _word(self, field: str, value: Any) -> str:
        if field == "requirements":
            return ", ".join(self.skills.get(skill, "") or phrase for skill, phrase, _importance, _level in value or [])
        if value in (None, "", [], {}):
            return pgettext("condition of work", "not said")
        if field in self.rows:
            return self.rows[field].get(str(value), str(value))
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, list):
            return ", ".join(map(str, value))
        if isinstance(value, dict):
            return ", ".join(f"{key} {level}" for key, level in value.items())
        return str(value)


def _label(field: str) -> str:
    if field == "requirements":
        return _("Skills")
    return str(Opening._meta.get_field(field.removesuffix("_id")).verbose_name).capitalize()  # type: ignore[union-attr]
