"""Reading files and cells, without the database."""

import datetime as dt
import io
import json
import zipfile
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from openpyxl import Workbook
from pytest_django import Settings

from backend.employers.imports import SourceRow, parse_row, read_rows
from backend.employers.imports.html import html_to_text

POSTING: dict[str, Any] = {"@type": "JobPosting", "title": "Kuvarica"}


def workbook(*rows: list[Any]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def titles(content: bytes | str) -> list[str]:
    raw = content if isinstance(content, bytes) else content.encode()
    return [row.values.get("title", "") for row in read_rows(raw).rows]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(POSTING),
        json.dumps([POSTING]),
        json.dumps({"@context": "https://schema.org", "@graph": [{"@type": "Organization", "name": "O"}, POSTING]}),
        json.dumps([{"@graph": [POSTING]}]),
        json.dumps({"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": POSTING}]}),
        json.dumps({**POSTING, "@type": ["Thing", "https://schema.org/JobPosting"]}),
        json.dumps(POSTING) + "\n",
        "\ufeff" + json.dumps(POSTING, indent=2),
        "title\nKuvarica\n",
        "\n\ntitle,employer\nKuvarica,Firma\n",
        "sep=;\ntitle;employer\nKuvarica;Firma\n",
        "Назив радног места;Послодавац\r\nKuvarica;Firma\r\n",
        "NAZIV\tPOSLODAVAC\nKuvarica\tFirma",
        '"title";"description"\n"Kuvarica";"a, b; c\nd"\n',
        workbook(["Naziv", "Poslodavac"], ["Kuvarica", "Firma"]),
        workbook([None, None], ["title", None], ["Kuvarica", None], [None, " "]),
    ],
)
def test_one_opening_is_read_from_every_format(content: bytes | str):
    assert titles(content) == ["Kuvarica"]


def test_json_lines_keep_their_line_numbers_and_refuse_a_bad_line_alone():
    rows = read_rows(f"{json.dumps(POSTING)}\n\nnot json\n{json.dumps(POSTING)}\n7\n".encode()).rows
    assert [(row.number, bool(row.errors)) for row in rows] == [(1, False), (3, True), (4, False), (5, True)]


def test_table_rows_are_numbered_as_a_spreadsheet_shows_them():
    rows = read_rows(b'title,description\nA,"x\ny"\n\nB,\n').rows
    assert [(row.number, row.values["title"]) for row in rows] == [(2, "A"), (4, "B")]


def test_unknown_columns_are_named():
    assert read_rows(b"title,colour\nA,red\n").unknown_columns == ["colour"]


def test_more_cells_than_columns_refuse_the_row():
    source = read_rows(b"title,municipality\nA,Novi Sad, Srbija\nB,Novi Sad\n")
    assert [[field for field, _ in row.errors] for row in source.rows] == [["row"], []]


def zip_bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(5):
            archive.writestr(f"xl/{number}.xml", b"\0" * 45_000_000)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no column"),
        (b"   \n", "no column"),
        (b"\x00\x01\x02" * 50, "not a text file"),
        (b"\xff\xfet\x00i\x00", "UTF-16"),
        ("title,municipality\nA,Niš\n".encode("cp1250"), "Line 2 is not UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x9c", "not UTF-8"),
        (b"name|employer\nA|B\n", "no column"),
        (b"a,b,c\n1,2,3\n", "Found: a, b, c"),
        (b"title,title\nA,B\n", "twice"),
        (b"title,naziv\nA,B\n", "twice"),
        (b"title\n", "no opening"),
        (b'title\n"A' + b"x" * 17_000_000, "cannot be read"),
        (b"{", "not valid JSON"),
        (b"[1, 2", "not valid JSON"),
        (b'{"@type": "JobPosting", "title": NaN}', "not valid JSON"),
        (b'{"@type": "JobPosting", "title": "A"', "not valid JSON"),
        (b"[" * 100_000, "JSON"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "JSON"),
        (b'{"@type": "Organization"}', "no opening"),
        (b"[]", "no opening"),
        (b"{}", "no opening"),
        (b'{"@graph": []}', "no opening"),
        (b'{"n": ' + b"9" * 5_000 + b"}", "JSON"),
        (b"PK\x03\x04 and nothing", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel"),
        (b"title\n" + b"A\n" * 5_001, "more than 5000"),
        (json.dumps([POSTING] * 5_001).encode(), "more than 5000"),
        (zip_bomb(), "unpack"),
        (b"title," + b"," * 3_000_000, "columns"),
    ],
    ids=range(29),
)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason(content: bytes, words: str):
    with pytest.raises(ValidationError) as refusal:
        read_rows(content)
    assert list(refusal.value.message_dict) == ["file"]
    assert words in refusal.value.message_dict["file"][0]


