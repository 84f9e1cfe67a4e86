"""The lead's employers: who they are, whom to talk to, and whether the programme works with them."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.models import User
from backend.employers.models import Employer
from backend.employers.policies import visible_contacts, visible_employers, visible_openings
from backend.employers.queries import with_opening_counts
from backend.employers.services import add_contact, invite_contact, register_employer, vet_employer
from backend.web.acts import attempt
from backend.web.desks import leads, signed_in, staff
from matching.text import fold

from .forms import ContactForm, EmployerFilter, EmployerForm, VettingForm

PAGE_SIZE = 25


@leads
@require_safe
def employers(request: HttpRequest) -> HttpResponse:
    """All employers, those that wait for vetting first."""
    user = signed_in(request)
    filters = EmployerFilter(request.GET)
    filters.is_valid()
    told = filters.cleaned_data
    found = with_opening_counts(visible_employers(user).select_related("municipality"))
    if told.get("q"):
        found = found.filter(name_folded__contains=fold(told["q"]))
    if told.get("status"):
        found = found.filter(status=told["status"])
    waiting_first = Case(
        When(status=Employer.Status.REGISTERED, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    page = Paginator(found.order_by(waiting_first, "name_folded", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    waiting = visible_employers(user).filter(status=Employer.Status.REGISTERED).count()
    context = {"page": page, "filters": filters, "waiting": waiting, "today": timezone.localdate()}
    return render(request, "programme/employers.html", context)


@leads
@require_safe
def employer(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _employer_page(request, _find(signed_in(request), pk))


@leads
@require_POST
def vet(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in(request)
    found = _find(user, pk)
    form = VettingForm(request.POST)
    if not form.is_valid():
        return _employer_page(request, found, vetting_form=form)
    today = timezone.localdate()
    vetted = attempt(form, vet_employer, actor=user, employer=found, on=today, **form.cleaned_data)
    if vetted is not None:
        messages.success(request, _("The decision was recorded."))
        return redirect("web:employer", pk=pk)
    return _employer_page(request, found, vetting_form=form)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Take an employer in; a counsellor goes on to write its opening, a lead to vet it."""
    user = signed_in(request)
    data = request.POST if request.method == "POST" else None
    form = EmployerForm(data, parents=visible_employers(user).order_by("name_folded"))
    if request.method == "POST" and form.is_valid():
        registered = attempt(form, register_employer, actor=user, **form.cleaned_data)
        if registered is not None:
            messages.success(request, _("The employer was registered. It waits for vetting."))
            if user.is_lead:
                return redirect("web:employer", pk=registered.pk)
            return redirect(f"{reverse('web:new_opening')}?employer={registered.pk}")
    return render(request, "programme/register.html", {"form": form, "section": "web:employers"})


@leads
@require_POST
def new_contact(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in(request)
    found = _find(user, pk)
    form = ContactForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data | {"phone": str(form.cleaned_data["phone"] or "")}
        if attempt(form, add_contact, actor=user, employer=found, **said):
            messages.success(request, _("The contact was added."))
            return redirect("web:employer", pk=pk)
    return _employer_page(request, found, contact_form=form)


@leads
@require_POST
def invite(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a contact an account on the portal."""
    user = signed_in(request)
    contact = get_object_or_404(visible_contacts(user).select_related("employer"), pk=pk)
    form = forms.Form(request.POST)
    form.full_clean()
    origin = request.build_absolute_uri("/")
    if attempt(form, invite_contact, actor=user, contact=contact, on=timezone.localdate(), origin=origin):
        messages.success(request, _("The contact was invited by mail."))
    for error in form.non_field_errors():
        messages.error(request, str(error))
    return redirect("web:employer", pk=contact.employer_id)


def _find(user: User, pk: UUID) -> Employer:
    return get_object_or_404(visible_employers(user).select_related("municipality", "parent"), pk=pk)


def _employer_page(request: HttpRequest, found: Employer, **bound: Any) -> HttpResponse:
    user = signed_in(request)
    context = {
        "employer": found,
        "contacts": visible_contacts(user).filter(employer=found).select_related("user").order_by("name"),
        "openings": visible_openings(user).filter(employer=found).order_by("-posted_on")[:PAGE_SIZE],
        "vettings": found.vettings.select_related("decided_by").order_by("-created_at"),
        "vetting_form": VettingForm(auto_id="vetting_%s"),
        "contact_form": ContactForm(auto_id="contact_%s"),
        "today": timezone.localdate(),
        "section": "web:employers",
    }
    return render(request, "programme/employer.html", context | bound)
