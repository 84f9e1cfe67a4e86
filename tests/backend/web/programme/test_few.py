"""Cohorts of which there is little to say: every page, file and the API say so, and never a wrong number."""

import datetime as dt
import io
import re

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from backend.outcomes.models import EmploymentSpell
from backend.reports.models import Snapshot
from tests.backend.web.conftest import SignIn
from tests.backend.web.programme.placements import never_seen_again, place
from tests.backend.web.programme.test_figures import FIGURES, freeze
from tests.conftest import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def looked_at(lead: Client, frozen: Snapshot) -> dict[str, str]:
    """What stands on every page of figures, by page; the files open and the API answers."""
    pages = {}
    for name, args in FIGURES:
        answer = lead.get(reverse(f"web:{name}", args=args))
        assert answer.status_code == 200
        for table, _forest in answer.context["tables"]:
            for row in table.rows:
                assert all(number == "*" or int(number) % 5 == 0 for number in row.numbers)
        pages["-".join((name, *args))] = answer.text
        assert "Traceback" not in answer.text
        assert "nan" not in answer.text.lower().split()
    for form, start in (("pdf", b"%PDF-"), ("xlsx", b"PK")):
        held = lead.get(reverse("web:report_file", args=[frozen.pk, form]))
        assert held.content.startswith(start)
    openpyxl.load_workbook(io.BytesIO(held.content))
    assert lead.get(f"/api/v1/snapshots/{frozen.pk}/").status_code == 200
    return pages


def everybody(lead: Client) -> tuple[str, ...]:
    """due, known, retained, at the same employer, after 90 days."""
    tables = lead.get(reverse("web:retention")).context["tables"]
    found: tuple[str, ...] = tables[0][0].rows[0].numbers
    return found


def test_three_people_are_not_counted_out_loud(cast: Cast, today: dt.date, sign_in: SignIn) -> None:
    place(cast, 3, today)
    lead, frozen = sign_in(cast.lead), freeze(cast, today)
    pages = looked_at(lead, frozen)
    assert set(everybody(lead)) <= {"*", "0"}
    assert "There are fewer than 20 placements in each group." in pages["retention"]
    told = lead.get(f"/api/v1/snapshots/{frozen.pk}/").json()["figures"]["measures"]["retention_90"]["figures"]
    assert all(value in (None, 0) for *_place, value in told)


def test_nobody_at_all_is_no_error(cast: Cast, today: dt.date, sign_in: SignIn) -> None:
    lead, frozen = sign_in(cast.lead), freeze(cast, today)
    looked_at(lead, frozen)
    assert set(everybody(lead)) <= {"*", "0"}


def test_a_cohort_in_which_nothing_ended_keeps_its_curve_at_one(cast: Cast, today: dt.date, sign_in: SignIn) -> None:
    place(cast, 40, today)
    lead, frozen = sign_in(cast.lead), freeze(cast, today)
    pages = looked_at(lead, frozen)
    assert everybody(lead) == ("40", "40", "40", "40")
    curve = frozen.figures["curves"][""]["groups"][""]
    assert {point["survival"] for point in curve["points"]} == {1.0}
    assert 'class="curve" d="M44' in pages["retention"]


def test_a_cohort_of_which_nothing_is_known_has_no_rate(cast: Cast, today: dt.date, sign_in: SignIn) -> None:
    place(cast, 40, today)
    never_seen_again(*EmploymentSpell.objects.all())
    lead, frozen = sign_in(cast.lead), freeze(cast, today)
    pages = looked_at(lead, frozen)
    assert everybody(lead) == ("40", "0", "0", "0")
    assert "Fewer than 80% are known of: everybody." in pages["retention"]
    row = lead.get(reverse("web:retention")).context["tables"][0][0].rows[0]
    assert row.rates["retained"] is None
    # All 40 are unknown: between none and all of them stayed, which is what the caveat says to read.
    assert (row.unknown, row.bounds["retained"]) == (100, (0, 100))
    assert re.search(r'<td class="number">100%</td><td class="number nowrap">0–100%</td>', pages["retention"])
