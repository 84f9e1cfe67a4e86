"""A frozen quarter as grids of cells, the same on pages and in files: a head, lines, and notes below."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from .catalogue.curves import DIMENSIONS
from .curve import same_employer
from .disclosure.tables import EVERYBODY
from .models import Snapshot
from .tables import HIDDEN, Row, Table
from .wording import CURVES, DOMAINS, STAGES, dimension_label, row_label

Cell = str | int | float
NOTHING = "–"
AFTER = (90, 180, 365)
"""Days at which curves are set side by side."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A grid of cells; the first of each line names it."""

    code: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()


def narrow(told: Table) -> Sheet:
    """A table for paper, where a rate and its interval share a column."""
    drawn = [_("drawn towards the mean")] if told.has_drawn else []
    unknown = [_("not known"), *told.bounded.values()] if told.bounded else []
    header = (told.along, *told.columns, *(f"{name}, %" for name in told.rates.values()), *drawn, *unknown)
    return Sheet(_code(told), _title(told), header, tuple(_narrow(told, row) for row in told.rows), told.notes)


def _narrow(told: Table, row: Row) -> tuple[str, ...]:
    line = [row.label, *row.numbers]
    line += [f"{rate.percent} ({rate.lower}–{rate.upper})" if rate else NOTHING for rate in row.rates.values()]
    if told.has_drawn:
        line.append(NOTHING if row.drawn is None else f"{row.drawn}%")
    if told.bounded:
        line.append(NOTHING if row.unknown is None else f"{row.unknown}%")
        line += [f"{bounds[0]}–{bounds[1]}%" if bounds else NOTHING for bounds in row.bounds.values()]
    return tuple(line)


def wide(told: Table) -> Sheet:
    """A table for a workbook: numbers as numbers, hidden ones as a star, what is missing as a dash."""
    header = [told.along, *told.columns]
    header += [cell for name in told.rates.values() for cell in (f"{name}, %", "95% –", "95% +")]
    if told.has_drawn:
        header.append(_("drawn towards the mean"))
    if told.bounded:
        header.append(_("not known"))
        header += [cell for name in told.bounded.values() for cell in (f"{name} –", f"{name} +")]
    return Sheet(_code(told), _title(told), tuple(header), tuple(_wide(told, row) for row in told.rows), told.notes)


def _wide(told: Table, row: Row) -> tuple[Cell, ...]:
    line: list[Cell] = [row.label, *(int(number) if number.isdigit() else number for number in row.numbers)]
    for rate in row.rates.values():
        line += [rate.percent, rate.lower, rate.upper] if rate else [NOTHING] * 3
    if told.has_drawn:
        line.append(_said(row.drawn))
    if told.bounded:
        line.append(_said(row.unknown))
        for bounds in row.bounds.values():
            line += bounds or (NOTHING, NOTHING)
    return tuple(line)


def _code(told: Table) -> str:
    return f"{told.code}-{told.dimension or 'all'}"


def _title(told: Table) -> str:
    return f"{told.title}: {told.along}"


def curve_sheet(code: str, title: str, told: Mapping[str, Any]) -> Sheet:
    """Every point of a published curve, and of the curve with the first employer beside it."""
    whole, same = ({point["t"]: point for point in points} for points in (told["points"], same_employer(told)))
    interval = ("95% –", "95% +")
    return Sheet(
        code,
        title,
        (
            _("Day"), _("At risk"), _("Still in work, %"), *interval, _("If all lost had stopped, %"),
            _("Ended otherwise, %"), _("Left for study, incapacity or death, %"),
            _("With the first employer: at risk"), _("With the first employer, %"), *interval,
        ),
        tuple(
            (
                day,
                *_cells(whole.get(day), "at_risk"),
                *_percents(whole.get(day), "survival", "lower", "upper", "all_lost", "ended", "competing"),
                *_cells(same.get(day), "at_risk"),
                *_percents(same.get(day), "survival", "lower", "upper"),
            )
            for day in sorted({*whole, *same})
        ),
    )  # fmt: skip


