"""Filters that say nothing about what the actor cannot see."""

from typing import Any

from django.db import models
from django_filters import filters
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from django_filters.rest_framework.filterset import FILTER_FOR_DBFIELD_DEFAULTS
from rest_framework.filters import OrderingFilter, SearchFilter
from rest_framework.request import Request

from matching.text import fold


class NounFilter(FilterSet):  # type: ignore[misc]
    """A related row is named by its identifier and never looked up, so an unseen one reads as one that is not there."""

    FILTER_DEFAULTS = FILTER_FOR_DBFIELD_DEFAULTS | {
        models.ForeignKey: {"filter_class": filters.UUIDFilter},
        models.OneToOneField: {"filter_class": filters.UUIDFilter},
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
