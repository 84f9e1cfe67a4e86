"""Files that cannot be taken, at both import pages, and adverts that cannot be read."""

import io
import re
import time
import zipfile
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from backend.employers.imports import tables
from backend.employers.models import Employer, Opening, Requirement
from tests.backend.web.conftest import SignIn
from tests.conftest import Cast

ENGLISH = re.compile(r"\b(the|this|is|are|not|enter|valid|there|file|more|than|please|required|row)\b", re.I)
REASONS = re.compile(r'<ul class="errorlist[^>]*>(.*?)</ul>|</strong>: (.*?)</div>', re.S)
SHEET = "xl/worksheets/sheet1.xml"
Pages = dict[str, Client]


def _workbook(change: Callable[[str], str] = str, **parts: bytes) -> bytes:
    """A workbook of one opening, with its sheet's XML changed and parts added."""
    book = Workbook()
    book.active.append(["title", "employer"])
    book.active.append(["Krojačica", "Firma"])
    plain, changed = io.BytesIO(), io.BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, change(content.decode()).encode() if name == SHEET else content)
        for name, content in parts.items():
            target.writestr(name, content)
    return changed.getvalue()


def _lying(content: bytes) -> bytes:
    """The archive with every size in its directory said to be one byte."""
    found = bytearray(content)
    at = found.find(b"PK\x01\x02")
    while at >= 0:
        found[at + 24 : at + 28] = (1).to_bytes(4, "little")
        at = found.find(b"PK\x01\x02", at + 4)
    return bytes(found)


