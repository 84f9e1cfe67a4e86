"""What stands in the database, to see whether a refused request left it alone."""

from typing import Any

from django.apps import apps
from django.db import connection

LOOKS = {"read_identity", "read_preview", "read_candidate"}


def stored() -> list[tuple[Any, ...]]:
    """All rows but sessions, and what the trail says of looks and refusals (neither the event nor its chain)."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if model._meta.label not in ("sessions.Session", "audit.Chain"):
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608
                found += [(model._meta.db_table, *row) for row in cursor.fetchall() if not _changes_nothing(row)]
    return found


def _changes_nothing(row: tuple[Any, ...]) -> bool:
    return any(look in row for look in LOOKS) or any(str(value).endswith("_refused") for value in row)
