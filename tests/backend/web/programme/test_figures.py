"""The lead's figures: nothing but frozen quarters, drawn, tabled and handed over."""

import datetime as dt
import re
from xml.etree import ElementTree

import pytest
from django.urls import reverse
from pytest_django import Settings

from backend.outcomes.models import EmploymentSpell
from backend.reports import tasks
from backend.reports.models import Snapshot
from backend.reports.quarters import Quarter
from backend.reports.services import ask_for_snapshot, take_snapshot
from tests.backend.web.conftest import SignIn
from tests.backend.web.programme.placements import never_seen_again, place
from tests.conftest import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def freeze(cast: Cast, today: dt.date) -> Snapshot:
    """The third quarter, frozen as the night does it."""
    asked = ask_for_snapshot(actor=None, programme=cast.programme, quarter=Quarter(2026, 3), on=today)
    return take_snapshot(snapshot=asked, on=today)


@pytest.fixture
def frozen(cast: Cast, today: dt.date) -> Snapshot:
    place(cast, 35, today)
    never_seen_again(*EmploymentSpell.objects.order_by("pk")[:8])
    return freeze(cast, today)


@pytest.mark.usefixtures("frozen")
def test_the_overview_counts(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.lead).get(reverse("web:overview"))
    rows = {row.label: row.numbers for table, _forest in page.context["tables"] for row in table.rows}
    assert rows["placed in work"] == ("35", "35")
    assert rows["in work after 180 days"] == ("35", "25")
    assert rows[cast.counsellor.name] == ("35", "35")


@pytest.mark.usefixtures("frozen")
def test_the_curve_stands_beside_its_table(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.lead).get(reverse("web:retention")).text
    svg = ElementTree.fromstring(re.search(r'<svg viewBox="0 0 480 316.*?</svg>', page, re.DOTALL)[0])  # noqa: S314 - ours
    assert svg.find("title").text
    said = svg.find("desc").text
    assert "Day 180: 100% in work (100 to 100), 25 at risk; 71% if all lost had stopped; 100% with the first" in said
    assert "The shaded band is the 95% interval, the dashed line" in said
    assert {"curve", "band", "curve-second", "curve-same", "band-same"} == {
        path.get("class") for path in svg.findall("path") if path.get("d")
    }
    path = next(path.get("d") for path in svg.findall("path") if path.get("class") == "curve")
    assert path.startswith("M44.0 12.0H")
    assert "style=" not in page
    # 8 of 35 are unknown: more than the fifth that a rate may lack.
    assert "Fewer than 80% are known of: everybody." in page


def test_fewer_than_twenty_are_not_drawn(cast: Cast, today: dt.date, sign_in: SignIn) -> None:
    place(cast, 19, today)
    freeze(cast, today)
    page = sign_in(cast.lead).get(reverse("web:retention")).text
    assert "There are fewer than 20 placements in each group." in page
    assert 'class="curve" d="M44' not in page


@pytest.mark.usefixtures("frozen")
def test_the_table_has_every_point_of_the_drawing(cast: Cast, sign_in: SignIn) -> None:
    curve = sign_in(cast.lead).get(reverse("web:retention")).context["curves"][0]
    days = [0, 30, 60, 90, 120, 150, 180, 240]
    assert [row[0] for row in curve.sheet.rows] == [point["t"] for point in curve.told["points"]] == days


def test_a_quarter_frozen_before_keeps_its_pages_and_files(cast: Cast, frozen: Snapshot, sign_in: SignIn) -> None:
    """Then the curve with the first employer was a share beside the other, and no rule but three was kept."""
    figures = frozen.figures
    for curves in figures["curves"].values():
        for told in curves["groups"].values():
            del told["same_employer"]
            for point in told["points"]:
                point.pop("ended", None)
                point["same_employer"] = 0.8
    del figures["programme"], figures["rules"]["at_risk"], figures["rules"]["gap_days"]
    Snapshot.objects.update(figures=figures, definitions="2026.1")
    lead = sign_in(cast.lead)
    page = lead.get(reverse("web:retention"))
    assert "a curve stops where fewer than 11 are at risk" in page.text
    row = page.context["curves"][0].sheet.rows[1]
    assert (row[0], row[6], row[8:]) == (30, "–", ("–", 80, "–", "–"))
    assert 'class="curve-same" d="M44' in page.text
    for form, start in (("pdf", b"%PDF-"), ("xlsx", b"PK")):
        assert lead.get(reverse("web:report_file", args=[frozen.pk, form])).content.startswith(start)


def test_rules_on_the_page_are_those_of_the_figures(
    cast: Cast, today: dt.date, sign_in: SignIn, settings: Settings
) -> None:
    """A page that stays in the house may have a lower threshold; a curve still stops below ten."""
    settings.DISCLOSURE_THRESHOLD = 4
    place(cast, 25, today)
    freeze(cast, today)
    page = sign_in(cast.lead).get(reverse("web:retention")).text
    assert "a curve stops where fewer than 10 are at risk, and groups of fewer than 20 have none." in page
    assert "Counts below 4 are hidden" in page


@pytest.mark.usefixtures("frozen")
def test_the_curve_is_read_in_serbian_too(cast: Cast, sign_in: SignIn) -> None:
    """A decimal comma in a path would break the drawing."""
    page = sign_in(cast.lead).get(reverse("web:retention"), headers={"accept-language": "sr-latn"}).text
    drawing = re.search(r'<svg viewBox="0 0 480 316.*?</svg>', page, re.DOTALL)[0]
    assert not re.search(r'(?:d|x1?|x2|y1?|y2)="[^"]*,', drawing)


