"""The erasure ledger: who was erased and when, in a file outside the database and outside its backups.

A backup from before an erasure still holds the person's key. What it brings back is taken away again by the ledger,
before a restored system opens. It names nobody: a line is a random identifier and an instant.
"""

import datetime as dt
import os
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection

from .models import DataKey


class LedgerBroken(Exception):
    """The ledger cannot be read, is not there, or is another database's."""


def append(subject: UUID, *, now: dt.datetime) -> None:
    """Write one erasure down, on disk before this returns. Raises OSError if it cannot be."""
    path = Path(settings.ERASURE_LEDGER)
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, f"{subject} {now.astimezone(dt.UTC).isoformat()}\n".encode())
        os.fsync(file)
    finally:
        os.close(file)


def read(*, may_be_missing: bool = False) -> dict[UUID, dt.datetime]:
    """Everybody who was erased, with the first instant.

    A ledger that is not there says nothing: only where nobody was ever erased, on somebody's word, it is read as empty.
    Raises LedgerBroken, also if the database knows of an erasure that the ledger does not.
    """
    path = Path(settings.ERASURE_LEDGER)
    if not path.exists() and not may_be_missing:
        raise LedgerBroken(
            f"There is no erasure ledger at {path}: put its newest copy there. Only where nobody was ever erased, "
            "say --no-ledger."
        )
    erased = _lines(path) if path.exists() else {}
    if missing := _erased_here() - erased.keys():
        raise LedgerBroken(f"{len(missing)} people were erased whom the erasure ledger does not know.")
    return erased


def _erased_here() -> set[UUID]:
    """Whose keys were destroyed in the database that stands here; nobody's where it has no tables yet."""
    if DataKey._meta.db_table not in connection.introspection.table_names():
        return set()
    return set(DataKey.objects.filter(destroyed_at__isnull=False).values_list("pk", flat=True))


def _lines(path: Path) -> dict[UUID, dt.datetime]:
    erased: dict[UUID, dt.datetime] = {}
    for number, line in enumerate(path.read_text("ascii", "replace").splitlines(), start=1):
        try:
            subject, at = line.split()
            erased.setdefault(UUID(subject), dt.datetime.fromisoformat(at))
        except ValueError as error:
            raise LedgerBroken(f"Line {number} of the erasure ledger cannot be read.") from error
    return erased
