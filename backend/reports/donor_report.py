"""The donor report: one frozen quarter, of the whole programme or of one grant, to hand over as XLSX or PDF.

A report is a function of its snapshot, the grant and the language: the same bytes whenever it is made.
"""

import datetime as dt
from dataclasses import dataclass, replace

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backend.outcomes.spells import GAP_DAYS

from .models import Snapshot
from .tables import Row, Table, releases, tables
from .wording import MEASURES, definitions

INSIDE = frozenset({"counsellor", "employer"})
"""Dimensions for the house only: they tell of colleagues and of single firms."""
LEFT_OUT = frozenset({"caseload", "completeness"})
"""Measures of how the house works, not of what became of people."""


@dataclass(frozen=True, slots=True)
class DonorReport:
    """What the report says, in one language."""

    language: str
    title: str
    facts: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
    definitions: tuple[str, ...]
    data_on: dt.date


def donor_report(snapshot: Snapshot, grant: str, language: str) -> DonorReport:
    """The report of a ready snapshot; `grant` is a name from its list, or "" for everybody. LookupError for another."""
    donors = dict(snapshot.figures["grants"])
    if grant and grant not in donors:
        raise LookupError(grant)
    with translation.override(language):
        facts = [
            (_("Programme"), snapshot.programme.name),
            *([(_("Grant"), grant), (_("Donor"), donors[grant])] if grant else []),
            (_("Quarter"), f"{snapshot.quarter} ({_day(snapshot.period.starts_on)} – {_day(snapshot.period.ends_on)})"),
            (_("Date of the data"), _day(_data_on(snapshot))),
            (_("Definitions"), snapshot.definitions),
            (_("Software"), f"Korak {snapshot.software}"),
        ]
        return DonorReport(
            language=language,
            title=_("Outcomes report"),
            facts=tuple(facts),
            tables=tuple(_tables(snapshot, grant)),
            definitions=tuple(definitions(snapshot.figures["rules"], GAP_DAYS)),
            data_on=_data_on(snapshot),
        )


def _tables(snapshot: Snapshot, grant: str) -> list[Table]:
    told = releases(snapshot)
    found: list[Table] = []
    for code in MEASURES:
        if code in LEFT_OUT or code not in told:
            continue
        for dimension in told[code].dimensions:
            if dimension not in INSIDE and (dimension == "grant") == bool(grant):
                found += tables(snapshot, [code], [dimension])
    return [_of_grant(one, grant) for one in found] if grant else found


def _of_grant(whole: Table, grant: str) -> Table:
    """The one line of a grant; where it stands among those too few to stand alone there is none."""
    return replace(whole, rows=tuple(row for row in whole.rows if row.label == grant))


def narrow_header(told: Table) -> list[str]:
    """The head of a table on paper, where a rate and its interval share a column."""
    unknown = [_("not known"), _("bounds")] if told.has_unknown else []
    return [told.along, *told.columns, *(f"{name}, %" for name in told.rates.values()), *unknown]


def narrow_cells(told: Table, row: Row) -> list[str]:
    """A line of a table on paper."""
    rates = list(row.rates.values())
    line = [row.label, *row.numbers]
    line += [f"{rate.percent} ({rate.lower}–{rate.upper})" if rate else "–" for rate in rates]
    if told.has_unknown:
        first = rates[0]
        line.append("–" if first is None or first.unknown is None else f"{first.unknown}%")
        line.append("–" if first is None or first.bounds is None else f"{first.bounds[0]}–{first.bounds[1]}%")
    return line


def header(told: Table) -> list[str]:
    """The head of a table in a file."""
    rates = [cell for name in told.rates.values() for cell in (f"{name}, %", "95% –", "95% +")]
    unknown = [_("not known"), _("if all unknown were not"), _("if all unknown were")] if told.has_unknown else []
    return [told.along, *told.columns, *rates, *unknown]


def cells(told: Table, row: Row) -> list[str | int]:
    """A line of a table in a file: numbers as numbers, hidden ones as a star, missing rates as a dash."""
    line: list[str | int] = [row.label, *(int(number) if number.isdigit() else number for number in row.numbers)]
    for rate in row.rates.values():
        line += [rate.percent, rate.lower, rate.upper] if rate else ["–"] * 3
    if told.has_unknown:
        first = next(iter(row.rates.values()))
        is_said = first is not None and first.unknown is not None and first.bounds is not None
        line += [first.unknown, *first.bounds] if is_said else ["–"] * 3  # type: ignore[union-attr, list-item, misc]
    return line


def _data_on(snapshot: Snapshot) -> dt.date:
    if snapshot.data_on is None:
        raise ValueError("the snapshot is not ready")
    return snapshot.data_on


def _day(day: dt.date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")
