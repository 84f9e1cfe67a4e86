"""One index of open openings per programme and process, made anew when something was done to them."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

import matching
from backend.audit.models import Event
from backend.employers.models import Opening, Requirement
from backend.skills.linking import linker

from ..models import Introduction
from .openings import asked_by, roots_of, to_opening, unsaid_by


@dataclass(frozen=True, slots=True)
class Indexed:
    """An index with the state of the database that it was built from."""

    version: tuple[Any, ...]
    index: matching.OpeningIndex
    ids: frozenset[str]
    unsaid: Mapping[str, frozenset[str]]


class Indexes:
    """One index of open openings per programme, kept in this process while nothing has changed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._by_programme: dict[UUID, Indexed] = {}

    def get(self, programme_id: UUID, on: dt.date) -> Indexed:
        current = linker()
        with self._lock:
            version = version_of(programme_id, on)
            indexed = self._by_programme.get(programme_id)
            if indexed is None or indexed.version != version or indexed.index.linker is not current:
                indexed = _build(programme_id, on, version, current)
                self._by_programme[programme_id] = indexed
            return indexed


indexes = Indexes()


def _open(programme_id: UUID, on: dt.date) -> QuerySet[Opening]:
    return Opening.objects.open(on=on).filter(employer__programme=programme_id)


def version_of(programme_id: UUID, on: dt.date) -> tuple[Any, ...]:
    """What tells one state of the open openings from another in three cheap queries.

    Every act on an opening or employer writes an audit event, so their number and the last of them say whether anything
    was done; without an act the set only shrinks as days pass, and then its size says so.
    """
    events = Event.objects.filter(noun__in=["opening", "employer"])
    latest = events.order_by("-created_at", "pk").values_list("pk", flat=True).first()
    return events.count(), latest, _open(programme_id, on).count()


def _build(programme_id: UUID, on: dt.date, version: tuple[Any, ...], current: matching.Linker | None) -> Indexed:
    roots, open_now = roots_of(programme_id), _open(programme_id, on)
    asked = asked_by(Requirement.objects.filter(opening__in=open_now))
    introduced = Introduction.objects.filter(match__opening__in=open_now).values_list("match__opening", flat=True)
    exposure = Counter(introduced)
    rows = list(open_now.select_related("employer", "end_client", "municipality", "occupation"))
    index = matching.OpeningIndex.build(
        (to_opening(row, on, roots, asked.get(row.pk, ()), exposure[row.pk]) for row in rows), linker=current
    )
    _ = index.columns  # made here, under the lock
    return Indexed(
        version=version,
        index=index,
        ids=frozenset(str(row.pk) for row in rows),
        unsaid={str(row.pk): unsaid_by(row) for row in rows},
    )