ENTITIES = "".join(f'<!ENTITY b{i} "{f"&b{i - 1};" * 10}">' for i in range(1, 12))
LAUGHS = f'<!DOCTYPE a [<!ENTITY b0 "ha">{ENTITIES}]>'
TITLE = '{"@type": "JobPosting", "title": "Krojačica", "hiringOrganization": "Firma"'
FILES = {
    "empty": b"",
    "blank": b" \n\n\t\n",
    "program": b"MZ\x90\x00" + b"\0" * 500,
    "PDF": b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n",
    "old Excel": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "damaged zip": b"PK\x03\x04" + b"x" * 300,
    "cut workbook": _workbook()[:-200],
    "no workbook": _workbook()[:4] + b"",
    "bomb": _workbook(bomb=b"\0" * 3_000_000),
    "lying bomb": _lying(_workbook(lambda xml: xml.replace("Krojačica", "a" * 3_000_000))),
    "row far down": _workbook(lambda xml: xml.replace('r="2"', 'r="9999999999999"')),
    "row that is none": _workbook(lambda xml: xml.replace('r="2"', 'r="-1.5"')),
    "laughs": _workbook(lambda xml: LAUGHS + xml[xml.find("<worksheet") :].replace("Krojačica", "&b11;")),
    "no such string": _workbook(lambda xml: re.sub(r'<c r="A2"[^>]*>.*?</c>', '<c r="A2" t="s"><v>99999</v></c>', xml)),
    "half a sheet": _workbook(lambda xml: xml[: len(xml) // 2]),
    "UTF-16": "title\nKrojačica".encode("utf-16"),
    "Windows-1250": "title;employer\nKrojačica;Firma".encode("cp1250"),
    "other delimiter": "title|employer\nKrojačica|Firma".encode(),
    "no title": b"naziv firme;mesto\nFirma;Novi Sad",
    "header only": b"title;employer\n",
    "twice a column": b"title;title;employer\na;b;c\n",
    "many columns": b";".join([b"title"] + [b"x"] * 200) + b"\nKuvar\n",
    "open quote": b'title;employer\n"Kuvar;Firma\n' + b"Kuvar;Firma\n" * 50,
    "huge cell": b"title;employer\n" + b"a" * 200_000 + b";Firma\n",
    "long title": b"title;employer\n" + b"a" * 10_000 + b";Firma\n",
    "NUL": b"title;employer\n\0\0\0;\0\n",
    "no employer": b"title\nKuvar\n",
    "unknown place": "title;employer;municipality\nKuvar;Firma;Nedođija\n".encode(),
    "unknown choice": b"title;employer;contract\nKuvar;Firma;vecno\n",
    "level out of range": b"title;employer;languages\nKuvar;Firma;en:Z9\n",
    "positions": b"title;employer;positions\nKuvar;Firma;1e400\n",
    "ends first": b"title;employer;posted_on;valid_through\nKuvar;Firma;2026-11-02;2026-11-01\n",
    "no such day": b"title;employer;valid_through\nKuvar;Firma;31.02.2026\n",
    "year 1": b"title;employer;posted_on\nKuvar;Firma;0001-01-01\n",
    "pay": b"title;employer;pay_from;pay_to\nKuvar;Firma;99999999999999;-1\n",
    "wrong tax number": b"title;employer;tax_number\nKuvar;Firma;12\n",
    "many lines": b"title;employer\n" + b"Kuvar;Firma\n" * 5_100,
    "blank lines": b"title;employer\n" + b"\n" * 1_000_000,
    "half JSON": b'{"@type": "JobPosting"',
    "deep JSON": b"[" * 100_000,
    "deep objects": b'{"@graph":' * 5_000 + b"1" + b"}" * 5_000,
    "null": b"[null, 1, true, \"a\", [], {}]",
    "no posting": b"[]",
    "other type": b'{"@type": "Person", "name": "Firma"}',
    "untitled": b'{"@type": "JobPosting"}',
    "half character": TITLE.replace("Krojačica", "\\ud800").encode() + b"}",
    "infinite": TITLE.encode() + b', "totalJobOpenings": 1e400}',
    "NaN": TITLE.encode() + b', "totalJobOpenings": NaN}',
    "long number": TITLE.encode() + b', "totalJobOpenings": ' + b"9" * 5_000 + b"}",
    "two places": TITLE.encode() + b', "jobLocation": [{"address": "Novi Sad"}, {"address": "Beograd"}]}',
    "wrong types": TITLE.encode()
    + b', "validThrough": {}, "baseSalary": [[[]]], "skills": {"a": 1}, "employmentType": 7, "datePosted": []}',
}  # fmt: skip
TAKEN = {"wrong types"}
"""What stands where nothing was asked for is passed over."""


@pytest.fixture(autouse=True)
def _small_files(clock: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_UNPACKED", 1_000_000)


@pytest.fixture
def pages(cast: Cast, sign_in: SignIn) -> Pages:
    found = {"import_openings": sign_in(cast.counsellor), "portal_import": sign_in(cast.employer_user)}
    for client in found.values():
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "sr-latn"
        client.raise_request_exception = False
    return found


def _send(client: Client, page: str, content: bytes, name: str = "oglasi.csv") -> HttpResponse:
    return client.post(reverse(f"web:{page}"), {"file": SimpleUploadedFile(name, content)})


def _counts() -> tuple[int, ...]:
    return Opening.objects.count(), Requirement.objects.count(), Employer.objects.count()


def _reasons(response: HttpResponse) -> list[str]:
    found = REASONS.findall(response.content.decode())
    return [re.sub(r"<[^>]+>", "", one or other).strip() for one, other in found]


@pytest.mark.parametrize("desk", ["import_openings", "portal_import"])
def test_a_file_that_cannot_be_taken_leaves_nothing(desk: str, pages: Pages) -> None:
    found = []
    for kind in FILES.keys() - TAKEN:
        if desk == "portal_import" and kind == "no employer":
            continue  # it is the employer's own
        before, started = _counts(), time.thread_time()
        answer = _send(pages[desk], desk, FILES[kind])
        reasons = _reasons(answer)
        if answer.status_code != 200 or not reasons or any(ENGLISH.search(reason) for reason in reasons):
            found.append((kind, answer.status_code, reasons[:2]))
        if _counts() != before:
            found.append((kind, "something was written"))
        if time.thread_time() - started > 5:
            found.append((kind, "takes long"))
    assert found == []


def test_values_of_wrong_types_are_passed_over(pages: Pages) -> None:
    answer = _send(pages["import_openings"], "import_openings", FILES["wrong types"])
    assert answer.status_code == 200
    assert Opening.objects.count() <= 1


def test_a_file_that_is_too_large_is_named(pages: Pages) -> None:
    content = b"title\n" + b"a" * (21 * 2**20)
    for page, client in pages.items():
        answer = _send(client, page, content)
        assert answer.status_code == 200
        assert ["20,0" in reason for reason in _reasons(answer)] == [True]
    assert not Opening.objects.exists()


@pytest.mark.parametrize("name", ["../../etc/passwd", "a" * 300 + ".csv", "файл\u202e.csv", "x.exe", "\"'<b>.csv"])
def test_the_name_of_a_file_says_nothing(name: str, pages: Pages) -> None:
    answer = _send(pages["import_openings"], "import_openings", b"title;employer\nKuvar;Nova firma\n", name)
    assert answer.status_code == 200
    assert Opening.objects.get().title == "Kuvar"


def test_what_is_no_file_is_refused(pages: Pages) -> None:
    url = reverse("web:import_openings")
    for data in ({}, {"file": "oglasi.csv"}, {"other": SimpleUploadedFile("a.csv", b"title\nKuvar")}):
        assert _reasons(pages["import_openings"].post(url, data))
    assert not Opening.objects.exists()


@pytest.mark.parametrize("kind", [kind for kind, content in FILES.items() if content[:1] in (b"{", b"[")])
def test_an_advert_that_cannot_be_read_saves_nothing(kind: str, pages: Pages) -> None:
    client = pages["portal_import"]
    text = FILES[kind].decode("utf-8", "replace")[:30_000]
    answer = client.post(reverse("web:portal_paste"), {"text": text})
    assert answer.status_code == 200
    assert not Opening.objects.exists()
    assert "Traceback" not in answer.content.decode()
