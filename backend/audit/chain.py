"""The arithmetic of the chain: HMAC-SHA256 (RFC 2104) with keys of its own from the vault.

Without the key nobody can write an event, change one, or say what the head of another length would be.
"""

import datetime as dt
import hmac
import json
from dataclasses import dataclass
from uuid import UUID

from backend.vault.keyring import derived_key

from .models import Event

LINKED = (
    "id",
    "chain_id",
    "sequence",
    "created_at",
    "actor_id",
    "act",
    "noun",
    "object_id",
    "subject",
    "sealed_detail",
)
"""What an event's MAC binds: every column but the MAC itself."""


@dataclass(frozen=True)
class Head:
    """The state of a chain after its last event."""

    length: int = 0
    mac: bytes = bytes(32)
    seal: bytes = bytes(32)

    def then(self, event: Event) -> "Head":
        """The head after one event more."""
        mac = hmac.digest(derived_key("audit-chain"), self.mac + _said(event), "sha256")
        seal = hmac.digest(derived_key("audit-seal"), self.seal + mac, "sha256")
        return Head(self.length + 1, mac, seal)


def _said(event: Event) -> bytes:
    return json.dumps([_plain(getattr(event, name)) for name in LINKED], ensure_ascii=False).encode()


def _plain(value: object) -> str | int | None:
    """The same text for a value as it was given and as the database gives it back."""
    match value:
        case None | int() | str():
            return value
        case dt.datetime():
            return value.astimezone(dt.UTC).isoformat()
        case UUID():
            return str(value)
        case bytes() | memoryview() | bytearray():
            return bytes(value).hex()
    raise TypeError(type(value).__name__)
