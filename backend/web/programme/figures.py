"""The lead's figures: tables and curves of a frozen quarter; never a person, never more than is published."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from backend.accounts.models import Organisation
from backend.outcomes.spells import GAP_DAYS
from backend.outcomes.survival import HORIZONS
from backend.reports.catalogue.curves import DIMENSIONS as CURVE_DIMENSIONS
from backend.reports.catalogue.measures import RETENTION_DAYS, WORK_DIMENSIONS
from backend.reports.curve import Drawing, draw
from backend.reports.disclosure.tables import EVERYBODY
from backend.reports.indicators import waiting
from backend.reports.models import Snapshot
from backend.reports.policies import can_read_reports, visible_snapshots
from backend.reports.tables import Table, tables
from backend.reports.wording import DIMENSIONS, DOMAINS, STAGES, definitions, row_label
from backend.web.desks import leads, signed_in

from .forest import Forest, forest

RETENTION = tuple(f"retention_{days}" for days in RETENTION_DAYS)


@dataclass(frozen=True)
class Curve:
    """A published curve with its drawing and what stands beside it."""

    label: str
    told: Mapping[str, Any]
    drawing: Drawing
    rows: list[dict[str, Any]]


@leads
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """What waits for the lead today, and how far people came."""
    snapshot, context = _quarter(request)
    context["waiting"] = waiting(_programme(request), timezone.localdate())
    if snapshot:
        context |= {
            "tables": _drawn(snapshot, ("funnel", "caseload", "completeness")),
            "stages": [(STAGES[name], told) for name, told in snapshot.figures["waits"]["stages"].items()],
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
    context |= {"by": by, "dimensions": [(name, DIMENSIONS[name]) for name in choices]}
    if snapshot:
        curves = snapshot.figures["curves"].get(by, {"groups": {}, "log_rank": None})
        context |= {
            "tables": _drawn(snapshot, RETENTION, (by,)) + (_drawn(snapshot, ("end_reasons",)) if not by else []),
            "has_curves": by in CURVE_DIMENSIONS,
            "curves": [_curve(row_label(by, row), told) for row, told in curves["groups"].items()],
            "log_rank": curves["log_rank"],
        }
    return render(request, "programme/retention.html", context)


@leads
@require_safe
def independence(request: HttpRequest) -> HttpResponse:
    """The profile over time, change since intake, sustained independence, warning signs."""
    snapshot, context = _quarter(request)
    if snapshot:
        profile = snapshot.figures["waits"]["profile"]
        context |= {
            "tables": _drawn(snapshot, ("independence_12", "independence_24", "sustained_12", "sustained_24", "flags")),
            "marks": [(months, told["people"]) for months, told in profile.items()],
            "profile": [(str(DOMAINS[name]), [told["means"][name] for told in profile.values()]) for name in DOMAINS],
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
    told = definitions(snapshot.figures["rules"], GAP_DAYS) if snapshot else []
    quarters = list(ready.values_list("quarter", flat=True))
    sections = [(reverse(f"web:{name}", args=given), title) for name, given, title in SECTIONS]
    return snapshot, {"snapshot": snapshot, "quarters": quarters, "definitions": told, "sections": sections}


def _drawn(
    snapshot: Snapshot, measures: Iterable[str], dimensions: Iterable[str] | None = None
) -> list[tuple[Table, Forest | None]]:
    return [(table, forest(table)) for table in tables(snapshot, measures, dimensions)]


def _curve(label: str, told: Mapping[str, Any]) -> Curve:
    rows = [point | {"percent": _percents(point)} for point in told["points"]]
    named = [row for row in rows if row["t"] in HORIZONS or row["t"] % 90 == 0]
    return Curve(label, told, draw(told["points"]), named)


def _percents(point: Mapping[str, Any]) -> dict[str, str]:
    names = ("survival", "lower", "upper", "all_lost", "same_employer", "competing")
    return {name: "–" if point[name] is None else f"{point[name]:.0%}" for name in names}


def _programme(request: HttpRequest) -> Organisation:
    user = signed_in(request)
    if not can_read_reports(user) or user.organisation is None:
        raise Http404
    return user.organisation
