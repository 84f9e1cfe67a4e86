"""Sealing a file of any length: chunks of AES-256-GCM whose nonces count, and say which chunk is the last.

The STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár ("Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance", 2015): a file that was cut, lengthened, altered or put together anew does not open.
"""

import json
import secrets
from collections.abc import Iterator
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .keyring import KeyMissing, SealBroken, organisation_keys, purpose_key

FORMAT = "korak-backup-1"
CHUNK = 1024 * 1024
TAG = 16
HEADER_AT_MOST = 4096


def seal_stream(source: IO[bytes], target: IO[bytes], manifest: dict[str, Any]) -> None:
    """Write the manifest in the clear, bound to what follows, then everything that `source` gives, sealed."""
    key_id, key = next(iter(organisation_keys().items()))
    prefix = secrets.token_bytes(7)
    head = json.dumps({"format": FORMAT, "key": key_id, "nonce": prefix.hex()} | manifest).encode() + b"\n"
    target.write(head)
    cipher = AESGCM(purpose_key(key, "backup"))
    for nonce, chunk in _numbered(source, CHUNK, prefix):
        target.write(cipher.encrypt(nonce, chunk, head))


def read_manifest(source: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """What the file says of itself, not yet proven, and the bytes that say it. Raises SealBroken."""
    head = source.readline(HEADER_AT_MOST)
    try:
        manifest = json.loads(head)
        if manifest["format"] != FORMAT or len(bytes.fromhex(manifest["nonce"])) != 7:
            raise ValueError
    except (ValueError, KeyError, TypeError) as error:
        raise SealBroken("This is not a backup of Korak.") from error
    return manifest, head


def open_stream(source: IO[bytes], target: IO[bytes]) -> dict[str, Any]:
    """Write what was sealed and return its manifest. Raises SealBroken or KeyMissing: `target` then holds nothing."""
    manifest, head = read_manifest(source)
    key = organisation_keys().get(str(manifest.get("key")))
    if key is None:
        raise KeyMissing("VAULT_KEYS does not hold the organisation key that this backup was made with.")
    cipher = AESGCM(purpose_key(key, "backup"))
    for nonce, chunk in _numbered(source, CHUNK + TAG, bytes.fromhex(manifest["nonce"])):
        try:
            target.write(cipher.decrypt(nonce, chunk, head))
        except InvalidTag as error:
            raise SealBroken("This backup was cut or altered.") from error
    return manifest


def _numbered(source: IO[bytes], size: int, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Chunks with their nonces: the prefix, a counter, and whether it is the last."""
    number, chunk = 0, source.read(size)
    while True:
        following = source.read(size)
        yield prefix + number.to_bytes(4) + bytes([not following]), chunk
        if not following:
            return
        number, chunk = number + 1, following
