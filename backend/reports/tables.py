"""A snapshot as tables to read: the same on pages, in the API and in files. Rates come from the numbers as printed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from backend.outcomes.retention import KNOWN_ENOUGH
from backend.outcomes.survival import wilson

from .disclosure import Release
from .disclosure.tables import OTHER
from .models import Snapshot
from .shrinkage import shrunk
from .wording import COLUMNS, DIMENSIONS, MEASURES, NOTES, RATES, row_label

HIDDEN = "*"
SHRUNK = {("answers", "employer"), ("retention_90", "employer")}
"""Tables whose first rate is drawn towards the mean, because their rows are few and small."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its interval, as percentages; `unknown` is the share of whom nothing is known, where that counts."""

    percent: int
    lower: int
    upper: int
    unknown: int | None = None
    bounds: tuple[int, int] | None = None
    drawn: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A line: its label, its numbers as text, and its rates by the name of the part; a rate may be missing."""

    label: str
    numbers: tuple[str, ...]
    rates: dict[str, Rate | None]


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the catalogue."""

    code: str
    dimension: str
    title: str
    along: str
    columns: tuple[str, ...]
    rates: dict[str, str]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    has_unknown: bool
    has_drawn: bool


def releases(snapshot: Snapshot) -> dict[str, Release]:
    """The releases of a ready snapshot by measure."""
    return {code: Release.from_dict(told) for code, told in snapshot.figures["measures"].items()}


def tables(snapshot: Snapshot, codes: Iterable[str], dimensions: Iterable[str] | None = None) -> list[Table]:
    """The tables of some measures, along all their dimensions or along those named."""
    wanted = None if dimensions is None else set(dimensions)
    told = releases(snapshot)  # which may be of an older catalogue
    return [
        table(release, dimension)
        for release in [told[code] for code in codes if code in told]
        for dimension in release.dimensions
        if (wanted is None or dimension in wanted) and _divides(release, dimension)
    ]


def _divides(release: Release, dimension: str) -> bool:
    """Whether a dimension says more than the total: not where all its groups had to be merged into one."""
    return list(release.rows(dimension)) != [OTHER]


def table(release: Release, dimension: str) -> Table:
    """One printed table, in the language that is active."""
    printed = release.rows(dimension)
    drawn: dict[str, float] = {}
    if (release.code, dimension) in SHRUNK:
        part, whole = release.rates[0]
        drawn = shrunk(
            {
                row: (min(told[part], told[whole]), told[whole])  # type: ignore[type-var, misc]
                for row, told in printed.items()
                if told[part] is not None and told[whole]
            }
        )
    rows = tuple(
        Row(
            row_label(dimension, row),
            tuple(HIDDEN if told[column] is None else str(told[column]) for column in release.columns),
            {
                part: _rate(told, part, whole, drawn.get(row) if number == 0 else None)
                for number, (part, whole) in enumerate(release.rates)
            },
        )
        for row, told in printed.items()
    )
    has_unknown = {"due", "known"} <= set(release.columns)
    return Table(
        code=release.code,
        dimension=dimension,
        title=str(MEASURES[release.code]),
        along=str(DIMENSIONS[dimension]),
        columns=tuple(
            str(COLUMNS.get((release.code, column), COLUMNS.get(column, column))) for column in release.columns
        ),
        rates={part: str(RATES.get(part, COLUMNS.get(part, part))) for part, _whole in release.rates},
        rows=rows,
        notes=tuple(map(str, (*NOTES.get(release.code, ()), *_caveats(dimension, printed)))),
        has_unknown=has_unknown,
        has_drawn=bool(drawn),
    )


def _rate(told: dict[str, int | None], part: str, whole: str, drawn: float | None) -> Rate | None:
    """A rate of printed numbers; none where one of them is hidden, or of so few that 0% or 100% would tell."""
    some, of = told[part], told[whole]
    if some is None or not of:
        return None
    some = min(some, of)  # each is rounded by itself
    if some in (0, of) and of <= 20:
        return None
    lower, upper = wilson(some, of)
    due = told.get("due")
    unknown = bounds = None
    if whole == "known" and due:
        missing = max(0, due - of)
        unknown = round(100 * missing / due)
        bounds = (round(100 * some / due), min(100, round(100 * (some + missing) / due)))
    return Rate(
        round(100 * some / of),
        round(100 * lower),
        round(100 * upper),
        unknown,
        bounds,
        None if drawn is None else round(100 * drawn),
    )


def _caveats(dimension: str, printed: Mapping[str, Mapping[str, int | None]]) -> list[str]:
    """What must be said where too little is known, or nothing at all."""
    weak = [
        row_label(dimension, row)
        for row, told in printed.items()
        if (due := told.get("due")) and (known := told.get("known")) is not None and known < KNOWN_ENOUGH * due
    ]
    if not weak:
        return []
    return [_("Fewer than 80%% are known of: %(rows)s. Read the bounds, not the rate.") % {"rows": ", ".join(weak)}]
