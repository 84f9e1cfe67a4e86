"""The donor report as a file, the same bytes for the same snapshot: no clock, no machine, no chance goes into it."""

import datetime as dt
import io
import json
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

import typst
from django.utils import translation
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from .donor_report import DonorReport, cells, header, narrow_cells, narrow_header
from .exports import neutral

TEMPLATE = Path(__file__).with_name("report.typ")
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The time that every part of an archive carries."""
LANGUAGES = {"sr-latn": ("sr", "latn"), "sr-cyrl": ("sr", "cyrl"), "en": ("en", "latn")}


def pdf(report: DonorReport) -> bytes:
    """As PDF/A, set by typst with the fonts it brings along."""
    lang, script = LANGUAGES[report.language]
    with translation.override(report.language):
        told = {
            "title": report.title,
            "lang": lang,
            "script": script,
            "data_on": [report.data_on.year, report.data_on.month, report.data_on.day],
            "facts": report.facts,
            "tables": [
                {
                    "title": f"{one.title}: {one.along}",
                    "header": narrow_header(one),
                    "rows": [narrow_cells(one, row) for row in one.rows],
                    "notes": one.notes,
                }
                for one in report.tables
            ],
            "how": _("How this is counted"),
            "definitions": report.definitions,
        }
    return typst.compile(
        TEMPLATE.read_bytes(),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"report": json.dumps(told, ensure_ascii=False)},
        pdf_standards=["a-2b"],
    )


def xlsx(report: DonorReport) -> bytes:
    """As a workbook: what it is about, one sheet a table, how it is counted."""
    book = Workbook()
    first = book.active
    with translation.override(report.language):
        _sheet(first, _("Report"), [[report.title], [], *report.facts])
        for number, one in enumerate(report.tables, start=1):
            head = [(f"{one.title}: {one.along}",), header(one)]
            rows = [cells(one, row) for row in one.rows]
            _sheet(book.create_sheet(), str(number), [*head, *rows, [], *((note,) for note in one.notes)])
        _sheet(book.create_sheet(), _("Definitions"), [(line,) for line in report.definitions])
    moment = dt.datetime.combine(report.data_on, dt.time())
    book.properties.creator = "Korak"
    book.properties.created = book.properties.modified = moment
    file = io.BytesIO()
    book.save(file)
    return _timeless(file.getvalue(), moment)


def _sheet(sheet: Worksheet, title: str, rows: Sequence[Sequence[str | int]]) -> None:
    sheet.title = title
    for row in rows:
        sheet.append([neutral(cell) for cell in row])
    sheet["A1"].font = Font(bold=True)
    sheet.column_dimensions["A"].width = 44


def _timeless(book: bytes, moment: dt.datetime) -> bytes:
    """The archive without the times of its making; openpyxl writes the clock into each part and into its properties."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as made, zipfile.ZipFile(file, "w") as fixed:
        for name in made.namelist():
            content = made.read(name)
            if name == "docProps/core.xml":
                stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            part = zipfile.ZipInfo(name, LONG_AGO)
            part.compress_type = zipfile.ZIP_DEFLATED
            fixed.writestr(part, content)
    return file.getvalue()
