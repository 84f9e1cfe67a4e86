"""What a training or a wider limit would open, and two openings side by side, through the pages."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backend.beneficiaries import services as files
from backend.employers.models import Opening
from backend.matches.models import Match
from backend.matches.queries import training_plan, what_if
from backend.skills.models import Skill
from backend.trainings.models import Course
from backend.trainings.services import plan_course
from tests.backend.web.people.conftest import add_matches
from tests.conftest import Cast
from tests.factories import MunicipalityFactory, OpeningFactory, RequirementFactory, SkillFactory


def url(name: str, *args: object) -> str:
    return reverse(f"web:{name}", args=args)


def opening(cast: Cast, *skills: Skill, **facts: Any) -> Opening:
    """A published opening that needs these skills at a routine level."""
    row = OpeningFactory(published=True, employer=cast.employer, **facts)
    for skill in skills:
        RequirementFactory(opening=row, skill=skill, level=2)
    return row


def course(cast: Cast, title: str, *skills: Skill, level: int = 2) -> Course:
    grants = [(skill, level) for skill in skills]
    return plan_course(actor=cast.counsellor, title=title, provider="School", hours=40, grants=grants)


def test_the_courses_that_open_the_most_together(client: Client, cast: Cast, sewing: Skill) -> None:
    cooking, serving = SkillFactory(), SkillFactory()
    sews = {opening(cast, sewing) for _ in range(3)}
    cooks, both = opening(cast, cooking), opening(cast, sewing, serving)
    tailoring, kitchen = course(cast, "Tailoring", sewing), course(cast, "Kitchen", cooking)
    course(cast, "Too low", serving, level=1)
    response = client.get(url("what_if", cast.beneficiary.pk))
    plan = response.context["plan"]
    assert [(step.course, set(step.openings)) for step in plan.steps] == [(tailoring, sews), (kitchen, {cooks})]
    assert [(one.course, len(one.openings)) for one in plan.alone] == [(tailoring, 3), (kitchen, 1)]
    assert (plan.unlocked, plan.is_best) == (4, True)
    page = response.content.decode()
    assert "Together they unlock 4 openings." in page
    assert both.title not in page


def test_what_she_turned_down_is_not_unlocked(client: Client, cast: Cast, sewing: Skill, now: dt.datetime) -> None:
    declined, dismissed, left = (match.opening for match in add_matches(cast, sewing, cast.beneficiary, 3, now))
    course(cast, "Tailoring", sewing)
    for turned_down, answer in ((declined, "she_says_no"), (dismissed, "dismiss")):
        match = cast.beneficiary.matches.get(opening=turned_down)
        client.post(url("decide", match.pk), {"answer": answer, "expected_state": "proposed"})
    (step,) = client.get(url("what_if", cast.beneficiary.pk)).context["plan"].steps
    assert step.openings == [left]


def test_what_one_course_would_change(client: Client, cast: Cast, sewing: Skill) -> None:
    her = cast.beneficiary
    ironing = SkillFactory()
    unlocked, half = opening(cast, sewing), opening(cast, sewing, ironing)
    opening(cast, ironing)
    tailoring = course(cast, "Tailoring", sewing)
    response = client.get(url("what_if", her.pk), {"course": tailoring.pk})
    change = response.context["change"]
    assert (change.unlocked, change.reachable) == ([unlocked], [])
    assert {moved.opening for moved in (*change.rises, *change.falls)} <= set(Opening.objects.all())
    (first, before, after) = response.context["rises"][0]
    assert (first, after) == (unlocked, 100)
    assert before is not None
    assert before < after
    assert "Unlocked: 1 opening" in response.content.decode()
    assert half not in change.unlocked
    # Once she has the skill, there is nothing left to unlock.
    files.note_skill(
        actor=cast.counsellor, beneficiary=her, skill=sewing, level=3, evidence="trainer", on=dt.date(2026, 11, 2)
    )
    again = client.get(url("what_if", her.pk), {"course": tailoring.pk})
    assert (again.context["change"].unlocked, again.context["plan"].steps) == ([], [])


def test_a_limit_may_be_thought_away_and_a_safety_rule_may_not(
    client: Client, cast: Cast, today: dt.date, now: dt.datetime
) -> None:
    her = cast.beneficiary
    far = MunicipalityFactory(code="70000", latitude=43.32, longitude=21.9)
    there, barred = opening(cast, municipality=far), opening(cast, municipality=far, night=True)
    files.save_wishes(actor=cast.counsellor, beneficiary=her, max_travel_km=10)
    files.add_safety_rule(actor=cast.counsellor, beneficiary=her, kind="condition", condition="night", on=today)
    Opening.objects.exclude(pk=barred.pk).update(night=False)
    response = client.get(url("what_if", her.pk), {"without": "max_travel_km"})
    assert response.context["change"].reachable == [there]
    assert barred.title not in response.content.decode()
    assert "Newly shown: 1 opening" in response.content.decode()
    for name in ("excluded_conditions", "require_vetted", "legal_minimum", "x"):
        refused = client.get(url("what_if", her.pk), {"without": name})
        assert refused.context["form"].errors["without"]
        assert "change" not in refused.context
        with pytest.raises(KeyError):
            what_if(her, course=None, without=[name], on=today)


def test_a_course_of_another_programme_is_no_course(
    client: Client, cast: Cast, other_cast: Cast, sewing: Skill
) -> None:
    opening(cast, sewing)
    theirs = course(other_cast, "Theirs", sewing)
    page = url("what_if", cast.beneficiary.pk)
    foreign, absent = (client.get(page, {"course": pk}) for pk in (theirs.pk, cast.programme.pk))
    assert foreign.context["form"].errors == absent.context["form"].errors != {}
    assert "change" not in foreign.context
    assert "Theirs" not in foreign.content.decode()
    assert foreign.context["plan"].alone == []


def test_nothing_to_plan_and_nothing_to_compare(client: Client, cast: Cast) -> None:
    page = client.get(url("what_if", cast.beneficiary.pk)).content.decode()
    assert "No course of ours unlocks an opening for her now." in page
    page = client.get(url("compare_matches", cast.beneficiary.pk)).content.decode()
    assert "She has no matches to compare." in page


def test_a_plan_asks_as_much_of_the_database_for_many_courses(cast: Cast, sewing: Skill, today: dt.date) -> None:
    def queries(count: int) -> int:
        for number in range(count):
            course(cast, f"Course {count} {number}", sewing)
            opening(cast, sewing)
        training_plan(cast.beneficiary, Course.objects.all(), on=today)  # the index is made once
        with CaptureQueriesContext(connection) as asked:
            assert len(training_plan(cast.beneficiary, Course.objects.all(), on=today).steps) == 1
        return len(asked)

    assert queries(2) == queries(20)


def test_two_openings_side_by_side(client: Client, cast: Cast, sewing: Skill, now: dt.datetime) -> None:
    her = cast.beneficiary
    matches = add_matches(cast, sewing, her, 3, now)
    assert url("compare_matches", her.pk) in client.get(url("matches", her.pk)).content.decode()
    page = url("compare_matches", her.pk)
    # The two best, until others are chosen.
    assert len(client.get(page).context["pair"]) == 2
    response = client.get(page, {"one": matches[2].pk, "other": matches[0].pk})
    pair, rows = response.context["pair"], response.context["rows"]
    assert [card.match for card in pair] == [matches[2], matches[0]]
    for number, card in enumerate(pair):
        assert sum(points[number] for _title, points in rows) == card.points
        assert card.match.opening.title in response.content.decode()


def test_a_match_of_another_person_cannot_be_compared(
    client: Client, cast: Cast, other_cast: Cast, sewing: Skill, now: dt.datetime
) -> None:
    hers = add_matches(cast, sewing, cast.beneficiary, 2, now)
    theirs = add_matches(other_cast, sewing, other_cast.beneficiary, 1, now)[0]
    page = url("compare_matches", cast.beneficiary.pk)
    foreign, absent = (client.get(page, {"one": hers[0].pk, "other": pk}) for pk in (theirs.pk, cast.programme.pk))
    assert foreign.context["pair"] == []
    assert foreign.context["form"].errors == absent.context["form"].errors != {}
    assert theirs.opening.title not in foreign.content.decode()
    # What a rule keeps from her now is not compared either.
    Match.objects.filter(pk=hers[1].pk).update(is_eligible=False)
    assert client.get(page, {"one": hers[0].pk, "other": hers[1].pk}).context["pair"] == []
