"""Frozen quarters and the reports made of them, on a programme that can be counted by hand."""

import datetime as dt
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

import openpyxl
import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from backend.audit.models import Event
from backend.config import settings as site
from backend.outcomes.models import EmploymentSpell, FollowUp
from backend.reports import frames, services, tasks
from backend.reports.disclosure import Measure, Release, Rules, control
from backend.reports.disclosure.tables import plain
from backend.reports.donor_report import donor_report
from backend.reports.models import Grant, Snapshot
from backend.reports.policies import can_read_reports, visible_grants, visible_snapshots
from backend.reports.quarters import Quarter
from backend.reports.report_files import LONG_AGO, pdf, printed, xlsx
from backend.reports.services import ask_for_snapshot, hand_over, record_grant, take_snapshot
from backend.reports.tables import tables
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory, EmployerFactory, MunicipalityFactory

pytestmark = pytest.mark.django_db

THIRD = Quarter(2026, 3)
START = dt.date(2026, 1, 10)  # 263 days before the end of the quarter


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def placed(cast: Cast, number: int, *, last: int, ended: bool = False, **fields: Any) -> None:
    """People placed on START, known to have worked until day `last`."""
    until = START + dt.timedelta(days=last)
    for _person in range(number):
        spell = EmploymentSpell.objects.create(
            beneficiary=BeneficiaryFactory(
                organisation=cast.programme,
                counsellor=cast.counsellor,
                **{"entered_on": dt.date(2025, 12, 1)} | fields,
            ),
            employer=cast.employer,
            job_title="Krojačica",
            contract="permanent",
            evidence="A",
            started_on=START,
            ended_on=until if ended else None,
            end_reason="dismissed" if ended else "",
            verified_on=until,
        )
        for day in (30, 90):
            due_on = START + dt.timedelta(days=day)
            seen = {"result": "reached", "status": "same_employer", "contacted_on": due_on} if day <= last else {}
            FollowUp.objects.create(spell=spell, day=day, due_on=due_on, **seen)


@pytest.fixture
def programme(cast: Cast) -> Cast:
    """60 placed: 36 still at work after 90 days, 14 not, 10 unknown; one more person who was never placed."""
    placed(cast, 36, last=200)
    placed(cast, 14, last=50, ended=True, municipality=MunicipalityFactory(code="RS-00-x", name="Beograd"))
    placed(cast, 10, last=20)
    return cast


def freeze(cast: Cast, today: dt.date, quarter: Quarter = THIRD) -> Snapshot:
    asked = ask_for_snapshot(actor=cast.lead, programme=cast.programme, quarter=quarter, on=today)
    return take_snapshot(snapshot=asked, on=today)


def shown(snapshot: Snapshot, code: str, dimension: str = "") -> dict[str, tuple[str, ...]]:
    return {row.label: row.numbers for row in tables(snapshot, [code], [dimension])[0].rows}


def test_the_lead_reads_reports_and_nobody_else(cast: Cast, other_cast: Cast, today: dt.date) -> None:
    freeze(cast, today)
    Grant.objects.create(programme=cast.programme, name="G", donor="D", starts_on=today, ends_on=today)
    for user in (cast.lead, cast.counsellor, cast.employer_user, cast.administrator, other_cast.lead):
        sees = user == cast.lead
        assert can_read_reports(user) is (user in (cast.lead, other_cast.lead))
        assert visible_snapshots(user).exists() is sees
        assert visible_grants(user).exists() is sees
        if not sees:
            with pytest.raises(PermissionDenied):
                ask_for_snapshot(actor=user, programme=cast.programme, quarter=THIRD, on=today)
            with pytest.raises(PermissionDenied):
                hand_over(actor=user, snapshot=Snapshot.objects.get(), form="pdf", grant="", language="en")


