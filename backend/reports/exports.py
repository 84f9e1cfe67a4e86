"""The one way out for tables: CSV or XLSX, audited, under a name that says nothing, with no cell that runs.

A spreadsheet takes a text that begins with = + - @ for a formula, which can fetch and send. Leading white space,
control and zero-width characters do not stop it, nor do full-width forms in some locales; and a file read with another
separator than it was written with begins cells in the middle of a text (OWASP, CSV Injection).
"""

import csv
import datetime as dt
import io
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from django.db.models import Model
from openpyxl import Workbook

from backend.accounts.models import User
from backend.audit.services import record

Cell = str | int | float | Decimal | dt.date | None
Form = Literal["csv", "xlsx"]

TYPES: dict[Form, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
STARTERS = frozenset("=+-@")
BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and symbols by category, nothing to the eye
# What XML or UTF-8 cannot hold.
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# After these some program begins a cell.
SEPARATORS = re.compile(r'[\t\r\n;,|"]')


@dataclass(frozen=True, slots=True)
class Export:
    """A file to hand over."""

    name: str
    content_type: str
    content: bytes


def export(
    *,
    actor: User | None,
    obj: Model,
    what: str,
    form: Form,
    on: dt.date,
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
) -> Export:
    """Write a table and record that `actor` took it out: `what` is a code, `obj` what it is about.

    The caller has asked its policy, and fetched only what the actor may see.
    """
    table = _neutral_table(header, rows)
    record(actor=actor, act="export", obj=obj, what=what, form=form, rows=len(table) - 1)
    content = _csv(table) if form == "csv" else _xlsx(table)
    return Export(f"export-{on.isoformat()}.{form}", TYPES[form], content)


def csv_file(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A table as CSV, for an act that is recorded as a whole."""
    return _csv(_neutral_table(header, rows))


def _neutral_table(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> list[list[Cell]]:
    return [[neutral(cell) for cell in row] for row in (header, *rows)]


def neutral(value: Cell) -> Cell:
    """The value as no program runs it: numbers and days as they are, a text that could start a formula behind a '."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if not isinstance(value, str):
        return value
    text = UNWRITABLE.sub("", value)
    starts = [0, *(found.end() for found in SEPARATORS.finditer(text))]
    for start in reversed(starts):
        if _starts_formula(text[start:]):
            text = f"{text[:start]}'{text[start:]}"
    return f"'{text}" if text[:1] in ("\t", "\r", "\n") else text


def _starts_formula(text: str) -> bool:
    """Whether the first character that is seen, in its plain form, starts a formula."""
    for character in text:
        if not unicodedata.category(character).startswith(("Z", "C")) and character not in BLANK_LETTERS:
            return unicodedata.normalize("NFKC", character)[:1] in STARTERS or character == "\u2212"
    return False


def _csv(table: list[list[Cell]]) -> bytes:
    """UTF-8 with the mark by which Excel knows it; every text quoted, so that numbers stay apart from digits."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_NONNUMERIC).writerows(table)
    return text.getvalue().encode("utf-8-sig")


def _xlsx(table: list[list[Cell]]) -> bytes:
    book = Workbook(write_only=True)
    book.properties.creator = ""
    sheet = book.create_sheet("1")
    for row in table:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
