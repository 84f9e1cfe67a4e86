"""Ranked openings: lanes, reasons, decisions, and what is not shown."""

from collections import Counter
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from backend.beneficiaries.models import Beneficiary
from backend.matches import services
from backend.matches.models import Decision, Match
from backend.matches.policies import visible_matches
from backend.matches.queries import hidden_openings
from backend.places.models import Municipality

from ...acts import attempt
from ...desks import counsellors, signed_in
from ...templatetags.words import rule_sentence, word
from ..cards import cards, reason_buttons
from ..fields import NothingForm
from ..forms.matches import DecideForm
from ..frame import own_person, show
from ..today import current_matches

MATCHES = "web:matches"
PAGE = 10
ASIDE = "aside"
LANES = {
    Match.Lane.NOW: gettext_lazy("Now"),
    Match.Lane.WITH_SUPPORT: gettext_lazy("With support"),
    Match.Lane.LATER: gettext_lazy("Later"),
    ASIDE: gettext_lazy("Aside"),
}


def matches_page(
    request: HttpRequest, person: Beneficiary, refused: tuple[Match, DecideForm] | None = None
) -> HttpResponse:
    """One lane of her matches; `refused` is a decision that could not be taken."""
    actor, now = signed_in(request), timezone.now()
    run, on = services.current_run(beneficiary=person, now=now), timezone.localdate(now)
    hers = visible_matches(actor).filter(beneficiary=person)
    current = current_matches(actor, on=on).filter(beneficiary=person)
    counts = dict(current.order_by().values_list("lane").annotate(Count("pk")))
    aside = _put_aside(hers, current)
    counts[ASIDE] = aside.count()
    lane = request.GET.get("lane")
    if lane not in LANES:
        lane = next((code for code in LANES if counts.get(code)), Match.Lane.NOW)
    rows = aside if lane == ASIDE else current.filter(lane=lane)
    rows = rows.select_related("opening__employer", "opening__municipality", "introduction")
    page = Paginator(rows.order_by("-score", "pk"), PAGE).get_page(request.GET.get("page"))
    return show(
        request,
        person,
        MATCHES,
        "people/matches.html",
        lanes=[(code, title, counts.get(code, 0)) for code, title in LANES.items()],
        lane=lane,
        page=page,
        cards=cards(page.object_list),
        run=run,
        hidden_count=sum(run.excluded.values()),
        hidden_rules=_rules(run.excluded),
        no_reasons=reason_buttons(Decision.Kind.SHE_SAYS_NO),
        dismiss_reasons=reason_buttons(Decision.Kind.DISMISS),
        refused=refused,
    )


@counsellors
@require_safe
def matches(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Her matches, best first."""
    return matches_page(request, own_person(request, pk))


@counsellors
@require_safe
def hidden(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The openings that are not shown to her, by the first rule that keeps each, as the rules stand today."""
    person = own_person(request, pk)
    kept = hidden_openings(person, on=timezone.localdate())
    asked = request.GET.get("rule", "")
    codes = Counter(each.rules[0][0] for each in kept)
    listed = [each for each in kept if not asked or any(code == asked for code, _detail in each.rules)]
    page = Paginator(listed, 25).get_page(request.GET.get("page"))
    places = {place.code: str(place) for place in Municipality.objects.filter(code__in=_places(page.object_list))}
    rows = [
        (each.opening, [(word(code, "rule"), rule_sentence(code, detail, places)) for code, detail in each.rules])
        for each in page.object_list
    ]
    return show(
        request,
        person,
        MATCHES,
        "people/hidden.html",
        rows=rows,
        page=page,
        total=len(kept),
        rules=_rules(codes),
        rule=asked if asked in codes else "",
    )


@counsellors
@require_POST
def decide(request: HttpRequest, match_pk: UUID) -> HttpResponse:
    """What the counsellor decides, or she answers."""
    actor = signed_in(request)
    match = get_object_or_404(visible_matches(actor).select_related("beneficiary", "opening"), pk=match_pk)
    form = DecideForm(request.POST, actor=actor, auto_id=f"{match.pk}-%s")
    if form.is_valid():
        attempt(form, services.decide, actor=actor, match=match, now=timezone.now(), **form.act())
    if form.errors:
        return matches_page(request, own_person(request, match.beneficiary_id), refused=(match, form))
    said = {"title": match.opening.title, "decision": Decision.Kind(form.act()["kind"]).label}
    messages.success(request, _("“%(title)s”: %(decision)s.") % said)
    return redirect(f"{reverse(MATCHES, args=[match.beneficiary_id])}?lane={match.lane}")


@counsellors
@require_POST
def propose(request: HttpRequest, match_pk: UUID) -> HttpResponse:
    """Start an introduction for this match."""
    actor = signed_in(request)
    match = get_object_or_404(visible_matches(actor).select_related("beneficiary"), pk=match_pk)
    form = NothingForm(request.POST)
    introduction = attempt(form, services.propose_introduction, actor=actor, match=match, now=timezone.now())
    if introduction is None:
        for error in form.non_field_errors():
            messages.error(request, str(error))
        return redirect(MATCHES, pk=match.beneficiary_id)
    return redirect("web:introduction", pk=introduction.pk)


def _put_aside(hers: QuerySet[Match], current: QuerySet[Match]) -> QuerySet[Match]:
    """Turned down, put off, or decided before a rule or the calendar took it away."""
    turned_down = Q(state__in=[Match.State.DISMISSED, Match.State.DECLINED])
    put_off = ~Q(snoozed_until=None)
    wanted = Q(state__in=[Match.State.SHORTLISTED, Match.State.ACCEPTED])
    return hers.filter(turned_down | put_off | wanted).exclude(pk__in=current.values("pk"))


def _rules(counts: dict[str, int]) -> list[tuple[str, str, int]]:
    return [(code, word(code, "rule"), number) for code, number in sorted(counts.items(), key=lambda item: -item[1])]


def _places(rows: Any) -> list[str]:
    return [detail["place"] for each in rows for _code, detail in each.rules if "place" in detail]
