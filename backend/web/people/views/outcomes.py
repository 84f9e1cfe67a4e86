"""Employment, follow-ups, assessments and warning flags."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.beneficiaries.models import Beneficiary
from backend.core.exceptions import Conflict
from backend.outcomes import services
from backend.outcomes.models import INDEPENDENCE_DOMAINS, Assessment, FollowUp
from backend.outcomes.policies import (
    visible_assessments,
    visible_follow_up_drafts,
    visible_follow_ups,
    visible_spells,
    visible_warning_flags,
)
from backend.outcomes.queries import independence_index
from backend.outcomes.services.plans import later_contacts

from ...desks import counsellors, signed_in
from ..fields import ActForm
from ..forms.outcomes import (
    AssessmentForm,
    AttemptForm,
    DraftForm,
    EndSpellForm,
    FlagForm,
    FollowUpForm,
    ResolveForm,
    SpellForm,
)
from ..frame import adding, changing, line_form, own_person, posted, show, succeeds, this_instant, today

WORK = "web:person_work"
COLUMNS = 4
"""Assessments shown side by side."""


def work_page(
    request: HttpRequest,
    person: Beneficiary,
    flag: ActForm | None = None,
    bound: dict[UUID, ActForm] | None = None,
) -> HttpResponse:
    actor = signed_in(request)
    spells = visible_spells(actor).filter(beneficiary=person).select_related("employer").prefetch_related("follow_ups")
    assessments = list(visible_assessments(actor).filter(beneficiary=person)[:COLUMNS])
    signs = visible_warning_flags(actor).filter(beneficiary=person).most_urgent_first()
    flags = sorted(signs, key=lambda flag: flag.resolved_on is not None)
    return show(
        request,
        person,
        WORK,
        "people/work.html",
        spells=[
            (spell, line_form(EndSpellForm, spell, bound or {}), bool(later_contacts(spell, timezone.localdate())))
            for spell in spells
        ],
        flags=[(each, line_form(ResolveForm, each, bound or {})) for each in flags],
        flag_form=flag or FlagForm(),
        assessments=assessments,
        scores=_scores(assessments),
        indexes=[independence_index(each) for each in assessments],
    )


@counsellors
@require_safe
def work(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Where she works and has worked, the contacts since, and how she fares."""
    return work_page(request, own_person(request, pk))


