"""Two layers of keys: the organisation's, from the environment, wrap the data keys that the database holds.

Values are sealed with data keys only, so changing the organisation key re-wraps a row per person and touches no value.
"""

import base64
import binascii
import datetime as dt
import secrets
import threading
from collections.abc import Iterable
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from .models import SYSTEM, DataKey

KEY_BYTES = 32
NONCE_BYTES = 12
OPENED_AT_MOST = 2_000


class VaultError(Exception):
    """A sealed value cannot be had. The message never holds a value or a key."""


class KeyMissing(VaultError):
    """There is no key to open it with: the organisation key was lost or is another, or none was ever made."""


class KeyDestroyed(VaultError):
    """The person was erased."""


class SealBroken(VaultError):
    """Altered, cut, or sealed for another place, person or key."""


class _Opened(threading.local):
    """The data keys that this thread has unwrapped since its request or job began."""

    def __init__(self) -> None:
        self.keys: dict[UUID, bytes] = {}


_opened = _Opened()


def organisation_keys() -> dict[str, bytes]:
    """The organisation keys by id: the first is current, the others only open what has not been rotated yet.

    Raises ImproperlyConfigured if VAULT_KEYS holds none, or what is not 32 bytes in URL-safe base64.
    """
    return _parsed(tuple(settings.VAULT_KEYS))


@lru_cache(maxsize=8)
def _parsed(lines: tuple[str, ...]) -> dict[str, bytes]:
    keys = {}
    for line in lines:
        try:
            key = base64.b64decode(line + "=" * (-len(line) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != KEY_BYTES:
            raise ImproperlyConfigured("VAULT_KEYS holds something that is not 32 bytes in URL-safe base64.")
        keys[purpose_key(key, "key-id")[:4].hex()] = key
    if not keys:
        raise ImproperlyConfigured("VAULT_KEYS holds no key.")
    return keys


def derived_key(purpose: str) -> bytes:
    """32 bytes for a use of their own, such as "audit-chain": the same for as long as the database lives.

    They come from the system key, so that changing the organisation key does not change them.
    """
    return purpose_key(key_to_open(SYSTEM), purpose)


def purpose_key(key: bytes, purpose: str) -> bytes:
    """A key of its own for a purpose (HKDF, RFC 5869, the purpose as `info`)."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"korak|{purpose}".encode()).derive(key)


# -- data keys ----------------------------------------------------------------------------------------------------


def key_to_seal(subject: UUID) -> bytes:
    """The data key to seal with, made when a person needs her first.

    Always read from the database: a key from memory might be one whose transaction was rolled back.
    """
    row = DataKey.objects.filter(pk=subject).first()
    if row is None:
        if subject == SYSTEM:
            raise KeyMissing("The database has no system key; run `manage.py migrate`.")
        row, _ = DataKey.objects.get_or_create(subject=subject, defaults=_new_key(subject))
    return _keep(row)


def key_to_open(subject: UUID) -> bytes:
    """The data key to open with."""
    if (key := _opened.keys.get(subject)) is not None:
        return key
    row = DataKey.objects.filter(pk=subject).first()
    if row is None:
        raise KeyMissing("There is no key for this.")
    return _keep(row)


def open_keys(subjects: Iterable[UUID]) -> None:
    """Unwrap the keys of many people in one query, before a page or a ranking reads them."""
    if closed := set(subjects) - _opened.keys.keys():
        for row in DataKey.objects.filter(pk__in=closed, destroyed_at__isnull=True):
            _keep(row)


def forget_opened_keys() -> None:
    _opened.keys.clear()


def make_system_key() -> None:
    """Give the database its system key, if it has none."""
    if not DataKey.objects.filter(pk=SYSTEM).exists():
        DataKey.objects.get_or_create(subject=SYSTEM, defaults=_new_key(SYSTEM))
        _opened.keys.pop(SYSTEM, None)


def destroy_key(subject: UUID, *, now: dt.datetime) -> None:
    """Erase a person: nothing sealed for her opens again, and nothing more can be sealed. Safe to repeat."""
    DataKey.objects.get_or_create(subject=subject, defaults=_new_key(subject))
    DataKey.objects.filter(pk=subject, destroyed_at__isnull=True).update(wrapped=b"", destroyed_at=now)
    _opened.keys.pop(subject, None)


def rewrap(row: DataKey) -> bool:
    """Wrap a data key under the current organisation key; whether it was not, and nobody was faster."""
    wrapped, wrapped_by = _wrap(_unwrap(row), row.subject)
    before = DataKey.objects.filter(pk=row.pk, wrapped_by=row.wrapped_by, destroyed_at__isnull=True)
    return bool(before.update(wrapped=wrapped, wrapped_by=wrapped_by))


def _new_key(subject: UUID) -> dict[str, object]:
    wrapped, wrapped_by = _wrap(AESGCM.generate_key(KEY_BYTES * 8), subject)
    return {"wrapped": wrapped, "wrapped_by": wrapped_by}


def _wrap(key: bytes, subject: UUID) -> tuple[bytes, str]:
    wrapped_by, organisation_key = next(iter(organisation_keys().items()))
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(organisation_key).encrypt(nonce, key, b"data-key" + subject.bytes), wrapped_by


def _unwrap(row: DataKey) -> bytes:
    if row.destroyed_at is not None:
        raise KeyDestroyed("This person was erased.")
    organisation_key = organisation_keys().get(row.wrapped_by)
    if organisation_key is None:
        raise KeyMissing(f"The organisation key {row.wrapped_by} is not in VAULT_KEYS.")
    wrapped = bytes(row.wrapped)
    try:
        return AESGCM(organisation_key).decrypt(
            wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], b"data-key" + row.subject.bytes
        )
    except (InvalidTag, ValueError) as error:
        raise SealBroken("A wrapped key was altered.") from error


def _keep(row: DataKey) -> bytes:
    key = _unwrap(row)
    if len(_opened.keys) >= OPENED_AT_MOST:
        _opened.keys.clear()
    _opened.keys[row.subject] = key
    return key
