"""Reports as files, the same bytes for the same report: no clock, no machine, no chance goes into them."""

import datetime as dt
import io
import json
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typst
from django.utils import translation
from django.utils.formats import date_format, localize
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from .donor_report import DonorReport
from .exports import neutral
from .own_record import OwnRecord
from .sheets import Cell, narrow, wide

TEMPLATE = Path(__file__).with_name("report.typ")
RECORD_TEMPLATE = Path(__file__).with_name("own_record.typ")
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The time that every part of an archive carries."""
LANGUAGES = {"sr-latn": ("sr", "latn"), "sr-cyrl": ("sr", "cyrl"), "en": ("en", "latn")}


def pdf(report: DonorReport) -> bytes:
    """As PDF/A, set by typst with the fonts it brings along."""
    return _set(TEMPLATE, printed(report))


def printed(report: DonorReport) -> dict[str, Any]:
    """What the PDF says, before it is set."""
    lang, script = LANGUAGES[report.language]
    with translation.override(report.language):
        return {
            "title": report.title,
            "lang": lang,
            "script": script,
            "data_on": [report.data_on.year, report.data_on.month, report.data_on.day],
            "facts": report.facts,
            "tables": [
                {
                    "title": one.title,
                    "header": one.header,
                    "rows": [[localize(cell) for cell in row] for row in one.rows],
                    "notes": one.notes,
                }
                for one in (*map(narrow, report.tables), *report.sheets)
            ],
            "how": _("How this is counted"),
            "definitions": report.definitions,
        }


def record_pdf(report: OwnRecord) -> bytes:
    """Her own record, to read and to print."""
    lang, script = LANGUAGES[report.language]
    with translation.override(report.language):
        told = {
            "title": report.title,
            "lang": lang,
            "script": script,
            "made_on": [report.made_on.year, report.made_on.month, report.made_on.day],
            "about": _about(report),
            "parts": report.parts,
            "nothing": _("Nothing is held under these headings"),
            "empty": report.empty,
        }
    return _set(RECORD_TEMPLATE, told)


def record_json(report: OwnRecord) -> bytes:
    """Her own record for a program to read: each field with its code, its name and what it says."""
    with translation.override(report.language):
        parts = [
            {
                "title": title,
                "rows": [[dict(zip(("field", "label", "value"), line, strict=True)) for line in row] for row in rows],
            }
            for title, rows in report.parts
        ]
        told = {"title": report.title, "about": _about(report), "language": report.language}
    return json.dumps(told | {"parts": parts, "empty": report.empty}, ensure_ascii=False, indent=1).encode()


def _about(report: OwnRecord) -> str:
    day = date_format(report.made_on, "SHORT_DATE_FORMAT")
    return _(
        "As of %(day)s this is everything that is held on you here. You may have what is wrong put right, withdraw a "
        "consent, or have all of it erased: say so to your counsellor."
    ) % {"day": day}


def _set(template: Path, told: dict[str, Any]) -> bytes:
    return typst.compile(
        template.read_bytes(),
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
        for number, one in enumerate((*map(wide, report.tables), *report.sheets), start=1):
            notes = [(note,) for note in one.notes]
            _sheet(book.create_sheet(), str(number), [(one.title,), one.header, *one.rows, [], *notes])
        _sheet(book.create_sheet(), _("Definitions"), [(line,) for line in report.definitions])
    moment = dt.datetime.combine(report.data_on, dt.time())
    book.properties.creator = "Korak"
    book.properties.created = book.properties.modified = moment
    file = io.BytesIO()
    book.save(file)
    return _timeless(file.getvalue(), moment)


def _sheet(sheet: Worksheet, title: str, rows: Sequence[Sequence[Cell]]) -> None:
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
