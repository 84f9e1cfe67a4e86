"""The openings of a programme, for the people who work there."""

import datetime as dt
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.models import User
from backend.employers.history import history_of
from backend.employers.models import Employer, Opening
from backend.employers.policies import can_edit_opening, can_vet_opening, visible_employers, visible_openings
from backend.employers.queries import with_details
from backend.employers.screening import screen_opening
from backend.employers.services import (
    close_opening,
    pause_opening,
    renew_opening,
    resume_opening,
    review_opening,
    submit_opening,
)
from backend.matches.tasks import refresh_all_soon
from backend.web.acts import attempt
from backend.web.desks import counsellors, leads, signed_in, staff

from .forms import OpeningFilter, ReviewForm
from .importing import answer_import
from .posting import Desk, write_opening
from .words import in_words

PAGE_SIZE = 25
MOVES = {
    "submit": submit_opening,
    "pause": pause_opening,
    "resume": resume_opening,
    "renew": renew_opening,
    "close": close_opening,
}


@staff
@require_safe
def openings(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    filters = OpeningFilter(request.GET)
    found = filters.narrow(visible_openings(user).select_related("employer", "municipality"))
    waiting = visible_openings(user).filter(status=Opening.Status.SUBMITTED).count()
    page = Paginator(found.order_by("-posted_on", "-created_at"), PAGE_SIZE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    context = {"page": page, "filters": filters, "waiting": waiting, "today": today}
    return render(request, "openings/openings.html", context)


@staff
@require_safe
def opening(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in(request)
    return _opening_page(request, user, _find(user, pk))


@leads
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, what needs most care first, each with the signs found and the words that show them."""
    user, today = signed_in(request), timezone.localdate()
    waiting = with_details(visible_openings(user).waiting().most_care_first())
    page = Paginator(waiting, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [(opening, screen_opening(opening, on=today)) for opening in page]
    context = {"page": page, "rows": rows, "today": today, "section": "web:openings"}
    return render(request, "openings/queue.html", context)


@staff
@require_safe
def history(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the opening said before, and what was decided about it then."""
    found = _find(signed_in(request), pk)
    context = {"opening": found, "steps": history_of(found), "section": "web:openings"}
    return render(request, "openings/history.html", context)


@leads
@require_POST
def review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Publish or refuse what the lead has read; the form carries its hash."""
    user = signed_in(request)
    found = _find(user, pk)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return _opening_page(request, user, found, form)
    today = timezone.localdate()
    reviewed = attempt(form, review_opening, actor=user, opening=found, on=today, **form.cleaned_data)
    if reviewed is not None:
        refresh_all_soon()
        published = form.cleaned_data["outcome"] == Opening.Status.PUBLISHED
        messages.success(request, _("The opening was published.") if published else _("The opening was refused."))
        return redirect("web:opening", pk=pk)
    return _opening_page(request, user, found, form)


@counsellors
@require_http_methods(["GET", "HEAD", "POST"])
def new_opening(request: HttpRequest) -> HttpResponse:
    """Enter an opening for an employer that does not use the portal."""
    user = signed_in(request)
    employers = visible_employers(user).order_by("name_folded")
    return write_opening(request, user, Desk("openings/edit.html", "web:opening", "web:openings", employers))


@counsellors
@require_http_methods(["GET", "HEAD", "POST"])
def edit_opening(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in(request)
    return write_opening(
        request, user, Desk("openings/edit.html", "web:opening", "web:openings"), opening=_find(user, pk)
    )


@staff
@require_POST
def move_opening(request: HttpRequest, pk: UUID, act: str) -> HttpResponse:
    """Submit, pause, resume, renew or close an opening."""
    user = signed_in(request)
    if act not in MOVES:
        raise Http404
    MOVES[act](actor=user, opening=_find(user, pk), on=timezone.localdate())
    messages.success(request, _("Done."))
    return redirect("web:opening", pk=pk)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def import_file(request: HttpRequest) -> HttpResponse:
    """Take openings from a file, with a report on every row."""
    return answer_import(request, signed_in(request), "openings/import.html", "web:openings")


def _find(user: User, pk: UUID) -> Opening:
    return get_object_or_404(with_details(visible_openings(user)), pk=pk)


def _cleared(opening: Opening, on: dt.date) -> set[UUID]:
    named = [opening.employer_id, opening.end_client_id]
    return set(Employer.objects.cleared(on=on).filter(pk__in=filter(None, named)).values_list("pk", flat=True))


def _opening_page(request: HttpRequest, user: User, found: Opening, form: ReviewForm | None = None) -> HttpResponse:
    today = timezone.localdate()
    may_vet = can_vet_opening(user, found) and found.status == Opening.Status.SUBMITTED
    if may_vet and form is None:
        form = ReviewForm(initial={"content_hash": found.content_hash})
    context = {
        "opening": found,
        "words": in_words(found),
        "screening": screen_opening(found, on=today),
        "reviews": found.reviews.select_related("decided_by").order_by("-created_at"),
        "review_form": form if may_vet else None,
        "may_edit": can_edit_opening(user, found) and found.status != Opening.Status.CLOSED,
        "employer_is_cleared": found.employer_id in (cleared := _cleared(found, today)),
        "end_client_is_cleared": found.end_client_id is None or found.end_client_id in cleared,
        "today": today,
        "section": "web:openings",
    }
    return render(request, "openings/opening.html", context)
