"""Sealing a column that was kept in the clear, row by row, inside a migration."""

from typing import Any

from django.db.migrations.operations import AddField, AlterField, RemoveField, RenameField, RunPython
from django.db.migrations.operations.base import Operation

from backend.core.tenancy import follow

from .fields import SealedField


def seal_columns(
    app: str, model: str, about: str, fields: dict[str, SealedField], was: dict[str, str] | None = None
) -> list[Operation]:
    """Operations that put sealed fields in the place of plain ones of the same name, and keep what the rows say.

    `about` leads from a row to its person; `was` names plain fields that were called otherwise. Where the new field
    may be NULL, what was empty becomes NULL.
    """
    was = {name: name for name in fields} | (was or {})

    def seal(apps: Any, schema_editor: Any) -> None:
        rows = apps.get_model(app, model)
        for name, field in fields.items():
            rows._meta.get_field(name).null = field.null  # so that None is sealed where the column will not be NULL
        for row in rows.objects.iterator():
            person, sealed = follow(row, about), {}
            for name, field in fields.items():
                plain = getattr(row, rows._meta.get_field(f"{name}_plain").attname)
                if not plain and field.empty_strings_allowed:
                    plain = None if field.null else ""
                sealed[name] = rows._meta.get_field(name).sealed(plain, row, person)
            rows.objects.filter(pk=row.pk).update(**sealed)

    operations: list[Operation] = []
    for name, field in fields.items():
        operations.append(RenameField(model, was[name], f"{name}_plain"))
        _, _, arguments, options = field.deconstruct()
        operations.append(AddField(model, name, type(field)(*arguments, **options | {"null": True})))
    operations.append(RunPython(seal))
    for name, field in fields.items():
        operations += [RemoveField(model, f"{name}_plain"), AlterField(model, name, field)]
    return operations
