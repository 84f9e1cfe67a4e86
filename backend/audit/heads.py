"""Heads of the chains for a custodian elsewhere, signed with Ed25519 (RFC 8032).

Who holds the database and a backup of it can set both back to an earlier day, which no key in it can tell. A file with
the custodian can. Its signature is asymmetric so that she can check it without being able to write one.
"""

import base64
import datetime as dt
import json
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.vault.keyring import derived_key

from .models import Chain
from .queries import Signed


class NotSigned(ValueError):
    """The file is no signed head of this installation."""


def sign_heads(*, now: dt.datetime) -> str:
    """The heads of all chains as they stand, as the text of a JSON file."""
    heads = [
        {"chain": str(chain.pk), "length": chain.length, "mac": bytes(chain.mac).hex()}
        for chain in Chain.objects.order_by("pk")
    ]
    said = {"heads": heads, "signed_at": now.astimezone(dt.UTC).isoformat()}
    key = _key()
    signature = {"public_key": _text(key.public_key().public_bytes_raw()), "signature": _text(key.sign(_bytes(said)))}
    return json.dumps(said | signature, indent=1) + "\n"


def read_heads(text: str) -> Signed:
    """The heads in a file that `sign_heads` wrote. Raises NotSigned if it did not, or if one letter was changed."""
    try:
        file = json.loads(text)
        said = {"heads": file["heads"], "signed_at": file["signed_at"]}
        _key().public_key().verify(base64.b64decode(file["signature"], validate=True), _bytes(said))
        return {UUID(head["chain"]): (int(head["length"]), bytes.fromhex(head["mac"])) for head in said["heads"]}
    except (ValueError, KeyError, TypeError, RecursionError, InvalidSignature) as error:
        raise NotSigned("This is no signed head of this installation, or it was altered.") from error


def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(derived_key("audit-head"))


def _bytes(said: dict[str, Any]) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
