"""Courses, their sessions, and who of the caseload takes part."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Min, Q
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.skills.linking import link_skills
from backend.trainings import services
from backend.trainings.models import Course, Enrolment, Session
from backend.trainings.policies import visible_courses, visible_enrolments, visible_sessions
from backend.trainings.queries import with_free_seats

from ..acts import attempt
from ..desks import counsellors, signed_in, staff
from ..people.fields import NothingForm
from ..people.frame import posted, succeeds, today
from .forms import GRANTS, AttendanceForm, CompleteForm, CourseForm, EnrolForm, SessionForm, first_day

SECTION = "web:trainings"
PAGE = 25


@staff
@require_safe
def trainings(request: HttpRequest) -> HttpResponse:
    """All courses, those with a session to come first."""
    actor, on = signed_in(request), timezone.localdate()
    coming = Q(sessions__ends_on__gte=on)
    courses = (
        visible_courses(actor)
        .annotate(next_on=Min("sessions__starts_on", filter=coming), coming=Count("sessions", filter=coming))
        .prefetch_related("grants__skill")
        .order_by("next_on", "title")
    )
    page = Paginator(courses, PAGE).get_page(request.GET.get("page"))
    return _render(request, "trainings/trainings.html", page=page, on=on)


@staff
@require_safe
def skill_labels(request: HttpRequest) -> HttpResponse:
    """Labels near to the words typed, as options of a list."""
    typed = (request.GET.get(f"skill_{number}", "").strip() for number in range(1, GRANTS + 1))
    words = next(filter(None, typed), "")
    links = link_skills([words[:200]], k=8)[0] if words else []
    return render(request, "trainings/skill_labels.html", {"links": links})


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def plan_course(request: HttpRequest) -> HttpResponse:
    """A new course with the skills it gives."""
    actor = signed_in(request)
    form = CourseForm(posted(request), actor=actor)
    if request.method == "POST" and form.is_valid():
        course = attempt(form, services.plan_course, actor=actor, **form.cleaned_data)
        if course is not None:
            messages.success(request, _("The course is in the list."))
            return redirect("web:course", pk=course.pk)
    return _render(request, "trainings/plan_course.html", form=form)


def course_page(request: HttpRequest, found: Course, form: BaseForm | None = None) -> HttpResponse:
    sessions = with_free_seats(found.sessions.all()).select_related("municipality").order_by("-starts_on")
    return _render(
        request,
        "trainings/course.html",
        course=found,
        grants=found.grants.select_related("skill").order_by("-level"),
        sessions=sessions,
        form=form or SessionForm(),
        on=timezone.localdate(),
    )


@staff
@require_safe
def course(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the course gives, and when it runs."""
    return course_page(request, get_object_or_404(visible_courses(signed_in(request)), pk=pk))


@staff
@require_POST
def plan_session(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A new run of the course."""
    actor = signed_in(request)
    found = get_object_or_404(visible_courses(actor), pk=pk)
    form = SessionForm(request.POST)
    if not succeeds(form, services.plan_session, actor=actor, course=found):
        return course_page(request, found, form)
    messages.success(request, _("The session is planned."))
    return redirect("web:course", pk=found.pk)


def session_page(
    request: HttpRequest,
    found: Session,
    enrol_form: BaseForm | None = None,
    attendance_form: BaseForm | None = None,
    complete_form: tuple[UUID, BaseForm] | None = None,
) -> HttpResponse:
    """A session, and of those enrolled only the people of the counsellor who looks."""
    actor, on = signed_in(request), timezone.localdate()
    enrolments = _own_enrolments(request, found)
    active = [each for each in enrolments if each.status == Enrolment.Status.ENROLLED]
    refused = dict([complete_form]) if complete_form else {}
    return _render(
        request,
        "trainings/session.html",
        session=found,
        rows=[(each, refused.get(each.pk) or CompleteForm(auto_id=f"{each.pk}-%s")) for each in enrolments],
        active=active,
        enrol_form=enrol_form or EnrolForm(actor=actor, session=found),
        attendance_form=attendance_form
        or AttendanceForm(enrolments=active, initial=_noted(active, first_day(found, on))),
        on=on,
    )


@staff
@require_safe
def session(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who takes part and who was there."""
    return session_page(request, _session(request, pk))


@counsellors
@require_POST
def enrol(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give somebody of the caseload a seat."""
    found, actor = _session(request, pk), signed_in(request)
    form = EnrolForm(request.POST, actor=actor, session=found)
    if not succeeds(form, services.enrol, actor=actor, session=found, **today()):
        return session_page(request, found, enrol_form=form)
    messages.success(request, _("%(code)s has a seat.") % {"code": form.cleaned_data["beneficiary"].code})
    return redirect("web:session", pk=found.pk)


@counsellors
@require_POST
def record_attendance(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One day's attendance of her people; all of them or none is written."""
    found, actor = _session(request, pk), signed_in(request)
    active = [each for each in _own_enrolments(request, found) if each.status == Enrolment.Status.ENROLLED]
    form = AttendanceForm(request.POST, enrolments=active)
    if form.is_valid():
        present = {each.pk for each in form.cleaned_data["present"]}

        @transaction.atomic
        def record_day() -> None:
            for each in active:
                services.record_attendance(
                    actor=actor, enrolment=each, day=form.cleaned_data["day"], present=each.pk in present
                )

        attempt(form, record_day)
    if form.errors:
        return session_page(request, found, attendance_form=form)
    messages.success(request, _("Attendance is noted."))
    return redirect("web:session", pk=found.pk)


@counsellors
@require_POST
def complete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """She finished: the certificate's skills go into her profile."""
    enrolment, actor = _enrolment(request, pk), signed_in(request)
    form = CompleteForm(request.POST, auto_id=f"{pk}-%s")
    if not succeeds(form, services.complete_enrolment, actor=actor, enrolment=enrolment, **today()):
        return session_page(request, _session(request, enrolment.session_id), complete_form=(pk, form))
    messages.success(request, _("Finished. The skills of the course are in her profile now."))
    return redirect("web:session", pk=enrolment.session_id)


@counsellors
@require_POST
def drop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """She left before the end."""
    enrolment, actor = _enrolment(request, pk), signed_in(request)
    form = NothingForm(request.POST)
    attempt(form, services.drop_enrolment, actor=actor, enrolment=enrolment, **today())
    if form.errors:
        return session_page(request, _session(request, enrolment.session_id), complete_form=(pk, form))
    messages.success(request, _("Noted: she left early."))
    return redirect("web:session", pk=enrolment.session_id)


def _render(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    return render(request, template, context | {"section": SECTION})


def _noted(enrolments: list[Enrolment], day: dt.date) -> dict[str, Any]:
    """What the attendance form starts from: the day, and who was noted as present on it."""
    present = [each.pk for each in enrolments for note in each.attendances.all() if note.on == day and note.present]
    return {"day": day, "present": present}


def _session(request: HttpRequest, pk: UUID) -> Session:
    found = with_free_seats(visible_sessions(signed_in(request))).select_related("course", "municipality")
    return get_object_or_404(found, pk=pk)


def _enrolment(request: HttpRequest, pk: UUID) -> Enrolment:
    enrolments = visible_enrolments(signed_in(request)).select_related("session__course", "beneficiary")
    return get_object_or_404(enrolments, pk=pk)


def _own_enrolments(request: HttpRequest, found: Session) -> list[Enrolment]:
    enrolments = visible_enrolments(signed_in(request)).filter(session=found)
    return list(
        enrolments.select_related("beneficiary", "credential")
        .prefetch_related("attendances")
        .order_by("beneficiary__code")
    )