def test_the_figures_are_those_of_the_rows(programme: Cast, today: dt.date) -> None:
    snapshot = freeze(programme, today)
    # due 60, known 50, retained 36 -> 35; the ten unknown are hidden, and so is nothing else.
    assert shown(snapshot, "retention_90") == {"everybody": ("60", "50", "35", "35")}
    # Of the 14 in Beograd none stayed, and of fewer than twenty that is not said.
    assert shown(snapshot, "retention_90", "municipality")["Beograd"][2] == "*"
    assert dict(shown(snapshot, "funnel", "stage"))["placed in work"] == ("60", "60")
    rate = tables(snapshot, ["retention_90"], [""])[0].rows[0].rates["retained"]
    assert rate is not None
    assert (rate.percent, rate.lower, rate.upper) == (70, 56, 81)  # 35 of 50
    row = tables(snapshot, ["retention_90"], [""])[0].rows[0]
    assert (row.unknown, row.bounds["retained"]) == (17, (58, 75))  # 35 and 45 of 60
    curve = snapshot.figures["curves"][""]["groups"][""]
    assert (curve["placed"], curve["ended"], curve["lost"]) == (60, 15, None)
    by_day = {point["t"]: point for point in curve["points"]}
    assert by_day[30]["survival"] == 1.0
    assert by_day[60]["survival"] == pytest.approx(45 / 60)  # 36 of 50 stayed: 43.2 of 60, in fives
    assert by_day[60]["at_risk"] == 35
    assert by_day[30]["all_lost"] == pytest.approx(50 / 60)


def test_everybody_unknown_and_nobody_at_all(cast: Cast, today: dt.date) -> None:
    empty = freeze(cast, today, THIRD.before)
    assert set(shown(empty, "retention_90").values()) == {("0", "0", "0", "0")}
    placed(cast, 30, last=0)
    snapshot = freeze(cast, today)
    assert shown(snapshot, "retention_90") == {"everybody": ("30", "0", "0", "0")}
    row = tables(snapshot, ["retention_90"], [""])[0].rows[0]
    assert row.rates == {"retained": None, "same_employer": None}
    assert (row.unknown, row.bounds) == (100, {"retained": (0, 100), "same_employer": (0, 100)})
    nobody = tables(empty, ["retention_90"], [""])[0].rows[0]
    assert (nobody.unknown, nobody.bounds["retained"]) == (None, None)


def test_three_people_have_no_numbers(cast: Cast, today: dt.date) -> None:
    placed(cast, 3, last=200)
    snapshot = freeze(cast, today)
    assert shown(snapshot, "retention_90") == {"everybody": ("*", "*", "*", "*")}
    assert snapshot.figures["curves"][""]["groups"] == {}


def test_an_open_quarter_is_refused(cast: Cast, today: dt.date) -> None:
    for quarter in (Quarter.of(today), Quarter(2030, 1)):
        with pytest.raises(ValidationError, match="still open"):
            ask_for_snapshot(actor=cast.lead, programme=cast.programme, quarter=quarter, on=today)
    with pytest.raises(ValidationError, match="still open"):
        ask_for_snapshot(actor=cast.lead, programme=cast.programme, quarter=THIRD, on=dt.date(2026, 10, 29))
    assert not Snapshot.objects.exists()


def test_quarters_are_frozen_in_order_and_once(programme: Cast, today: dt.date) -> None:
    snapshot = freeze(programme, today)
    with pytest.raises(ValidationError, match="later quarter"):
        freeze(programme, today, THIRD.before)
    before = Snapshot.objects.get().figures
    EmploymentSpell.objects.all().delete()
    stale = Snapshot(pk=snapshot.pk, programme=programme.programme, quarter=str(THIRD), steps=snapshot.steps)
    take_snapshot(snapshot=stale, on=today)  # whoever comes second finds the first's
    assert freeze(programme, today).figures == before == Snapshot.objects.get().figures
    assert Event.objects.filter(act="take_snapshot").count() == 1


def test_the_next_quarter_is_guarded_against_the_last(programme: Cast) -> None:
    first = freeze(programme, dt.date(2026, 11, 2), THIRD.before)
    placed(programme, 2, last=90)
    second = freeze(programme, dt.date(2026, 11, 2))
    assert set(first.figures["measures"]) == set(second.figures["measures"])


