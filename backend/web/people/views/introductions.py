"""An introduction, step by step: what the employer will see, her agreement, the answer, her name, the job."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from backend.beneficiaries.models import TextLanguage
from backend.employers.policies import visible_contacts
from backend.matches import services
from backend.matches.models import Introduction
from backend.matches.policies import visible_introductions
from backend.matches.queries import response_rates
from backend.matches.states import TRANSITIONS
from backend.outcomes.services import start_spell

from ...desks import counsellors, signed_in
from ..fields import ActForm, NothingForm
from ..forms.matches import (
    AdvanceForm,
    AgreementForm,
    EmployerAnswerForm,
    IdentityConsentForm,
    InterviewForm,
    ReplyForm,
)
from ..forms.outcomes import PlacementForm
from ..frame import own_person, show, succeeds

S = Introduction.State
ROAD = (S.PROPOSED, S.AGREED_BY_HER, S.SHARED_BLIND, S.INTERESTED, S.CONSENTED, S.IDENTIFIED, S.INTERVIEW, S.HIRED)
"""The steps as a page draws them; trial and offer belong to the last stretch."""


@dataclass(frozen=True)
class Act:
    """One thing that can be done: the state it leads to decides when it is offered."""

    to_state: str
    service: Callable[..., Any]
    done: str | Promise
    form: type[ActForm] = NothingForm


ACTS = {
    "agree": Act(S.AGREED_BY_HER, services.record_agreement, _("Her agreement is recorded."), AgreementForm),
    "share": Act(S.SHARED_BLIND, services.share_introduction, _("The employer can see the profile now.")),
    "answer": Act(
        S.DECLINED_BY_EMPLOYER, services.record_answer, _("The employer's answer is recorded."), EmployerAnswerForm
    ),
    "reply": Act(S.DECLINED_BY_EMPLOYER, services.reply_to_question, _("The answer is sent."), ReplyForm),
    "consent": Act(
        S.CONSENTED, services.record_identity_consent, _("Her consent to be named is recorded."), IdentityConsentForm
    ),
    "disclose": Act(S.IDENTIFIED, services.disclose_identity, _("The employer can see what she agreed to.")),
    "interview": Act(S.INTERVIEW, services.set_interview, _("The interview is noted."), InterviewForm),
    "advance": Act(S.OFFER, services.advance_introduction, _("The step is noted."), AdvanceForm),
    "decline": Act(
        S.DECLINED_BY_HER, services.decline_for_her, _("The introduction is over, and what was shared is gone.")
    ),
    "withdraw": Act(
        S.WITHDRAWN, services.withdraw_introduction, _("The introduction is over, and what was shared is gone.")
    ),
}


def introduction_page(
    request: HttpRequest, introduction: Introduction, bound: dict[str, ActForm] | None = None
) -> HttpResponse:
    """The page of an introduction; `bound` holds the form that was refused, by the name of its act."""
    match = introduction.match
    person = own_person(request, match.beneficiary_id)
    follows = TRANSITIONS[introduction.state]
    bound = bound or {}
    offered = {
        name: bound.get(name) or act.form(initial={"language": "sr", "method": "spoken"})
        for name, act in ACTS.items()
        if act.to_state in follows
    }
    if S.HIRED in follows:
        opening = match.opening
        offered["place"] = bound.get("place") or PlacementForm(
            initial={
                "job_title": opening.title,
                "contract": opening.contract,
                "hours_per_week": opening.hours_per_week,
                "started_on": timezone.localdate(),
                "is_written": True,
            }
        )
    steps = introduction.steps.select_related("actor")
    return show(
        request,
        person,
        "web:matches",
        "people/introduction.html",
        introduction=introduction,
        opening=match.opening,
        contacts=visible_contacts(signed_in(request))
        .standing()
        .filter(employer=match.opening.employer)
        .order_by("name"),
        preview=services.read_preview(actor=signed_in(request), introduction=introduction, now=timezone.now())
        if follows
        else None,
        response=response_rates([match.opening.employer_id]).get(match.opening.employer_id),
        texts=TextLanguage.choices,
        road=_road(introduction),
        steps=[(step, S(step.to_state).label) for step in steps],
        act=offered,
        # Those that have no place of their own on the page, or not in this state.
        refused=[form for name, form in bound.items() if name not in offered or isinstance(form, NothingForm)],
        is_pending=bool(follows),
    )


@counsellors
@require_safe
def introduction(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Where the introduction stands and what can be done next."""
    return introduction_page(request, _own(request, pk))


@counsellors
@require_POST
def take_step(request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
    """Do one of ACTS."""
    if name not in ACTS:
        raise Http404
    found, act = _own(request, pk), ACTS[name]
    form = act.form(request.POST)
    arguments = {"actor": signed_in(request), "introduction": found, "now": timezone.now()}
    if not succeeds(form, act.service, **arguments):
        return introduction_page(request, _own(request, pk), bound={name: form})
    messages.success(request, str(act.done))
    return redirect("web:introduction", pk=pk)


@counsellors
@require_POST
def place(request: HttpRequest, pk: UUID) -> HttpResponse:
    """She is hired: record the contract, which ends the introduction and plans the follow-ups."""
    found, actor = _own(request, pk), signed_in(request)
    form = PlacementForm(request.POST)
    match = found.match
    arguments = {"actor": actor, "beneficiary": match.beneficiary, "introduction": found}
    if not succeeds(form, start_spell, **arguments, on=timezone.localdate()):
        return introduction_page(request, _own(request, pk), bound={"place": form})
    messages.success(request, str(_("Her employment is recorded, and the follow-ups are planned.")))
    return redirect("web:person_work", pk=match.beneficiary_id)


def _own(request: HttpRequest, pk: UUID) -> Introduction:
    found = visible_introductions(signed_in(request)).select_related(
        "match__beneficiary", "match__opening__employer", "match__opening__municipality", "identity_consent"
    )
    return get_object_or_404(found, pk=pk)


def _road(introduction: Introduction) -> list[tuple[str, str]]:
    """(state's words, "done" | "here" | "") along the way; an ended introduction shows how far it came."""
    late = {S.TRIAL: S.INTERVIEW, S.OFFER: S.INTERVIEW}
    here = late.get(S(introduction.state), S(introduction.state))
    if here not in ROAD:
        reached = {step.from_state for step in introduction.steps.all()}
        done = [(str(S(state).label), "done") for state in ROAD if state in reached]
        return [*done, (introduction.get_state_display(), "here")]
    at = ROAD.index(here)
    marks = ["done" if i < at else "here" if i == at else "" for i in range(len(ROAD))]
    return [(str(S(state).label), mark) for state, mark in zip(ROAD, marks, strict=True)]
