"""Limited positions shared out over a caseload, through the page."""

import datetime as dt

from django.test import Client
from django.urls import reverse

from backend.beneficiaries import services as files
from backend.beneficiaries.models import Beneficiary
from backend.employers.models import Opening
from backend.matches import services as matching
from backend.matches.models import Introduction, Match
from backend.matches.queries import SharingOut
from backend.skills.models import Skill
from tests.backend.web.people.conftest import add_work
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory, MembershipFactory, OpeningFactory, RequirementFactory

PAGE = "web:chances"


def person(cast: Cast, skill: Skill | None, on: dt.date, level: int = 2) -> Beneficiary:
    her = BeneficiaryFactory(organisation=cast.programme, counsellor=cast.counsellor)
    if skill:
        files.note_skill(actor=cast.counsellor, beneficiary=her, skill=skill, level=level, evidence="trainer", on=on)
    return her


def opening(cast: Cast, skill: Skill, positions: int, level: int = 2) -> Opening:
    row = OpeningFactory(published=True, employer=cast.employer, positions=positions)
    RequirementFactory(opening=row, skill=skill, level=level)
    return row


def shared(client: Client) -> SharingOut:
    response = client.get(reverse(PAGE))
    assert response.status_code == 200
    return response.context["shared"]


def first(found: SharingOut) -> dict[Beneficiary, Opening | None]:
    return {one.beneficiary: one.first.opening if one.first else None for one in found.shortlists}


def test_one_position_is_promised_once(client: Client, cast: Cast, sewing: Skill, today: dt.date) -> None:
    """Both do best at the simple work; it has one place, and the one who can do more gives it up."""
    able, learning = person(cast, sewing, today, level=4), person(cast, sewing, today, level=2)
    simple, demanding = opening(cast, sewing, 1, level=2), opening(cast, sewing, 1, level=4)
    Beneficiary.objects.filter(pk=cast.beneficiary.pk).update(status=Beneficiary.Status.PAUSED)
    found = shared(client)
    assert first(found) == {able: demanding, learning: simple}
    assert found.cost == sum(one.given_up for one in found.shortlists)
    # With room for both nobody gives anything up.
    Opening.objects.filter(pk=simple.pk).update(positions=2)
    assert shared(client).cost == 0


def test_who_finds_every_position_taken_is_told_so(client: Client, cast: Cast, sewing: Skill, today: dt.date) -> None:
    person(cast, sewing, today), person(cast, sewing, today)
    Beneficiary.objects.filter(pk=cast.beneficiary.pk).update(status=Beneficiary.Status.PAUSED)
    only = opening(cast, sewing, 1)
    response = client.get(reverse(PAGE))
    found = response.context["shared"]
    assert sorted(first(found).values(), key=bool) == [None, only]
    assert found.most_wanted == 100
    assert "Every position she may be shown goes to others." in response.content.decode()
    assert found.cost == next(one.best.points for one in found.shortlists if not one.first)


def test_a_pending_introduction_takes_a_position(
    client: Client, cast: Cast, sewing: Skill, today: dt.date, now: dt.datetime
) -> None:
    colleague = cast.colleague
    theirs = BeneficiaryFactory(organisation=cast.programme, counsellor=colleague)
    taken, free = opening(cast, sewing, 1), opening(cast, sewing, 1)
    matching.rank_beneficiary(actor=colleague, beneficiary=theirs, now=now)
    match = Match.objects.get(beneficiary=theirs, opening=taken)
    introduction = matching.propose_introduction(actor=colleague, match=match, now=now)
    her = cast.beneficiary
    (hers,) = shared(client).shortlists
    assert hers.first.opening == free
    assert hers.others == []
    Introduction.objects.filter(pk=introduction.pk).update(state=Introduction.State.WITHDRAWN)
    (hers,) = shared(client).shortlists
    assert hers.beneficiary == her
    assert {one.opening for one in (hers.first, *hers.others)} == {free, taken}


def test_who_works_and_what_is_put_aside_stay_out(
    client: Client, cast: Cast, sewing: Skill, today: dt.date, now: dt.datetime
) -> None:
    works = person(cast, sewing, today)
    add_work(cast.counsellor, works, today)
    there = opening(cast, sewing, 2)
    assert set(first(shared(client))) == {cast.beneficiary}
    match = Match.objects.get(beneficiary=cast.beneficiary, opening=there)
    matching.decide(actor=cast.counsellor, match=match, kind="dismiss", reason="pay", now=now)
    assert shared(client).shortlists == []
    assert "Nobody on your caseload looks for work" in client.get(reverse(PAGE)).content.decode()


def test_a_rule_added_a_moment_ago_holds(client: Client, cast: Cast, sewing: Skill, today: dt.date) -> None:
    opening(cast, sewing, 1)
    assert len(shared(client).shortlists) == 1
    files.add_safety_rule(
        actor=cast.counsellor, beneficiary=cast.beneficiary, kind="employer", employer=cast.employer, on=today
    )
    assert shared(client).shortlists == []


def test_a_colleagues_people_are_not_in_it(client: Client, cast: Cast, sewing: Skill) -> None:
    opening(cast, sewing, 1)
    other = MembershipFactory(organisation=cast.programme, role="counsellor").user
    BeneficiaryFactory(organisation=cast.programme, counsellor=other)
    assert set(first(shared(client))) == {cast.beneficiary}
