"""Pages by cursor: stable while rows are added, and no count that could tell what is hidden."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView


class CreatedCursorPagination(CursorPagination):
    """Newest first, unless the request orders otherwise."""

    ordering = "-created_at"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> tuple[str, ...]:
        """The chosen order, with the key last, so that equal rows never change places between two pages."""
        return (*super().get_ordering(request, queryset, view), "pk")

    def decode_cursor(self, request: Request) -> Any:
        cursor = super().decode_cursor(request)
        if cursor is not None and cursor.position and not _is_comparable(str(cursor.position)):
            raise NotFound(self.invalid_cursor_message)
        return cursor

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, ValidationError) as error:  # a cursor of another order, or a forged one
            raise NotFound(self.invalid_cursor_message) from error


def _is_comparable(position: str) -> bool:
    """Whether PostgreSQL can compare it: no text with NUL, no instant of a far zone; ours are in UTC."""
    try:
        instant = parse_datetime(position)
    except ValueError:
        instant = None
    return "\0" not in position and not (instant and instant.utcoffset())


class NameCursorPagination(CreatedCursorPagination):
    """By folded name."""

    ordering = "name_folded"


class CodeCursorPagination(CreatedCursorPagination):
    """By code."""

    ordering = "code"


class SharedCursorPagination(CreatedCursorPagination):
    """Latest shared first: a cursor says by what it orders, and when a row was made is not everybody's to know."""

    ordering = "-shared_at"
