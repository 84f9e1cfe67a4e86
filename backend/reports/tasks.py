"""Quarters frozen in the background."""

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from backend.accounts.models import Organisation
from backend.core.tenancy import in_programme

from .models import Snapshot
from .quarters import Quarter
from .services import ask_for_snapshot, note_failure, take_snapshot


@task()
def freeze_quarter(programme: str, snapshot: str) -> None:
    """Make the snapshot with this id, of the programme with that one; where that breaks off the snapshot says so."""
    with in_programme(UUID(programme)):
        asked = Snapshot.objects.get(pk=snapshot)
        try:
            take_snapshot(snapshot=asked, on=timezone.localdate())
        except Exception:
            note_failure(asked)
            raise


def freeze_soon(snapshot: Snapshot) -> None:
    """Queue `freeze_quarter` for when the current transaction is committed."""
    transaction.on_commit(lambda: freeze_quarter.enqueue(str(snapshot.programme_id), str(snapshot.pk)))


def freeze_closed_quarters(on: dt.date) -> None:
    """Have the newest closed quarter of every programme frozen, where it is not."""
    quarter = Quarter.last_closed(on)
    for programme in Organisation.objects.programmes():
        with in_programme(programme.pk):
            snapshot = ask_for_snapshot(actor=None, programme=programme, quarter=quarter, on=on)
            if not snapshot.is_ready:
                freeze_soon(snapshot)
