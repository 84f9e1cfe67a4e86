"""Rates with their intervals as a drawing: one line a row, a dot and a bar. Pure arithmetic, no HTML."""

from dataclasses import dataclass

from backend.reports.tables import Table

ROW, TOP, LABELS, WIDTH, RIGHT = 36, 8, 16, 480, 24
LONGEST = 34
"""Letters of a label that fit over its line."""


@dataclass(frozen=True, slots=True)
class Line:
    """Where a rate stands, in SVG user units, and what it says; `label` is cut where it would not fit."""

    label: str
    full_label: str
    y: int
    text_y: int
    left: int
    right: int
    dot: int
    percent: int
    lower: int
    upper: int


@dataclass(frozen=True, slots=True)
class Forest:
    """The drawing of a table's first rate; `name` says which rate that is."""

    name: str
    width: int
    height: int
    floor: int
    axis: tuple[tuple[int, int], ...]
    lines: tuple[Line, ...]


def forest(table: Table) -> Forest | None:
    """The drawing; None where no rate of the table may be shown."""
    part = next(iter(table.rates), None)
    shown = [(row, row.rates[part]) for row in table.rows if part is not None and row.rates[part] is not None]
    if part is None or not shown:
        return None
    lines = tuple(
        Line(
            label=row.label if len(row.label) <= LONGEST else f"{row.label[: LONGEST - 1]}…",
            full_label=row.label,
            y=TOP + ROW * number + 22,
            text_y=TOP + ROW * number + 12,
            left=_x(rate.lower),
            right=_x(rate.upper),
            dot=_x(rate.percent),
            percent=rate.percent,
            lower=rate.lower,
            upper=rate.upper,
        )
        for number, (row, rate) in enumerate(shown)
        if rate is not None
    )
    floor = TOP + ROW * len(lines) + 6
    axis = tuple((_x(percent), percent) for percent in (0, 25, 50, 75, 100))
    return Forest(table.rates[part], WIDTH, floor + 22, floor, axis, lines)


def _x(percent: int) -> int:
    return LABELS + round((WIDTH - LABELS - RIGHT) * percent / 100)
