"""Whose a row is, and the second line behind the policies: it is read inside its programme, or not at all.

A request, a command or a job opens the programme it works in. A query that runs outside raises, so that a forgotten
policy shows nobody instead of everybody. django-scopes does the same by joins, and when the queryset is made. Here the
condition is a subquery that is written when the query runs: a conditional UPDATE over a join would take its condition
from a snapshot on PostgreSQL and let two racers win; a form's queryset is made when the form is defined; and managers
keep their types.
"""

from __future__ import annotations

from contextlib import _GeneratorContextManager, contextmanager
from contextvars import ContextVar
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from uuid import UUID

from django.core.exceptions import FullResultSet
from django.db import models
from django.db.models import F
from django.db.models.expressions import Func
from django.db.models.lookups import Exact, In

if TYPE_CHECKING:
    from collections.abc import Iterator


class OutsideProgramme(RuntimeError):
    """Rows of a programme were asked for where none is open."""


class _All(Enum):
    PROGRAMMES = "all programmes"


_open: ContextVar[UUID | _All | None] = ContextVar("open programme", default=None)


@contextmanager
def _opened(scope: UUID | _All | None) -> Iterator[None]:
    token = _open.set(scope)
    try:
        yield
    finally:
        _open.reset(token)


def in_programme(pk: UUID | None) -> _GeneratorContextManager[None]:
    """A context in which only rows of this programme are found; with None a query for such rows raises."""
    return _opened(pk)


def in_every_programme() -> _GeneratorContextManager[None]:
    """A context without the second line, for what works across programmes: nightly jobs, keys, backups."""
    return _opened(_All.PROGRAMMES)


class _BelongsToOpen(Func):
    """Whether a row belongs to the programme that is open when the query runs."""

    output_field = models.BooleanField()

    def __init__(self, column: Any, model: type[OfProgramme]) -> None:
        super().__init__(column)
        self.model = model

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **options: Any) -> Any:
        scope = _open.get()
        if scope is None:
            raise OutsideProgramme(f"{self.model.__name__} was asked for outside of a programme")
        if isinstance(scope, _All):
            raise FullResultSet
        (column,) = self.get_source_expressions()
        first, _, rest = self.model.within.partition("__")
        if not rest:
            return compiler.compile(Exact(column, scope))
        above: Any = self.model._meta.get_field(first).related_model
        return compiler.compile(In(column, above._base_manager.filter(**{rest: scope}).values("pk").query))


M = TypeVar("M", bound="OfProgramme")


class ProgrammeManager(models.Manager[M]):
    """Finds rows of the open programme."""

    def get_queryset(self) -> models.QuerySet[M]:
        first = self.model.within.partition("__")[0]
        return super().get_queryset().filter(_BelongsToOpen(F(first), self.model))

    def none(self) -> models.QuerySet[M]:
        return super().get_queryset().none()


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
