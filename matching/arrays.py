"""Records made of arrays: a column of text as two of them, and dataclasses taken apart for a file and put together."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from itertools import pairwise
from typing import Any, Self, get_type_hints, overload

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Whole = NDArray[np.int64]

# Of every so many starts (as a power of two) one is kept whole: of short runs the others then fit in a byte.
ANCHORED = 4


class Record:
    """A frozen dataclass whose fields are arrays, plain JSON values or other records."""

    def arrays(self) -> dict[str, Array]:
        """Every array by its path of names, as `places.latitude`."""
        return {name: value for name, value in _leaves(self) if isinstance(value, np.ndarray)}

    def documents(self) -> dict[str, Any]:
        """Everything that is no array by its path of names, as JSON has it."""
        return {name: value for name, value in _leaves(self) if not isinstance(value, np.ndarray)}

    @classmethod
    def from_stored(cls, arrays: Mapping[str, Array], document: Callable[[str], Any], prefix: str = "") -> Self:
        """What `arrays` and `documents` gave, put together; the arrays may be memory maps."""
        kinds = get_type_hints(cls)
        values: dict[str, Any] = {}
        for field in fields(cls):  # type: ignore[arg-type]
            name, kind = prefix + field.name, kinds[field.name]
            if isinstance(kind, type) and issubclass(kind, Record):
                values[field.name] = kind.from_stored(arrays, document, f"{name}.")
            else:
                values[field.name] = arrays[name] if name in arrays else _as_tuples(document(name))
        return cls(**values)


@dataclass(frozen=True, eq=False)
class Strings(Record, Sequence[str]):
    """A column of text: number i stands in `text` as UTF-8 from `starts[i]` to `starts[i + 1]`."""

    text: NDArray[np.uint8]
    starts: Array

    @classmethod
    def of(cls, values: Iterable[str]) -> Strings:
        """A column of these texts, in this order."""
        return cls.of_bytes([encoded(value) for value in values])

    @classmethod
    def of_bytes(cls, values: Sequence[bytes]) -> Strings:
        """A column of texts that are UTF-8 already."""
        starts = starts_of(np.fromiter(map(len, values), dtype=np.int64, count=len(values)))
        return cls(np.frombuffer(b"".join(values), dtype=np.uint8), smallest(starts, int(starts[-1])))

    def __len__(self) -> int:
        return len(self.starts) - 1

    @overload
    def __getitem__(self, number: int) -> str: ...
    @overload
    def __getitem__(self, number: slice) -> list[str]: ...
    def __getitem__(self, number: int | slice) -> str | list[str]:
        if isinstance(number, slice):
            return [self[i] for i in range(*number.indices(len(self)))]
        if not 0 <= number < len(self):
            raise IndexError(number)
        return str(self.text.data[self.starts[number] : self.starts[number + 1]], "utf-8", "surrogatepass")

    def as_bytes(self) -> list[bytes]:
        """All texts as UTF-8."""
        text, starts = self.text.tobytes(), self.starts.tolist()
        return [text[start:end] for start, end in pairwise(starts)]

    def as_list(self) -> list[str]:
        """All texts, read at once."""
        return [value.decode(errors="surrogatepass") for value in self.as_bytes()]

    def find(self, value: str) -> int | None:
        """The number of a text in a sorted column; None when it is not there."""
        number = bisect_left(self, value)
        return number if number < len(self) and self[number] == value else None


@dataclass(frozen=True, eq=False)
class Starts(Record):
    """Where each of some runs that follow each other begins, and where the last ends, in two bytes or so each.

    Run i begins at `anchors[i >> ANCHORED] + beyond[i]`.
    """

    anchors: Array
    beyond: Array

    @classmethod
    def of(cls, starts: Whole) -> Starts:
        """The same as `starts`, which ascend."""
        anchors = starts[:: 1 << ANCHORED]
        beyond = starts - np.repeat(anchors, 1 << ANCHORED)[: len(starts)]
        return cls(smallest(anchors, int(starts[-1])), smallest(beyond, int(beyond.max())))

    def __getitem__(self, numbers: Whole) -> Whole:
        return np.asarray(self.anchors[numbers >> ANCHORED].astype(np.int64) + self.beyond[numbers])


def encoded(value: str) -> bytes:
    """UTF-8, which sorts as the text itself does; half a surrogate pair, which JSON can hold, is kept."""
    return value.encode(errors="surrogatepass")


def smallest(numbers: Array, top: int) -> Array:
    """Numbers up to `top` in the smallest unsigned type that holds them."""
    return numbers.astype(np.min_scalar_type(top))


def starts_of(counts: Array) -> Whole:
    """Where each of some runs that follow each other begins, and where the last ends."""
    starts = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=starts[1:])
    return starts


def lengths_of(starts: Array | Starts, numbers: Whole) -> Whole:
    """The lengths of some of the runs that begin at `starts`."""
    return np.asarray(starts[numbers + 1].astype(np.int64) - starts[numbers].astype(np.int64))


def runs(starts: Array, counts: Whole) -> Whole:
    """The numbers `starts[i] ... starts[i] + counts[i] - 1` of every run, one after the other."""
    ends = np.cumsum(counts)
    shift = starts.astype(np.int64) - (ends - counts)
    return np.asarray(np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(shift, counts))


def distinct(values: Whole) -> Whole:
    """Each value once, ascending; for a few thousand values several times faster than `np.unique`."""
    values = np.sort(values)
    return values[np.append(True, values[1:] != values[:-1])] if len(values) else values


def grouped(groups: Array, n_groups: int) -> tuple[Whole, Whole]:
    """The positions of each group's members: group g has `positions[starts[g] : starts[g + 1]]`."""
    return starts_of(np.bincount(groups, minlength=n_groups)), np.argsort(groups, kind="stable")


def _leaves(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for field in fields(value):
        member, name = getattr(value, field.name), prefix + field.name
        if is_dataclass(member):
            yield from _leaves(member, f"{name}.")
        else:
            yield name, member


def _as_tuples(value: Any) -> Any:
    return tuple(map(_as_tuples, value)) if isinstance(value, list) else value
