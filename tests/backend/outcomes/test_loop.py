"""The one loop, walked through the services: from an opening to a followed-up job and the retention it makes."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from backend.accounts.models import User
from backend.beneficiaries import services as people
from backend.beneficiaries.models import Beneficiary
from backend.employers import services as employers
from backend.employers.models import Opening
from backend.matches import services as matches
from backend.matches.card import card
from backend.matches.models import Decision, Introduction, Match
from backend.matches.policies import visible_introductions
from backend.outcomes import services as outcomes
from backend.outcomes.retention import durations, retention_at
from backend.outcomes.spells import episodes, facts
from backend.outcomes.survival import kaplan_meier
from backend.skills.models import Skill, SkillLabel
from tests.conftest import Cast
from tests.factories import MunicipalityFactory, SkillFactory


def _noon(on: dt.date) -> dt.datetime:
    return dt.datetime.combine(on, dt.time(12), tzinfo=dt.UTC)


@pytest.fixture
def sewing(db: None) -> Skill:
    skill = SkillFactory(preferred_labels={"sr": "šivenje", "en": "sewing"})
    SkillLabel.objects.create(skill=skill, language="sr", text="šivenje", folded="sivenje", kind="preferred")
    return skill


def _register(cast: Cast, code: str, skill: Skill, on: dt.date) -> Beneficiary:
    person = people.register_beneficiary(
        actor=cast.counsellor,
        code=code,
        entered_on=on,
        on=on,
        municipality=MunicipalityFactory(),
        permit="citizen",
        identity={"first_name": "Synthetic", "last_name": code, "phone": "+381601234567"},
        support_consent={"method": "signed", "language": "sr", "given_on": on},
    )
    people.note_skill(actor=cast.counsellor, beneficiary=person, skill=skill, level=3, evidence="trainer", on=on)
    return person


def _publish(employer_user: User, cast: Cast, skill: Skill, on: dt.date) -> Opening:
    opening = employers.draft_opening(
        actor=employer_user,
        employer=cast.employer,
        on=on,
        title="Krojačica",
        description="Šivenje radne odeće po meri, u prvoj smeni.",
        municipality=MunicipalityFactory(),
        contract="permanent",
        hours_per_week=40,
        pay_from=75_000,
        requirements=[employers.RequirementInput(skill=skill, phrase="šivenje", importance="essential", level=2)],
    )
    opening = employers.submit_opening(actor=employer_user, opening=opening, on=on)
    employers.review_opening(
        actor=cast.lead, opening=opening, outcome="published", content_hash=opening.content_hash, on=on
    )
    opening.refresh_from_db()
    return opening


def _introduce(cast: Cast, match: Match, on: dt.date) -> Introduction:
    hers = {"actor": cast.counsellor, "now": _noon(on)}
    given = {"method": "signed", "language": "sr"}
    introduction = matches.propose_introduction(match=match, **hers)
    with pytest.raises(ValidationError):  # not without her
        matches.share_introduction(introduction=introduction, **hers)
    introduction.refresh_from_db()
    matches.record_agreement(introduction=introduction, **given, **hers)
    matches.share_introduction(introduction=introduction, **hers)
    seen = visible_introductions(cast.employer_user).get(pk=introduction.pk)
    assert card(seen, on=on)["profile"]["skills"][0]["label"] == "šivenje"
    matches.answer_introduction(actor=cast.employer_user, introduction=seen, answer="interested", now=_noon(on))
    introduction.refresh_from_db()
    matches.record_identity_consent(introduction=introduction, fields=["first_name", "phone"], **given, **hers)
    matches.disclose_identity(introduction=introduction, **hers)
    matches.set_interview(introduction=introduction, interview_at=_noon(on) + dt.timedelta(days=2), **hers)
    seen.refresh_from_db()
    view = card(seen, on=on)["identity"]
    assert (view["first_name"], view["phone"]) == ("Synthetic", "+381601234567")
    return introduction


def test_the_loop(cast: Cast, sewing: Skill, today: dt.date) -> None:
    # openings -> vetted -> indexed
    opening = _publish(cast.employer_user, cast, sewing, today)
    person = _register(cast, "LOOP-1", sewing, today)

    # profile -> ranked openings with reasons -> counsellor and she decide
    run = matches.rank_beneficiary(actor=cast.counsellor, beneficiary=person, now=_noon(today))
    match = Match.objects.current(on=today).get(beneficiary=person)
    assert (run.considered, match.opening, match.lane) == (1, opening, "now")
    assert "essential_skills" in [reason["code"] for reason in match.reasons]
    for kind in (Decision.Kind.SHORTLIST, Decision.Kind.SHE_SAYS_YES):
        matches.decide(actor=cast.counsellor, match=match, kind=kind, now=_noon(today))

    # blind introduction -> consent -> interview -> hired -> employment spell
    introduction = _introduce(cast, match, today)
    started_on = today + dt.timedelta(days=7)
    spell = outcomes.start_spell(
        actor=cast.counsellor,
        beneficiary=person,
        started_on=started_on,
        job_title="Krojačica",
        contract="permanent",
        hours_per_week=40,
        net_pay_per_month=75_000,
        evidence="A",
        introduction=introduction,
        on=started_on,
    )
    introduction.refresh_from_db()
    assert (introduction.state, spell.employer) == (Introduction.State.HIRED, cast.employer)

    # follow-ups at fixed days -> retention
    def days_on_the_curve() -> list[int]:
        frame = durations(episodes(Beneficiary.objects.all()), dt.date(2027, 6, 1))
        return kaplan_meier(frame["days"], frame["event"])["t"].tolist()

    assert days_on_the_curve() == [0]
    for day in (30, 90):
        follow_up = spell.follow_ups.get(day=day)
        outcomes.record_follow_up(
            actor=cast.counsellor,
            follow_up=follow_up,
            result="reached",
            status="same_employer",
            contacted_on=follow_up.due_on,
            on=follow_up.due_on,
            pay_on_time=True,
            feels_safe=True,
        )
        assert days_on_the_curve() == [0, day]
    retention = retention_at(facts(Beneficiary.objects.all()), 90, dt.date(2027, 6, 1))
    assert (retention.due, retention.known, retention.retained, retention.rate) == (1, 1, 1, 1.0)
    outcomes.end_spell(
        actor=cast.counsellor,
        spell=spell,
        ended_on=started_on + dt.timedelta(days=120),
        reason="contract_ended",
        on=dt.date(2027, 4, 1),
    )
    lost = retention_at(facts(Beneficiary.objects.all()), 180, dt.date(2027, 7, 1))
    assert (lost.due, lost.known, lost.retained) == (1, 1, 0)


def test_a_red_flag_freezes_what_is_pending_at_her_employer(cast: Cast, sewing: Skill, today: dt.date) -> None:
    _publish(cast.employer_user, cast, sewing, today)
    hired, pending = (_register(cast, code, sewing, today) for code in ("LOOP-1", "LOOP-2"))
    introductions = {}
    for person in (hired, pending):
        matches.rank_beneficiary(actor=cast.counsellor, beneficiary=person, now=_noon(today))
        introductions[person.pk] = _introduce(cast, Match.objects.get(beneficiary=person), today)
    spell = outcomes.start_spell(
        actor=cast.counsellor,
        beneficiary=hired,
        started_on=today,
        job_title="Krojačica",
        contract="permanent",
        evidence="A",
        introduction=introductions[hired.pk],
        on=today,
    )
    on = today + dt.timedelta(days=3)
    outcomes.record_follow_up(
        actor=cast.counsellor,
        follow_up=spell.follow_ups.get(day=3),
        result="reached",
        status="same_employer",
        contacted_on=on,
        on=on,
        flags=["sudden_move"],
    )
    waiting = Introduction.objects.get(pk=introductions[pending.pk].pk)
    assert waiting.state == Introduction.State.INTERVIEW  # amber asks for a look and stops nothing
    outcomes.record_follow_up(
        actor=cast.counsellor,
        follow_up=spell.follow_ups.get(day=7),
        result="reached",
        status="same_employer",
        contacted_on=on + dt.timedelta(days=4),
        on=on + dt.timedelta(days=4),
        flags=["documents_held"],
    )
    waiting.refresh_from_db()
    assert (waiting.state, waiting.shared_profile) == (Introduction.State.FROZEN, {})
    assert visible_introductions(cast.employer_user).get().match.beneficiary == hired
