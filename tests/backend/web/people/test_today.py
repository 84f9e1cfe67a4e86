"""Today and the caseload: what is on them, and that they ask as many questions for thirty people as for three."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backend.beneficiaries import services as files
from backend.beneficiaries.models import Beneficiary
from backend.matches import services as matching
from backend.matches.models import Match
from backend.outcomes import services as outcomes
from backend.outcomes.queries import assessment_due_on
from backend.skills.models import Skill
from tests.backend.web.people.conftest import World, add_matches, add_work
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory, EmployerFactory, SkillFactory


def url(name: str, *args: object) -> str:
    return reverse(f"web:{name}", args=args)


def test_each_row_of_today_leads_to_where_it_is_dealt_with(client: Client, world: World) -> None:
    page = client.get(url("today")).content.decode()
    for name, pk in [
        ("follow_up", world.follow_up.pk),
        ("person_work", world.person.pk),
        ("person_consents", world.person.pk),
        ("matches", world.person.pk),
    ]:
        assert url(name, pk) in page, name


@pytest.mark.parametrize(
    ("days", "assessed", "due"),
    [
        (0, None, 0),  # at intake
        (45, None, 0),
        (46, None, None),  # too late for the first, too early for the next
        (90, None, 90),
        (90, 44, 90),
        (90, 45, None),  # within 45 days: it counts for day 90
        (135, 10, 90),
        (365, 270, 365),
        (450, 365, None),
        (545, 365, 545),
        (730, 545, 730),
        (776, 545, None),
        (-1, None, None),
    ],
)
def test_an_assessment_is_due_by_its_plan(days: int, assessed: int | None, due: int | None) -> None:
    entered = dt.date(2025, 1, 1)

    def day(after: int | None) -> dt.date | None:
        return None if after is None else entered + dt.timedelta(days=after)

    assert assessment_due_on(entered, day(assessed), on=entered + dt.timedelta(days=days)) == day(due)


def test_assessments_that_are_due_are_on_today_of_her_counsellor(client: Client, cast: Cast, today: dt.date) -> None:
    def due() -> list[tuple[Beneficiary, dt.date]]:
        return list(client.get(url("today")).context["assessments"])

    entered = today - dt.timedelta(days=92)
    Beneficiary.objects.update(entered_on=entered)
    BeneficiaryFactory(organisation=cast.programme, counsellor=cast.colleague, entered_on=entered)
    BeneficiaryFactory(
        organisation=cast.programme, counsellor=cast.counsellor, entered_on=entered, status=Beneficiary.Status.PAUSED
    )
    assert due() == [(cast.beneficiary, today - dt.timedelta(days=2))]
    outcomes.record_assessment(actor=cast.counsellor, beneficiary=cast.beneficiary, on=today, housing=3)
    assert due() == []


def test_who_stands_still_for_thirty_days_is_on_today(client: Client, cast: Cast, today: dt.date) -> None:
    new = BeneficiaryFactory(organisation=cast.programme, counsellor=cast.counsellor, entered_on=today)
    stalled = list(client.get(url("today")).context["stalled"])
    assert stalled == [cast.beneficiary]
    assert new not in stalled
    add_work(cast.counsellor, cast.beneficiary, today)
    assert list(client.get(url("today")).context["stalled"]) == []


def test_a_shortlisted_opening_that_closes_soon_is_on_today(
    client: Client, cast: Cast, sewing: Skill, now: dt.datetime, today: dt.date
) -> None:
    match = add_matches(cast, sewing, cast.beneficiary, 1, now)[0]
    matching.decide(actor=cast.counsellor, match=match, kind="shortlist", now=now)
    assert not client.get(url("today")).context["closing"]
    match.opening.valid_through = today + dt.timedelta(days=3)
    match.opening.save()
    assert client.get(url("today")).context["closing"] == [match]


def test_a_clear_day_says_so(client: Client, cast: Cast) -> None:
    cast.beneficiary.delete()
    assert client.get(url("today")).context["is_clear"]


def test_the_caseload_is_searched_and_filtered(client: Client, cast: Cast, today: dt.date) -> None:
    works = BeneficiaryFactory(organisation=cast.programme, counsellor=cast.counsellor, code="RADI-1")
    paused = BeneficiaryFactory(organisation=cast.programme, counsellor=cast.counsellor, status="paused")
    add_work(cast.counsellor, works, today)

    def found(**asked: str) -> set[Beneficiary]:
        return set(client.get(url("caseload"), asked).context["page"])

    assert found() == {cast.beneficiary, works, paused}
    assert found(code="radi") == {works}
    assert found(status="paused") == {paused}
    assert found(job="with") == {works}
    assert found(job="without") == {cast.beneficiary, paused}
    for odd in ({"status": "x"}, {"job": "x"}, {"page": "-7"}, {"page": "x"}, {"code": "\0"}, {"code": "%"}):
        assert client.get(url("caseload"), odd).status_code == 200


def _fill(cast: Cast, skill: Skill, now: dt.datetime, size: int) -> None:
    """`size` people with work, a flag and a consent, as many who stand still; and one with `size` of everything."""
    on, actor, first = now.date(), cast.counsellor, cast.beneficiary
    for _number in range(size):
        BeneficiaryFactory(organisation=cast.programme, counsellor=actor)
        other = BeneficiaryFactory(organisation=cast.programme, counsellor=actor)
        add_work(actor, other, on)
        outcomes.raise_flag(actor=actor, beneficiary=other, kind="third_party", on=on)
        files.note_skill(
            actor=actor, beneficiary=first, skill=SkillFactory(), level=2, evidence="self", phrase="zna", on=on
        )
        files.set_goal(actor=actor, beneficiary=first, domain="legal", text="Cilj", owner="ona", on=on)
        stranger = EmployerFactory(programme=cast.programme)
        files.add_safety_rule(actor=actor, beneficiary=first, kind="employer", employer=stranger, on=on)
        files.give_consent(
            actor=actor,
            beneficiary=other,
            purpose="support",
            method="signed",
            language="sr",
            given_on=on,
            expires_on=on + dt.timedelta(days=9),
        )
    add_matches(cast, skill, first, size, now)
    for match in Match.objects.filter(beneficiary=first, introduction__isnull=True)[: size // 2]:
        matching.propose_introduction(actor=actor, match=match, now=now)


@pytest.mark.parametrize(
    "name",
    ["today", "caseload", "person", "matches", "person_plan", "hidden_openings", "compare_matches", "what_if"],
)
def test_queries_do_not_grow_with_rows(name: str, client: Client, cast: Cast, sewing: Skill, now: dt.datetime) -> None:
    page = url(name) if name in ("today", "caseload") else url(name, cast.beneficiary.pk)

    def count() -> int:
        client.get(page)  # the taxonomy and the index of openings are read once per process
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        return len(queries)

    _fill(cast, sewing, now, 3)
    few = count()
    _fill(cast, sewing, now, 27)
    assert count() == few
    assert few < 45
    assert Match.objects.count() >= 20
