"""The audit trail for the lead: who looked at what and how often, never at whom."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from backend.reports.looks import counted_acts, roles
from backend.reports.policies import can_read_reports
from backend.web.desks import leads, signed_in
from backend.web.fields import DayInput

from .acts import in_words

PAGE_SIZE = 50
SHOWN_DAYS = 7
POSSIBLE = [MinValueValidator(dt.date(2000, 1, 1)), MaxValueValidator(dt.date(2100, 1, 1))]


class PeriodForm(forms.Form):
    """From a day to a day, both shown; what cannot be is named, and the last days are shown."""

    first = forms.DateField(label=_("From"), required=False, widget=DayInput, validators=POSSIBLE)
    last = forms.DateField(label=_("Until"), required=False, widget=DayInput, validators=POSSIBLE)
    only = forms.ChoiceField(
        label=_("What"),
        choices=[("", _("everything")), ("looks", _("looks at who somebody is"))],
        required=False,
    )

    def clean(self) -> None:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and first > last:
            raise ValidationError(_("The period ends before it begins."))


@leads
@require_safe
def trail(request: HttpRequest) -> HttpResponse:
    user, today = signed_in(request), timezone.localdate()
    if not can_read_reports(user) or user.organisation is None:
        raise Http404
    form = PeriodForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    last = asked.get("last") or max(today, asked.get("first") or today)
    first = asked.get("first") or last - dt.timedelta(days=SHOWN_DAYS - 1)
    found = counted_acts(user.organisation, first, last, looks_only=asked.get("only") == "looks")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    named = roles({line["actor"] for line in page})
    lines = [line | {"role": named.get(line["actor"], ""), "act": in_words(line["act"])} for line in page]
    context = {"form": form, "page": page, "lines": lines, "first": first, "last": last}
    return render(request, "programme/trail.html", context)
