"""The erasure ledger: who was erased and when, in a file outside the database and outside its backups.

A backup from before an erasure still holds the person's key. What it brings back is taken away again by the ledger,
before a restored system opens. It names nobody: a line is a random identifier and an instant.
"""

import datetime as dt
import os
from pathlib import Path
from uuid import UUID

from django.conf import settings


class LedgerBroken(Exception):
    """The ledger cannot be read."""


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


def read() -> dict[UUID, dt.datetime]:
    """Everybody who was erased, with the first instant. Raises LedgerBroken."""
    path = Path(settings.ERASURE_LEDGER)
    erased: dict[UUID, dt.datetime] = {}
    if not path.exists():
        return erased
    for number, line in enumerate(path.read_text("ascii", "replace").splitlines(), start=1):
        try:
            subject, at = line.split()
            erased.setdefault(UUID(subject), dt.datetime.fromisoformat(at))
        except ValueError as error:
            raise LedgerBroken(f"Line {number} of the erasure ledger cannot be read.") from error
    return erased
