"""The same numbers on page, in the API, in the workbook and on paper: every table and every curve of a report."""

import io
import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import openpyxl
import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from backend.accounts.models import User
from backend.core.tenancy import in_programme
from backend.reports import report_files
from backend.reports.donor_report import donor_report
from backend.reports.models import Snapshot
from backend.reports.quarters import Quarter
from backend.reports.services import ask_for_snapshot, take_snapshot
from backend.reports.tables import releases
from backend.reports.wording import row_label
from tests.backend.reports.test_demo import LEAD, ON
from tests.backend.web.programme.test_figures import FIGURES

pytestmark = pytest.mark.django_db
Grids = dict[str, list[list[str]]]


@pytest.fixture(scope="module")
def frozen(django_db_setup: None, django_db_blocker: Any) -> Iterator[Snapshot]:
    """The third quarter of the demonstration, frozen once for this module."""
    from django.conf import settings

    with django_db_blocker.unblock(), transaction.atomic():
        was, settings.LOCAL = settings.LOCAL, True
        call_command("load_reference", stdout=io.StringIO())
        call_command("load_demo", on=ON, stdout=io.StringIO())
        settings.LOCAL = was
        programme = User.objects.get(email=LEAD).organisation
        assert programme is not None
        with in_programme(programme.pk):
            asked = ask_for_snapshot(actor=None, programme=programme, quarter=Quarter(2026, 3), on=ON)
            taken = take_snapshot(snapshot=asked, on=ON)
        yield taken
        transaction.set_rollback(True)


@pytest.fixture
def lead(frozen: Snapshot) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.get(email=LEAD))
    return client


def plain(cell: object) -> str:
    """A cell without what the forms set differently: percent signs, spaces, 3 and 3.0."""
    return re.sub(r"[%\s]|\.0$", "", str(cell))


def on_pages(lead: Client) -> Grids:
    """Every table of every page of figures by its heading, as the browser gets it."""
    divisions = ("cohort", "training", "sector", "municipality", "subsidy")
    pages = [reverse(f"web:{name}", args=args) for name, args in FIGURES]
    pages += [f"{reverse('web:retention')}?by={name}" for name in divisions]
    found: Grids = {}
    for page in pages:
        html = lead.get(page).text
        for title, grid in re.findall(r"<h[23][^>]*>([^<]+)</h[23]>(?:(?!<h[23]).)*?<table>(.*?)</table>", html, re.S):
            lines = re.findall(r"<tr>(.*?)</tr>", grid, re.S)[1:]
            cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line, re.S) for line in lines]
            told = [[plain(unescape(re.sub(r"<[^>]+>", "", cell))) for cell in line] for line in cells]
            found.setdefault(unescape(title), told)
    return found


def on_paper(frozen: Snapshot, monkeypatch: pytest.MonkeyPatch) -> Grids:
    """What is given to the typesetter, which sets it as it is."""
    given: dict[str, Any] = {}
    monkeypatch.setattr(report_files.typst, "compile", lambda *_, **options: given.update(options) or b"")
    report_files.pdf(donor_report(frozen, "", "en"))
    tables = json.loads(given["sys_inputs"]["report"])["tables"]
    return {one["title"]: [[plain(cell) for cell in row] for row in one["rows"]] for one in tables}


def in_the_workbook(frozen: Snapshot) -> Grids:
    """Sheets by their heading; a rate and its interval, two ends of bounds, stand in cells of their own there."""
    book = openpyxl.load_workbook(io.BytesIO(report_files.xlsx(donor_report(frozen, "", "en"))))
    found: Grids = {}
    for sheet in book.worksheets[1:-1]:
        lines = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
        nothing = [""] * len(lines[0])
        head, rows = lines[1], lines[2 : [*lines, nothing].index(nothing, 2)]
        is_curve = lines[0][0] == "The curve as a table"  # on paper too its interval has cells of its own
        found[lines[0][0]] = [[plain(cell) for cell in row] if is_curve else _together(head, row) for row in rows]
    return found


def _together(head: list[str], row: list[str]) -> list[str]:
    told, place = [], 0
    while place < len(head) and head[place]:
        name, here = head[place], row[place]
        if name.endswith(", %") and head[place + 1 : place + 3] == ["95% –", "95% +"]:
            told.append(here if here == "–" else f"{here}({row[place + 1]}–{row[place + 2]})")
            place += 3
        elif name.endswith("bounds –"):
            told.append(here if here == "–" else f"{here}–{row[place + 1]}")
            place += 2
        else:
            told.append(here)
            place += 1
    return [plain(cell) for cell in told]


def test_every_table_is_the_same_on_pages_on_paper_and_in_the_workbook(
    frozen: Snapshot, lead: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper, book, pages = on_paper(frozen, monkeypatch), in_the_workbook(frozen), on_pages(lead)
    assert paper == book
    pages["The curve as a table"] = pages.pop("Everybody")  # there it stands under the name of its group
    assert len(paper) > 30
    for title, grid in paper.items():
        assert pages.get(title, pages.get(title.removesuffix(": everybody"))) == grid, title
    numbers = [cell for grid in paper.values() for row in grid for cell in row[1:]]
    assert sum(cell.isdigit() for cell in numbers) > 300


def test_every_number_is_that_of_the_api(frozen: Snapshot, lead: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    figures = lead.get(f"/api/v1/snapshots/{frozen.pk}/").json()["figures"]
    paper = on_paper(frozen, monkeypatch)
    compared = 0
    for table in donor_report(frozen, "", "en").tables:
        told = figures["measures"][table.code]
        rows: dict[str, list[str]] = {}
        for dimension, row, *_rest, value in told["figures"]:
            if dimension == table.dimension:
                rows.setdefault(row, []).append("*" if value is None else str(value))
        with translation.override("en"):
            expected = [[plain(row_label(table.dimension, row)), *values] for row, values in rows.items()]
        printed = [row[: 1 + len(told["columns"])] for row in paper[f"{table.title}: {table.along}"]]
        assert printed == expected
        compared += len(expected)
    assert compared > 50
    curve = figures["curves"][""]["groups"][""]
    grid = paper["The curve as a table"]
    assert [row[:3] for row in grid] == [
        [str(point["t"]), str(point["at_risk"]), str(round(100 * point["survival"]))] for point in curve["points"]
    ]
    assert [row[8:10] for row in grid][: len(curve["same_employer"]["points"])] == [
        [str(point["at_risk"]), str(round(100 * point["survival"]))] for point in curve["same_employer"]["points"]
    ]
    stages = figures["waits"]["stages"].values()
    assert [row[1:] for row in paper["Time in each stage"]] == [
        [str(one["people"]), str(one["median"])] for one in stages
    ]
    profile = figures["waits"]["profile"].values()
    assert paper["The profile over time"][0][1:] == [str(one["people"]) for one in profile]
    assert paper["The profile over time"][1][1:] == [str(one["means"]["employment"]) for one in profile]


def test_what_is_guarded_leaves_by_no_door(frozen: Snapshot, lead: Client) -> None:
    """It tells which hidden sums are from 1 to 10, which the figures alone do not."""
    assert any(frozen.guarded.values())
    assert any(release.figures for release in releases(frozen).values())
    for answer in (lead.get("/api/v1/snapshots/"), lead.get(f"/api/v1/snapshots/{frozen.pk}/")):
        assert "guarded" not in answer.content.decode()
    assert not [release.code for release in releases(frozen).values() if release.guarded]
    for language in ("en", "sr-latn"):
        told = donor_report(frozen, "", language)
        assert "guarded" not in repr(told) + str(report_files.printed(told))
