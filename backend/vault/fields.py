"""Model fields that the database holds sealed, and that read and write like any other on an instance.

A value is sealed when its row is saved and opened when it is first read, with the key of the person whom the row is
about (core.tenancy), bound to table, column and row.
Querysets cannot look into it: any lookup but `isnull` raises, and `update()` takes it only from `sealed_values`.
"""

import json
from collections.abc import Iterable
from typing import Any, NoReturn
from uuid import UUID

from django.core.exceptions import FieldError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query_utils import DeferredAttribute
from phonenumber_field.modelfields import PhoneNumberField

from backend.core.tenancy import person_of

from .keyring import open_keys
from .sealing import seal, unseal

BLOCK = 64
"""Values are padded to a multiple of so many bytes, so that short ones do not tell themselves by their length."""


class Sealed:
    """What the database holds; it shows nothing."""

    __slots__ = ("sealed",)

    def __init__(self, sealed: bytes) -> None:
        self.sealed = sealed

    def __repr__(self) -> str:
        return "<sealed>"


class SealedAttribute(DeferredAttribute):
    """Opens a sealed value when it is first read."""

    field: "SealedField"

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        if isinstance(value, Sealed):
            value = instance.__dict__[self.field.attname] = self.field.opened(value, instance)
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class SealedField(models.Field):  # type: ignore[type-arg]
    """What the sealed fields share; put before a field of Django's."""

    descriptor_class = SealedAttribute

    def get_internal_type(self) -> str:
        return "BinaryField"

    def sealed(self, value: Any, instance: models.Model, person: UUID | None) -> Sealed | None:
        """The value as the database keeps it in the instance's row. None stays NULL where the column allows it."""
        if value is None and self.null:
            return None
        plain = json.dumps(self.get_prep_value(value), cls=DjangoJSONEncoder, ensure_ascii=False).encode()
        padded = plain.ljust(-len(plain) // BLOCK * -BLOCK)
        return Sealed(seal(padded, subject=person, context=self._place(instance)))

    def opened(self, value: Sealed, instance: models.Model) -> Any:
        """The value of the instance's row. Raises SealBroken, KeyDestroyed or KeyMissing."""
        plain = unseal(value.sealed, subject=person_of(instance), context=self._place(instance))
        return self.to_python(json.loads(plain))

    def _place(self, instance: models.Model) -> str:
        return f"{instance._meta.db_table}|{self.column}|{instance.pk}"

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        held = model_instance.__dict__.get(self.attname)
        if isinstance(held, Sealed) and not add:
            return held
        return self.sealed(super().pre_save(model_instance, add), model_instance, person_of(model_instance))

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Sealed | None:
        return None if value is None else Sealed(bytes(value))

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        if value is None:
            return None
        if isinstance(value, Sealed):
            value = value.sealed
        if not isinstance(value, bytes):
            raise TypeError(f"{self} is sealed: save the row, or update with sealed_values().")
        return connection.Database.Binary(value)  # type: ignore[attr-defined]

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        return self.get_db_prep_value(value, connection)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self} is sealed: the database cannot look into it.")
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> NoReturn:
        raise FieldError(f"{self} is sealed: the database cannot look into it.")

    def value_to_string(self, obj: models.Model) -> NoReturn:
        raise TypeError(f"{self} is sealed: it does not leave the database by serialisation.")


class SealedCharField(SealedField, models.CharField):  # type: ignore[type-arg]
    pass


class SealedEmailField(SealedField, models.EmailField):  # type: ignore[type-arg]
    pass


class SealedDateField(SealedField, models.DateField):  # type: ignore[type-arg]
    pass


class SealedUUIDField(SealedField, models.UUIDField):  # type: ignore[type-arg]
    pass


class SealedJSONField(SealedField, models.JSONField):
    pass


class SealedIntegerField(SealedField, models.IntegerField):  # type: ignore[type-arg]
    # What a column of the database could hold does not bound it.
    validators = models.Field.validators


class PhoneAttribute(SealedAttribute):
    """Phone numbers are parsed when they are set, as PhoneNumberField does."""

    def __set__(self, instance: Any, value: Any) -> None:
        super().__set__(instance, value if isinstance(value, Sealed) else self.field.to_python(value))


class SealedPhoneField(SealedField, PhoneNumberField):  # type: ignore[misc]
    descriptor_class = PhoneAttribute


def open_keys_of(rows: Iterable[models.Model]) -> None:
    """Unwrap in one query the keys that a page of rows will need, if anything in them is sealed."""
    sealed = (row for row in rows if any(isinstance(field, SealedField) for field in row._meta.local_fields))
    open_keys(person for row in sealed if (person := person_of(row)) is not None)


def sealed_values(instance: models.Model, **values: Any) -> dict[str, Sealed | None]:
    """Values of sealed fields for a conditional `update()` of the instance's own row."""
    fields = {name: instance._meta.get_field(name) for name in values}
    return {name: fields[name].sealed(value, instance, person_of(instance)) for name, value in values.items()}  # type: ignore[union-attr]
