"""A person who can sew and an opening that asks for it, and an introduction walked to any state."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone

from backend.beneficiaries.services import note_skill, save_identity
from backend.employers.models import Opening
from backend.matches import services
from backend.matches.models import Introduction, Match
from backend.skills.models import Skill, SkillLabel
from tests.conftest import Cast
from tests.factories import OpeningFactory, RequirementFactory, SkillFactory

Walk = Callable[[str], Introduction]


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch, now: dt.datetime) -> None:
    monkeypatch.setattr(timezone, "now", lambda: now)


@pytest.fixture
def sewing(cast: Cast) -> Skill:
    skill = SkillFactory(preferred_labels={"sr": "šivenje", "en": "sewing"})
    SkillLabel.objects.create(skill=skill, language="sr", text="šivenje", folded="sivenje", kind="preferred")
    return skill


@pytest.fixture
def opening(cast: Cast, sewing: Skill) -> Opening:
    opening = OpeningFactory(published=True, employer=cast.employer, night=False, live_in=False)
    RequirementFactory(opening=opening, skill=sewing, level=2)
    return opening


@pytest.fixture
def match(cast: Cast, opening: Opening, sewing: Skill, now: dt.datetime) -> Match:
    """The opening as ranked for her."""
    note_skill(
        actor=cast.counsellor,
        beneficiary=cast.beneficiary,
        skill=sewing,
        level=3,
        evidence="trainer",
        on=now.date(),
        phrase="radila sam u krojačkoj radionici",
    )
    services.rank_beneficiary(actor=cast.counsellor, beneficiary=cast.beneficiary, now=now)
    return Match.objects.get(beneficiary=cast.beneficiary, opening=opening)


@pytest.fixture
def walk(cast: Cast, match: Match, now: dt.datetime) -> Walk:
    """Walk a new introduction through the services up to a state."""
    hers = {"actor": cast.counsellor, "now": now}
    given = {"method": "signed", "language": "sr"}

    def to(state: str) -> Introduction:
        save_identity(
            actor=cast.counsellor,
            beneficiary=cast.beneficiary,
            on=now.date(),
            first_name="Synthetic",
            last_name="Person",
            phone="+381601234567",
            email="person@example.org",
            address="Tajna 1",
        )
        introduction = services.propose_introduction(match=match, **hers)
        steps = {
            "agreed_by_her": lambda: services.record_agreement(introduction=introduction, **given, **hers),
            "shared_blind": lambda: services.share_introduction(introduction=introduction, **hers),
            "interested": lambda: services.answer_introduction(
                actor=cast.employer_user, introduction=introduction, answer="interested", now=now
            ),
            "consented": lambda: services.record_identity_consent(
                introduction=introduction, fields=["first_name", "phone"], **given, **hers
            ),
            "identified": lambda: services.disclose_identity(introduction=introduction, **hers),
            "interview": lambda: services.set_interview(
                introduction=introduction, interview_at=now + dt.timedelta(days=3), **hers
            ),
            "trial": lambda: services.advance_introduction(introduction=introduction, to_state="trial", **hers),
            "offer": lambda: services.advance_introduction(introduction=introduction, to_state="offer", **hers),
            "hired": lambda: services.mark_hired(introduction=introduction, **hers),
        }
        for reached, step in steps.items():
            if introduction.state == state:
                break
            assert step().state == reached
        assert introduction.state == state
        introduction.refresh_from_db()
        return introduction

    return to
