"""One row of every noun, all belonging to one cast."""

import datetime as dt
from collections.abc import Callable

from django.db.models import Model
from rest_framework.test import APIClient

from backend.accounts.models import Organisation, User
from backend.beneficiaries.models import (
    BreakGlass,
    Consent,
    Experience,
    Goal,
    HeldSkill,
    LanguageSkill,
    SafetyRule,
    Wishes,
)
from backend.employers.models import Ban, OpeningReview, Vetting
from backend.matches.models import Decision, Introduction, Match, MatchRun
from backend.outcomes.models import Assessment, EmploymentSpell, FollowUp, WarningFlag
from backend.places.models import District
from backend.reports.models import Snapshot
from backend.skills.models import SkillLabel
from backend.trainings.models import Course, Credential, Enrolment, Session
from tests.conftest import Cast
from tests.factories import (
    CountryFactory,
    IdentityFactory,
    MunicipalityFactory,
    OccupationFactory,
    OpeningFactory,
    RequirementFactory,
    SkillFactory,
)

DAY = dt.date(2026, 10, 1)
NOW = dt.datetime(2026, 11, 2, 9, 30, tzinfo=dt.UTC)
HASH = "a" * 64

World = dict[str, Model]
As = Callable[[User | None], APIClient]


def frozen(programme: Organisation) -> Snapshot:
    """A quarter in which nobody was counted."""
    figures = {
        "rules": {"threshold": 11, "base": 5, "small": 20}, "measures": {}, "curves": {}, "grants": [],
        "waits": {"stages": {}, "profile": {}},
    }  # fmt: skip
    facts = {"data_on": DAY, "software": "0", "definitions": "0", "figures": figures}
    return Snapshot.objects.get_or_create(programme=programme, quarter="2026-Q3", defaults=facts)[0]


def build(cast: Cast, suffix: str = "") -> World:
    """The cast's programme with one row per noun; `suffix` keeps pseudonyms apart."""
    her, counsellor = cast.beneficiary, cast.counsellor
    skill, place = SkillFactory(), MunicipalityFactory()
    SkillLabel.objects.create(skill=skill, language="sr", text="šivenje", folded="sivenje", kind="preferred")
    opening = OpeningFactory(
        employer=cast.employer, status="published", content_hash=HASH, vetted_hash=HASH, occupation=OccupationFactory()
    )
    IdentityFactory(beneficiary=her, first_name="Milica", last_name="Petrović", phone="+381641234567")
    consent = Consent.objects.create(
        beneficiary=her,
        purpose="blind_introduction",
        recipient=cast.employer,
        opening=opening,
        opening_hash=HASH,
        text_version="1",
        language="sr",
        method="signed",
        given_on=DAY,
        recorded_by=counsellor,
    )
    run = MatchRun.objects.create(beneficiary=her, ran_at=NOW, considered=2, excluded={"travel": 1})
    match = Match.objects.create(beneficiary=her, opening=opening, run=run, lane="now", score=0.5)
    introduction = Introduction.objects.create(
        match=match,
        state="shared_blind",
        pseudonym=f"C-TEST{suffix}",
        opening_hash=HASH,
        blind_consent=consent,
        shared_at=NOW,
    )
    course = Course.objects.create(programme=cast.programme, title=f"Krojenje{suffix}", provider="Škola", hours=40)
    session = Session.objects.create(course=course, starts_on=DAY, ends_on=DAY, capacity=5, municipality=place)
    enrolment = Enrolment.objects.create(
        session=session, beneficiary=her, status="completed", enrolled_on=DAY, ended_on=DAY
    )
    spell = EmploymentSpell.objects.create(
        beneficiary=her,
        employer=cast.employer,
        job_title="Krojačica",
        contract="permanent",
        started_on=DAY,
        evidence="A",
        verified_on=DAY,
    )
    follow_up = FollowUp.objects.create(spell=spell, day=30, due_on=DAY + dt.timedelta(30))
    return {
        "organisations": cast.programme,
        "users": cast.lead,
        "memberships": cast.lead.memberships.get(),
        "countries": CountryFactory(),
        "districts": District.objects.get_or_create(code="RS-06", country_id="RS", name="Južnobački")[0],
        "municipalities": place,
        "skills": skill,
        "occupations": opening.occupation,
        "employers": cast.employer,
        "contacts": cast.employer.contacts.get(),
        "vettings": Vetting.objects.create(
            employer=cast.employer, outcome="suspended", note="APR", decided_by=cast.lead, decided_on=DAY
        ),
        "bans": Ban.objects.create(
            programme=cast.programme, name="Mamac", name_folded="mamac", reason="Z", banned_by=cast.lead, banned_on=DAY
        ),
        "openings": opening,
        "requirements": RequirementFactory(opening=opening, skill=skill),
        "reviews": OpeningReview.objects.create(
            opening=opening, content_hash=HASH, outcome="published", decided_by=cast.lead, decided_on=DAY
        ),
        "beneficiaries": her,
        "break-glass": BreakGlass.objects.create(
            beneficiary=her,
            opened_by=cast.colleague,
            reason="hitno",
            opened_at=NOW - dt.timedelta(hours=3),
            closes_at=NOW - dt.timedelta(hours=2),
        ),
        "caseloads": counsellor,
        "held-skills": HeldSkill.objects.create(beneficiary=her, skill=skill, noted_on=DAY),
        "languages": LanguageSkill.objects.create(beneficiary=her, language="sr", spoken="C2"),
        "experiences": Experience.objects.create(beneficiary=her, title="šivenje", years=2),
        "wishes": Wishes.objects.create(beneficiary=her),
        "goals": Goal.objects.create(beneficiary=her, domain="employment", text="posao", owner="ona", set_on=DAY),
        "safety-rules": SafetyRule.objects.create(beneficiary=her, kind="sector", sector="B", set_on=DAY),
        "consents": consent,
        "courses": course,
        "sessions": session,
        "enrolments": enrolment,
        "credentials": Credential.objects.create(enrolment=enrolment, awarded_on=DAY),
        "match-runs": run,
        "matches": match,
        "decisions": Decision.objects.create(match=match, kind="she_says_yes", decided_by=counsellor, decided_at=NOW),
        "introductions": introduction,
        "candidates": introduction,
        "spells": spell,
        "follow-ups": follow_up,
        "assessments": Assessment.objects.create(beneficiary=her, assessed_on=DAY, assessed_by=counsellor, housing=2),
        "flags": WarningFlag.objects.create(
            beneficiary=her, kind="threats", severity="red", raised_on=DAY, due_on=DAY, raised_by=counsellor
        ),
        "snapshots": frozen(cast.programme),
    }