def test_a_zip_that_is_no_workbook_is_refused():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(ValidationError):
        read_rows(stream.getvalue())


def test_a_workbook_with_a_broken_sheet_is_refused():
    good = workbook(["title"], ["A"])
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as source, zipfile.ZipFile(stream, "w") as target:
        for member in source.infolist():
            content = source.read(member)
            target.writestr(member, content[:200] if "sheet1" in member.filename else content)
    with pytest.raises(ValidationError):
        read_rows(stream.getvalue())


def test_a_file_over_the_limit_is_refused_unread(settings: Settings):
    settings.IMPORT_MAX_BYTES = 10
    with pytest.raises(ValidationError, match="larger"):
        read_rows(b"title\nKuvarica\n")


def test_a_formula_is_not_computed():
    (row,) = read_rows(workbook(["title", "description"], ["A", '=HYPERLINK("http://x","y")'])).rows
    assert "description" not in row.values


def test_cells_of_a_workbook_keep_their_types():
    sheet = workbook(["title", "pib", "plata", "rok", "night"], ["A", 123456789.0, 65000, dt.date(2026, 12, 31), True])
    (row,) = read_rows(sheet).rows
    parsed = parse_row(row)
    assert row.errors == []
    assert parsed.tax_number == "123456789"
    assert parsed.fields == {
        "title": "A",
        "pay_from": Decimal(65_000),
        "valid_through": dt.date(2026, 12, 31),
        "night": True,
    }


def posting(**values: Any) -> tuple[SourceRow, Any]:
    (row,) = read_rows(json.dumps({**POSTING, **values}).encode()).rows
    return row, parse_row(row)


def test_a_whole_job_posting():
    row, parsed = posting(
        description="<p>Priprema &amp; serviranje</p><ul><li>jelo</li></ul><script>x</script>",
        identifier={"@type": "PropertyValue", "name": "Firma", "value": 77},
        datePosted="2026-10-01T08:00:00+02:00",
        validThrough="2026-12-31",
        hiringOrganization={"@type": "Organization", "name": "Firma", "vatID": "RS 123456789"},
        jobLocation=[{"@type": "Place", "address": {"addressLocality": "Niš", "addressCountry": {"name": "Srbija"}}}],
        baseSalary={
            "@type": "MonetaryAmount",
            "currency": "rsd",
            "value": {"@type": "QuantitativeValue", "minValue": 960_000, "maxValue": "1.200.000", "unitText": "YEAR"},
        },
        employmentType=["FULL_TIME", "TEMPORARY"],
        workHours="37,5 sati nedeljno",
        skills=[{"@type": "DefinedTerm", "name": "kuvanje"}, "higijena, HACCP"],
        occupationalCategory={"codeValue": "5120", "name": "5120 Cooks"},
        totalJobOpenings=2,
    )
    assert row.errors == []
    assert (parsed.identifier, parsed.employer, parsed.tax_number) == ("77", "Firma", "123456789")
    assert (parsed.municipality, parsed.country) == ("Niš", "Srbija")
    assert parsed.skills == ["kuvanje", "higijena", "HACCP"]
    assert parsed.fields == {
        "title": "Kuvarica",
        "description": "Priprema & serviranje\n\n• jelo",
        "posted_on": dt.date(2026, 10, 1),
        "valid_through": dt.date(2026, 12, 31),
        "positions": 2,
        "contract": "fixed_term",
        "hours_per_week": Decimal("37.5"),
        "pay_from": Decimal(80_000),
        "pay_to": Decimal(100_000),
        "pay_period": "month",
        "currency": "RSD",
    }


