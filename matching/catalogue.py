"""The openings that are there now: one immutable base, a small delta of what came since, and masks of what closed.

At most `SMALL` openings: any change makes the base anew, so that nothing depends on history. Above that, what comes
goes into a delta whose words weigh as those of the base, until it outgrows `SMALL` and both become a new base.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.arrays import Array, Whole
from matching.building import Builder
from matching.columns import Columns
from matching.recall import EXHAUSTIVE, Recall
from matching.rows import Row

SMALL = 4096
# The base is made anew once so large a part of it has closed.
CLOSED_SHARE = 0.25

Mask = NDArray[np.bool_]
Part = tuple[Columns, Mask | None, Recall | None]


@dataclass(frozen=True)
class Segment:
    """Columns with the rows that are still there; `occupations` are the numbers of theirs in the whole catalogue."""

    columns: Columns
    open: Mask | None  # None: all are
    occupations: Whole
    recall: Recall | None = None  # None: few enough to score them all
    closed: int = 0

    def find(self, opening_id: str) -> int | None:
        """The row of an opening that is there."""
        row = self.columns.row_of(opening_id)
        return row if row is not None and (self.open is None or self.open[row]) else None

    def rows(self) -> Whole:
        """The rows that are there."""
        return np.arange(len(self.columns)) if self.open is None else np.flatnonzero(self.open)

    def __len__(self) -> int:
        return len(self.columns) - self.closed


class Catalogue:
    """Openings as segments; every change is seen by the next call of `segments`."""

    def __init__(self, segments: Iterable[Part] = ()) -> None:
        self._segments = _numbered(segments)
        self._added: dict[str, Row] = {}
        self.generation = 0

    def __len__(self) -> int:
        return sum(map(len, self._segments)) + len(self._added)

    def __contains__(self, opening_id: object) -> bool:
        return isinstance(opening_id, str) and (
            opening_id in self._added or any(segment.find(opening_id) is not None for segment in self._segments)
        )

    def add(self, rows: Iterable[Row]) -> None:
        """Put openings in, in place of those with the same ids."""
        for row in rows:
            if row.opening.id in self:
                self.remove(row.opening.id)
            self._added[row.opening.id] = row
            self.generation += 1

    def remove(self, opening_id: str) -> None:
        """Take an opening out; KeyError when it is not there."""
        if opening_id in self._added:
            del self._added[opening_id]
        else:
            self._close(opening_id)
        self.generation += 1

    def _close(self, opening_id: str) -> None:
        for number, segment in enumerate(self._segments):
            if (row := segment.find(opening_id)) is not None:
                # A new mask: whoever searches at this moment goes on with the old one.
                mask = np.ones(len(segment.columns), dtype=bool) if segment.open is None else segment.open.copy()
                mask[row] = False
                changed = replace(segment, open=mask, closed=segment.closed + 1)
                self._segments = [*self._segments[:number], changed, *self._segments[number + 1 :]]
                return
        raise KeyError(opening_id)

    def segments(self) -> list[Segment]:
        """The base and, where there is one, the delta."""
        base, delta = self._segments[0], self._segments[1:]
        closed = sum(segment.closed for segment in self._segments)
        recent = len(self._added) + sum(map(len, delta))
        if not (self._added or closed):
            return self._segments
        if len(self) <= SMALL or recent > SMALL or closed > CLOSED_SHARE * len(base.columns):
            self._merge_all()
        elif self._added or any(segment.open is not None for segment in delta):
            merged = _merged(delta, self._added.values(), base.columns)
            self._segments = _numbered([(base.columns, base.open, base.recall), (merged, None, None)])
            self._added = {}
        return self._segments

    def compact(self) -> Columns:
        """All openings in one base."""
        if len(self.segments()) > 1 or self._segments[0].open is not None:
            self._merge_all()
            self.generation += 1
        return self._segments[0].columns

    def _merge_all(self) -> None:
        self._segments = _numbered([(_merged(self._segments, self._added.values(), None), None, None)])
        self._added = {}

    def arrays(self) -> dict[str, Array]:
        """Every array of every segment."""
        found: dict[str, Array] = {}
        for number, segment in enumerate(self.segments()):
            found |= {f"{number}.{name}": array for name, array in segment.columns.arrays().items()}
            if segment.open is not None:
                found[f"{number}.open"] = segment.open
            if segment.recall is not None:
                found |= {f"{number}.recall.{name}": array for name, array in segment.recall.arrays().items()}
        return found

    def documents(self) -> dict[str, Any]:
        """Every dictionary of every segment, the number of segments and of changes."""
        found: dict[str, Any] = {"segments": len(self.segments()), "generation": self.generation}
        for number, segment in enumerate(self.segments()):
            found |= {f"{number}.{name}": value for name, value in segment.columns.documents().items()}
        return found

    @classmethod
    def from_stored(cls, arrays: Mapping[str, Array], document: Callable[[str], Any]) -> Catalogue:
        """What `arrays` and `documents` gave, put together."""
        parts = []
        for number in range(document("segments")):
            start = f"{number}.recall."
            recall = {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)}
            parts.append(
                (
                    Columns.from_stored(arrays, document, f"{number}."),
                    arrays.get(f"{number}.open"),
                    Recall.from_arrays(recall) if recall else None,
                )
            )
        catalogue = cls(parts)
        catalogue.generation = document("generation")
        return catalogue


def _merged(segments: Iterable[Segment], added: Iterable[Row], counted: Columns | None) -> Columns:
    builder = Builder()
    for segment in segments:
        builder.extend(segment.columns, segment.rows())
    builder.append(added)
    return builder.finish(counted)


def _numbered(parts: Iterable[Part]) -> list[Segment]:
    """Segments whose occupations are numbered together: those of the base first, then what others add."""
    number: dict[str, int] = {}
    found = []
    for columns, open_, recall in parts:
        for occupation in columns.occupation_ids:
            number.setdefault(occupation, len(number))
        at = np.array([number[occupation] for occupation in columns.occupation_ids], dtype=np.int64)
        if recall is None and len(columns) > EXHAUSTIVE:
            recall = Recall.of(columns)
        closed = 0 if open_ is None else len(open_) - int(np.count_nonzero(open_))
        found.append(Segment(columns, open_, at, recall, closed))
    return found or [Segment(Builder().finish(), None, np.zeros(0, dtype=np.int64))]
