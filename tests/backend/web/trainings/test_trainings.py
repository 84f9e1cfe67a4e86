"""Courses, sessions and who takes part, through the pages."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backend.beneficiaries.models import HeldSkill
from backend.skills.models import Skill, SkillLabel
from backend.trainings import services
from backend.trainings.models import Attendance, Course, Enrolment, Session
from tests.backend.web.conftest import SignIn
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory, SkillFactory

COURSE = {"title": "Kurs šivenja", "provider": "Škola", "hours": "60"}
RUN = {"starts_on": "2026-11-01", "ends_on": "2026-11-30", "capacity": "2"}


def url(name: str, *args: object) -> str:
    return reverse(f"web:{name}", args=args)


@pytest.fixture
def client(cast: Cast, sign_in: SignIn, clock: dt.datetime) -> Client:
    return sign_in(cast.counsellor)


@pytest.fixture
def sewing(db: None) -> Skill:
    skill = SkillFactory(preferred_labels={"sr": "šivenje odeće"})
    SkillLabel.objects.create(
        skill=skill, language="sr", text="šivenje odeće", folded="sivenje odece", kind="preferred"
    )
    return skill


@pytest.fixture
def session(cast: Cast, sewing: Skill) -> Session:
    course = services.plan_course(
        actor=cast.lead, title="Kurs", provider="Škola", hours=40, grants=[(sewing, HeldSkill.Level.ROUTINE)]
    )
    return services.plan_session(
        actor=cast.lead, course=course, starts_on=dt.date(2026, 11, 1), ends_on=dt.date(2026, 11, 30), capacity=2
    )


@pytest.fixture
def enrolment(cast: Cast, session: Session, today: dt.date) -> Enrolment:
    return services.enrol(actor=cast.counsellor, session=session, beneficiary=cast.beneficiary, on=today)


def test_pages_are_for_the_programmes_staff(
    cast: Cast, other_cast: Cast, sign_in: SignIn, session: Session, enrolment: Enrolment
) -> None:
    pages = [url("trainings"), url("plan_course"), url("skill_labels")]
    own = [url("course", session.course_id), url("session", session.pk)]
    acts = [url("enrol", session.pk), url("record_attendance", session.pk)]
    hers = [url("complete_enrolment", enrolment.pk), url("drop_enrolment", enrolment.pk)]
    for user in (cast.counsellor, cast.colleague, cast.lead):
        assert {sign_in(user).get(page).status_code for page in pages + own} == {200}
    for user in (cast.employer_user, cast.administrator):
        assert {sign_in(user).get(page).status_code for page in pages + own} == {404}
        assert {sign_in(user).post(page).status_code for page in acts + hers} == {404}
    for user in (other_cast.counsellor, other_cast.lead):
        assert {sign_in(user).get(page).status_code for page in own} == {404}
        assert sign_in(user).post(url("plan_session", session.course_id), RUN).status_code == 404
    for user in (cast.colleague, cast.lead):
        assert cast.beneficiary.code not in sign_in(user).get(own[1]).content.decode()
        assert {sign_in(user).post(page).status_code for page in hers} == {404}
    assert cast.beneficiary.code in sign_in(cast.counsellor).get(own[1]).content.decode()


def test_a_course_gives_the_skills_named_in_plain_words(client: Client, sewing: Skill) -> None:
    sent = COURSE | {"skill_1": "sivenje odece", "level_1": "3"}
    assert client.post(url("plan_course"), sent).status_code == 302
    grant = Course.objects.get().grants.get()
    assert (grant.skill, grant.level) == (sewing, 3)
    labels = client.get(url("skill_labels"), {"skill_3": "šivenje"}).content.decode()
    assert "šivenje odeće" in labels


def test_wrong_courses_name_the_field(client: Client, sewing: Skill, session: Session) -> None:
    for change, field in [
        ({"title": ""}, "title"),
        ({"title": "Kurs"}, "title"),  # there already
        ({"hours": "0"}, "hours"),
        ({"hours": "many"}, "hours"),
        ({"hours": "99999999"}, "hours"),
        ({"skill_2": "zzzz qqqq"}, "skill_2"),
        ({"skill_1": "šivenje odeće", "skill_2": "šivenje odeće"}, "skill_2"),
        ({"skill_1": "šivenje odeće", "level_1": "9"}, "level_1"),
    ]:
        response = client.post(url("plan_course"), COURSE | change)
        assert response.status_code == 200
        assert field in response.context["form"].errors, change
    assert client.post(url("plan_course")).context["form"].errors
    assert Course.objects.count() == 1


def test_sessions_are_planned(client: Client, session: Session) -> None:
    course = session.course
    assert client.post(url("plan_session", course.pk), RUN).status_code == 302
    assert course.sessions.count() == 2
    for change, field in [
        ({"ends_on": "2026-10-01"}, "ends_on"),
        ({"starts_on": "x"}, "starts_on"),
        ({"capacity": "0"}, "capacity"),
        ({"municipality": "Mars"}, "municipality"),
    ]:
        response = client.post(url("plan_session", course.pk), RUN | change)
        assert field in response.context["form"].errors, change
    assert course.sessions.count() == 2


def test_seats_are_given_while_there_are_any(client: Client, cast: Cast, session: Session) -> None:
    people = BeneficiaryFactory.create_batch(3, organisation=cast.programme, counsellor=cast.counsellor)
    for person in people[:2]:
        assert client.post(url("enrol", session.pk), {"beneficiary": person.pk}).status_code == 302
    full = client.post(url("enrol", session.pk), {"beneficiary": people[2].pk})
    assert full.context["enrol_form"].errors
    twice = client.post(url("enrol", session.pk), {"beneficiary": people[0].pk})
    assert "beneficiary" in twice.context["enrol_form"].errors
    foreign = BeneficiaryFactory(organisation=cast.programme, counsellor=cast.colleague)
    hidden = client.post(url("enrol", session.pk), {"beneficiary": foreign.pk})
    assert "beneficiary" in hidden.context["enrol_form"].errors
    assert Enrolment.objects.count() == 2


def test_attendance_of_a_day(client: Client, session: Session, enrolment: Enrolment) -> None:
    sent = {"day": "2026-11-02", "present": [enrolment.pk]}
    assert client.post(url("record_attendance", session.pk), sent).status_code == 302
    assert client.post(url("record_attendance", session.pk), {"day": "2026-11-03"}).status_code == 302
    assert list(Attendance.objects.values_list("present", flat=True)) == [True, False]
    for wrong, field in [({"day": "2026-12-24"}, "day"), ({"day": ""}, "day"), (sent | {"present": ["x"]}, "present")]:
        response = client.post(url("record_attendance", session.pk), wrong)
        assert field in response.context["attendance_form"].errors, wrong
    assert Attendance.objects.count() == 2
    assert client.get(url("session", session.pk)).status_code == 200


def test_completing_gives_her_the_skills(client: Client, cast: Cast, sewing: Skill, enrolment: Enrolment) -> None:
    refused = client.post(url("complete_enrolment", enrolment.pk), {"number": "x" * 61})
    assert "number" in refused.context["rows"][0][1].errors
    assert client.post(url("complete_enrolment", enrolment.pk), {"number": "12/26"}).status_code == 302
    held = cast.beneficiary.skills.get()
    assert (held.skill, held.evidence) == (sewing, "certificate")
    assert client.post(url("complete_enrolment", enrolment.pk)).status_code == 409
    assert client.get(url("session", enrolment.session_id)).status_code == 200


def test_leaving_early_frees_the_seat(client: Client, enrolment: Enrolment) -> None:
    assert client.post(url("drop_enrolment", enrolment.pk)).status_code == 302
    assert client.get(url("session", enrolment.session_id)).context["session"].taken == 0


def test_queries_do_not_grow_with_rows(client: Client, cast: Cast, sewing: Skill, today: dt.date) -> None:
    def fill(size: int) -> Session:
        for number in range(size):
            course = services.plan_course(
                actor=cast.lead, title=f"Kurs {size} {number}", provider="Škola", hours=4, grants=[(sewing, 2)]
            )
            run = services.plan_session(
                actor=cast.lead, course=course, starts_on=today, ends_on=today, capacity=size + 1
            )
        for person in BeneficiaryFactory.create_batch(size, organisation=cast.programme, counsellor=cast.counsellor):
            enrolment = services.enrol(actor=cast.counsellor, session=run, beneficiary=person, on=today)
            services.record_attendance(actor=cast.counsellor, enrolment=enrolment, day=today, present=True)
        return run

    def count(run: Session) -> int:
        with CaptureQueriesContext(connection) as queries:
            for page in (url("trainings"), url("course", run.course_id), url("session", run.pk)):
                assert client.get(page).status_code == 200
        return len(queries)

    assert count(fill(3)) == count(fill(20))
