"""A person's file: overview, who she is, plan and safety, consents."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from backend.beneficiaries import policies, services
from backend.beneficiaries.models import Beneficiary, Identity, Purpose, TextLanguage, name_all
from backend.beneficiaries.queries import completeness
from backend.beneficiaries.services.consent import DISCLOSURES
from backend.beneficiaries.services.consent_texts import current_text, sheet_words
from backend.matches.card import NAMED_FIELDS
from backend.matches.models import Introduction, Match
from backend.matches.policies import visible_introductions
from backend.matches.services import current_run, keep_from_her
from backend.matches.services import withdraw_consent as withdraw_with_consequences
from backend.outcomes.policies import visible_follow_ups, visible_spells, visible_warning_flags
from backend.outcomes.services import erase_person
from backend.trainings.policies import visible_enrolments

from ...desks import counsellors, signed_in
from ..fields import ActForm
from ..forms.file import (
    ConsentForm,
    EraseForm,
    GoalForm,
    HandOverForm,
    IdentityForm,
    IntroductionQuery,
    LiftForm,
    PersonForm,
    SafetyRuleForm,
)
from ..frame import (
    adding,
    changing,
    line_form,
    own_person,
    posted,
    show,
    succeeds,
    this_instant,
    today,
    warn_of_doubles,
)
from ..today import current_matches

Bound = dict[UUID, ActForm]


@counsellors
@require_safe
def overview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The whole picture on one page, each part with the way to its own."""
    person, actor, on = own_person(request, pk), signed_in(request), timezone.localdate()
    current_run(beneficiary=person, now=timezone.now())
    untouched = (Match.State.PROPOSED, Match.State.SHORTLISTED)
    matches = current_matches(actor, on=on).filter(beneficiary=person, state__in=untouched)
    introductions = visible_introductions(actor).filter(match__beneficiary=person)
    return show(
        request,
        person,
        "web:person",
        "people/person.html",
        missing=completeness(person),
        may_take_out_record=policies.can_take_out_record(actor, person),
        skills=person.skills.select_related("skill").order_by("-level")[:12],
        rules=name_all(person.safety_rules.filter(lifted_on__isnull=True)),
        goals=person.goals.filter(achieved_on__isnull=True).order_by("due_on"),
        consents=person.consents.valid(on=on).exclude(purpose__in=DISCLOSURES).order_by("expires_on"),
        spells=visible_spells(actor).filter(beneficiary=person).select_related("employer")[:3],
        next_follow_up=visible_follow_ups(actor)
        .filter(spell__beneficiary=person, result="")
        .order_by("due_on")
        .first(),
        flags=visible_warning_flags(actor).filter(beneficiary=person, resolved_on__isnull=True),
        best_matches=matches.filter(introduction=None).select_related("opening__employer").order_by("-score")[:3],
        introductions=introductions.exclude(state__in=Introduction.ENDED).select_related("match__opening__employer"),
        enrolments=visible_enrolments(actor).filter(beneficiary=person).select_related("session__course"),
    )


@counsellors
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The facts of her file."""
    person, actor = own_person(request, pk), signed_in(request)
    form = PersonForm(posted(request), instance=person, actor=actor)
    if request.method == "POST" and succeeds(
        form, services.update_beneficiary, actor=actor, beneficiary=person, **today()
    ):
        messages.success(request, _("Saved."))
        return redirect("web:person", pk=person.pk)
    if request.method == "POST":
        person.refresh_from_db()  # what the service refused must not show in the page's head
    return show(
        request,
        person,
        "web:person",
        "people/edit.html",
        form=form,
        hand_over=HandOverForm(actor=actor),
        erase=EraseForm(),
    )


@counsellors
@require_http_methods(["POST"])
def erase(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Erase her on her request; there is no way back."""
    person, actor = own_person(request, pk), signed_in(request)
    form = EraseForm(request.POST)
    if succeeds(form, erase_person, actor=actor, beneficiary=person, **this_instant()):
        messages.success(request, _("She has been erased."))
        return redirect("web:caseload")
    fresh = PersonForm(instance=person, actor=actor)
    context = {"form": fresh, "hand_over": HandOverForm(actor=actor), "erase": form}
    return show(request, person, "web:person", "people/edit.html", **context)


