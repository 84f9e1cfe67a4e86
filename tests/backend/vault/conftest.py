"""Organisation keys to change, and people to seal for."""

import secrets
import uuid
from collections.abc import Callable

import pytest
from django.conf import LazySettings

from backend.vault import keyring


@pytest.fixture
def person() -> uuid.UUID:
    return uuid.uuid4()


@pytest.fixture
def another() -> uuid.UUID:
    return uuid.uuid4()


@pytest.fixture
def use_keys(settings: LazySettings) -> Callable[..., None]:
    """Start again with these organisation keys, the first of them current."""

    def use(*keys: str) -> None:
        settings.VAULT_KEYS = list(keys)
        keyring.forget_opened_keys()

    return use


@pytest.fixture
def new_key() -> str:
    return secrets.token_urlsafe(32)
