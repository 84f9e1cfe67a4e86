"""Sealing bytes: AES-256-GCM with the key of a person or of the system, bound to the place where they are kept."""

import secrets
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .keyring import (
    NONCE_BYTES,
    KeyDestroyed,
    KeyMissing,
    SealBroken,
    VaultError,
    key_to_open,
    key_to_seal,
)
from .models import SYSTEM

__all__ = ["KeyDestroyed", "KeyMissing", "SealBroken", "VaultError", "seal", "unseal"]


def seal(plaintext: bytes, *, subject: UUID | None, context: str) -> bytes:
    """The plaintext sealed for `subject` (None: the system), openable only with the same `context`.

    `context` names the place, such as "table|field|row". A random 96-bit nonce, then ciphertext and tag
    (NIST SP 800-38D). Raises KeyDestroyed if she was erased, KeyMissing if the organisation key is not there.
    """
    subject = SYSTEM if subject is None else subject
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key_to_seal(subject)).encrypt(nonce, plaintext, _bound(subject, context))


def unseal(sealed: bytes, *, subject: UUID | None, context: str) -> bytes:
    """What was sealed for `subject` at `context`.

    Raises SealBroken if it was altered, cut or moved; KeyDestroyed if she was erased; KeyMissing if the organisation
    key is not there.
    """
    subject = SYSTEM if subject is None else subject
    key = AESGCM(key_to_open(subject))
    try:
        return key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound(subject, context))
    except (InvalidTag, ValueError) as error:
        raise SealBroken("A sealed value was altered, or is not where it was sealed.") from error


def _bound(subject: UUID, context: str) -> bytes:
    return subject.bytes + context.encode()
