"""What all API tests share: the world, a client per actor, and a clock that stands still."""

import datetime as dt
import logging
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from backend.accounts.models import User
from backend.employers.models import Employer
from tests.conftest import Cast
from tests.factories import EmployerFactory

from .world import As, World, build


class AtTheDoor(APIClient):
    """An employer's program: whatever is asked for, it asks for at the employers' door."""

    def generic(self, method: str, path: str, *args: Any, **more: Any) -> Any:
        return super().generic(
            method, path.replace("/api/v1/", PORTAL, 1) if PORTAL not in path else path, *args, **more
        )


PORTAL = "/portal/api/v1/"


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch, now: dt.datetime) -> None:
    monkeypatch.setattr(timezone, "now", lambda: now)


@pytest.fixture
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of refusals, and not a line in the log for each."""
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)


@pytest.fixture
def world(cast: Cast) -> World:
    return build(cast)


@pytest.fixture
def other_employer(cast: Cast) -> Employer:
    """Another employer of the same programme, with its own portal user."""
    return EmployerFactory(programme=cast.programme, cleared=True, with_portal=True)


@pytest.fixture
def client_of() -> As:
    def client(user: User | None) -> APIClient:
        client = AtTheDoor() if user and user.is_employer else APIClient()
        client.force_authenticate(User.objects.get(pk=user.pk) if user else None)
        return client

    return client


@pytest.fixture
def foreign_world(other_cast: Cast) -> World:
    """The same rows in the other programme."""
    return build(other_cast, "2")
