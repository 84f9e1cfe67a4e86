"""Rows held until a transaction ends, and the one order in which they are taken.

Two acts that take the same rows in different orders wait for each other for ever; PostgreSQL then ends one of them with
an error that nobody can act on. An act therefore locks what it will read and change in this order, leaving out what it
does not need:

1. the opening
2. the person
3. what an act came by: the link of a mail, an invitation
4. her consents
5. what else hangs on her: lines of her file, matches, follow-ups before their spells
6. introductions, hers or anybody's
7. the employer, then users and organisations
8. the audit trail, by `record`, when everything else is locked and changed

Several rows of one kind are taken by key (`hold_all`). An `update()` or `delete()` takes a lock like any other: an act
that records more than once first holds what it changes after the first time.
"""

from typing import TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def hold(row: Row) -> Row:
    """The row, read anew and locked. Raises DoesNotExist if it is gone."""
    model: type[Row] = row._meta.model  # type: ignore[assignment]  # `type` of a request's user is a wrapper
    return _held(model._default_manager.all()).get(pk=row.pk)


def hold_all(rows: QuerySet[Row]) -> list[Row]:
    """The rows, read anew and locked by key."""
    return list(_held(rows).order_by("pk"))


def _held(rows: QuerySet[Row]) -> QuerySet[Row]:
    # No key is ever changed; so new rows may go on pointing here meanwhile, and wait for nobody.
    return rows.select_for_update(of=("self",), no_key=True)