def curves_sheet(snapshot: Snapshot, dimension: str) -> Sheet | None:
    """The curves of a dimension side by side; None where none is drawn."""
    found = snapshot.figures["curves"].get(dimension)
    if not found or not found["groups"]:
        return None
    along = dimension_label("curves", dimension)
    rows = []
    for row, told in found["groups"].items():
        points = {point["t"]: point for point in told["points"]}
        rows.append(
            (
                row_label(dimension, row),
                told["placed"],
                *(HIDDEN if told[name] is None else told[name] for name in ("ended", "lost")),
                _said(told["median"]),
                _said(told.get("same_employer", {}).get("median")),
                *(cell for day in AFTER for cell in _percents(points.get(day), "survival")),
            )
        )
    return Sheet(
        f"curves-{dimension or 'all'}",
        f"{CURVES}: {along}",
        (
            along, _("Placed"), _("Ended"), _("Lost from sight"), _("Median, days"),
            _("Median with the first employer, days"),
            *(_("Still in work after %(days)s days, %%") % {"days": day} for day in AFTER),
        ),
        tuple(rows),
        (
            _(
                "Read at fixed days; a day that would tell of too few people is left out. The median is the first of "
                "them on which no more than half are left."
            ),
            *([log_rank_words(found["log_rank"])] if dimension else []),
        ),
    )  # fmt: skip


def log_rank_words(tested: Mapping[str, float] | None) -> str:
    """What the test between the curves of a dimension found; its chance is published to two digits."""
    if tested is None:
        return _("No test between the groups: it takes two, and ten ends in each.")
    if tested["p_value"] < 0.01:
        return _("Log-rank test whether the groups differ: p < 0.01.")
    return _("Log-rank test whether the groups differ: p = %(p)s.") % {"p": number_format(tested["p_value"], 2)}


def waits_sheet(snapshot: Snapshot) -> Sheet:
    """The median of each stage of the way to work."""
    stages = snapshot.figures["waits"]["stages"]
    return Sheet(
        "stages",
        _("Time in each stage"),
        (_("Stage"), _("People"), _("Median, days")),
        tuple(
            (capfirst(str(STAGES[name])), HIDDEN if told["people"] is None else told["people"], _said(told["median"]))
            for name, told in stages.items()
        ),
        (
            _(
                "Who still waits counts as far as she has waited. To the nearest week; of fewer than %(small)s people "
                "nothing is said."
            )
            % {"small": snapshot.figures["rules"]["small"]},
        ),
    )


def profile_sheet(snapshot: Snapshot) -> Sheet:
    """Mean scores of the areas at intake and at each mark."""
    marks = snapshot.figures["waits"]["profile"]
    heads = [_("at intake") if months == "0" else _("after %(months)s months") % {"months": months} for months in marks]
    lines: list[tuple[Cell, ...]] = [(_("People assessed"), *(_hidden(told["people"]) for told in marks.values()))]
    lines += [
        (capfirst(str(DOMAINS[name])), *(_hidden(told["means"].get(name)) for told in marks.values()))
        for name in DOMAINS
    ]
    return Sheet(
        "profile",
        _("The profile over time"),
        (_("Area, mean from 1 to 4"), *heads),
        tuple(lines),
        (
            _(
                "Not psychometrically validated. Those assessed later are not the same people as those at intake: "
                "fewer stay in touch."
            ),
        ),
    )


def sheets(snapshot: Snapshot) -> list[Sheet]:
    """What a report on everybody prints beside its tables."""
    curve = snapshot.figures["curves"].get(EVERYBODY, {"groups": {}})["groups"].get(EVERYBODY)
    found = [waits_sheet(snapshot)]
    found += [sheet for dimension in DIMENSIONS if (sheet := curves_sheet(snapshot, dimension))]
    found += [curve_sheet("curve", _("The curve as a table"), curve)] if curve else []
    return [*found, profile_sheet(snapshot)]


def _cells(point: Mapping[str, Any] | None, *names: str) -> Sequence[Cell]:
    return [_said((point or {}).get(name)) for name in names]


def _percents(point: Mapping[str, Any] | None, *names: str) -> Sequence[Cell]:
    if point is None:
        return [NOTHING] * len(names)
    shares = [point.get(name, NOTHING) for name in names]
    return [HIDDEN if share is None else share if share == NOTHING else round(100 * share) for share in shares]


def _said(value: Cell | None) -> Cell:
    return NOTHING if value is None else value


def _hidden(value: Cell | None) -> Cell:
    return HIDDEN if value is None else value
