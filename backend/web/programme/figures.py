"""The lead's figures: the whole programme, never a person."""

import math
from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from backend.accounts.models import Organisation
from backend.outcomes.spells import GAP_DAYS
from backend.outcomes.survival import HORIZONS, at_days
from backend.reports import indicators
from backend.reports.curve import FEWEST_AT_RISK, draw
from backend.reports.policies import can_read_reports
from backend.web.desks import leads, signed_in

STAGES = {
    "entered": _("entered"),
    "profile_ready": _("profile ready"),
    "matched": _("matched"),
    "introduced": _("introduced"),
    "hired": _("placed in work"),
    "retained_at_90_days": _("in work after 90 days"),
    "retained_at_180_days": _("in work after 180 days"),
    "retained_at_365_days": _("in work after 365 days"),
}
SAID = {
    "skills": _("skills"),
    "municipality": _("place"),
    "occupations": _("wished work"),
    "experience": _("work done before"),
    "languages": _("languages"),
    "hours": _("hours"),
    "shifts": _("shifts"),
    "max_travel_km": _("distance"),
    "min_pay_per_hour": _("pay"),
    "permit": _("right to work"),
}
TABLE_STEP = 30
"""Days between the lines of the curve's table."""


@leads
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    programme, today = _programme(request), timezone.localdate()
    figures = indicators.overview(programme, today)
    context = {
        "figures": figures,
        "funnel": [(STAGES[stage.code], stage) for stage in figures.funnel],
        "completeness": [(SAID[said.code], said) for said in figures.completeness],
        "today": today,
    }
    return render(request, "programme/overview.html", context)


@leads
@require_safe
def retention(request: HttpRequest) -> HttpResponse:
    """Headline rates, and the curve with the table that says the same."""
    report = indicators.retention_curve(_programme(request), timezone.localdate())
    drawing = draw(report.curve, report.all_lost) if report.placed >= FEWEST_AT_RISK else None
    until = drawing.until if drawing else 0
    context = {
        "report": report,
        "headline": [
            (
                rate,
                percent(rate.rate),
                span(rate.lower, rate.upper),
                span(rate.if_unknown_lost, rate.if_unknown_retained),
            )
            if rate.known
            else (rate, "–", "–", "–")
            for rate in report.headline
        ],
        "fewest": FEWEST_AT_RISK,
        "gap_days": GAP_DAYS,
        "drawing": drawing,
        "at_risk": _lines(report, HORIZONS),
        "table": _lines(report, [day for day in range(0, HORIZONS[-1] + 1, TABLE_STEP) if day <= until]),
        # A median read where the curve is not drawn would rest on a handful of people.
        "median": report.median if report.median is not None and report.median <= until else None,
    }
    return render(request, "programme/retention.html", context)


def percent(share: float | None) -> str:
    return "–" if share is None or math.isnan(share) else f"{share:.0%}"


def span(lower: float | None, upper: float | None) -> str:
    return f"{percent(lower)} – {percent(upper)}"


def _lines(report: indicators.RetentionReport, days: Sequence[int]) -> list[dict[str, object]]:
    """Both curves at some days, in words."""
    both = zip(at_days(report.curve, days).to_dict("records"), at_days(report.all_lost, days)["survival"], strict=True)
    return [
        {
            "t": row["t"],
            "at_risk": row["at_risk"],
            "share": percent(row["survival"]),
            "interval": span(row["lower"], row["upper"]),
            "all_lost": percent(lost),
        }
        for row, lost in both
    ]


def _programme(request: HttpRequest) -> Organisation:
    user = signed_in(request)
    if not can_read_reports(user) or user.organisation is None:
        raise Http404
    return user.organisation
