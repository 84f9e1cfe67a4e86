"""The programme's employers: who they are, whom to talk to, and whether the programme works with them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, F, IntegerField, Value, When
from django.forms import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.models import User
from backend.employers.models import Employer
from backend.employers.obligations import QUESTIONS
from backend.employers.policies import (
    can_vet_employer,
    visible_bans,
    visible_contacts,
    visible_employers,
    visible_openings,
    visible_vettings,
)
from backend.employers.queries import standing_checks, with_opening_counts
from backend.employers.services import (
    add_contact,
    ban_employer,
    correct_employer,
    end_contact,
    invite_contact,
    invite_employer,
    lift_ban,
    propose_clearance,
    record_check,
    register_employer,
    vet_employer,
)
from backend.web.acts import attempt
from backend.web.desks import leads, signed_in, staff
from matching.text import fold

from .forms import (
    BanForm,
    CheckForm,
    ContactForm,
    CorrectionForm,
    EmployerFilter,
    EmployerForm,
    InvitationForm,
    ProposalForm,
    VettingForm,
)

PAGE_SIZE = 25


@staff
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
    today = timezone.localdate()
    own = visible_employers(user)
    context = {
        "page": page,
        "filters": filters,
        "waiting": own.filter(status=Employer.Status.REGISTERED).count(),
        "ending": own.ending(on=today).order_by("cleared_until", "name_folded")[:PAGE_SIZE],
        "bans": visible_bans(user).standing().select_related("banned_by").order_by("-banned_on"),
        "today": today,
    }
    return render(request, "programme/employers.html", context)


@staff
@require_safe
def employer(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _employer_page(request, _find(signed_in(request), pk))


@leads
@require_POST
def vet(request: HttpRequest, pk: UUID) -> HttpResponse:
    done = _("The decision was recorded.")
    return _act(request, pk, "vetting_form", VettingForm, vet_employer, done, on=timezone.localdate())


@staff
@require_POST
def invite_company(request: HttpRequest) -> HttpResponse:
    """Mail a company the link to register itself."""
    user = signed_in(request)
    form = InvitationForm(request.POST)
    given = {"actor": user, "origin": request.build_absolute_uri("/"), "now": timezone.now()}
    if form.is_valid() and attempt(form, invite_employer, **given, **form.cleaned_data) is not None:
        messages.success(request, _("The invitation is on its way. The link in it is good for 14 days."))
        return redirect("web:employers")
    context = {"form": EmployerForm(parents=visible_employers(user)), "invitation": form, "section": "web:employers"}
    return render(request, "programme/register.html", context)


@staff
@require_POST
def check(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write down one item of the checklist."""
    return _act(
        request, pk, "check_form", CheckForm, record_check, _("The check was recorded."), on=timezone.localdate()
    )


@staff
@require_POST
def propose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Propose an employer for clearance; a colleague confirms."""
    done = _("The proposal was recorded. A lead has to confirm it.")
    return _act(request, pk, "proposal_form", ProposalForm, propose_clearance, done, on=timezone.localdate())


@staff
@require_POST
def correct(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give numbers and address of an employer that came without."""
    return _act(request, pk, "correction_form", CorrectionForm, correct_employer, _("The data were saved."))


@leads
@require_POST
def ban(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _act(request, pk, "ban_form", BanForm, ban_employer, _("The company is banned."), on=timezone.localdate())


@leads
@require_POST
def lift(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Lift a ban that another lead gave."""
    user = signed_in(request)
    found = get_object_or_404(visible_bans(user), pk=pk)
    form = forms.Form(request.POST)
    form.full_clean()
    if attempt(form, lift_ban, actor=user, ban=found, on=timezone.localdate()):
        messages.success(request, _("The ban was lifted."))
    for error in form.non_field_errors():
        messages.error(request, str(error))
    return redirect("web:employers")


def _act(
    request: HttpRequest,
    pk: UUID,
    name: str,
    form_class: type[forms.Form],
    service: Callable[..., Any],
    done: str,
    **given: Any,
) -> HttpResponse:
    """Post one of the page's forms to its service; what it refuses stands beside the fields."""
    user = signed_in(request)
    found = _find(user, pk)
    form = form_class(request.POST, auto_id=f"{name}_%s")
    if form.is_valid() and attempt(form, service, actor=user, employer=found, **given, **form.cleaned_data):
        messages.success(request, done)
        return redirect("web:employer", pk=pk)
    return _employer_page(request, found, **{name: form})


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
    context = {"form": form, "invitation": InvitationForm(auto_id="invitation_%s"), "section": "web:employers"}
    return render(request, "programme/register.html", context)


@staff
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


@staff
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


@staff
@require_POST
def end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Shut a contact out: of the portal, of mails, of the links in them."""
    user = signed_in(request)
    contact = get_object_or_404(visible_contacts(user), pk=pk)
    end_contact(actor=user, contact=contact, on=timezone.localdate())
    messages.success(request, _("The contact was shut out. Nothing is mailed there any more."))
    return redirect("web:employer", pk=contact.employer_id)


def _find(user: User, pk: UUID) -> Employer:
    return get_object_or_404(visible_employers(user).select_related("municipality", "parent"), pk=pk)


def _employer_page(request: HttpRequest, found: Employer, **bound: Any) -> HttpResponse:
    user, today = signed_in(request), timezone.localdate()
    context = {
        "employer": found,
        "contacts": visible_contacts(user)
        .filter(employer=found)
        .order_by(F("ended_on").desc(nulls_first=True), "name"),
        "openings": visible_openings(user).filter(employer=found).order_by("-posted_on")[:PAGE_SIZE],
        "vettings": visible_vettings(user).filter(employer=found).select_related("decided_by").order_by("-created_at"),
        "answers": [(question, found.answers.get(code)) for code, question in QUESTIONS.items()]
        if found.answers
        else [],
        "checks": standing_checks(found, on=today),
        "may_vet": can_vet_employer(user, found),
        "vetting_form": VettingForm(auto_id="vetting_form_%s"),
        "contact_form": ContactForm(auto_id="contact_%s"),
        "check_form": CheckForm(auto_id="check_form_%s"),
        "proposal_form": ProposalForm(auto_id="proposal_form_%s"),
        "ban_form": BanForm(auto_id="ban_form_%s"),
        "correction_form": CorrectionForm(initial=model_to_dict(found), auto_id="correction_form_%s"),
        "today": today,
        "section": "web:employers",
    }
    return render(request, "programme/employer.html", context | bound)
