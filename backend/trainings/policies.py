"""Who may see and plan trainings (the programme's staff), and who sees a person's part in them (her counsellor)."""

from django.db.models import QuerySet

from backend.accounts.models import User
from backend.beneficiaries.models import Beneficiary
from backend.beneficiaries.policies import can_edit_beneficiary, visible_beneficiaries

from .models import Attendance, Course, Credential, Enrolment, Session


def visible_courses(actor: User) -> QuerySet[Course]:
    if not actor.is_programme_staff:
        return Course.objects.none()
    return Course.objects.filter(programme=actor.organisation)


def visible_sessions(actor: User) -> QuerySet[Session]:
    return Session.objects.filter(course__in=visible_courses(actor))


def visible_enrolments(actor: User) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(beneficiary__in=visible_beneficiaries(actor))


def visible_attendances(actor: User) -> QuerySet[Attendance]:
    return Attendance.objects.filter(enrolment__beneficiary__in=visible_beneficiaries(actor))


def visible_credentials(actor: User) -> QuerySet[Credential]:
    return Credential.objects.filter(enrolment__beneficiary__in=visible_beneficiaries(actor))


def can_plan_training(actor: User) -> bool:
    return actor.is_programme_staff


def can_plan_session(actor: User, course: Course) -> bool:
    return actor.is_programme_staff and course.programme == actor.organisation


def can_enrol(actor: User, session: Session, beneficiary: Beneficiary) -> bool:
    """A counsellor enrols her own people in sessions of her own programme."""
    return can_edit_beneficiary(actor, beneficiary) and session.course.programme == actor.organisation


def can_edit_enrolment(actor: User, enrolment: Enrolment) -> bool:
    return can_edit_beneficiary(actor, enrolment.beneficiary)
