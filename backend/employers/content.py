"""What an opening says, as one hash: approval and consent bind to it."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from backend.skills.codes import Importance
from backend.skills.models import Skill

from .models import Opening

# A change of any of these is a different offer. How many positions are left and until when is not.
MATERIAL_FIELDS = (
    "employer_id",
    "end_client_id",
    "title",
    "description",
    "occupation_id",
    "municipality_id",
    "contract",
    "hours_per_week",
    "shifts",
    "pay_from",
    "pay_to",
    "pay_period",
    "currency",
    "live_in",
    "night",
    "isolated",
    "cash",
    "languages",
    "licences",
)


class AskedSkill(Protocol):
    """What a stored requirement and a requirement about to be stored have in common."""

    @property
    def skill_id(self) -> UUID | None: ...
    @property
    def phrase(self) -> str: ...
    @property
    def importance(self) -> str: ...
    @property
    def level(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class RequirementInput:
    """A requirement about to be stored: a skill of the taxonomy, the employer's words for it, or both."""

    skill: Skill | None = None
    phrase: str = ""
    importance: str = Importance.ESSENTIAL
    level: int | None = None

    @property
    def skill_id(self) -> UUID | None:
        return self.skill.pk if self.skill else None


def content_of(opening: Opening, requirements: Iterable[AskedSkill]) -> dict[str, Any]:
    """The material fields and the requirements, as plain JSON that does not depend on their order."""
    content = {field: _plain(getattr(opening, field)) for field in MATERIAL_FIELDS}
    content["requirements"] = sorted(
        [str(asked.skill_id or ""), asked.phrase, str(asked.importance), str(asked.level)] for asked in requirements
    )
    return content


def hash_of(content: dict[str, Any]) -> str:
    """SHA-256 of what an opening says."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def content_hash(opening: Opening, requirements: Iterable[AskedSkill]) -> str:
    """SHA-256 of what an opening says with these requirements."""
    return hash_of(content_of(opening, requirements))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")  # 40 and 40.0 are the same hours
    if isinstance(value, str):
        return str(value)  # a member of TextChoices is its value
    if isinstance(value, UUID):
        return str(value)
    return value
