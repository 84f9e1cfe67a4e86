"""What a database has to be set to before anything is written, asked of the database itself on every connection."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import BaseDatabaseWrapper

# What may stand in these settings, so that no statement, parameter or conflicting row is written to the server's log.
POSTGRESQL = {
    "log_error_verbosity": {"terse"},
    "log_min_error_statement": {"fatal", "panic"},
    "log_statement": {"none", "ddl"},
    "log_min_duration_statement": {"-1"},
    "log_parameter_max_length_on_error": {"0"},
}


def assert_safe(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Refuse a database that loses, keeps or logs what it must not; a developer's PostgreSQL may log.

    Raises ImproperlyConfigured, naming the settings.
    """
    if connection.vendor == "postgresql" and settings.LOCAL:
        return
    if wrong := faults(connection):
        connection.close()  # or the next query would find it open, and not be asked again
        raise ImproperlyConfigured(f"This database is not safe to use: {'; '.join(wrong)}.")


def faults(connection: BaseDatabaseWrapper) -> list[str]:
    """Each setting that is not as it has to be, in words for an administrator."""
    with connection.cursor() as cursor:

        def ask(question: str) -> str:
            cursor.execute(question)
            return str(cursor.fetchone()[0])

        if connection.vendor == "sqlite":
            seen = {name: ask(f"PRAGMA {name}") for name in settings.SQLITE_PRAGMAS}
            seen["transaction_mode"] = str(connection.transaction_mode)  # type: ignore[attr-defined]
            wanted = settings.SQLITE_PRAGMAS | {"transaction_mode": "IMMEDIATE"}
            return [
                f"{name} is {seen[name]} and not {want}" for name, want in wanted.items() if seen[name] != str(want)
            ]
        shown = {name: ask(f"SHOW {name}") for name in POSTGRESQL}
    return [
        f"{name} is {shown[name]} and not {' or '.join(sorted(allowed))}"
        for name, allowed in POSTGRESQL.items()
        if shown[name] not in allowed
    ]
