"""The programme's figures on small programmes that can be counted by hand."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import User
from backend.beneficiaries.models import Beneficiary
from backend.beneficiaries.queries import completeness
from backend.beneficiaries.services import note_language, note_skill, save_wishes
from backend.outcomes.models import EmploymentSpell
from backend.reports import indicators
from backend.reports.policies import can_read_reports
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory, EmployerFactory, OccupationFactory, OpeningFactory, SkillFactory

pytestmark = pytest.mark.django_db


def placed(cast: Cast, started_on: dt.date, ended_on: dt.date | None = None, **fields: object) -> EmploymentSpell:
    """Somebody new of the counsellor's, placed on a day."""
    person = BeneficiaryFactory(
        organisation=cast.programme, counsellor=cast.counsellor, entered_on=started_on - dt.timedelta(days=30)
    )
    return EmploymentSpell.objects.create(
        beneficiary=person,
        job_title="Krojačica",
        contract="permanent",
        evidence="A",
        started_on=started_on,
        ended_on=ended_on,
        end_reason="dismissed" if ended_on else "",
        **{"verified_on": ended_on or started_on} | fields,
    )


def test_only_the_lead_reads_reports(cast: Cast) -> None:
    may = {
        user: can_read_reports(user) for user in (cast.lead, cast.counsellor, cast.employer_user, cast.administrator)
    }
    assert may == {cast.lead: True, cast.counsellor: False, cast.employer_user: False, cast.administrator: False}
    assert not can_read_reports(User())


def test_the_funnel_counts_people_of_this_programme(cast: Cast, other_cast: Cast, today: dt.date) -> None:
    placed(cast, today - dt.timedelta(days=450), verified_on=today - dt.timedelta(days=5))
    placed(cast, today - dt.timedelta(days=200), today - dt.timedelta(days=150))
    placed(other_cast, today - dt.timedelta(days=400))
    BeneficiaryFactory(organisation=cast.programme, counsellor=cast.counsellor, entered_on=today + dt.timedelta(days=1))
    funnel = {stage.code: stage.people for stage in indicators.overview(cast.programme, today).funnel}
    assert funnel == {
        "entered": 3,
        "profile_ready": 0,
        "matched": 0,
        "introduced": 0,
        "hired": 2,
        "retained_at_90_days": 1,
        "retained_at_180_days": 1,
        "retained_at_365_days": 1,
    }


def test_completeness_agrees_with_each_persons_own(cast: Cast, today: dt.date) -> None:
    hers = {"actor": cast.counsellor, "beneficiary": cast.beneficiary}
    note_skill(**hers, skill=SkillFactory(), level=2, evidence="self", on=today)
    note_language(**hers, language="sr", spoken="B1")
    save_wishes(**hers, occupations=[OccupationFactory()], max_hours=30, shifts=["morning"])
    BeneficiaryFactory(organisation=cast.programme, counsellor=cast.counsellor, permit="unknown", municipality=None)
    figures = indicators.overview(cast.programme, today)
    missing = [set(completeness(person)) for person in Beneficiary.objects.filter(organisation=cast.programme)]
    for said in figures.completeness:
        assert (said.people, said.of) == (sum(said.code not in hers for hers in missing), 2), said.code
    assert next(stage.people for stage in figures.funnel if stage.code == "profile_ready") == 1


def test_caseload_and_queue(cast: Cast, other_cast: Cast, today: dt.date) -> None:
    BeneficiaryFactory(organisation=cast.programme, counsellor=cast.counsellor, status="paused")
    EmployerFactory(programme=cast.programme)
    OpeningFactory(employer=cast.employer, status="submitted")
    OpeningFactory(employer=other_cast.employer, status="submitted")
    figures = indicators.overview(cast.programme, today)
    loads = {line.counsellor: (line.active, line.everybody) for line in figures.caseload}
    assert loads == {cast.counsellor.name: (1, 2), cast.colleague.name: (0, 0)}
    assert (figures.employers_waiting, figures.openings_waiting, figures.clearances_ending) == (1, 1, 0)


def test_retention_of_a_programme_that_can_be_counted(cast: Cast, today: dt.date) -> None:
    start = today - dt.timedelta(days=300)
    for _person in range(6):
        placed(cast, start, verified_on=today - dt.timedelta(days=40))
    for _person in range(4):
        placed(cast, start, start + dt.timedelta(days=50))
    for _person in range(2):
        placed(cast, start)  # never seen again
    report = indicators.retention_curve(cast.programme, today)
    assert (report.placed, report.ended, report.lost) == (12, 4, 2)
    at_90, at_180, at_365 = report.headline
    assert (at_90.due, at_90.known, at_90.retained) == (12, 10, 6)
    assert (at_180.due, at_180.known, at_180.retained) == (12, 10, 6)
    assert at_365.due == 0
    assert report.curve["survival"].iloc[-1] == pytest.approx(0.6)  # 4 of the 10 still seen
    assert report.all_lost["survival"].iloc[-1] == pytest.approx(0.5)  # and the 2 lost


def test_a_programme_without_placements_has_a_report(cast: Cast, today: dt.date) -> None:
    report = indicators.retention_curve(cast.programme, today)
    assert (report.placed, report.median, len(report.curve)) == (0, None, 0)
    assert all(rate.due == 0 for rate in report.headline)


def test_thirty_people_cost_no_more_queries_than_three(cast: Cast, today: dt.date) -> None:
    def queries() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as first:
            indicators.overview(cast.programme, today)
        with CaptureQueriesContext(connection) as second:
            indicators.retention_curve(cast.programme, today)
        return len(first), len(second)

    for _person in range(3):
        placed(cast, today - dt.timedelta(days=100))
    few = queries()
    for _person in range(27):
        placed(cast, today - dt.timedelta(days=100))
    assert queries() == few
