"""The donor report: one frozen quarter, of the whole programme or of one grant, to hand over as XLSX or PDF.

A report is a function of its snapshot, the grant, the language and the words of a version of the definitions: the same
bytes whenever it is made.
"""

import datetime as dt
from dataclasses import dataclass

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from .catalogue import DEFINITIONS
from .models import Snapshot
from .sheets import Sheet, sheets
from .tables import Table, releases, tables
from .wording import MEASURES, definitions

INSIDE = frozenset({"counsellor", "employer"})
"""Dimensions for the house only: they tell of colleagues and of single firms."""
LEFT_OUT = frozenset({"caseload", "completeness"})
"""Measures of how the house works, not of what became of people."""


@dataclass(frozen=True, slots=True)
class DonorReport:
    """What the report says, in one language; `sheets` are what of everybody stands beside the tables."""

    language: str
    title: str
    facts: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
    sheets: tuple[Sheet, ...]
    definitions: tuple[str, ...]
    data_on: dt.date


def donor_report(snapshot: Snapshot, grant: str, language: str) -> DonorReport:
    """The report of a ready snapshot; `grant` is a name from its list, or "" for everybody. LookupError for another."""
    donors = dict(snapshot.figures["grants"])
    if grant and grant not in donors:
        raise LookupError(grant)
    with translation.override(language):
        facts = [
            (_("Programme"), snapshot.figures.get("programme", snapshot.programme.name)),
            *([(_("Grant"), grant), (_("Donor"), donors[grant])] if grant else []),
            (_("Quarter"), f"{snapshot.quarter} ({_day(snapshot.period.starts_on)} – {_day(snapshot.period.ends_on)})"),
            (_("Date of the data"), _day(_data_on(snapshot))),
            (_("Definitions"), _worded(snapshot)),
            (_("Software"), f"Korak {snapshot.software}"),
        ]
        return DonorReport(
            language=language,
            title=_("Outcomes report"),
            facts=tuple(facts),
            tables=tuple(_tables(snapshot, grant)),
            sheets=() if grant else tuple(sheets(snapshot)),
            definitions=tuple(definitions(snapshot.figures["rules"])),
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
                # Of a grant its one line; where it stands among those too few to stand alone there is none.
                found += tables(snapshot, [code], [dimension], grant or None)
    return found


def _worded(snapshot: Snapshot) -> str:
    """The definitions counted by; those in whose words the report is set, where they have been written anew since."""
    if snapshot.definitions == DEFINITIONS:
        return DEFINITIONS
    return _("%(counted)s, in the words of %(now)s") % {"counted": snapshot.definitions, "now": DEFINITIONS}


def _data_on(snapshot: Snapshot) -> dt.date:
    if snapshot.data_on is None:
        raise ValueError("the snapshot is not ready")
    return snapshot.data_on


def _day(day: dt.date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")
