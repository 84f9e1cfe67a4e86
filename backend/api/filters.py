"""Filters that say nothing about what the actor cannot see."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django_filters import filters
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from django_filters.rest_framework.filterset import FILTER_FOR_DBFIELD_DEFAULTS
from rest_framework.filters import OrderingFilter, SearchFilter
from rest_framework.request import Request

from matching.text import fold


class InstantField(IsoDateTimeField):  # type: ignore[misc]
    """An instant, in UTC: PostgreSQL takes none from a zone 16 hours away or further."""

    def to_python(self, value: Any) -> dt.datetime | None:
        instant: dt.datetime | None = super().to_python(value)
        try:
            return instant and instant.astimezone(dt.UTC)
        except OverflowError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error


class InstantFilter(filters.IsoDateTimeFilter):  # type: ignore[misc]
    field_class = InstantField


class NounFilter(FilterSet):  # type: ignore[misc]
    """A related row is named by its identifier and never looked up, so an unseen one reads as one that is not there."""

    FILTER_DEFAULTS = FILTER_FOR_DBFIELD_DEFAULTS | {
        models.ForeignKey: {"filter_class": filters.UUIDFilter},
        models.OneToOneField: {"filter_class": filters.UUIDFilter},
        models.DateTimeField: {"filter_class": InstantFilter},
    }


class CodeFilter(filters.CharFilter):  # type: ignore[misc]
    """A related place, by its code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, max_length=60, **kwargs)


class FoldedSearch(SearchFilter):
    """Searches folded columns: both scripts, with or without diacritics."""

    def get_search_terms(self, request: Request) -> list[str]:
        return [folded for term in super().get_search_terms(request) if (folded := fold(term))]


BY_FOLDED_NAME = [DjangoFilterBackend, FoldedSearch, OrderingFilter]
