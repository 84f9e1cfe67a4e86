"""Counts of the same people in several measures: what one of them hides, none may print.

Each measure is guarded by itself. Where two print the same number, one would else give back what the other withheld.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .tables import Figure, Release


@dataclass(frozen=True, slots=True)
class Place:
    """A column of a measure: in one row, in every row of a dimension, or in every row of each."""

    code: str
    column: str
    dimension: str | None = None
    row: str | None = None

    def covers(self, figure: Figure) -> bool:
        return (
            figure.column == self.column
            and self.dimension in (None, figure.dimension)
            and self.row in (None, figure.row)
        )

    def counts(self, figure: Figure) -> object:
        """Whom: figures that agree in this are of the same people."""
        return (figure.dimension, figure.groups) if self.dimension is None else None


def agree(releases: Mapping[str, Release], same: Sequence[tuple[Place, ...]]) -> dict[str, Release]:
    """The releases by code, with less: of figures that count the same people all are shown, or none."""
    found = dict(releases)
    for places in same:
        figures: dict[object, list[tuple[str, Figure]]] = {}
        for place in places:
            if place.code in found:
                for figure in found[place.code].figures:
                    if place.covers(figure):
                        figures.setdefault(place.counts(figure), []).append((place.code, figure))
        for alike in figures.values():
            if any(figure.value is None for _, figure in alike):
                for code, figure in alike:
                    found[code] = found[code].without(figure)
    return found
