"""The lead's figures: tables and curves of a frozen quarter; never a person, never more than is published."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from backend.accounts.models import Organisation
from backend.reports.catalogue.curves import DIMENSIONS as CURVE_DIMENSIONS
from backend.reports.catalogue.measures import RETENTION_DAYS, WORK_DIMENSIONS
from backend.reports.curve import DAYS, Drawing, draw, same_employer
from backend.reports.disclosure.tables import EVERYBODY
from backend.reports.indicators import waiting
from backend.reports.models import Snapshot
from backend.reports.policies import can_read_reports, visible_snapshots
from backend.reports.sheets import Sheet, curve_sheet, curves_sheet, profile_sheet, waits_sheet
from backend.reports.tables import Table, tables
from backend.reports.wording import definitions, dimension_label, row_label
from backend.web.desks import leads, signed_in

from .forest import Forest, forest

RETENTION = tuple(f"retention_{days}" for days in RETENTION_DAYS)


@dataclass(frozen=True)
class Curve:
    """A published curve with its drawing and what stands beside it."""

    label: str
    told: Mapping[str, Any]
    drawing: Drawing
    sheet: Sheet

    @property
    def spoken(self) -> list[str]:
        """What the drawing shows, for who does not see it, at each day that the axis names."""
        says = gettext(
            "Day %(day)s: %(share)s%% in work (%(lower)s to %(upper)s), %(people)s at risk; %(lost)s%% if all lost had "
            "stopped; %(same)s%% with the first employer."
        )
        places = {"day": 0, "people": 1, "share": 2, "lower": 3, "upper": 4, "lost": 5, "same": 9}
        return [
            says % {name: row[place] for name, place in places.items()} for row in self.sheet.rows if row[0] in DAYS
        ]


@leads
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """What waits for the lead today, and how far people came."""
    snapshot, context = _quarter(request)
    context["waiting"] = waiting(_programme(request), timezone.localdate())
    if snapshot:
        context |= {
            "tables": _drawn(snapshot, ("funnel", "caseload", "completeness")),
            "waits": waits_sheet(snapshot),
        }
    return render(request, "programme/overview.html", context)


@leads
@require_safe
def retention(request: HttpRequest) -> HttpResponse:
    """Rates and curves, of everybody or along one dimension."""
    snapshot, context = _quarter(request)
    by = request.GET.get("by", EVERYBODY)
    if by not in (EVERYBODY, *WORK_DIMENSIONS):
        raise Http404
    choices = (EVERYBODY, *(name for name in WORK_DIMENSIONS if name != "employer"))
    context |= {"by": by, "dimensions": [(name, dimension_label("retention_90", name)) for name in choices]}
    if snapshot:
        curves = snapshot.figures["curves"].get(by, {"groups": {}, "log_rank": None})
        context |= {
            "tables": _drawn(snapshot, RETENTION, (by,)) + (_drawn(snapshot, ("end_reasons",)) if not by else []),
            "has_curves": by in CURVE_DIMENSIONS,
            "curves": [
                _curve(f"curve-{number}", row_label(by, row), told)
                for number, (row, told) in enumerate(curves["groups"].items(), start=1)
            ],
            "side_by_side": curves_sheet(snapshot, by),
        }
    return render(request, "programme/retention.html", context)


@leads
@require_safe
def independence(request: HttpRequest) -> HttpResponse:
    """The profile over time, change since intake, sustained independence, warning signs."""
    snapshot, context = _quarter(request)
    if snapshot:
        context |= {
            "tables": _drawn(snapshot, ("independence_12", "independence_24", "sustained_12", "sustained_24", "flags")),
            "profile": profile_sheet(snapshot),
        }
    return render(request, "programme/independence.html", context)


@dataclass(frozen=True)
class Page:
    """A page that only shows tables."""

    name: str | Promise
    title: str | Promise
    measures: tuple[str, ...]
    dimensions: tuple[str, ...] | None = None


PAGES = {
    "training-value": Page(_("Training value"), _("What trainings lead to"), ("training_value", "after_exit")),
    "contact-work": Page(_("Follow-ups"), _("Follow-ups and warning signs"), ("contacts", "flags")),
    "employer-outcomes": Page(
        _("Employers"), _("Employers: answers and lasting work"), ("answers", "retention_90"), (EVERYBODY, "employer")
    ),
}


SECTIONS: tuple[tuple[str, tuple[str, ...], str | Promise], ...] = (
    ("overview", (), _("Overview")),
    ("retention", (), _("Retention")),
    ("independence", (), _("Independence")),
    *(("figures", (page,), shown.name) for page, shown in PAGES.items()),
)
"""The pages of figures, in the order in which their menu names them."""


@leads
@require_safe
def figures(request: HttpRequest, page: str) -> HttpResponse:
    """The tables of one subject."""
    if page not in PAGES:
        raise Http404
    snapshot, context = _quarter(request)
    shown = PAGES[page]
    context |= {"title": shown.title}
    if snapshot:
        context["tables"] = _drawn(snapshot, shown.measures, shown.dimensions)
    return render(request, "programme/figures.html", context)


def _quarter(request: HttpRequest) -> tuple[Snapshot | None, dict[str, Any]]:
    """The frozen quarter that is asked for, the newest unless said otherwise, and what every page of figures shows."""
    ready = visible_snapshots(signed_in(request)).filter(data_on__isnull=False)
    if asked := request.GET.get("quarter"):
        snapshot: Snapshot | None = get_object_or_404(ready, quarter=asked)
    else:
        snapshot = ready.first()
    rules = snapshot.figures["rules"] if snapshot else {}
    told = definitions(rules) if snapshot else []
    quarters = list(ready.values_list("quarter", flat=True))
    sections = [(reverse(f"web:{name}", args=given), title) for name, given, title in SECTIONS]
    context = {"snapshot": snapshot, "quarters": quarters, "definitions": told, "sections": sections}
    return snapshot, context | {"rules": {"at_risk": rules.get("threshold")} | rules}


def _drawn(
    snapshot: Snapshot, measures: Iterable[str], dimensions: Iterable[str] | None = None
) -> list[tuple[Table, Forest | None]]:
    return [(table, forest(table)) for table in tables(snapshot, measures, dimensions)]


def _curve(code: str, label: str, told: Mapping[str, Any]) -> Curve:
    return Curve(label, told, draw(told["points"], same_employer(told)), curve_sheet(code, label, told))


def _programme(request: HttpRequest) -> Organisation:
    user = signed_in(request)
    if not can_read_reports(user) or user.organisation is None:
        raise Http404
    return user.organisation