def test_an_organisation_may_stand_elsewhere_in_the_graph():
    graph = [
        {"@id": "#o", "@type": "Organization", "name": "Firma", "taxID": "123456789"},
        {**POSTING, "hiringOrganization": {"@id": "#o"}},
    ]
    (row,) = read_rows(json.dumps({"@graph": graph}).encode()).rows
    assert row.values["employer"] == "Firma"


@pytest.mark.parametrize(
    ("salary", "expected"),
    [
        (65_000, {"pay_from": Decimal(65_000)}),
        ("65.000", {"pay_from": Decimal(65_000)}),
        ({"currency": "EUR", "value": 5.5, "unitText": "HOUR"}, {"pay_from": Decimal("5.5"), "pay_period": "hour"}),
        ({"value": {"value": 1_200, "unitText": "WEEK"}}, {"pay_from": Decimal(5_200), "pay_period": "month"}),
        ({"minValue": 1, "maxValue": 2}, {"pay_from": Decimal(1), "pay_to": Decimal(2)}),
        ({}, {}),
        (None, {}),
        ([], {}),
    ],
)
def test_the_shapes_of_a_salary(salary: Any, expected: dict[str, Any]):
    row, parsed = posting(baseSalary=salary)
    assert row.errors == []
    assert expected.items() <= parsed.fields.items()


