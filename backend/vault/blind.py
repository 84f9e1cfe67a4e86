"""A blind index: what two rows of one programme have in common, for the database to join by, and nothing more.

A keyed digest (HMAC-SHA256, RFC 2104), its key derived for the field and the programme alone, so that no programme's
can be held against another's. It is cut short: even with the key a digest stands for several of all possible numbers,
and who joins by it opens the values to know.
"""

import hmac
from typing import Any

from django.db import models

from backend.core.tenancy import programme_of

from .keyring import VaultError, derived_key

BYTES = 3
"""24 bits: some six Serbian mobile numbers to a digest; among 10,000 people one intake in 1,700 meets one by chance."""


class BlindIndexField(models.CharField):  # type: ignore[type-arg]
    """The blind index of the sealed field `of` in the same row, worked out whenever the row is saved; "" of nothing."""

    def __init__(self, *args: Any, of: str, **options: Any) -> None:
        self.of = of
        given: dict[str, Any] = {"max_length": 2 * BYTES, "default": "", "blank": True, "editable": False}
        super().__init__(*args, **given | {"db_index": True} | options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, options | {"of": self.of}

    def digest(self, value: str, programme: object) -> str:
        """The digest of a value as its field would store it."""
        if not value:
            return ""
        key = derived_key(f"blind-index|{self.model._meta.label_lower}.{self.of}|{programme}")
        return hmac.digest(key, value.encode(), "sha256")[:BYTES].hex()

    def of_row(self, row: models.Model) -> str:
        """What the row's digest has to be; opens the sealed value."""
        field: Any = row._meta.get_field(self.of)
        return self.digest(str(field.get_prep_value(getattr(row, self.of)) or ""), programme_of(row))

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        found = self.of_row(model_instance)
        setattr(model_instance, self.attname, found)
        return found


def blind_fields(model: type[models.Model]) -> list[BlindIndexField]:
    return [field for field in model._meta.local_fields if isinstance(field, BlindIndexField)]


def rebuild(model: type[models.Model]) -> int:
    """Put right every digest of the model that is not what it has to be; how many were not.

    A row that does not open is left to `verify_vault`, which names it.
    """
    mended = 0
    for row in model._base_manager.iterator():
        try:
            right = {field.attname: field.of_row(row) for field in blind_fields(model)}
        except VaultError:
            continue
        if any(getattr(row, name) != digest for name, digest in right.items()):
            mended += model._base_manager.filter(pk=row.pk).update(**right)
    return mended
