"""A snapshot as tables to read: the same on pages, in the API and in files. Rates come from the numbers as printed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from backend.outcomes.retention import KNOWN_ENOUGH
from backend.outcomes.survival import wilson

from .disclosure import Release
from .disclosure.tables import OTHER
from .models import Snapshot
from .shrinkage import shrunk
from .wording import DRAWN_NOTE, MEASURES, NOTES, column_label, dimension_label, row_label

HIDDEN = "*"
SHRUNK = {("answers", "employer"), ("retention_90", "employer")}
"""Tables whose first rate is drawn towards the mean, because their rows are few and small."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its interval, as percentages."""

    percent: int
    lower: int
    upper: int


@dataclass(frozen=True, slots=True)
class Row:
    """A line: its label, its numbers as text, and its rates by the name of the part; a rate may be missing.

    `unknown` is the percentage of those due of whom nothing is known. `bounds` are by rate of the known: the percentage
    of those due if every unknown were not so, and if every one were. Both stand where a rate does not: with nobody
    known they are all that can be said. `drawn` is the first rate drawn towards the mean.
    """

    label: str
    numbers: tuple[str, ...]
    rates: dict[str, Rate | None]
    unknown: int | None = None
    bounds: Mapping[str, tuple[int, int] | None] = field(default_factory=dict)
    drawn: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the catalogue; `bounded` are the rates of the known, with what stands over their bounds."""

    code: str
    dimension: str
    title: str
    along: str
    columns: tuple[str, ...]
    rates: dict[str, str]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    bounded: dict[str, str]
    has_drawn: bool


def releases(snapshot: Snapshot) -> dict[str, Release]:
    """The releases of a ready snapshot by measure."""
    return {code: Release.from_dict(told) for code, told in snapshot.figures["measures"].items()}


def tables(
    snapshot: Snapshot, codes: Iterable[str], dimensions: Iterable[str] | None = None, only: str | None = None
) -> list[Table]:
    """The tables of some measures, along all their dimensions or along those named, whole or of `only` one row."""
    wanted = None if dimensions is None else set(dimensions)
    told = releases(snapshot)  # which may be of an older catalogue
    return [
        table(release, dimension, only)
        for release in [told[code] for code in codes if code in told]
        for dimension in release.dimensions
        if (wanted is None or dimension in wanted) and _divides(release, dimension)
    ]


def _divides(release: Release, dimension: str) -> bool:
    """Whether a dimension says more than the total: not where all its groups had to be merged into one."""
    return list(release.rows(dimension)) != [OTHER]


def table(release: Release, dimension: str, only: str | None = None) -> Table:
    """One printed table, in the language that is active; of one row alone nothing is said of the others."""
    printed = {row: told for row, told in release.rows(dimension).items() if only in (None, row)}
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
    rates = {part: column_label(release.code, part) for part, _whole in release.rates}
    is_bounded = {"due", "known"} <= set(release.columns)
    bounded = tuple(part for part, whole in release.rates if whole == "known" and is_bounded)
    rows = tuple(
        Row(
            row_label(dimension, row),
            tuple(HIDDEN if told[column] is None else str(told[column]) for column in release.columns),
            {part: _rate(told, part, whole) for part, whole in release.rates},
            _unknown(told),
            {part: _bounds(told, part) for part in bounded},
            round(100 * drawn[row]) if row in drawn else None,
        )
        for row, told in printed.items()
    )
    return Table(
        code=release.code,
        dimension=dimension,
        title=str(MEASURES[release.code]),
        along=dimension_label(release.code, dimension),
        columns=tuple(column_label(release.code, column) for column in release.columns),
        rates=rates,
        rows=rows,
        notes=tuple(
            map(str, (*NOTES.get(release.code, ()), *([DRAWN_NOTE] if drawn else []), *_caveats(dimension, printed)))
        ),
        bounded={part: f"{rates[part]}: {_('bounds')}" if len(bounded) > 1 else _("bounds") for part in bounded},
        has_drawn=bool(drawn),
    )


def _rate(told: dict[str, int | None], part: str, whole: str) -> Rate | None:
    """A rate of printed numbers; none where one of them is hidden, or of so few that 0% or 100% would tell."""
    some, of = told[part], told[whole]
    if some is None or not of:
        return None
    some = min(some, of)  # each is rounded by itself
    if some in (0, of) and of <= 20:
        return None
    lower, upper = wilson(some, of)
    return Rate(*(round(100 * share) for share in (some / of, lower, upper)))


def _unknown(told: dict[str, int | None]) -> int | None:
    due, known = told.get("due"), told.get("known")
    return round(100 * max(0, due - known) / due) if due and known is not None else None


def _bounds(told: dict[str, int | None], part: str) -> tuple[int, int] | None:
    """What a rate of those due is if every unknown were not so, and if every one were."""
    due, known, some = told["due"], told["known"], told[part]
    if not due or known is None or some is None:
        return None
    some, missing = min(some, known), max(0, due - known)
    if some in (0, known) and 0 < known <= 20:
        return None  # as with the rate itself
    return round(100 * some / due), min(100, round(100 * (some + missing) / due))


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
