"""Shapes: what a request may say. Rules are the services'."""

import datetime as dt
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from rest_framework import serializers

from backend.accounts.models import User
from backend.places.models import Municipality
from backend.skills.codes import CEFR, Language, Licence, Shift
from backend.skills.models import Occupation, Skill

EARLIEST, LATEST = dt.date(1900, 1, 1), dt.date(2200, 1, 1)
MAX_LIST = 60


class VisibleRelatedField(serializers.PrimaryKeyRelatedField[Any]):
    """A related row by its key, looked up among what the actor sees: an unseen one reads as a missing one."""

    def __init__(self, *, visible: Callable[[User], models.QuerySet[Any]], **options: Any) -> None:
        self.visible = visible
        # `queryset` only tells the parent that this field is written; see get_queryset.
        given: dict[str, Any] = {"pk_field": serializers.UUIDField(), "queryset": visible} | options
        super().__init__(**given)

    def get_queryset(self) -> models.QuerySet[Any]:
        return self.visible(self.context["request"].user)

    def to_internal_value(self, data: Any) -> Any:
        if "\0" in str(data):  # no key has it, and PostgreSQL will not even look
            self.fail("does_not_exist", pk_value=data)
        return super().to_internal_value(data)


class BoundedDateField(serializers.DateField):
    """A day within living memory or plans; outside it, date arithmetic would overflow."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if not self.read_only:
            self.validators += [MinValueValidator(EARLIEST), MaxValueValidator(LATEST)]


class BoundedDateTimeField(serializers.DateTimeField):
    """An instant within the same bounds."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if not self.read_only:
            bounds = [dt.datetime.combine(day, dt.time(), dt.UTC) for day in (EARLIEST, LATEST)]
            self.validators += [MinValueValidator(bounds[0]), MaxValueValidator(bounds[1])]

    def enforce_timezone(self, value: dt.datetime) -> dt.datetime:
        try:
            return super().enforce_timezone(value)
        except OverflowError:  # the first and the last day of the calendar, in some zones
            self.fail("overflow")


class Plain(serializers.Serializer[Any]):
    # A shape of its own, tied to no model.
    pass


class NounForm(serializers.ModelSerializer[Any]):
    # Takes a model's own field checks. Uniqueness is the service's: asking here would tell of unseen rows.

    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {
        models.DateField: BoundedDateField,
        models.DateTimeField: BoundedDateTimeField,
    }

    def get_unique_together_validators(self) -> list[Any]:
        return []

    def get_unique_for_date_validators(self) -> list[Any]:
        return []

    def build_relational_field(self, field_name: str, relation_info: Any) -> tuple[Any, dict[str, Any]]:
        raise ImproperlyConfigured(f"Declare {field_name} as VisibleRelatedField(visible=...).")


class NounSerializer(serializers.ModelSerializer[Any]):
    # What is shown of a row; nothing is ever written through it.

    def get_fields(self) -> "OrderedDict[str, Any]":
        fields = super().get_fields()
        for field in fields.values():
            field.read_only, field.required = True, False
        return fields  # type: ignore[return-value]


def municipality(**options: Any) -> VisibleRelatedField:
    """Places are open to everybody who signs in."""
    return VisibleRelatedField(
        visible=lambda actor: Municipality.objects.all(), pk_field=serializers.CharField(), **options
    )


def skill(**options: Any) -> VisibleRelatedField:
    return VisibleRelatedField(visible=lambda actor: Skill.objects.all(), **options)


def occupation(**options: Any) -> VisibleRelatedField:
    return VisibleRelatedField(visible=lambda actor: Occupation.objects.all(), **options)


def shifts(**options: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.ChoiceField(Shift.choices), max_length=len(Shift), **options)


def licences(**options: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.ChoiceField(Licence.choices), max_length=len(Licence), **options)


class LanguagesField(serializers.DictField):
    """Language code -> CEFR level."""

    child = serializers.ChoiceField(CEFR.choices)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        levels: dict[str, str] = super().to_internal_value(data)
        known = serializers.ChoiceField(Language.choices)
        return {known.run_validation(code): level for code, level in levels.items()}
