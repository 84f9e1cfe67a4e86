"""What is counted, and what is published of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

EVERYBODY = ""
"""The dimension of one group: everybody."""
OTHER = "other"
"""The group that takes up those too small to stand alone."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How counts are protected; the same for every reader."""

    threshold: int = 11
    """Smaller counts of people are not shown, nought excepted."""
    base: int = 5
    """What is shown is rounded to the nearest multiple of this odd number."""
    small: int = 20
    """Shares of fewer people than this are not shown when they are 0% or 100%."""
    width: int = 5
    """So many values at least must stay possible for a count that is hidden."""

    @property
    def least(self) -> int:
        """The smallest count of those that are shown as one number together with `base` - 1 others."""
        half = self.base // 2
        return self.base * -(-(self.threshold + half) // self.base) - half

    def rounded(self, count: int) -> int:
        return self.base * ((count + self.base // 2) // self.base)

    def possible(self, shown: int) -> tuple[int, int]:
        """The counts that are shown as this number."""
        if shown == 0:
            return 0, 0
        return max(self.threshold, shown - self.base // 2), shown + self.base // 2


@dataclass(frozen=True, slots=True)
class Measure:
    """People counted by outcome, once for everybody and once for each dimension that divides them.

    `outcomes` are disjoint; `columns` are what is printed, each a sum of outcomes, the first of them all. `rates` are
    the pairs of columns (part, whole) that a reader divides. `counts` has a frame for each dimension, groups down and
    outcomes across. The groups of a dimension are disjoint and together everybody, unless `is_open`: then they overlap
    and there is no total. People counted under an outcome of `settled` are still so in the next quarter. Groups of
    fewer than `fewest` people are merged even where the threshold would let them stand alone.
    """

    code: str
    outcomes: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    rates: tuple[tuple[str, str], ...]
    counts: Mapping[str, pd.DataFrame]
    settled: frozenset[str] = frozenset()
    is_open: bool = False
    fewest: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """One printed number: how many people of `groups` have one of `outcomes`. `value` is None where it is hidden."""

    dimension: str
    row: str
    column: str
    groups: tuple[str, ...]
    outcomes: tuple[str, ...]
    value: int | None

    @property
    def is_total(self) -> bool:
        return self.dimension == EVERYBODY


@dataclass(frozen=True, slots=True)
class Release:
    """What is published of a measure, and which hidden sums of it are `guarded` (as figures without a value)."""

    code: str
    outcomes: tuple[str, ...]
    columns: tuple[str, ...]
    rates: tuple[tuple[str, str], ...]
    settled: tuple[str, ...]
    is_open: bool
    figures: tuple[Figure, ...]
    guarded: tuple[Figure, ...] = field(default=())

    def rows(self, dimension: str) -> dict[str, dict[str, int | None]]:
        """The printed table of one dimension: row, column, number."""
        table: dict[str, dict[str, int | None]] = {}
        for figure in self.figures:
            if figure.dimension == dimension:
                table.setdefault(figure.row, {})[figure.column] = figure.value
        return table

    @property
    def dimensions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(figure.dimension for figure in self.figures))

    def without(self, hidden: Figure) -> "Release":
        """The same with one number less."""
        return replace(
            self,
            figures=tuple(replace(one, value=None) if one is hidden else one for one in self.figures),
        )

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for JSON: what everybody may read, so without `guarded`, which tells what is small."""
        names = ("code", "outcomes", "columns", "rates", "settled", "is_open")
        return {name: getattr(self, name) for name in names} | {"figures": plain(self.figures)}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any], guarded: Sequence[Sequence[Any]] = ()) -> "Release":
        """The inverse of `to_dict`, after JSON, with what is guarded (as `plain` gives it) where that is needed."""

        def figures(rows: Sequence[Sequence[Any]]) -> tuple[Figure, ...]:
            return tuple(Figure(a, b, c, tuple(groups), tuple(outcomes), v) for a, b, c, groups, outcomes, v in rows)

        return cls(
            code=told["code"],
            outcomes=tuple(told["outcomes"]),
            columns=tuple(told["columns"]),
            rates=tuple((part, whole) for part, whole in told["rates"]),
            settled=tuple(told["settled"]),
            is_open=told["is_open"],
            figures=figures(told["figures"]),
            guarded=figures(guarded),
        )


def plain(figures: Sequence[Figure]) -> list[list[Any]]:
    """Figures as plain values, for JSON."""
    return [[one.dimension, one.row, one.column, one.groups, one.outcomes, one.value] for one in figures]
