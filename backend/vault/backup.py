"""A backup of the database in one sealed file: never a key, never the erasure ledger."""

import datetime as dt
import os
import sqlite3
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import connection
from django.db.backends.sqlite3._functions import register  # type: ignore[import-untyped]

from .stream import open_stream, seal_stream


class BackupRefused(Exception):
    """Why nothing was backed up or restored."""


def write_backup(path: Path, *, now: dt.datetime) -> None:
    """Write a backup to a new file. Raises BackupRefused."""
    with TemporaryDirectory(dir=path.resolve().parent, prefix=".korak-") as folder:
        dump, sealed = Path(folder, "dump"), Path(folder, "sealed")
        _dump(dump)
        with dump.open("rb") as source, open(os.open(sealed, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as target:
            seal_stream(source, target, {"engine": connection.vendor, "made_at": now.isoformat()})
            target.flush()
            os.fsync(target.fileno())
        try:
            os.link(sealed, path)  # whole or not at all, and never over another
        except FileExistsError as error:
            raise BackupRefused(f"{path} exists already.") from error


def read_backup(path: Path) -> dict[str, Any]:
    """Put the backup in the place of the database and return its manifest.

    It is opened and checked as a whole before anything is touched. Raises BackupRefused, SealBroken, KeyMissing.
    """
    place = Path(str(connection.settings_dict["NAME"])).parent if connection.vendor == "sqlite" else path.parent
    with TemporaryDirectory(dir=place.resolve(), prefix=".korak-") as folder:
        dump = Path(folder, "dump")
        with path.open("rb") as source, dump.open("wb") as target:
            manifest = open_stream(source, target)
        if manifest["engine"] != connection.vendor:
            raise BackupRefused(f"This is a backup of {manifest['engine']}, and the database is {connection.vendor}.")
        _load(dump)
    return manifest


def _dump(to: Path) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(to)])
    else:
        _postgres("pg_dump", "--format=custom", "--no-owner", "--file", str(to))


def _load(dump: Path) -> None:
    if connection.vendor != "sqlite":
        connection.close()
        _postgres("pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", str(dump))
        return
    with sqlite3.connect(dump) as restored:
        register(restored)  # checks of tables may call Django's own functions
        try:
            is_whole = restored.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        except sqlite3.DatabaseError:
            is_whole = False
    restored.close()
    if not is_whole:
        raise BackupRefused("The database in this backup is damaged.")
    connection.close()
    database = Path(str(connection.settings_dict["NAME"]))
    for leftover in (f"{database}-wal", f"{database}-shm"):
        Path(leftover).unlink(missing_ok=True)
    os.replace(dump, database)


def _postgres(program: str, *arguments: str) -> None:
    server = connection.settings_dict
    environment = {
        f"PG{name}": str(server[key])
        for name, key in {"HOST": "HOST", "PORT": "PORT", "USER": "USER", "PASSWORD": "PASSWORD"}.items()
        if server[key]
    }
    command = [program, "--dbname", str(server["NAME"]), *arguments]
    try:
        done = subprocess.run(command, env=os.environ | environment, capture_output=True, check=False)  # noqa: S603
    except FileNotFoundError as error:
        raise BackupRefused(f"{program} is not installed.") from error
    if done.returncode:
        # Its words may quote a row, so they are not passed on.
        raise BackupRefused(f"{program} failed with exit code {done.returncode}.")
