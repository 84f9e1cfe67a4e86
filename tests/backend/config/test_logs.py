"""Canaries in everything a request carries, and an exception that says one: none sings in a log or an error mail."""

import io
import logging
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core import mail
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from django.utils.log import AdminEmailHandler
from django.views.debug import ExceptionReporter

from backend.config.logs import MaskedFormatter, MaskedReports, masked
from tests.conftest import Cast

CANARIES = ("Kanarinka", "kanarinka@example.org", "0641234567", "0101990715012", "Ulica Kanarinaca 5", "Канаринка")

logger = logging.getLogger("backend.test")


def fails(request: HttpRequest) -> HttpResponse:
    note = CANARIES[4]
    try:
        raise IntegrityError(f"Key (email)=({CANARIES[1]}) already exists.")
    except IntegrityError as error:
        logger.warning("constraint met by %s", note, exc_info=error)
        raise KeyError(CANARIES[0], note) from error


urlpatterns = [path("fails/", fails), path("", include("backend.config.urls"))]


@pytest.fixture(autouse=True)
def _masked_off_pytest(settings: object) -> None:
    settings.ROOT_URLCONF = __name__  # type: ignore[attr-defined]
    settings.ADMINS = [("", "admin@example.org")]  # type: ignore[attr-defined]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the product's own handler writes."""
    handler = next(h for h in logging.getLogger().handlers if isinstance(h.formatter, MaskedFormatter))
    assert isinstance(handler, logging.StreamHandler)
    text = io.StringIO()
    before = handler.setStream(text)
    yield text
    handler.setStream(before)


def provoke(cast: Cast) -> str:
    """Everything that is written and mailed when a counsellor meets an error, and a page that is not there."""
    cast.counsellor.name = CANARIES[0]
    cast.counsellor.save()
    client = Client(raise_request_exception=False, headers={"user-agent": CANARIES[0], "x-note": CANARIES[1]})
    client.force_login(cast.counsellor)
    for canary in CANARIES:
        query = {"q": canary}
        assert client.post("/fails/", {"name": canary}, query_params=query).status_code == 500
        assert client.get(f"/people/{canary}/", query).status_code == 404
    return "\n".join(f"{letter.subject} {letter.body} {letter.alternatives}" for letter in mail.outbox)


def found(text: str) -> set[str]:
    return {canary for canary in CANARIES if canary in text}


def test_neither_log_nor_mail_names_anybody(cast: Cast, written: io.StringIO) -> None:
    mailed = provoke(cast)
    for text in (written.getvalue(), mailed):
        assert not found(text)
        assert "django.db.utils.IntegrityError\n  tests/backend/config/test_logs.py:" in text
        assert "builtins.KeyError" in text
    assert "WARNING backend.test constraint met by …" in written.getvalue()
    assert "WARNING django.request …: … method=GET route=… status=404" in written.getvalue()
    assert len(mail.outbox) == len(CANARIES)


def test_with_djangos_own_formatter_they_would_sing(cast: Cast, written: io.StringIO) -> None:
    """The negative control."""
    handlers = [h for h in logging.getLogger().handlers if isinstance(h.formatter, MaskedFormatter)]
    before = [handler.formatter for handler in handlers]
    for handler in handlers:
        handler.setFormatter(logging.Formatter())
    mailed = provoke(cast)
    for handler, formatter in zip(handlers, before, strict=True):
        handler.setFormatter(formatter)
    assert found(written.getvalue()) >= {CANARIES[0], CANARIES[1], CANARIES[4]}
    assert found(mailed) >= {CANARIES[0], CANARIES[1]}


def test_no_handler_writes_around_the_mask() -> None:
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict]
    handlers = [handler for logger in (logging.root, *loggers) for handler in logger.handlers]
    ours = [handler for handler in handlers if not type(handler).__module__.startswith("_pytest")]
    assert not [handler for handler in ours if isinstance(handler, AdminEmailHandler)]
    assert {type(handler.formatter) for handler in ours if not isinstance(handler, logging.NullHandler)} == {
        MaskedFormatter
    }


@pytest.mark.parametrize("filtered", [True, False], ids=["masked", "negative control"])
def test_djangos_own_report_holds_no_value(filtered: bool, rf: object, monkeypatch: pytest.MonkeyPatch) -> None:
    if not filtered:
        monkeypatch.setattr(MaskedReports, "is_active", lambda *_: False)
    request = rf.post("/fails/", {"name": CANARIES[0]}, headers={"x-note": CANARIES[1]})  # type: ignore[attr-defined]
    request.COOKIES = {"note": CANARIES[2]}
    here = CANARIES[4]
    try:
        raise KeyError(len(here))
    except KeyError as error:
        text = ExceptionReporter(request, type(error), error, error.__traceback__).get_traceback_html()
    assert settings.DEFAULT_EXCEPTION_REPORTER_FILTER == "backend.config.logs.MaskedReports"
    assert (found(text) == set()) is filtered


@pytest.mark.parametrize(
    ("value", "passes"),
    [
        (404, True), (None, True), (True, True), (0.5, True), ("backend.matches.tasks", True),
        ("00000000-0000-4000-8000-000000000000", True), ("0" * 32, True),
        (381641234567, False), (101990715012, False), ("0641234567", False), ("Milica", False), ("backend", False),
        ("milica.jovanovic", False), (["Milica"], False), ("/people/?q=Milica", False), (KeyError("Milica"), False),
    ],
)  # fmt: skip
def test_what_passes(value: object, passes: bool) -> None:
    assert (masked(value) == value) is passes


def test_a_message_that_is_odd_is_still_written() -> None:
    def line(message: object, *given: object) -> str:
        return MaskedFormatter().format(logging.LogRecord("backend.x", 20, "x.py", 7, message, given, None))

    assert line("%d of %s", "Milica", 3).endswith("%d of %s")
    assert line("%s").endswith("backend.x %s")
    assert line(KeyError("Milica")).endswith("x:7")
    assert line("%(who)s", {"who": "Milica"}).endswith(" …")
