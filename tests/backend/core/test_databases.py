"""The database is asked whether it is safe, and refused when it is not."""

import os
import secrets
import subprocess
import sys
from glob import glob
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, connection, connections, transaction
from django.db.backends.signals import connection_created

from backend.accounts.models import User
from backend.core.databases import assert_safe, faults

SQLITE = connection.vendor == "sqlite"
SERVER_LOG = next((path for path in glob("/var/log/postgresql/*-main.log") if os.access(path, os.R_OK)), "")
SAFE = {"log_error_verbosity": "terse", "log_min_error_statement": "panic"}


@pytest.mark.django_db
@pytest.mark.skipif(not SQLITE, reason="for SQLite")
def test_every_connection_is_asked() -> None:
    assert faults(connection) == []
    assert assert_safe in [receiver() for _key, receiver, *_ in connection_created.receivers]


@pytest.mark.django_db
@pytest.mark.skipif(not SQLITE, reason="for SQLite")
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"init_command": ""}, "busy_timeout is 5000 and not 20000"),
        ({"init_command": "PRAGMA busy_timeout=20000;"}, "journal_mode is delete and not wal"),
        ({"transaction_mode": "DEFERRED"}, "transaction_mode is DEFERRED and not IMMEDIATE"),
    ],
)
def test_an_unsafe_sqlite_is_refused(change: dict[str, str], told: str, tmp_path: Path) -> None:
    settings = connections["default"].settings_dict
    other = settings | {"NAME": str(tmp_path / "other.sqlite3"), "OPTIONS": settings["OPTIONS"] | change}
    unsafe = type(connections["default"])(other, "default")
    for _again in range(2):
        with pytest.raises(ImproperlyConfigured, match=told):
            unsafe.ensure_connection()


def test_production_is_as_strict_as_the_design(tmp_path: Path) -> None:
    """Not the tests' settings but the product's, outside DEBUG, asked of a fresh file."""
    code = (
        "import django; django.setup();"
        "from django.db import connection as c; cursor = c.cursor();"
        "print([cursor.execute(f'PRAGMA {n}').fetchone()[0] for n in ('journal_mode', 'synchronous', 'secure_delete')])"
    )
    given = {
        "DJANGO_SETTINGS_MODULE": "backend.config.settings",
        "SECRET_KEY": "s" * 60,
        "VAULT_KEYS": secrets.token_urlsafe(32),
        "DATABASE_URL": f"sqlite:///{tmp_path}/production.sqlite3",
        "PATH": os.environ["PATH"],
    }
    done = subprocess.run([sys.executable, "-c", code], env=given, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['wal', 2, 1]"


@pytest.mark.django_db
@pytest.mark.skipif(SQLITE, reason="for PostgreSQL")
def test_a_talkative_postgresql_is_refused_outside_debug(settings: object) -> None:
    with connection.cursor() as cursor:
        for name, value in SAFE.items():
            cursor.execute(f"SET {name} = {value}")
        assert faults(connection) == []
        cursor.execute("SET log_error_verbosity = default")
    assert_safe(connection)
    settings.LOCAL = False  # type: ignore[attr-defined]
    with pytest.raises(ImproperlyConfigured, match="log_error_verbosity is default and not terse"):
        assert_safe(connection)


@pytest.mark.django_db
@pytest.mark.skipif(SQLITE or not SERVER_LOG, reason="for a PostgreSQL whose log can be read here")
@pytest.mark.parametrize("safe", [True, False], ids=["safe", "negative control"])
def test_a_constraint_writes_no_value_into_the_servers_log(safe: bool) -> None:
    canary = f"kanarinka-{safe}-{os.getpid()}@example.org".lower()
    User.objects.create(email=canary, name="Kanarinka")
    begins = Path(SERVER_LOG).stat().st_size
    with connection.cursor() as cursor:
        for name, value in (SAFE if safe else dict.fromkeys(SAFE, "DEFAULT")).items():
            cursor.execute(f"SET {name} = {value}")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email=canary, name="Kanarinka")
    with connection.cursor() as cursor:
        for name in SAFE:
            cursor.execute(f"RESET {name}")
    logged = Path(SERVER_LOG).read_bytes()[begins:].decode()
    assert "duplicate key value violates unique constraint" in logged
    assert (canary in logged) is not safe
