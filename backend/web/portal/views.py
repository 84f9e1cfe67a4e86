"""The employer's portal: openings and the company. Nothing here hints at what stands behind it."""

import datetime as dt
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.models import User
from backend.employers.models import Employer, Opening
from backend.employers.obligations import OBLIGATIONS, VERSION
from backend.employers.policies import visible_contacts, visible_employers, visible_openings
from backend.employers.queries import has_accepted, standing_checks, with_details
from backend.employers.services import accept_obligations
from backend.matches.policies import visible_introductions
from backend.web.acts import attempt
from backend.web.desks import employers, signed_in
from backend.web.openings.importing import answer_import
from backend.web.openings.posting import Desk, Posting, show, write_opening
from backend.web.openings.views import MOVES
from backend.web.openings.words import in_words

from .adverts import read_advert
from .forms import PasteForm, StatusFilter

PAGE_SIZE = 25
ANSWER_WITHIN = dt.timedelta(days=14)  # what an employer that registered is told
DESK = Desk("portal/edit.html", "web:portal_opening", "web:portal_openings")


@employers
@require_safe
def openings(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    filters = StatusFilter(request.GET)
    found = visible_openings(user).select_related("municipality")
    if filters.is_valid() and filters.cleaned_data["status"]:
        found = found.filter(status=filters.cleaned_data["status"])
    shared = Q(matches__introduction__in=visible_introductions(user))
    found = found.annotate(candidates=Count("matches__introduction", filter=shared)).order_by(
        "-posted_on", "-created_at"
    )
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    rows = [(opening, (opening.valid_through - today).days) for opening in page]
    context = {"page": page, "rows": rows, "filters": filters, "employer": _own_employer(user), "today": today}
    return render(request, "portal/openings.html", context)


@employers
@require_safe
def opening(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in(request)
    found = get_object_or_404(with_details(visible_openings(user)), pk=pk)
    context = {
        "opening": found,
        "words": in_words(found),
        "review": found.reviews.order_by("-created_at").first(),
        "candidates": visible_introductions(user).filter(match__opening=found).count(),
        "may_edit": found.status != Opening.Status.CLOSED,
        "today": timezone.localdate(),
        "section": "web:portal_openings",
    }
    return render(request, "portal/opening.html", context)


@employers
@require_http_methods(["GET", "HEAD", "POST"])
def new_opening(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    return write_opening(request, user, DESK, employer=_own_employer(user))


@employers
@require_http_methods(["GET", "HEAD", "POST"])
def edit_opening(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in(request)
    found = get_object_or_404(visible_openings(user).select_related("employer", "occupation"), pk=pk)
    return write_opening(request, user, DESK, opening=found)


@employers
@require_http_methods(["GET", "HEAD", "POST"])
def paste(request: HttpRequest) -> HttpResponse:
    """Fill the posting form from an advert; nothing is saved before the employer has read it."""
    form = PasteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        advert = attempt(form, read_advert, text=form.cleaned_data["text"])
        if advert is not None:
            for _field, reason in advert.unread:
                messages.warning(request, reason)
            return show(request, DESK, Posting(initial=advert.fields, asked=advert.requirements))
    return render(request, "portal/paste.html", {"form": form, "section": "web:portal_openings"})


@employers
@require_POST
def move_opening(request: HttpRequest, pk: UUID, act: str) -> HttpResponse:
    """Submit, pause, resume, renew or close an own opening."""
    user = signed_in(request)
    if act not in MOVES:
        raise Http404
    found = get_object_or_404(visible_openings(user).select_related("employer"), pk=pk)
    MOVES[act](actor=user, opening=found, on=timezone.localdate())
    messages.success(request, _("Done."))
    return redirect("web:portal_opening", pk=pk)


@employers
@require_http_methods(["GET", "HEAD", "POST"])
def import_file(request: HttpRequest) -> HttpResponse:
    return answer_import(request, signed_in(request), "portal/import.html", "web:portal_openings")


@employers
@require_safe
def company(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    contacts = visible_contacts(user).order_by("name")
    employer, today = _own_employer(user), timezone.localdate()
    context = {
        "employer": employer,
        "contacts": contacts,
        "today": today,
        "checks": standing_checks(employer, on=today) if employer.status == Employer.Status.REGISTERED else [],
        "answer_by": timezone.localdate(employer.created_at) + ANSWER_WITHIN,
        "has_accepted": has_accepted(employer),
        "obligations": OBLIGATIONS,
        "version": VERSION,
    }
    return render(request, "portal/company.html", context)


@employers
@require_POST
def obligations(request: HttpRequest) -> HttpResponse:
    """Accept the obligations in the version that was read."""
    user = signed_in(request)
    version = request.POST.get("version", "")
    accept_obligations(actor=user, employer=_own_employer(user), version=version, now=timezone.now())
    messages.success(request, _("Thank you. That you accepted the obligations was recorded."))
    return redirect("web:portal_company")


def _own_employer(user: User) -> Employer:
    return get_object_or_404(visible_employers(user).select_related("municipality"))
