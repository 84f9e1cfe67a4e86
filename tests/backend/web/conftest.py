"""Reading pages in English, on a fixed day, as somebody."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from backend.accounts.models import User

SignIn = Callable[[User], Client]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, now: dt.datetime) -> dt.datetime:
    """The edge reads its clock here: pages stand on 2 November 2026."""
    monkeypatch.setattr(timezone, "now", lambda: now)
    return now


@pytest.fixture
def sign_in(db: None) -> SignIn:
    """A browser, signed in as a user."""

    def as_user(user: User) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user)
        return client

    return as_user
