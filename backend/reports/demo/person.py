"""A person as the simulation knows her."""

import datetime as dt
from dataclasses import dataclass, field
from uuid import UUID

from backend.beneficiaries.models import Beneficiary, HeldSkill, SafetyRule, Wishes
from backend.outcomes.models import EmploymentSpell

from .reference import Trade


@dataclass
class Person:
    """A beneficiary as the simulation knows her."""

    row: Beneficiary
    wishes: Wishes
    knows: list[Trade]
    wants: list[Trade]
    languages: dict[str, str]
    skills: dict[UUID, HeldSkill] = field(default_factory=dict)
    rules: list[SafetyRule] = field(default_factory=list)
    looks_from: dt.date = dt.date.min
    """The day from which she looks for work."""
    lost_on: dt.date | None = None
    """From this day on nobody reaches her."""
    seen: set[UUID] = field(default_factory=set)
    """The openings about which something has been decided."""
    spells: list[EmploymentSpell] = field(default_factory=list)
    is_enrolled: bool = False
    """She has been in a training."""
    is_overdue: bool = False
    """A follow-up with her was let lie this week."""

    def is_reachable(self, day: dt.date) -> bool:
        return self.lost_on is None or day < self.lost_on
