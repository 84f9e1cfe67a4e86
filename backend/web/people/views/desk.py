"""Where the day starts: Today, the caseload, intake."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from backend.beneficiaries import services
from backend.beneficiaries.models import Beneficiary
from backend.vault.fields import open_keys_of

from ...acts import attempt
from ...desks import counsellors, signed_in
from .. import today as reads
from ..forms.file import RegisterForm
from ..frame import posted, warn_of_doubles

MOST = 50
"""Rows of one section of Today; more than these nobody deals with in a day."""
MOST_RANKED = 8
"""People with openings to look at; the rest is on the caseload."""
PAGE = 25


@counsellors
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """What waits for her today; each row leads to where it is dealt with."""
    actor, on, now = signed_in(request), timezone.localdate(), timezone.now()

    def first(rows: Iterable[Any]) -> list[Any]:
        return list(rows[:MOST])  # type: ignore[index]

    flags = first(reads.open_flags(actor))
    open_keys_of(flags)
    ranked = list(reads.new_matches(actor, on=on, now=now))
    context = {
        "on": on,
        "most": MOST,
        "flags": flags,
        "follow_ups": first(reads.follow_ups_due(actor, on=on)),
        "assessments": first(reads.assessments_due(actor, on=on)),
        "replies": first(reads.replies(actor, now=now)),
        "interviews": first(reads.interviews(actor, now=now)),
        "enrolments": first(reads.trainings_today(actor, on=on)),
        "closing": first(reads.closing_soon(actor, on=on)),
        "new_matches": ranked[:MOST_RANKED],
        "more_matches": max(len(ranked) - MOST_RANKED, 0),
        "consents": first(reads.expiring_consents(actor, on=on)),
        "stalled": first(reads.stalled(actor, on=on, now=now)),
        "out_of_contact": first(reads.out_of_contact(actor, on=on)),
    }
    context["is_clear"] = not any(rows for rows in context.values() if isinstance(rows, list))
    return render(request, "people/today.html", context)


class NameForm(forms.Form):
    words = forms.CharField(label=gettext_lazy("Name or part of it"), max_length=120)


class CaseloadFilter(forms.Form):
    """What to show of the caseload; a value that cannot be is named, and filters nothing."""

    code = forms.CharField(label=gettext_lazy("Code"), max_length=20, required=False)
    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        choices=[("", gettext_lazy("all")), *Beneficiary.Status.choices],
        required=False,
    )
    job = forms.ChoiceField(
        label=gettext_lazy("Work"),
        choices=[
            ("", gettext_lazy("all")),
            ("with", gettext_lazy("works")),
            ("without", gettext_lazy("does not work")),
        ],
        required=False,
    )


@counsellors
@require_safe
def caseload(request: HttpRequest) -> HttpResponse:
    """Her people, searched by code and filtered."""
    people = reads.caseload(signed_in(request), on=timezone.localdate())
    filters = CaseloadFilter(request.GET)
    filters.is_valid()
    asked = filters.cleaned_data
    if code := asked.get("code"):
        people = people.filter(code__icontains=code)
    if status := asked.get("status"):
        people = people.filter(status=status)
    if job := asked.get("job"):
        people = people.filter(Q(has_job=job == "with"))
    page = Paginator(people, PAGE).get_page(request.GET.get("page"))
    context = {"filters": filters, "page": page, "on": timezone.localdate()}
    return render(request, "people/caseload.html", context)


@counsellors
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Her people by name. Only ever posted: a name stands in no address, history or log."""
    form, found = NameForm(posted(request)), None
    if request.method == "POST" and form.is_valid():
        found = services.find_people(actor=signed_in(request), **form.cleaned_data)
    return render(request, "people/find.html", {"form": form, "found": found, "section": "web:caseload"})


@counsellors
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Intake. A code that is taken is refused without a word on whose it is."""
    actor, on = signed_in(request), timezone.localdate()
    form = RegisterForm(posted(request), actor=actor, initial={"entered_on": on, "language": "sr"})
    if request.method == "POST" and form.is_valid():
        person = attempt(form, services.register_beneficiary, actor=actor, **form.act(on=on))
        if person is not None:
            messages.success(request, _("%(code)s is on your caseload.") % {"code": person.code})
            warn_of_doubles(request, person)
            return redirect("web:person", pk=person.pk)
    return render(request, "people/register.html", {"form": form, "section": "web:caseload"})