@counsellors
@require_http_methods(["GET", "HEAD", "POST"])
def start_spell(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record employment that no introduction of ours led to."""
    person, actor, on = own_person(request, pk), signed_in(request), timezone.localdate()
    form = SpellForm(posted(request), actor=actor, initial={"started_on": on, "is_written": True})
    if request.method == "POST" and succeeds(form, services.start_spell, actor=actor, beneficiary=person, on=on):
        messages.success(request, _("Her employment is recorded, and the follow-ups are planned."))
        return redirect(WORK, pk=person.pk)
    return show(request, person, WORK, "people/spell.html", form=form)


def follow_up_page(
    request: HttpRequest,
    found: FollowUp,
    form: ActForm | None = None,
    attempt_form: ActForm | None = None,
    conflict: Conflict | None = None,
) -> HttpResponse:
    person, on = own_person(request, found.spell.beneficiary_id), timezone.localdate()
    draft = visible_follow_up_drafts(signed_in(request)).filter(follow_up=found).select_related("saved_by").first()
    return show(
        request,
        person,
        WORK,
        "people/follow_up.html",
        follow_up=found,
        spell=found.spell,
        attempts=found.attempts.select_related("attempted_by"),
        draft=draft,
        form=form or FollowUpForm(on=on, answers=draft.answers if draft else None),
        attempt_form=attempt_form or AttemptForm(),
        found_flags=found.warning_flags.most_urgent_first(),
        conflict=conflict,
    )


@counsellors
@require_http_methods(["GET", "HEAD", "POST"])
def follow_up(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The five-minute form; once somebody has reached her, what it found."""
    found, actor, on = _own_follow_up(request, pk), signed_in(request), timezone.localdate()
    if request.method != "POST":
        return follow_up_page(request, found)
    form = FollowUpForm(request.POST, on=on)
    try:
        is_recorded = succeeds(form, services.record_follow_up, actor=actor, follow_up=found, on=on)
    except Conflict as conflict:
        return _recorded_by_another(request, pk, form, conflict)
    if not is_recorded:
        return follow_up_page(request, _own_follow_up(request, pk), form=form)
    messages.success(request, _("The follow-up is recorded."))
    if form.cleaned_data["status"] == FollowUp.Status.NOT_EMPLOYED:
        messages.warning(
            request, _("She does not work. Close the employment with its reason, then look for a new match.")
        )
    if form.cleaned_data["flags"]:
        messages.warning(request, _("Signs were noted. They wait on Today until somebody has looked."))
    return redirect(WORK, pk=found.spell.beneficiary_id)


@counsellors
@require_POST
def keep_draft(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep what is written so far.

    htmx sends it while she writes and gets the line that says so; without it the button "go on later" does.
    """
    found, actor, on = _own_follow_up(request, pk), signed_in(request), timezone.localdate()
    form = DraftForm(request.POST, on=on)
    try:
        is_kept = succeeds(form, services.keep_draft, actor=actor, follow_up=found, on=on, **this_instant())
    except Conflict as conflict:
        return _recorded_by_another(request, pk, form, conflict)
    if request.htmx:  # type: ignore[attr-defined]
        draft = visible_follow_up_drafts(actor).filter(follow_up=found).select_related("saved_by").first()
        return render(request, "people/draft.html", {"follow_up": found, "draft": draft, "form": form})
    if not is_kept:
        return follow_up_page(request, found, form=form)
    messages.success(request, _("What you wrote is kept. Go on when you have time."))
    return redirect("web:today")


def _recorded_by_another(request: HttpRequest, pk: UUID, form: ActForm, conflict: Conflict) -> HttpResponse:
    """What was recorded, and that hers was not."""
    found = _own_follow_up(request, pk)
    if request.htmx:  # type: ignore[attr-defined]
        context = {"follow_up": found, "conflict": conflict}
        return render(request, "people/draft.html", context, status=409)
    page = follow_up_page(request, found, form=form, conflict=conflict)
    page.status_code = 409
    return page


@counsellors
@require_POST
def log_attempt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Note a try to reach her."""
    found, actor = _own_follow_up(request, pk), signed_in(request)
    form = AttemptForm(request.POST)
    if not succeeds(form, services.log_attempt, actor=actor, follow_up=found, **this_instant()):
        return follow_up_page(request, found, attempt_form=form)
    messages.success(request, _("The try is noted."))
    return redirect("web:follow_up", pk=found.pk)


@counsellors
@require_http_methods(["GET", "HEAD", "POST"])
def assessment(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Eight areas, scored with her, beside the last scores."""
    person, actor = own_person(request, pk), signed_in(request)
    last = visible_assessments(actor).filter(beneficiary=person).first()
    form = AssessmentForm(posted(request), last=last)
    if request.method == "POST" and succeeds(
        form, services.record_assessment, actor=actor, beneficiary=person, **today()
    ):
        messages.success(request, _("The assessment is recorded."))
        return redirect(WORK, pk=person.pk)
    return show(request, person, WORK, "people/assessment.html", form=form, last=last)


def _own_follow_up(request: HttpRequest, pk: UUID) -> FollowUp:
    found = visible_follow_ups(signed_in(request)).select_related("spell__beneficiary", "spell__employer")
    return get_object_or_404(found, pk=pk)


def _scores(assessments: list[Assessment]) -> list[tuple[str, list[int | None]]]:
    """(area, scores by assessment, newest first)."""
    return [
        (str(Assessment._meta.get_field(name).verbose_name), [getattr(each, name) for each in assessments])  # type: ignore[union-attr]
        for name in INDEPENDENCE_DOMAINS
    ]


end_spell = changing(
    "spell",
    visible_spells,
    services.end_spell,
    work_page,
    WORK,
    gettext_lazy("The employment is closed. Her openings can be ranked again."),
    today,
    EndSpellForm,
)
keep_in_touch = changing(
    "spell",
    visible_spells,
    services.keep_in_touch,
    work_page,
    WORK,
    gettext_lazy("Contact is planned up to 36 months."),
    today,
)
raise_flag = adding("flag", FlagForm, services.raise_flag, work_page, WORK, gettext_lazy("The sign is noted."), today)
resolve_flag = changing(
    "flag",
    visible_warning_flags,
    services.resolve_flag,
    work_page,
    WORK,
    gettext_lazy("What was done is noted."),
    today,
    ResolveForm,
)
