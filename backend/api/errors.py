"""Every refusal, in one shape: problem details for HTTP APIs (RFC 9457)."""

import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as RuleBroken
from django.db import IntegrityError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.types import ErrorResponse, ExceptionHandlerContext
from rest_framework import exceptions, serializers
from rest_framework.fields import get_error_detail
from rest_framework.response import Response

from backend.core.exceptions import Conflict

MEDIA_TYPE = "application/problem+json"
WHOLE = {"non_field_errors", "__all__", None}  # errors about no single field

logger = logging.getLogger(__name__)


class Refused(exceptions.ValidationError):
    """A rule was broken (400)."""


class LostRace(exceptions.ValidationError):
    """Somebody else changed the row first (409)."""

    status_code = HTTPStatus.CONFLICT


class TooLarge(exceptions.APIException):
    """The body is larger than anything this API takes (413)."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = gettext_lazy("This is more than the server takes at once.")


class ProblemSerializer(serializers.Serializer[Any]):
    """What every refusal looks like. `field` is null where the whole request is meant."""

    class FieldError(serializers.Serializer[Any]):
        field = serializers.CharField(allow_null=True)
        code = serializers.CharField()
        detail = serializers.CharField()

        class Meta:
            ref_name = "ProblemField"

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = FieldError(many=True)  # type: ignore[assignment]


class ProblemFormatter(ExceptionFormatter):
    """Turns the package's error list into problem details."""

    def format_error_response(self, error_response: ErrorResponse) -> dict[str, Any]:
        is_validation = isinstance(self.exc, exceptions.ValidationError)
        is_refused = is_validation and self.exc.status_code == HTTPStatus.BAD_REQUEST
        first = error_response.errors[0].detail if error_response.errors else ""
        return {
            "type": "about:blank",
            "title": _(HTTPStatus(self.exc.status_code).phrase),
            "status": int(self.exc.status_code),
            "detail": _("Some values cannot be taken.") if is_refused else first,
            "errors": list(_field_errors(error_response)) if is_validation else [],
        }


def _field_errors(error_response: ErrorResponse) -> Iterator[dict[str, str | None]]:
    for error in error_response.errors:
        field = None if error.attr in WHOLE else error.attr
        yield {"field": field, "code": error.code, "detail": error.detail}


class ProblemHandler(ExceptionHandler):
    """Knows what the services raise."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, Conflict):
            return LostRace(get_error_detail(exc))
        if isinstance(exc, RuleBroken):
            return Refused(get_error_detail(exc))
        if isinstance(exc, PermissionDenied):
            return exceptions.PermissionDenied(str(exc) or None)
        if isinstance(exc, RequestDataTooBig):
            return TooLarge()
        if isinstance(exc, SuspiciousOperation | exceptions.ParseError):
            return exceptions.ParseError()  # without the parser's own words, which are English only
        if isinstance(exc, IntegrityError):
            # Between a service's check and its save somebody wrote the same row. Where, stays in the log.
            logger.warning("constraint met after the check", exc_info=exc)
            return LostRace(_("Somebody else has just changed this. Load it again."))
        return super().convert_known_exceptions(exc)

    def get_response(self, exc: exceptions.APIException, data: dict[str, Any]) -> Response:
        response: Response = super().get_response(exc, data)
        response.content_type = MEDIA_TYPE
        return response


def problem_handler(exc: Exception, context: ExceptionHandlerContext) -> Response | None:
    """Answer any exception of a view with a problem document."""
    response: Response | None = ProblemHandler(exc, context).run()
    return response
