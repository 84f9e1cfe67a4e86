"""What counsellors opened of each other's in an emergency: when, who, why; never whom."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from backend.beneficiaries.models import BreakGlass
from backend.beneficiaries.policies import visible_break_glasses
from backend.beneficiaries.services import review_break_glass
from backend.web.acts import attempt
from backend.web.desks import leads, signed_in

PAGE_SIZE = 25


class VerdictForm(forms.Form):
    verdict = forms.ChoiceField(
        label=gettext_lazy("Was it needed?"), choices=BreakGlass.Verdict, widget=forms.RadioSelect
    )


@leads
@require_safe
def opened_files(request: HttpRequest) -> HttpResponse:
    return _page(request)


@leads
@require_POST
def review(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in(request)
    opened = get_object_or_404(visible_break_glasses(user).select_related("beneficiary"), pk=pk)
    form = VerdictForm(request.POST, auto_id=f"{pk}-%s")
    if form.is_valid():
        now = timezone.now()
        reviewed = attempt(form, review_break_glass, actor=user, opened=opened, now=now, **form.cleaned_data)
        if reviewed is not None:
            messages.success(request, _("The review was recorded."))
            return redirect("web:opened_files")
    return _page(request, {pk: form})


def _page(request: HttpRequest, bound: dict[UUID, Any] | None = None) -> HttpResponse:
    """Those that wait for review first."""
    found = visible_break_glasses(signed_in(request)).select_related(
        "opened_by", "reviewed_by", "beneficiary__counsellor"
    )
    page = Paginator(found.order_by("verdict", "-opened_at", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    forms_by_row = bound or {}
    rows = [
        (opened, None if opened.verdict else forms_by_row.get(opened.pk) or VerdictForm(auto_id=f"{opened.pk}-%s"))
        for opened in page
    ]
    return render(request, "programme/opened_files.html", {"page": page, "rows": rows, "section": "web:trail"})
