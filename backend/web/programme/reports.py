"""The lead's reports: quarters frozen and being frozen, grants, and the files to hand over."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from backend.accounts.models import Organisation, User
from backend.reports.models import Grant
from backend.reports.policies import visible_grants, visible_snapshots
from backend.reports.quarters import Quarter
from backend.reports.services import ask_for_snapshot, hand_over, record_grant
from backend.reports.tasks import freeze_soon
from backend.web.acts import attempt
from backend.web.desks import leads, signed_in
from backend.web.fields import DayInput

from .forms import ShapeForm

QUARTERS_BACK = 8
TYPES = {"pdf": "application/pdf", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


class QuarterForm(forms.Form):
    """A closed quarter to freeze."""

    quarter = forms.CharField(label=gettext_lazy("Quarter"), max_length=7)

    def __init__(self, *args: Any, quarters: list[str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["quarter"].widget = forms.Select(choices=[(quarter, quarter) for quarter in quarters])

    def clean_quarter(self) -> Quarter:
        try:
            return Quarter.parse(self.cleaned_data["quarter"])
        except ValueError:
            raise forms.ValidationError(_("Write a quarter as 2026-Q3.")) from None


class GrantForm(ShapeForm):
    class Meta:
        model = Grant
        fields = ("name", "donor", "starts_on", "ends_on")
        widgets = {"starts_on": DayInput, "ends_on": DayInput}


@leads
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """Past reports, the one that is being made, and what can be asked for."""
    if getattr(request, "htmx", None):
        return render(request, "programme/_snapshots.html", {"snapshots": visible_snapshots(signed_in(request))})
    return _page(request)


@leads
@require_POST
def freeze(request: HttpRequest) -> HttpResponse:
    """Have a quarter frozen in the background."""
    user, today = signed_in(request), timezone.localdate()
    form = QuarterForm(request.POST, quarters=_quarters(user))
    if form.is_valid():
        asked = attempt(
            form, ask_for_snapshot, actor=user, programme=_programme(request), on=today, **form.cleaned_data
        )
        if asked is not None:
            if not asked.is_ready:
                freeze_soon(asked)
            return redirect("web:reports")
    return _page(request, quarter_form=form)


@leads
@require_POST
def add_grant(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    form = GrantForm(request.POST)
    if form.is_valid():
        noted = attempt(form, record_grant, actor=user, programme=_programme(request), **form.cleaned_data)
        if noted is not None:
            messages.success(request, _("The grant was noted. It is reported from the next frozen quarter on."))
            return redirect("web:reports")
    return _page(request, grant_form=form)


@leads
@require_safe
def report_file(request: HttpRequest, pk: UUID, form: str) -> HttpResponse:
    """A report to hand over; the same bytes every time."""
    snapshot = get_object_or_404(visible_snapshots(signed_in(request)).filter(data_on__isnull=False), pk=pk)
    language, grant = request.GET.get("language", "sr-latn"), request.GET.get("grant", "")
    try:
        content = hand_over(actor=signed_in(request), snapshot=snapshot, form=form, grant=grant, language=language)
    except LookupError:
        raise Http404 from None
    name = f"report-{snapshot.quarter}.{form}"
    return HttpResponse(
        content, content_type=TYPES[form], headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _page(request: HttpRequest, **bound: Any) -> HttpResponse:
    user = signed_in(request)
    context = {
        "snapshots": visible_snapshots(user),
        "grants": visible_grants(user),
        "quarter_form": QuarterForm(quarters=_quarters(user)),
        "grant_form": GrantForm(),
    }
    return render(request, "programme/reports.html", context | bound)


def _quarters(user: User) -> list[str]:
    """The quarters that are closed and not behind one that is frozen, newest first."""
    frozen = set(visible_snapshots(user).filter(data_on__isnull=False).values_list("quarter", flat=True))
    quarter = Quarter.last_closed(timezone.localdate())
    found: list[str] = []
    while len(found) < QUARTERS_BACK and str(quarter) not in frozen:
        found.append(str(quarter))
        quarter = quarter.before
    return found


def _programme(request: HttpRequest) -> Organisation:
    organisation = signed_in(request).organisation
    if organisation is None:
        raise Http404
    return organisation
