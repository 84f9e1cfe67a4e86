"""Trainings: who sees and plans them, seats that run out, credentials that grant skills and never lower one."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from backend.beneficiaries.models import HeldSkill
from backend.beneficiaries.services import note_skill
from backend.core.exceptions import Conflict
from backend.skills.models import Skill
from backend.trainings import policies, services
from backend.trainings.models import Course, Credential, Enrolment, Session
from backend.trainings.queries import with_free_seats
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory, SkillFactory

LISTS = sorted(name for name in vars(policies) if name.startswith("visible_") and name != "visible_beneficiaries")
PERSONAL = ("visible_enrolments", "visible_attendances", "visible_credentials")


@pytest.fixture
def skill(db: None) -> Skill:
    return SkillFactory()


@pytest.fixture
def session(cast: Cast, skill: Skill, today: dt.date) -> Session:
    course = services.plan_course(actor=cast.lead, title="Sewing", provider="School", hours=80, grants=[(skill, 2)])
    return services.plan_session(
        actor=cast.counsellor,
        course=course,
        starts_on=today,
        ends_on=today + dt.timedelta(days=30),
        capacity=1,
    )


@pytest.fixture
def enrolment(cast: Cast, session: Session, today: dt.date) -> Enrolment:
    return services.enrol(actor=cast.counsellor, session=session, beneficiary=cast.beneficiary, on=today)


@pytest.mark.parametrize("name", LISTS)
def test_each_list_is_seen_by_those_it_concerns(
    name: str, cast: Cast, other_cast: Cast, enrolment: Enrolment, today: dt.date
) -> None:
    services.record_attendance(actor=cast.counsellor, enrolment=enrolment, day=today, present=True)
    services.complete_enrolment(actor=cast.counsellor, enrolment=enrolment, on=today)
    visible = getattr(policies, name)
    assert visible(cast.counsellor).count() == 1
    for staff in (cast.colleague, cast.lead):
        assert visible(staff).exists() == (name not in PERSONAL)
    for stranger in (cast.administrator, cast.employer_user, other_cast.counsellor, other_cast.lead):
        assert not visible(stranger).exists()


def test_acts_are_refused_to_everybody_else(
    cast: Cast, other_cast: Cast, session: Session, enrolment: Enrolment, today: dt.date
) -> None:
    dates: dict[str, Any] = {"starts_on": today, "ends_on": today, "capacity": 3}
    for stranger in (cast.administrator, cast.employer_user):
        with pytest.raises(PermissionDenied):
            services.plan_course(actor=stranger, title="T", provider="P", hours=1)
    for stranger in (cast.administrator, cast.employer_user, other_cast.lead):
        with pytest.raises(PermissionDenied):
            services.plan_session(actor=stranger, course=session.course, **dates)
    strangers = (cast.colleague, cast.lead, cast.administrator, cast.employer_user, other_cast.counsellor)
    for stranger in strangers:
        with pytest.raises(PermissionDenied):
            services.enrol(actor=stranger, session=session, beneficiary=cast.beneficiary, on=today)
        with pytest.raises(PermissionDenied):
            services.record_attendance(actor=stranger, enrolment=enrolment, day=today, present=True)
        with pytest.raises(PermissionDenied):
            services.drop_enrolment(actor=stranger, enrolment=enrolment, on=today)
        with pytest.raises(PermissionDenied):
            services.complete_enrolment(actor=stranger, enrolment=enrolment, on=today)
    with pytest.raises(PermissionDenied):  # another programme's session
        services.enrol(actor=other_cast.counsellor, session=session, beneficiary=other_cast.beneficiary, on=today)


def test_bad_courses_and_sessions_are_refused(cast: Cast, session: Session, today: dt.date) -> None:
    course = {"actor": cast.lead, "provider": "School"}
    for field, wrong in (
        ("title", {"title": "Sewing", "hours": 10}),
        ("hours", {"title": "New", "hours": 0}),
        ("grants", {"title": "New", "hours": 10, "grants": [(SkillFactory(), 5)]}),
    ):
        with pytest.raises(ValidationError) as refusal:
            services.plan_course(**course, **wrong)
        assert field in refusal.value.message_dict
    assert Course.objects.count() == 1
    for field, wrong_dates in (("ends_on", {"ends_on": today, "capacity": 1}), ("capacity", {"capacity": 0})):
        with pytest.raises(ValidationError) as refusal:
            services.plan_session(
                **{
                    "actor": cast.lead,
                    "course": session.course,
                    "starts_on": today + dt.timedelta(days=1),
                    "ends_on": today + dt.timedelta(days=2),
                    **wrong_dates,
                }
            )
        assert field in refusal.value.message_dict


def test_the_last_seat_goes_to_one_and_is_free_again_when_she_leaves(
    cast: Cast, session: Session, enrolment: Enrolment, today: dt.date
) -> None:
    second = BeneficiaryFactory(organisation=cast.programme, counsellor=cast.counsellor)
    seat = {"actor": cast.counsellor, "session": session, "beneficiary": second, "on": today}
    with pytest.raises(ValidationError, match="session"):
        services.enrol(**seat)
    assert with_free_seats(Session.objects.all()).get().free == 0  # type: ignore[attr-defined]
    services.drop_enrolment(actor=cast.counsellor, enrolment=enrolment, on=today)
    assert services.enrol(**seat).status == Enrolment.Status.ENROLLED
    with pytest.raises(ValidationError, match="beneficiary"):
        services.enrol(**seat)


def test_nobody_joins_a_training_that_is_over(cast: Cast, session: Session) -> None:
    with pytest.raises(ValidationError, match="session"):
        services.enrol(
            actor=cast.counsellor,
            session=session,
            beneficiary=cast.beneficiary,
            on=session.ends_on + dt.timedelta(days=1),
        )


def test_attendance_is_corrected_and_stays_within_the_session(cast: Cast, enrolment: Enrolment, today: dt.date) -> None:
    note = {"actor": cast.counsellor, "enrolment": enrolment}
    services.record_attendance(**note, day=today, present=True)
    services.record_attendance(**note, day=today, present=False)
    assert enrolment.attendances.get().present is False
    with pytest.raises(ValidationError, match="day"):
        services.record_attendance(**note, day=today - dt.timedelta(days=1), present=True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, (2, "certificate")),
        ((1, "self"), (2, "certificate")),
        ((3, "trainer"), (3, "certificate")),
        ((1, "employer"), (2, "employer")),
        ((4, "employer"), (4, "employer")),
    ],
)
def test_a_credential_raises_skills_and_lowers_none(
    before: tuple[int, str] | None,
    after: tuple[int, str],
    cast: Cast,
    enrolment: Enrolment,
    skill: Skill,
    today: dt.date,
) -> None:
    who = {"actor": cast.counsellor, "beneficiary": cast.beneficiary}
    if before:
        note_skill(**who, skill=skill, level=before[0], evidence=before[1], on=today)
    services.complete_enrolment(actor=cast.counsellor, enrolment=enrolment, on=today, number="7/26")
    held = HeldSkill.objects.get(beneficiary=cast.beneficiary, skill=skill)
    assert (held.level, held.evidence) == after
    assert Credential.objects.get().number == "7/26"


def test_an_enrolment_ends_once(cast: Cast, enrolment: Enrolment, today: dt.date) -> None:
    end = {"actor": cast.counsellor, "enrolment": enrolment}
    with pytest.raises(ValidationError):
        services.drop_enrolment(**end, on=today - dt.timedelta(days=1))
    services.complete_enrolment(**end, on=today)
    for act in (services.complete_enrolment, services.drop_enrolment):
        with pytest.raises(Conflict):
            act(**end, on=today)
