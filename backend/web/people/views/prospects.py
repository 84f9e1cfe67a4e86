"""What could be: what a training or a wider limit would open, two openings side by side, chances shared out."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from backend.employers.models import Opening
from backend.matches import services
from backend.matches.policies import visible_matches
from backend.matches.queries import Moved, share_out, training_plan
from backend.matches.queries import what_if as change
from backend.trainings.policies import visible_courses

from ...desks import counsellors, signed_in
from ..cards import Card, cards
from ..forms.prospects import CompareForm, WhatIfForm
from ..frame import own_person, show
from ..today import current_matches, seeking
from .matches import MATCHES

SHOWN = 10
"""Openings that one list of the page names; it says how many more there are."""


@counsellors
@require_safe
def what_if(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The trainings that would unlock the most for her, and what one of them or a wider limit would change."""
    person, on = own_person(request, pk), timezone.localdate()
    courses = visible_courses(signed_in(request))
    asked = WhatIfForm(request.GET or None, courses=courses)
    plan = training_plan(person, courses, on=on)
    context: dict[str, Any] = {"form": asked, "plan": plan, "shown": SHOWN}
    if asked.is_valid() and (asked.cleaned_data["course"] or asked.cleaned_data["without"]):
        found = change(person, on=on, **asked.cleaned_data)
        context |= {
            "change": found,
            "rises": _points(found.rises),
            "falls": _points(found.falls),
        }
    return show(request, person, MATCHES, "people/what_if.html", **context)


def _points(moves: Sequence[Moved]) -> list[tuple[Opening, int | None, int | None]]:
    """The first openings whose points change: one that others only overtake tells nothing new."""

    def points(score: float | None) -> int | None:
        return None if score is None else round(100 * score)

    rows = [(moved.opening, points(moved.before), points(moved.after)) for moved in moves]
    return [row for row in rows if row[1] != row[2]][:SHOWN]


@counsellors
@require_safe
def chances(request: HttpRequest) -> HttpResponse:
    """Who to introduce where, when several of her people would do best at the same opening.

    Every ranking is brought up to date first, so that a rule added a moment ago holds here too.
    """
    actor, on, now = signed_in(request), timezone.localdate(), timezone.now()
    people = seeking(actor, on=on)
    for person in people:
        services.current_run(beneficiary=person, now=now)
    undecided = current_matches(actor, on=on).filter(beneficiary__in=people, introduction__isnull=True)
    return render(request, "people/chances.html", {"shared": share_out(undecided), "section": "web:caseload"})


@counsellors
@require_safe
def compare(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Two of her matches side by side, point for point."""
    person, now = own_person(request, pk), timezone.now()
    services.current_run(beneficiary=person, now=now)
    hers = visible_matches(signed_in(request)).filter(beneficiary=person, is_eligible=True)
    hers = hers.select_related("opening__employer", "opening__municipality").order_by("-score", "pk")
    first = list(hers.values_list("pk", flat=True)[:2])
    asked = dict(zip(("one", "other"), first, strict=False)) | request.GET.dict()
    form = CompareForm(asked, matches=hers)
    pair = cards([form.cleaned_data["one"], form.cleaned_data["other"]]) if form.is_valid() else []
    return show(request, person, MATCHES, "people/compare.html", form=form, pair=pair, rows=_side_by_side(pair))


def _side_by_side(pair: list[Card]) -> list[tuple[str, list[int]]]:
    """Each heading under which either has points, with the points of both."""
    points = [{line.title: line.points for line in card.lines} for card in pair]
    titles = dict.fromkeys(line.title for card in pair for line in card.lines if line.points)
    return [(title, [some.get(title, 0) for some in points]) for title in titles]
