"""One file of arrays and JSON: written whole or not at all, checked by its sums, read as memory maps.

    8 bytes   MAGIC
    4 + 4     length and CRC-32 of the header, little endian
    header    JSON: format version; for each member in order its dtype ("json" for a document), shape, size and CRC-32
    members   one after the other, each on a 64-byte boundary; the sum is over the zeros between them too

Processes that open the same file share its pages. Nothing in a file can run: no pickle, numbers and JSON alone.
"""

from __future__ import annotations

import json
import os
import struct
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.types import InvalidValue

FORMAT = 4
# As in PNG: a byte no text has, and line ends that a transfer in text mode would change.
MAGIC = b"\x93KORAK\r\n"
PREAMBLE = struct.Struct("<8sII")
ALIGNMENT = 64  # a cache line, and enough for every vector instruction
NUMBERS = "biuf"
JSON = "json"

Bytes = NDArray[np.uint8]


class IndexFileError(InvalidValue):
    """A file that is not a whole index of this format; the message names the file and the reason."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What a file holds: arrays as read-only views of one memory map, documents parsed when asked for."""

    path: Path
    arrays: Mapping[str, NDArray[Any]]
    _documents: Mapping[str, Bytes] = field(repr=False)

    def __contains__(self, name: object) -> bool:
        return name in self.arrays or name in self._documents

    def document(self, name: str) -> Any:
        """A document as `json.loads` gives it."""
        return json.loads(self._documents[name].tobytes())


def write(path: Path, arrays: Mapping[str, NDArray[Any]], documents: Mapping[str, Any]) -> None:
    """Write arrays of numbers and JSON documents to one file, in place of what was there.

    It is written beside its place first and then moved into it: a reader sees the old file or the new one, and who
    has the old one open keeps it.
    """
    bodies: dict[str, tuple[str, tuple[int, ...], Bytes]] = {}
    for name, array in arrays.items():
        if array.dtype.kind not in NUMBERS:
            raise TypeError(f"{name}: {array.dtype} is not stored")
        flat = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        bodies[name] = flat.dtype.str, array.shape, flat.reshape(-1).view(np.uint8)
    for name, document in documents.items():
        text = np.frombuffer(json.dumps(document, ensure_ascii=False).encode(), dtype=np.uint8)
        bodies[name] = JSON, text.shape, text
    members = {
        name: {
            "dtype": dtype,
            "shape": shape,
            "size": len(body),
            "crc32": _sum(body),
        }
        for name, (dtype, shape, body) in bodies.items()
    }
    header = json.dumps({"format": FORMAT, "members": members}).encode()
    header += b" " * (-(PREAMBLE.size + len(header)) % ALIGNMENT)

    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(PREAMBLE.pack(MAGIC, len(header), zlib.crc32(header)))
            file.write(header)
            for _dtype, _shape, body in bodies.values():
                file.write(body.data)
                file.write(_gap(body))
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def read(path: Path) -> Stored:
    """Open what `write` wrote; IndexFileError unless every byte is as it was written."""
    whole = _mapped(path)
    if len(whole) < PREAMBLE.size or whole[: len(MAGIC)].tobytes() != MAGIC:
        raise IndexFileError(f"{path}: not an index file")
    _magic, length, crc = PREAMBLE.unpack_from(whole.data)
    start = PREAMBLE.size + length
    header = json.loads(_checked(path, "header", whole[PREAMBLE.size : start], length, crc).tobytes())
    if header["format"] != FORMAT:
        raise IndexFileError(f"{path}: format {header['format']}, this version reads {FORMAT}: build the index again")
    arrays, documents = {}, {}
    for name, member in header["members"].items():
        end = start + _padded(member["size"])
        body = _checked(path, name, whole[start:end], end - start, member["crc32"])[: member["size"]]
        if member["dtype"] == JSON:
            documents[name] = body
        else:
            arrays[name] = body.view(member["dtype"]).reshape(member["shape"])
        start = end
    if start != len(whole):
        raise IndexFileError(f"{path}: {len(whole) - start} bytes too many")
    return Stored(path, arrays, documents)


def _mapped(path: Path) -> Bytes:
    try:
        return np.asarray(np.memmap(path, dtype=np.uint8, mode="r"))
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:  # a folder, a file that may not be read, an empty file
        raise IndexFileError(f"{path}: not an index file ({error})") from error


def _checked(path: Path, name: str, body: Bytes, size: int, crc: int) -> Bytes:
    if len(body) < size:
        raise IndexFileError(f"{path}: cut off in {name}")
    if zlib.crc32(body.data) != crc:
        raise IndexFileError(f"{path}: {name} is damaged")
    return body


def _padded(size: int) -> int:
    return size + -size % ALIGNMENT


def _gap(body: Bytes) -> bytes:
    return bytes(-len(body) % ALIGNMENT)


def _sum(body: Bytes) -> int:
    return zlib.crc32(_gap(body), zlib.crc32(body.data))