def test_the_next_quarter_knows_what_the_last_has_to_hide(programme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is guarded is kept for the attack of later quarters, outside of the figures that are served."""
    first = freeze(programme, dt.date(2026, 11, 2), THIRD.before)
    assert any(first.guarded.values())
    assert "guarded" not in json.dumps(first.figures)
    seen: list[Sequence[Release]] = []

    def watched(measure: Measure, rules: Rules, *, before: Sequence[Release]) -> Release:
        seen.append(before)
        return control(measure, rules, before=before)

    monkeypatch.setattr(services, "control", watched)
    freeze(programme, dt.date(2026, 11, 2))
    kept = {one.code: one.guarded for before in seen for one in before}
    assert {code: plain(figures) for code, figures in kept.items()} == {
        code: [[*row[:3], tuple(row[3]), tuple(row[4]), None] for row in rows]
        for code, rows in first.guarded.items()
        if code != "measures"
    }


def test_the_funnel_does_not_print_what_retention_hides(
    programme: Cast, today: dt.date, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hiding(measure: Measure, rules: Rules, *, before: Sequence[Release]) -> Release:
        release = control(measure, rules, before=before)
        for figure in release.figures if measure.code == "retention_90" else ():
            release = release.without(figure) if (figure.dimension, figure.column) == ("", "retained") else release
        return release

    monkeypatch.setattr(services, "control", hiding)
    snapshot = freeze(programme, today)
    assert shown(snapshot, "retention_90") == {"everybody": ("60", "50", "*", "35")}
    assert shown(snapshot, "funnel", "stage")["in work after 90 days"] == ("60", "*")
    assert shown(snapshot, "funnel", "stage")["placed in work"] == ("60", "60")


def test_what_stood_among_the_figures_is_kept_apart(programme: Cast) -> None:
    """Quarters frozen before had what is guarded among what may be read; the migration takes it out, and back."""
    snapshot = freeze(programme, dt.date(2026, 11, 2))
    figures = snapshot.figures
    # curves were not guarded then
    guarded = {code: hidden for code, hidden in snapshot.guarded.items() if code in figures["measures"]}
    migration = import_module("backend.reports.migrations.0002_guarded_apart")
    migration.put_back(apps, None)
    snapshot.refresh_from_db()
    assert snapshot.figures["measures"]["retention_90"]["guarded"] == guarded["retention_90"] != []
    Snapshot.objects.update(guarded={})
    migration.take_apart(apps, None)
    snapshot.refresh_from_db()
    assert (snapshot.guarded, snapshot.figures) == (guarded, figures)


def test_the_night_freezes_what_is_closed(programme: Cast, other_cast: Cast, today: dt.date) -> None:
    tasks.freeze_closed_quarters(today)
    assert Snapshot.objects.count() == 2
    waiting = Snapshot.objects.get(programme=programme.programme)
    tasks.freeze_quarter.call(str(programme.programme.pk), str(waiting.pk))
    ready = Snapshot.objects.get(programme=programme.programme)
    assert ready.is_ready
    assert (ready.software, ready.done) == (site.VERSION, ready.steps)


def test_counting_costs_the_same_queries_for_more_people(cast: Cast, today: dt.date) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            frames.read(cast.programme, THIRD)
        return len(captured)

    placed(cast, 3, last=100)
    few = queries()
    placed(cast, 27, last=100)
    assert queries() == few


# -- grants and files ---------------------------------------------------------------------------------------------

GRANT = {"name": "G-1", "donor": "=cmd()", "starts_on": dt.date(2025, 1, 1), "ends_on": dt.date(2025, 12, 31)}


def test_nobody_counts_under_two_grants(cast: Cast, other_cast: Cast) -> None:
    record_grant(actor=cast.lead, programme=cast.programme, **GRANT)
    for days in ((2025, 12, 31), (2024, 1, 1)):
        with pytest.raises(ValidationError, match="Another grant"):
            record_grant(
                actor=cast.lead, programme=cast.programme,
                **GRANT | {"name": "G-2", "starts_on": dt.date(*days), "ends_on": dt.date(2026, 5, 1)},
            )  # fmt: skip
    with pytest.raises(ValidationError):
        record_grant(actor=other_cast.lead, programme=other_cast.programme, **GRANT | {"ends_on": dt.date(2024, 1, 1)})
    for user in (cast.counsellor, other_cast.lead):
        with pytest.raises(PermissionDenied):
            record_grant(actor=user, programme=cast.programme, **GRANT)
    assert Grant.objects.count() == 1


def test_a_grants_report_says_nothing_of_another_grant(cast: Cast, today: dt.date) -> None:
    """Of G-2 too little is known: that stands in its own report, and in no other donor's."""
    days = {"starts_on": dt.date(2026, 1, 1), "ends_on": dt.date(2026, 1, 9)}
    record_grant(actor=cast.lead, programme=cast.programme, **GRANT)
    record_grant(actor=cast.lead, programme=cast.programme, **GRANT | days | {"name": "G-2", "donor": "other donor"})
    placed(cast, 30, last=200)
    placed(cast, 30, last=10, entered_on=dt.date(2026, 1, 5))
    snapshot = freeze(cast, today)
    told = {name: donor_report(snapshot, name, "en") for name in ("G-1", "G-2")}
    said = {name: repr(report) + str(printed(report)) for name, report in told.items()}
    assert "Fewer than 80% are known of: G-2." in said["G-2"]
    assert not [word for word in ("G-2", "other donor", "Fewer than 80%") if word in said["G-1"]]
    assert "G-1" not in said["G-2"]
    retained = next(one for one in told["G-1"].tables if one.code == "retention_90")
    assert [row.numbers for row in retained.rows] == [("30", "30", "30", "30")]


@pytest.mark.parametrize("name", ["other", "none", "unknown"])
def test_a_grant_is_not_called_like_a_row_that_is_no_grant(name: str, cast: Cast) -> None:
    with pytest.raises(ValidationError, match="choose another name"):
        record_grant(actor=cast.lead, programme=cast.programme, **GRANT | {"name": name})


@pytest.mark.parametrize("language", ["sr-latn", "sr-cyrl", "en"])
def test_a_report_is_the_same_file_every_time(language: str, programme: Cast, today: dt.date) -> None:
    record_grant(actor=programme.lead, programme=programme.programme, **GRANT)
    snapshot = freeze(programme, today)
    for grant in ("", "G-1"):
        report = donor_report(snapshot, grant, language)
        again = donor_report(Snapshot.objects.get(pk=snapshot.pk), grant, language)
        assert pdf(report) == pdf(again)
        assert pdf(report).startswith(b"%PDF-")
        assert xlsx(report) == xlsx(again)
    with zipfile.ZipFile(io.BytesIO(xlsx(report))) as book:
        assert {part.date_time for part in book.infolist()} == {LONG_AGO}
        assert b"2026-11-02T00:00:00Z" in book.read("docProps/core.xml")


def test_the_file_says_what_the_page_says(programme: Cast, today: dt.date) -> None:
    record_grant(actor=programme.lead, programme=programme.programme, **GRANT)
    snapshot = freeze(programme, today)
    told = hand_over(actor=programme.lead, snapshot=snapshot, form="xlsx", grant="G-1", language="en")
    assert Event.objects.filter(act="hand_over_report").count() == 1
    book = openpyxl.load_workbook(io.BytesIO(told))
    facts = {row[0].value: row[1].value for row in book["Report"].iter_rows(min_row=3)}
    assert facts["Grant"] == "G-1"
    assert facts["Donor"] == "'=cmd()"  # no formula
    assert facts["Quarter"].startswith("2026-Q3")
    sheet = next(sheet for sheet in book if str(sheet["A1"].value).startswith("In work after 90 days"))
    assert [cell.value for cell in sheet[3]][:6] == ["G-1", 60, 50, 35, 35, 70]
    assert shown(snapshot, "retention_90", "grant") == {"G-1": ("60", "50", "35", "35")}


@pytest.mark.parametrize("wrong", [{"form": "docx"}, {"grant": "G-9"}, {"language": "de"}])
def test_there_is_no_other_file(wrong: dict[str, str], cast: Cast, today: dt.date) -> None:
    snapshot = freeze(cast, today)
    with pytest.raises(LookupError):
        hand_over(actor=cast.lead, snapshot=snapshot, **{"form": "pdf", "grant": "", "language": "en"} | wrong)


def test_an_employers_name_leaves_in_no_report(programme: Cast, today: dt.date) -> None:
    EmployerFactory(programme=programme.programme)
    report = donor_report(freeze(programme, today), "", "en")
    assert {one.dimension for one in report.tables}.isdisjoint({"employer", "counsellor"})