def test_no_figure_stands_before_a_quarter_is_frozen(cast: Cast, today: dt.date, sign_in: SignIn) -> None:
    place(cast, 30, today)
    lead = sign_in(cast.lead)
    for name, args in FIGURES:
        page = lead.get(reverse(f"web:{name}", args=args)).text
        assert "No quarter has been frozen yet." in page
        assert "<td" not in page


FIGURES = (
    ("overview", ()), ("retention", ()), ("independence", ()), ("figures", ("training-value",)),
    ("figures", ("contact-work",)), ("figures", ("employer-outcomes",)),
)  # fmt: skip


@pytest.mark.usefixtures("frozen")
def test_no_page_of_figures_shows_a_small_count(cast: Cast, sign_in: SignIn) -> None:
    """Eight were lost, one was never placed: neither number stands on any page."""
    lead = sign_in(cast.lead)
    dimensions = ("cohort", "training", "sector", "municipality", "employer", "subsidy", "grant")
    pages = [reverse(f"web:{name}", args=args) for name, args in FIGURES]
    for page in (*pages, *(f"{reverse('web:retention')}?by={name}" for name in dimensions)):
        answer = lead.get(page)
        assert answer.status_code == 200
        for table, _forest in answer.context["tables"]:
            numbers = {number for row in table.rows for number in row.numbers}
            assert all(number == "*" or int(number) % 5 == 0 for number in numbers)


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize("query", ["?quarter=2026-Q2", "?quarter=zzz", "?by=name"])
def test_there_is_no_other_division_and_no_other_quarter(query: str, cast: Cast, sign_in: SignIn) -> None:
    assert sign_in(cast.lead).get(reverse("web:retention") + query).status_code == 404
    assert sign_in(cast.lead).get(reverse("web:figures", args=["faces"])).status_code == 404


def test_the_same_numbers_on_page_and_in_the_api(cast: Cast, frozen: Snapshot, sign_in: SignIn) -> None:
    lead = sign_in(cast.lead)
    told = lead.get(f"/api/v1/snapshots/{frozen.pk}/").json()["figures"]["measures"]["retention_90"]["figures"]
    everybody = [str(value) for dimension, *_names, value in told if dimension == ""]
    page = lead.get(reverse("web:retention")).context["tables"][0][0]
    assert list(page.rows[0].numbers) == everybody == ["35", "25", "25", "25"]


def test_a_quarter_is_asked_for_made_and_handed_over(cast: Cast, today: dt.date, sign_in: SignIn) -> None:
    lead = sign_in(cast.lead)
    place(cast, 27, today)
    assert '<option value="2026-Q2">' in lead.get(reverse("web:reports")).text
    page = lead.post(reverse("web:freeze_quarter"), {"quarter": "2026-Q3"}, follow=True).text
    assert "being made: 0 of" in page
    assert "<progress" in lead.get(reverse("web:reports"), headers={"hx-request": "true"}).text
    snapshot = Snapshot.objects.get()
    path = reverse("web:report_file", args=[snapshot.pk, "pdf"])
    assert lead.get(path).status_code == 404  # not yet
    take_snapshot(snapshot=snapshot, on=today)
    page = lead.get(reverse("web:reports")).text
    assert "<progress" not in page
    assert path in page
    assert "Every quarter that has ended is frozen." in page
    files = {form: lead.get(reverse("web:report_file", args=[snapshot.pk, form])) for form in ("pdf", "xlsx")}
    assert files["pdf"].content.startswith(b"%PDF-")
    assert files["xlsx"].content.startswith(b"PK")
    assert files["pdf"]["Content-Disposition"] == 'attachment; filename="report-2026-Q3.pdf"'
    assert lead.get(path).content == files["pdf"].content
    for wrong in ("?grant=none", "?language=de"):
        assert lead.get(path + wrong).status_code == 404
    assert lead.get(path.replace("/pdf/", "/docx/")).status_code == 404


def test_a_quarter_that_could_not_be_made_says_so_and_is_tried_again(
    cast: Cast, today: dt.date, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = sign_in(cast.lead)
    page = lead.post(reverse("web:freeze_quarter"), {"quarter": "2026-Q3"}, follow=True).text
    assert "hx-trigger" in page
    snapshot = Snapshot.objects.get()
    with monkeypatch.context() as broken:
        broken.setattr("backend.reports.services.published_waits", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            tasks.freeze_quarter.call(str(cast.programme.pk), str(snapshot.pk))
    page = lead.get(reverse("web:reports"), headers={"hx-request": "true"}).text
    assert "It could not be made." in page
    assert "hx-trigger" not in page  # nothing is waited for
    assert lead.get(f"/api/v1/snapshots/{snapshot.pk}/").json()["has_failed"] is True
    page = lead.post(reverse("web:freeze_quarter"), {"quarter": "2026-Q3"}, follow=True).text
    assert "being made: 0 of" in page
    tasks.freeze_quarter.call(str(cast.programme.pk), str(snapshot.pk))
    snapshot.refresh_from_db()
    assert (snapshot.is_ready, snapshot.has_failed) == (True, False)


def test_an_open_quarter_and_overlapping_grants_are_refused(cast: Cast, sign_in: SignIn) -> None:
    lead = sign_in(cast.lead)
    page = lead.post(reverse("web:freeze_quarter"), {"quarter": "2026-Q4"})
    assert "still open" in page.text
    said = {"name": "G-1", "donor": "D", "starts_on": "2026-01-01", "ends_on": "2026-12-31"}
    assert "The grant was noted." in lead.post(reverse("web:add_grant"), said, follow=True).text
    assert "Another grant pays" in lead.post(reverse("web:add_grant"), said | {"name": "G-2"}).text