@counsellors
@require_http_methods(["POST"])
def hand_over(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Pass her on to a colleague; from then on her pages are the colleague's."""
    person, actor = own_person(request, pk), signed_in(request)
    form = HandOverForm(request.POST, actor=actor)
    if succeeds(form, services.hand_over, actor=actor, beneficiary=person):
        messages.success(request, _("%(code)s is now on your colleague's caseload.") % {"code": person.code})
        return redirect("web:caseload")
    fresh = PersonForm(instance=person, actor=actor)
    return show(request, person, "web:person", "people/edit.html", form=fresh, hand_over=form, erase=EraseForm())


@counsellors
@require_http_methods(["GET", "HEAD", "POST"])
def identity(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who she is and how to reach her safely; every reading is noted in the audit trail."""
    person, actor = own_person(request, pk), signed_in(request)
    try:
        known = services.read_identity(actor=actor, beneficiary=person)
    except Identity.DoesNotExist:
        known = None
    form = IdentityForm(posted(request), instance=known, actor=actor)
    if request.method == "POST" and succeeds(form, services.save_identity, actor=actor, beneficiary=person, **today()):
        messages.success(request, _("Saved."))
        if "phone" in form.changed_data:
            warn_of_doubles(request, person)
        return redirect("web:person_identity", pk=person.pk)
    return show(request, person, "web:person_identity", "people/identity.html", form=form, known=known)


def plan_page(
    request: HttpRequest,
    person: Beneficiary,
    goal: ActForm | None = None,
    rule: ActForm | None = None,
    bound: Bound | None = None,
) -> HttpResponse:
    actor = signed_in(request)
    rules = name_all(person.safety_rules.order_by("lifted_on", "-set_on"))
    return show(
        request,
        person,
        "web:person_plan",
        "people/plan.html",
        goal_form=goal or GoalForm(),
        rule_form=rule or SafetyRuleForm(actor=actor),
        goals=person.goals.order_by("achieved_on", "due_on"),
        rules=[(rule, line_form(LiftForm, rule, bound or {})) for rule in rules if not rule.lifted_on],
        lifted=[rule for rule in rules if rule.lifted_on],
    )


@counsellors
@require_safe
def plan(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Safety rules and goals."""
    return plan_page(request, own_person(request, pk))


def consents_page(
    request: HttpRequest, person: Beneficiary, consent: ActForm | None = None, bound: Bound | None = None
) -> HttpResponse:
    actor, on = signed_in(request), timezone.localdate()
    given = person.consents.select_related("recipient", "opening").order_by("-given_on")
    return show(
        request,
        person,
        "web:person_consents",
        "people/consents.html",
        form=consent or ConsentForm(actor=actor, initial={"given_on": on, "language": "sr"}),
        consents=given,
        purposes=[choice for choice in Purpose.choices if choice[0] not in DISCLOSURES],
        texts=TextLanguage.choices,
        on=on,
    )


@counsellors
@require_safe
def consents(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What she has agreed to, and for how long."""
    return consents_page(request, own_person(request, pk))


@counsellors
@require_safe
def consent_text(request: HttpRequest, pk: UUID, purpose: str, language: str) -> HttpResponse:
    """The sheet to read with her or to print, in her language; nothing on it tells whose paper it is."""
    person = own_person(request, pk)
    try:
        text = current_text(purpose=purpose, language=language)
    except ValueError:
        raise Http404 from None
    asked = IntroductionQuery(request.GET)
    introduction = None
    if asked.is_valid() and asked.cleaned_data["introduction"]:
        own = visible_introductions(signed_in(request)).filter(match__beneficiary=person)
        introduction = get_object_or_404(
            own.select_related("match__opening__employer"), pk=asked.cleaned_data["introduction"]
        )
    words = sheet_words(language)
    context = {
        "text": text,
        "words": words,
        "opening": introduction and introduction.match.opening,
        "boxes": [words[name] for name in NAMED_FIELDS] if purpose == Purpose.IDENTITY_DISCLOSURE else [],
    }
    return render(request, "people/consent_text.html", context)


PLAN, CONSENTS = "web:person_plan", "web:person_consents"

set_goal = adding("goal", GoalForm, services.set_goal, plan_page, PLAN, gettext_lazy("The goal is in her plan."), today)
achieve_goal = changing(
    "goal",
    policies.visible_goals,
    services.achieve_goal,
    plan_page,
    PLAN,
    gettext_lazy("The goal is reached."),
    today,
)
add_rule = adding(
    "rule",
    SafetyRuleForm,
    keep_from_her,
    plan_page,
    PLAN,
    gettext_lazy("The rule holds from now on. Introductions that it bars have ended."),
    this_instant,
)
lift_rule = changing(
    "rule",
    policies.visible_safety_rules,
    services.lift_safety_rule,
    plan_page,
    PLAN,
    gettext_lazy("The rule is lifted."),
    today,
    LiftForm,
)
give_consent = adding(
    "consent",
    ConsentForm,
    services.give_consent,
    consents_page,
    CONSENTS,
    gettext_lazy("Her consent is recorded."),
)
withdraw_consent = changing(
    "consent",
    policies.visible_consents,
    withdraw_with_consequences,
    consents_page,
    CONSENTS,
    gettext_lazy("Her consent is withdrawn. What rested on it has ended, and what was shared is gone."),
    this_instant,
)
