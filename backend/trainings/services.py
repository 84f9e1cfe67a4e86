"""Every act on trainings, each once."""

import datetime as dt
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from backend.accounts.models import User
from backend.audit.services import record
from backend.beneficiaries.models import Beneficiary, HeldSkill
from backend.beneficiaries.services import note_skill
from backend.core.exceptions import Conflict
from backend.core.locking import hold
from backend.places.models import Municipality
from backend.skills.models import Skill

from .models import Attendance, Course, Credential, Enrolment, GrantedSkill, Session
from .policies import can_edit_enrolment, can_enrol, can_plan_session, can_plan_training


@transaction.atomic
def plan_course(
    *,
    actor: User,
    title: str,
    provider: str,
    hours: int,
    description: str = "",
    grants: Iterable[tuple[Skill, int]] = (),
) -> Course:
    """Add a course; `grants` are the skills its credential gives, each with a level from 1 to 4."""
    if not can_plan_training(actor) or actor.organisation is None:
        raise PermissionDenied
    if Course.objects.filter(programme=actor.organisation, title=title, provider=provider).exists():
        raise ValidationError({"title": _("There is such a course of this provider already.")})
    course = Course(programme=actor.organisation, title=title, provider=provider, hours=hours, description=description)
    course.full_clean()
    course.save()
    for skill, level in grants:
        grant = GrantedSkill(course=course, skill=skill, level=level)
        try:
            grant.full_clean()
        except ValidationError as refusal:
            raise ValidationError({"grants": refusal.messages}) from refusal
        grant.save()
    record(actor=actor, act="plan_course", obj=course)
    return course


@transaction.atomic
def plan_session(
    *,
    actor: User,
    course: Course,
    starts_on: dt.date,
    ends_on: dt.date,
    capacity: int,
    municipality: Municipality | None = None,
) -> Session:
    """Plan one run of a course."""
    if not can_plan_session(actor, course):
        raise PermissionDenied
    if ends_on < starts_on:
        raise ValidationError({"ends_on": _("This is before the first day.")})
    session = Session(course=course, starts_on=starts_on, ends_on=ends_on, capacity=capacity, municipality=municipality)
    session.full_clean()
    session.save()
    record(actor=actor, act="plan_session", obj=session)
    return session


@transaction.atomic
def enrol(*, actor: User, session: Session, beneficiary: Beneficiary, on: dt.date) -> Enrolment:
    """Give her a seat, if one is free."""
    if not can_enrol(actor, session, beneficiary):
        raise PermissionDenied
    # Locked, so that the last seat goes to one person.
    session = Session.objects.select_for_update().get(pk=session.pk)
    if session.ends_on < on:
        raise ValidationError({"session": _("This training is over.")})
    if Enrolment.objects.filter(session=session, beneficiary=beneficiary).exists():
        raise ValidationError({"beneficiary": _("She is enrolled, or was.")})
    taken = session.enrolments.exclude(status=Enrolment.Status.DROPPED).count()
    if taken >= session.capacity:
        raise ValidationError({"session": _("No seat is free.")})
    enrolment = Enrolment(session=session, beneficiary=beneficiary, enrolled_on=on)
    enrolment.full_clean()
    enrolment.save()
    record(actor=actor, act="enrol", obj=enrolment)
    return enrolment


@transaction.atomic
def record_attendance(*, actor: User, enrolment: Enrolment, day: dt.date, present: bool) -> Attendance:
    """Note whether she was there on a day of the session; a second note corrects the first."""
    if not can_edit_enrolment(actor, enrolment):
        raise PermissionDenied
    session = enrolment.session
    if not session.starts_on <= day <= session.ends_on:
        raise ValidationError({"day": _("This is not a day of the training.")})
    if enrolment.ended_on is not None and day > enrolment.ended_on:
        raise ValidationError({"day": _("She had left by then.")})
    Enrolment.objects.select_for_update().get(pk=enrolment.pk)
    attendance, _created = Attendance.objects.update_or_create(
        enrolment=enrolment, on=day, defaults={"present": present}
    )
    record(actor=actor, act="record_attendance", obj=enrolment, day=day.isoformat(), present=present)
    return attendance


@transaction.atomic
def drop_enrolment(*, actor: User, enrolment: Enrolment, on: dt.date) -> Enrolment:
    """She leaves early; her seat is free again."""
    _end(actor, enrolment, Enrolment.Status.DROPPED, on)
    record(actor=actor, act="drop_enrolment", obj=enrolment)
    return enrolment


@transaction.atomic
def complete_enrolment(*, actor: User, enrolment: Enrolment, on: dt.date, number: str = "") -> Credential:
    """She completes the course: a credential is awarded, and the skills it grants join her profile.

    What she already holds at a higher level, or on stronger evidence, is not lowered.
    """
    session = enrolment.session
    if on < session.starts_on:
        raise ValidationError({"on": _("The training has not begun by then.")})
    hold(enrolment.beneficiary)
    _end(actor, enrolment, Enrolment.Status.COMPLETED, on)
    credential = Credential(enrolment=enrolment, awarded_on=on, number=number)
    credential.full_clean()
    credential.save()
    held = {line.skill_id: line for line in enrolment.beneficiary.skills.all()}
    for grant in session.course.grants.select_related("skill"):
        known = held.get(grant.skill_id)
        is_stronger = known is not None and known.evidence == HeldSkill.Evidence.EMPLOYER
        note_skill(
            actor=actor,
            beneficiary=enrolment.beneficiary,
            skill=grant.skill,
            level=max(grant.level, known.level) if known else grant.level,
            evidence=HeldSkill.Evidence.EMPLOYER if is_stronger else HeldSkill.Evidence.CERTIFICATE,
            on=on,
        )
    record(actor=actor, act="complete_enrolment", obj=enrolment, credential=str(credential.pk))
    return credential


def _end(actor: User, enrolment: Enrolment, status: str, on: dt.date) -> None:
    if not can_edit_enrolment(actor, enrolment):
        raise PermissionDenied
    if on < enrolment.enrolled_on:
        raise ValidationError({"on": _("This is before she enrolled.")})
    running = Enrolment.objects.filter(pk=enrolment.pk, status=Enrolment.Status.ENROLLED)
    if not running.update(status=status, ended_on=on):
        raise Conflict(_("Her part in this training has ended already."))
    enrolment.status, enrolment.ended_on = status, on
