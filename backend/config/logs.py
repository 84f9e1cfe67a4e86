"""What goes to the log and into error mail: which code failed, where and how often; never on whom or on what.

Names, addresses and notes reach a log as values: in the arguments of a message, in the text of an exception, in a path
or a query. So values are masked by what they are, whoever logs them, and exceptions are told by type and place.
"""

import logging
import re
from collections.abc import Iterator
from types import FrameType
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import mail_admins
from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

MASK = "…"
HIGHEST = 10**7  # counts, ports and process numbers lie below; phone, tax and registry numbers above
KEY = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|backend(\.\w+)+")


def masked(value: object) -> object:
    """A small number, a key or one of our modules as it is; everything else as a mask."""
    if value is None or isinstance(value, UUID | bool) or (isinstance(value, int | float) and abs(value) < HIGHEST):
        return value
    return value if isinstance(value, str) and KEY.fullmatch(value) else MASK


def told(error: BaseException | None) -> Iterator[str]:
    """An exception and what caused it: types and places, without messages."""
    while error is not None:
        yield f"{type(error).__module__}.{type(error).__qualname__}"
        trace = error.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            yield f"  {code.co_filename.removeprefix(f'{settings.BASE_DIR}/')}:{trace.tb_lineno} {code.co_name}"
            trace = trace.tb_next
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


class MaskedFormatter(logging.Formatter):
    """One line per record, then a line per place of its exception."""

    def format(self, record: logging.LogRecord) -> str:
        words = [self.formatTime(record), record.levelname, record.name, self._message(record)]
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest):
            match = request.resolver_match
            words += [f"method={request.method}", f"route={match.view_name if match else MASK}"]
        if (status := getattr(record, "status_code", None)) is not None:
            words.append(f"status={masked(status)}")
        error = record.exc_info[1] if record.exc_info else None
        return "\n".join([" ".join(words), *told(error)])

    def _message(self, record: logging.LogRecord) -> str:
        """The template with its values masked; where others may have put them in already, only its place."""
        if not isinstance(record.msg, str) or not (record.args or record.name.startswith("backend.")):
            return f"{record.module}:{record.lineno}"
        given = record.args or ()
        try:
            if isinstance(given, tuple):
                return record.msg % tuple(masked(value) for value in given) if given else record.msg
            return record.msg % {name: masked(value) for name, value in given.items()}
        except (TypeError, ValueError):  # a mask where the template wants a number
            return record.msg


class MaskedMailHandler(logging.Handler):
    """Mails ADMINS what the formatter lets through; Django's own handler would add variables and forms."""

    def emit(self, record: logging.LogRecord) -> None:
        mail_admins(f"{record.levelname} {record.name}", self.format(record), fail_silently=True)


class MaskedReports(SafeExceptionReporterFilter):
    """The second line, for whatever else reports an error outside DEBUG: no variable, form, cookie or header."""

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> Any:
        shown = super().get_traceback_frame_variables(request, tb_frame)
        return [(name, MASK) for name, _value in shown] if self.is_active(request) else shown

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        given = super().get_post_parameters(request)
        return dict.fromkeys(given, MASK) if self.is_active(request) else dict(given)

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, Any]:
        return {} if self.is_active(request) else super().get_safe_cookies(request)

    def get_safe_request_meta(self, request: HttpRequest) -> dict[str, Any]:
        return {} if self.is_active(request) else super().get_safe_request_meta(request)

    def get_safe_settings(self) -> dict[str, Any]:
        return super().get_safe_settings() if settings.DEBUG else {}
