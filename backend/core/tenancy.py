"""Whose a row is: the programme that it belongs to, and the person whom it says something of."""

from typing import Any, ClassVar
from uuid import UUID

from django.db import models


class OfProgramme(models.Model):
    """A row of one programme; `within` is the lookup from the row to the organisation that runs it."""

    within: ClassVar[str] = "programme"

    class Meta:
        abstract = True


class OfPerson(OfProgramme):
    """A row about one person of a programme; `about` is the lookup from the row to her."""

    about: ClassVar[str] = "beneficiary"

    class Meta:
        abstract = True

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.within = f"{cls.about}__organisation"


def programme_of(row: models.Model) -> UUID | None:
    """The organisation whose programme the row belongs to; None for a row of no programme."""
    return follow(row, row.within) if isinstance(row, OfProgramme) else None


def person_of(row: models.Model) -> UUID | None:
    """The person whom the row says something of, if it is a person's."""
    if isinstance(row, OfPerson):
        return follow(row, row.about)
    # The person's own row is where every `about` ends.
    return row.pk if row._meta.label_lower == "beneficiaries.beneficiary" else None


def follow(row: Any, path: str) -> UUID | None:
    """The key at the end of a lookup over foreign keys."""
    *hops, last = path.split("__")
    for hop in hops:
        row = getattr(row, hop)
    key: UUID | None = getattr(row, f"{last}_id")
    return key
