"""A database of its own, on the server that the tests use, and commands run against it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).parents[3]


@contextmanager
def scratch_database(folder: Path) -> Iterator[str]:
    """The URL of an empty database that is gone afterwards."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder / f'{uuid4().hex}.sqlite3'}"
        return
    import psycopg

    server, name = settings.DATABASES["default"], f"korak_scratch_{uuid4().hex[:12]}"
    host, user, password = (server[key] or "" for key in ("HOST", "USER", "PASSWORD"))
    options = {"host": host, "user": user, "port": server["PORT"] or 5432, "dbname": "postgres"}
    with psycopg.connect(**options, password=password, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            yield f"postgres://{user}:{password}@{host}:{options['port']}/{name}"
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def python(database: str, *arguments: str, code: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """`manage.py` with the arguments, or with `code` a script after django.setup(), against that database."""
    command = ["-c", f"import django; django.setup()\n{code}"] if code else ["manage.py", *arguments]
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ
        | {"DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "backend.config.settings", "DEBUG": "1"}
        | environment,
        capture_output=True,
        text=True,
        check=False,
    )