def test_work_hours_in_free_words_are_left_out():
    row, parsed = posting(workHours="Mon-Fri 9-17", employmentType="PART_TIME")
    assert row.errors == []
    assert "hours_per_week" not in parsed.fields
    assert posting(employmentType="FULL_TIME")[1].fields["hours_per_week"] == 40


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": None}, "title"),
        ({"title": ["", None]}, "title"),
        ({"title": {"a": {"b": "c"}}}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "\x00\x01"}, "title"),
        ({"description": "x" * 20_001}, "description"),
        ({"baseSalary": "lots"}, "pay_from"),
        ({"baseSalary": 1e300}, "pay_from"),
        ({"baseSalary": {"value": {"value": 5, "unitText": "DAY"}}}, "pay_period"),
        ({"baseSalary": {"value": 5, "currency": "dinars"}}, "currency"),
        ({"datePosted": "yesterday"}, "posted_on"),
        ({"datePosted": "2026-02-30"}, "posted_on"),
        ({"datePosted": 7}, "posted_on"),
        ({"validThrough": "9999-12-31"}, "valid_through"),
        ({"validThrough": {"a": 1}}, None),
        ({"employmentType": "VOLUNTEER"}, "contract"),
        ({"totalJobOpenings": 1.5}, "positions"),
        ({"totalJobOpenings": "two"}, "positions"),
        ({"totalJobOpenings": True}, None),
        ({"skills": "x" * 201}, "skills"),
        ({"skills": ["a" * n for n in range(1, 63)]}, "skills"),
        ({"hiringOrganization": {"name": "F", "taxID": "12"}}, "tax_number"),
        ({"jobLocation": [{"address": "Niš"}, {"address": "Bor"}]}, "municipality"),
        ({"jobLocation": 7, "hiringOrganization": 7, "skills": {}, "occupationalCategory": []}, None),
    ],
)
def test_a_posting_is_refused_with_the_field(values: dict[str, Any], field: str | None):
    row, _parsed = posting(**values)
    assert [name for name, _reason in row.errors] == ([field] if field else [])


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("pay_from", "65000", Decimal(65_000)),
        ("pay_from", "65.000", Decimal(65_000)),
        ("pay_from", "65,000", Decimal(65_000)),
        ("pay_from", "65 000,50", Decimal("65000.50")),
        ("pay_from", "1,234.5", Decimal("1234.5")),
        ("pay_from", "1.234.567,8", Decimal("1234567.8")),
        ("pay_from", "371.5", Decimal("371.5")),
        ("hours_per_week", "37,5", Decimal("37.5")),
        ("positions", "3.0", 3),
        ("posted_on", "2.11.2026.", dt.date(2026, 11, 2)),
        ("posted_on", "02. 11. 2026", dt.date(2026, 11, 2)),
        ("posted_on", "02/11/2026", dt.date(2026, 11, 2)),
        ("posted_on", "2026-11-02T10:00:00Z", dt.date(2026, 11, 2)),
        ("night", "Da", True),
        ("night", "не", False),
        ("contract", "Neodređeno", "permanent"),
        ("contract", "fixed_term", "fixed_term"),
        ("contract", "Fixed term", "fixed_term"),
        ("shifts", "prva, Noćna", ["morning", "night"]),
        ("licences", "B; viljuškar", ["driving_b", "forklift"]),
        ("languages", "en:B1, de A2; sr", {"en": "B1", "de": "A2", "sr": "A1"}),
        ("currency", "eur", "EUR"),
        ("pay_period", "mesečno", "month"),
        ("title", "  Kuvarica\n\u0007 sa\tiskustvom ", "Kuvarica sa iskustvom"),
    ],
)
def test_a_cell_is_read_as_people_write_it(column: str, value: str, expected: Any):
    row = SourceRow(2, {"title": "A", column: value})
    assert parse_row(row).fields[column] == expected
    assert row.errors == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("pay_from", "65.000 - 80.000"),
        ("pay_from", "NaN"),
        ("pay_from", float("inf")),
        ("pay_from", "1e5"),
        ("pay_from", "٣٣"),
        ("pay_from", "9" * 5_000),
        ("positions", "-"),
        ("positions", "1,5"),
        ("posted_on", "31.2.2026"),
        ("posted_on", "0001-01-01"),
        ("posted_on", "now"),
        ("night", "maybe"),
        ("contract", "handshake"),
        ("shifts", "dawn"),
        ("languages", "en:Z9"),
        ("languages", "klingon:A1"),
        ("licences", "pilot"),
        ("pay_period", "fortnight"),
        ("currency", "dinars"),
        ("tax_number", "1234567890"),
    ],
)
def test_a_cell_that_cannot_be_read_names_its_column(column: str, value: Any):
    row = SourceRow(2, {"title": "A", column: value})
    parse_row(row)
    assert [name for name, _reason in row.errors] == [column]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("a < b & c", "a < b & c"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("&lt;p&gt;a&lt;/p&gt;", "a"),
        ("<b>a</b> b<style>p{}</style><!-- c -->", "a b"),
        ("<p", "<p"),
        ("<SCRIPT>x</Script >a", "a"),
        ("&lt;p&gt;1 &amp;lt; 2&lt;/p&gt;", "1 < 2"),
        ("<script>" * 1_000 + "x", ""),
    ],
)
def test_html_becomes_lines_of_text(html: str, text: str):
    assert html_to_text(html) == text


def test_malformed_text_is_read_in_time_that_grows_with_its_length_only():
    for piece in ("<a ", "<!--", "&lt;", "<![CDATA[", "</", "<a href='", "<script>", "<p>", "&amp", "&#"):
        html_to_text(piece * 100_000)
    assert "hours_per_week" not in posting(workHours="1" + " " * 100_000 + "z")[1].fields
