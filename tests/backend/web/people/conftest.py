"""One person of the caseload with a row of everything, and a clock that stands still."""

import datetime as dt
from dataclasses import dataclass

import pytest
from django.test import Client

from backend.accounts.models import User
from backend.beneficiaries import services as files
from backend.beneficiaries.models import Beneficiary, Consent
from backend.matches import services as matching
from backend.matches.models import Introduction, Match
from backend.outcomes import services as outcomes
from backend.outcomes.models import EmploymentSpell, FollowUp
from backend.skills.models import Skill, SkillLabel
from tests.backend.web.conftest import SignIn
from tests.conftest import Cast
from tests.factories import IdentityFactory, OpeningFactory, RequirementFactory, SkillFactory


@pytest.fixture(autouse=True)
def still_clock(clock: dt.datetime) -> None:
    """Every page here stands on the day of the fixtures."""


@pytest.fixture
def client(cast: Cast, sign_in: SignIn) -> Client:
    """The counsellor's browser."""
    return sign_in(cast.counsellor)


@pytest.fixture
def sewing(db: None) -> Skill:
    """A skill that can be found by its words."""
    skill = SkillFactory(preferred_labels={"sr": "šivenje odeće", "en": "sew garments"})
    for language, text, folded in (("sr", "šivenje odeće", "sivenje odece"), ("en", "sew garments", "sew garments")):
        SkillLabel.objects.create(skill=skill, language=language, text=text, folded=folded, kind="preferred")
    return skill


@dataclass(frozen=True)
class World:
    person: Beneficiary
    match: Match
    introduction: Introduction
    spell: EmploymentSpell
    follow_up: FollowUp


def add_matches(cast: Cast, skill: Skill, person: Beneficiary, count: int, now: dt.datetime) -> list[Match]:
    """Openings that ask for a skill, ranked for the person."""
    for _number in range(count):
        opening = OpeningFactory(published=True, employer=cast.employer)
        RequirementFactory(opening=opening, skill=skill)
        RequirementFactory(opening=opening, skill=None, phrase="pakovanje", importance="optional")
    matching.rank_beneficiary(actor=cast.counsellor, beneficiary=person, now=now)
    return list(Match.objects.filter(beneficiary=person).order_by("-score"))


def add_work(actor: User, person: Beneficiary, on: dt.date) -> EmploymentSpell:
    return outcomes.start_spell(
        actor=actor,
        beneficiary=person,
        started_on=on - dt.timedelta(days=40),
        job_title="Krojačica",
        contract="permanent",
        evidence="A",
        on=on,
    )


@pytest.fixture
def world(
    cast: Cast,
    sewing: Skill,
    today: dt.date,
    now: dt.datetime,
) -> World:
    person, actor = cast.beneficiary, cast.counsellor
    IdentityFactory(beneficiary=person, first_name="Sintetička", phone="+381641234567")
    files.note_skill(actor=actor, beneficiary=person, skill=sewing, level=2, evidence="trainer", on=today)
    files.set_goal(actor=actor, beneficiary=person, domain="legal", text="Lična karta", owner="ona", on=today)
    files.add_safety_rule(actor=actor, beneficiary=person, kind="sector", sector="T", on=today)
    files.give_consent(
        actor=actor,
        beneficiary=person,
        purpose=Consent.Purpose.SUPPORT,
        method="signed",
        language="sr",
        given_on=today,
        expires_on=today + dt.timedelta(days=20),
    )
    cast.employer.sector = "C"
    cast.employer.save()
    match = add_matches(cast, sewing, person, 1, now)[0]
    introduction = matching.propose_introduction(actor=actor, match=match, now=now)
    spell = add_work(actor, person, today)
    outcomes.record_assessment(actor=actor, beneficiary=person, on=today - dt.timedelta(days=90), housing=2, safety=3)
    outcomes.raise_flag(actor=actor, beneficiary=person, kind="third_party", on=today)
    follow_up = spell.follow_ups.order_by("due_on").first()
    assert follow_up is not None
    return World(person, match, introduction, spell, follow_up)
