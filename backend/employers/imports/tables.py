"""Openings as a table: CSV and XLSX."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook

from matching.text import fold

from .columns import COLUMNS
from .rows import MAX_ROWS, Source, SourceRow, check_count, clean_text, file_error

# A workbook is a zip; its directory tells how large it would grow before anything is unpacked.
MAX_UNPACKED = 200 * 2**20
MAX_COLUMNS = 100
MAX_LINES = 4 * MAX_ROWS
"""Empty ones included: a row may say that it is the billionth, and all before it would be read as empty."""
_NAMES = {fold(alias): column for column, aliases in COLUMNS.items() for alias in (column.replace("_", " "), *aliases)}


def read_csv(text: str) -> Source:
    """Rows of a CSV whose delimiter is the one that makes most column names known."""
    first_line = next((line for line in text[:20_000].splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=lambda mark: sum(name is not None for name in map(_column, first_line.split(mark))))
    # Excel writes its delimiter into a first line of its own.
    if match := re.fullmatch(r"sep=([,;\t])", first_line.strip()):
        delimiter, text = match[1], text.split("\n", 1)[-1]
    try:
        return _table(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise file_error(_("The CSV cannot be read: %(reason)s.") % {"reason": error}) from error


def read_xlsx(content: bytes) -> Source:
    """Rows of a workbook's first sheet; of a formula only the value that was last computed is read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise file_error(_("The file is damaged.")) from error
    if unpacked > MAX_UNPACKED:
        raise file_error(_("The workbook would unpack to more than %(limit)d MB.") % {"limit": MAX_UNPACKED // 2**20})
    try:
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # openpyxl raises whatever its parts raise on a file that is no workbook
        raise file_error(_("This is not an Excel workbook.")) from error
    with closing(workbook):
        if not workbook.worksheets:
            raise file_error(_("The workbook has no sheet."))
        sheet = workbook.worksheets[0]
        sheet.reset_dimensions()  # what the file says about its size may be wrong
        return _table(_cells(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS)))


def _cells(rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    iterator = iter(rows)
    while True:
        try:
            row = next(iterator)
        except StopIteration:
            return
        except Exception as error:  # as above: sheets are parsed while they are read
            raise file_error(_("The workbook is damaged.")) from error
        yield row


def _table(records: Iterable[Sequence[Any]]) -> Source:
    """Rows under a header; a row's number is the one a spreadsheet shows."""
    numbered = _numbered(records)
    first = next((record for _number, record in numbered if _filled(record)), [])
    header = [_text(name) for name in first[: MAX_COLUMNS + 1]]
    if len(header) > MAX_COLUMNS:
        raise file_error(_("The file has more than %(limit)d columns.") % {"limit": MAX_COLUMNS})
    columns = [_column(name) for name in header]
    known = [column for column in columns if column]
    if "title" not in known:
        found = ", ".join(name[:40] for name in header[:20] if name) or "-"
        raise file_error(
            _('There is no column "title". Found: %(found)s. Check the delimiter and the first row.') % {"found": found}
        )
    if repeated := sorted({column for column in known if known.count(column) > 1}):
        raise file_error(_("A column appears twice: %(columns)s.") % {"columns": ", ".join(repeated)})
    rows: list[SourceRow] = []
    for number, record in numbered:
        if not _filled(record):
            continue
        row = SourceRow(number)
        if _filled(record[len(header) :]):
            row.errors.append(("row", _("There are more cells than columns; a cell may need quotes.")))
        for column, value in zip(columns, record, strict=False):
            if column and _text(value):
                row.values[column] = clean_text(value) if isinstance(value, str) else value
        rows.append(row)
        check_count(rows)
    unknown = [name for name, column in zip(header, columns, strict=True) if name and not column]
    return Source(rows, unknown)


def _numbered(records: Iterable[Sequence[Any]]) -> Iterator[tuple[int, Sequence[Any]]]:
    for number, record in enumerate(records, start=1):
        if number > MAX_LINES:
            raise file_error(_("The file has more than %(limit)d rows. Split it.") % {"limit": MAX_LINES})
        yield number, record


def _column(name: str) -> str | None:
    """Our name of a column, whatever language, script and spelling its header has."""
    return _NAMES.get(re.sub(r"[\s_*:\-]+", " ", fold(clean_text(name).strip('"'))).strip())


def _text(value: Any) -> str:
    return clean_text(str(value)) if value not in (None, "") else ""


def _filled(record: Sequence[Any]) -> bool:
    return any(_text(value) for value in record)
