"""The employer's inbox: candidates at their stage, and answers, in the portal or by a link in a mail."""

import datetime as dt
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Value, When
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.core.tenancy import in_programme, programme_of
from backend.matches.card import STAGES, card
from backend.matches.models import AnswerLink, Introduction
from backend.matches.policies import closed_introductions, visible_introductions
from backend.matches.services import answer_by_link, answer_introduction, read_card, read_link
from backend.matches.services.endings import UNANSWERED
from backend.matches.services.links import SpentLink
from backend.outcomes.policies import askable_follow_ups
from backend.outcomes.services import take_employers_word
from backend.web.acts import attempt
from backend.web.desks import employers, signed_in

from .forms import AnswerForm, InboxFilter, StillEmployedForm

PAGE_SIZE = 25
MOST_CLOSED = 10
"""Candidates who are no longer available, the latest of them."""


@employers
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Candidates, those who wait for an answer first and the longest waiting first among them."""
    user = signed_in(request)
    filters = InboxFilter(request.GET)
    found = visible_introductions(user).select_related("match__opening")
    closed = closed_introductions(user).select_related("match__opening").order_by("-shared_at", "pk")
    if filters.is_valid() and filters.cleaned_data["opening"]:
        found = found.filter(match__opening=filters.cleaned_data["opening"])
        closed = closed.filter(match__opening=filters.cleaned_data["opening"])
    rank = Case(
        When(state=Introduction.State.SHARED_BLIND, then=Value(0)),
        When(state=Introduction.State.HIRED, then=Value(2)),
        default=Value(1),
        output_field=IntegerField(),
    )
    found = found.order_by(rank, Coalesce("answered_at", "shared_at"), "pk")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(row, STAGES[row.state].name, _answer_by(row)) for row in page],
        "closed": closed[:MOST_CLOSED],
        "asked": askable_follow_ups(user, on=timezone.localdate()).select_related("spell__introduction"),
        "narrowed": filters.cleaned_data.get("opening"),
    }
    return render(request, "portal/inbox.html", context)


@employers
@require_http_methods(["GET", "HEAD", "POST"])
def candidate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One candidate at the present stage, and the employer's answer."""
    user = signed_in(request)
    seen = visible_introductions(user).select_related("match__opening__employer", "match__beneficiary")
    found = seen.filter(pk=pk).first()
    if found is None:
        gone = get_object_or_404(closed_introductions(user).select_related("match__opening"), pk=pk)
        return _closed(request, gone)
    view = read_card(actor=user, introduction=found, now=timezone.now())
    if view["stage"] == "closed":
        return _closed(request, found)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = {"introduction": found, "now": timezone.now(), **form.cleaned_data}
        if attempt(form, answer_introduction, actor=user, **given) is not None:
            messages.success(request, _("Thank you. Your answer was passed on."))
            return redirect("web:portal_inbox") if form.says_no else redirect("web:portal_candidate", pk=pk)
    context = {
        "view": view,
        "form": form,
        "reasons": Introduction.EmployerReason.choices,
        "answer_by": _answer_by(found),
        "section": "web:portal_inbox",
    }
    return render(request, "portal/candidate.html", context)


@employers
@require_POST
def still_employed(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Whether somebody who was hired still works here."""
    user, on = signed_in(request), timezone.localdate()
    asked = get_object_or_404(askable_follow_ups(user, on=on).select_related("spell"), pk=pk)
    form = StillEmployedForm(request.POST)
    if not form.is_valid():
        raise ValidationError(_("Answer yes or no."))
    take_employers_word(actor=user, follow_up=asked, on=on, **form.cleaned_data)
    messages.success(request, _("Thank you. Your answer was passed on."))
    return redirect("web:portal_inbox")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind a link in a mail. Programs that follow links change nothing: only the button answers."""
    now = timezone.now()
    form = AnswerForm(request.POST if request.method == "POST" else None)
    try:
        is_sent = request.method == "POST" and form.is_valid()
        if is_sent and attempt(form, answer_by_link, token=token, now=now, **form.cleaned_data) is not None:
            return render(request, "portal/thanks.html")
        introduction = read_link(token=token, now=now).introduction
    except AnswerLink.DoesNotExist:
        raise Http404 from None
    except SpentLink:
        return render(request, "portal/spent_link.html", status=410)
    with in_programme(programme_of(introduction)):
        view = card(introduction, on=timezone.localdate(now))
    context = {
        "view": view,
        "form": form,
        "reasons": Introduction.EmployerReason.choices,
        "asked": request.GET.get("answer"),
    }
    return render(request, "portal/answer.html", context)


def _closed(request: HttpRequest, introduction: Introduction) -> HttpResponse:
    """All that is said of a candidate who is no longer available, whatever the reason."""
    context = {"candidate": introduction.pseudonym, "opening": introduction.match.opening.title}
    return render(request, "portal/closed.html", context | {"section": "web:portal_inbox"})


def _answer_by(introduction: Introduction) -> dt.datetime | None:
    """When it lapses unless the employer gives a sign of life."""
    heard_at = introduction.answered_at or introduction.shared_at
    return heard_at and heard_at + UNANSWERED
