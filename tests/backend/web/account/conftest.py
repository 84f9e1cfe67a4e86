"""Browsers at the sign-in pages, and a phone whose clock stands still."""

from collections.abc import Iterator

import pytest
from allauth.mfa.totp.internal import auth
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from backend.accounts.models import User

PASSWORD = "violet-staircase-41"
SET_UP = "/account/2fa/totp/activate/"


class Phone:
    """An authenticator app. `step` is its clock, in steps of 30 seconds; the server reads the same one."""

    def __init__(self) -> None:
        self.step = 50_000_000
        self.secret = ""

    def code(self) -> str:
        return auth.format_hotp_value(auth.hotp_value(self.secret, self.step))


class Visitor(Client):
    """Somebody who reads English and signs in on the pages."""

    def __init__(self) -> None:
        super().__init__(headers={"accept-language": "en", "user-agent": "A browser"})

    def sign_in(self, user: User, password: str = PASSWORD) -> HttpResponse:
        return self.post("/account/login/", {"login": user.email, "password": password})

    def set_up(self, phone: Phone) -> HttpResponse:
        phone.secret = self.get(SET_UP).context["form"].secret
        return self.post(SET_UP, {"code": phone.code()})

    def enter(self, code: str) -> HttpResponse:
        return self.post("/account/2fa/authenticate/", {"code": code})

    def is_in(self) -> bool:
        """Whether the start page sends this browser on to a desk."""
        return self.get("/").headers.get("Location", "").startswith(("/people/", "/programme/", "/portal/", "/admin"))


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Phone:
    phone = Phone()
    monkeypatch.setattr(auth, "yield_hotp_counters_from_time", lambda: iter([phone.step]))
    return phone


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


@pytest.fixture(autouse=True)
def _committed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test is one transaction, at whose end nothing is committed: what waits for that is done at once."""
    monkeypatch.setattr(transaction, "on_commit", lambda act, **_: act())


@pytest.fixture(autouse=True)
def _forgotten_tries() -> Iterator[None]:
    """Used codes and tries are remembered in the cache, which outlives a test."""
    cache.clear()
    yield
    cache.clear()


def with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.save()
    return user
