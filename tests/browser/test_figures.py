"""The lead's figures of a frozen quarter in a browser: every section, on a phone and on a desk, in both languages."""

import datetime as dt

import pytest
from django.core.management import call_command

from backend.accounts.models import User
from backend.core.tenancy import in_programme
from backend.reports.quarters import Quarter
from backend.reports.services import ask_for_snapshot, record_grant, take_snapshot
from tests.browser.test_pages import PASSWORD, _too_wide

LEAD = "rukovoditeljka@demo.example"
ON = dt.date(2026, 11, 2)
DIVISIONS = ("cohort", "training", "sector", "municipality", "employer", "subsidy", "grant")
SECTIONS = (
    "/programme/",
    "/programme/independence/",
    "/programme/figures/training-value/",
    "/programme/figures/contact-work/",
    "/programme/figures/employer-outcomes/",
    "/programme/retention/",
    *(f"/programme/retention/?by={name}" for name in DIVISIONS),
)


@pytest.fixture
def frozen(settings):
    """The demonstration with one grant, its third quarter frozen."""
    settings.LOCAL = True
    call_command("load_reference", verbosity=0)
    call_command("load_demo", "--scale", "1", "--on", str(ON), verbosity=0)
    lead = User.objects.get(email=LEAD)
    with in_programme(lead.organisation.pk):
        days = {"starts_on": dt.date(2025, 1, 1), "ends_on": dt.date(2025, 12, 31)}
        record_grant(actor=lead, programme=lead.organisation, name="G-1", donor="D", **days)
        quarter = Quarter(2026, 3)
        asked = ask_for_snapshot(actor=lead, programme=lead.organisation, quarter=quarter, on=ON)
        take_snapshot(snapshot=asked, on=ON)


@pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
def test_every_section_of_figures_is_drawn_and_tabled(walker, frozen, width):
    for language, dark, words in (("sr-Latn-RS", False, "Zaključani kvartali"), ("en", True, "Frozen quarters")):
        person = walker(width=width, dark=dark, language=language).sign_in(LEAD, PASSWORD)
        page = person.page
        cells = dots = curves = 0
        for path in SECTIONS:
            person.visit(path)
            assert not _too_wide(page), path
            assert page.locator(".tabs a[aria-current=page]").count(), path
            cells += page.locator("main tbody td").count()
            dots += page.locator("svg .dot").count()
            curves += _curves(page)
        assert (cells > 300, dots > 10, curves >= 4) == (True, True, True), (cells, dots, curves)
        person.visit("/programme/retention/")
        page.locator("details.more summary").first.click()
        grid = page.locator("details.more table").first
        assert grid.is_visible()
        assert grid.locator("tbody tr").count() >= 10
        person.check()
        person.visit("/programme/reports/")
        assert words in page.locator("main").inner_text()
        assert not _too_wide(page)


def _curves(page):
    """How many drawings of curves there are; each line in them can be drawn, and is of its own kind."""
    drawings = page.locator("figure.chart svg").filter(has=page.locator("path.curve"))
    for drawing in drawings.all():
        lines = [drawing.locator(f"path.{name}") for name in ("curve", "curve-second", "curve-same")]
        # A path that the browser does not understand has no length.
        assert all(line.evaluate("path => path.getTotalLength()") > 50 for line in lines), page.url
        # Told apart without colour.
        assert len({line.evaluate("path => getComputedStyle(path).strokeDasharray") for line in lines}) == 3
    return drawings.count()
