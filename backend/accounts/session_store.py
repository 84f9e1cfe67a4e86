"""SESSION_ENGINE: Django's sessions in the database, sealed, so that a copy of it shows neither names nor messages."""

import base64
import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.contrib.sessions.backends import db
from django.utils.crypto import salted_hmac

NONCE_BYTES = 12


class SessionStore(db.SessionStore):
    """A session is short and nobody's file: one key made of SECRET_KEY seals all, each bound to its own session key."""

    def encode(self, session_dict: dict[str, Any]) -> str:
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._cipher().encrypt(nonce, super().encode(session_dict).encode(), self._place())
        return base64.b64encode(nonce + sealed).decode()

    def decode(self, session_data: str | bytes) -> dict[str, Any]:
        """The session, or an empty one if it was altered, moved, or sealed with another SECRET_KEY."""
        try:
            sealed = base64.b64decode(session_data, validate=True)
            plain = self._cipher().decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._place())
        except (InvalidTag, ValueError):
            return {}
        return super().decode(plain.decode())

    def _place(self) -> bytes:
        return (self.session_key or "").encode()

    @staticmethod
    def _cipher() -> AESGCM:
        return AESGCM(salted_hmac("backend.accounts.session_store", "", algorithm="sha256").digest())
