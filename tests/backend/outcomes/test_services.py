"""What the acts on outcomes do, the rules they keep, and who may do them."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from backend.core.exceptions import Conflict
from backend.outcomes import policies, services
from backend.outcomes.models import Assessment, EmploymentSpell, FollowUp, WarningFlag
from backend.outcomes.queries import independence_index
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory

Kind = WarningFlag.Kind
LISTS = sorted(name for name in vars(policies) if name.startswith("visible_") and name != "visible_beneficiaries")


def _job(cast: Cast, on: dt.date, **fields: Any) -> dict[str, Any]:
    return {
        "actor": cast.counsellor,
        "beneficiary": cast.beneficiary,
        "started_on": on,
        "job_title": "krojačica",
        "contract": "permanent",
        "evidence": "A",
        "employer": cast.employer,
        "on": on,
        **fields,
    }


@pytest.fixture
def spell(cast: Cast, today: dt.date) -> EmploymentSpell:
    return services.start_spell(**_job(cast, today))


def _follow_up(spell: EmploymentSpell, day: int) -> FollowUp:
    return spell.follow_ups.get(day=day)


def _reached(cast: Cast, follow_up: FollowUp, **fields: Any) -> FollowUp:
    said = {"result": "reached", "status": "same_employer", "contacted_on": follow_up.due_on, "on": follow_up.due_on}
    return services.record_follow_up(actor=cast.counsellor, follow_up=follow_up, **{**said, **fields})


# -- who may ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LISTS)
def test_only_her_counsellor_sees(
    name: str, cast: Cast, other_cast: Cast, spell: EmploymentSpell, now: dt.datetime
) -> None:
    follow_up = _follow_up(spell, 3)
    services.log_attempt(actor=cast.counsellor, follow_up=follow_up, channel="call", result="unreachable", now=now)
    services.record_assessment(actor=cast.counsellor, beneficiary=cast.beneficiary, on=now.date(), housing=3)
    services.raise_flag(actor=cast.counsellor, beneficiary=cast.beneficiary, kind=Kind.THREATS, on=now.date())
    services.keep_draft(actor=cast.counsellor, follow_up=follow_up, on=now.date(), now=now, note="x")
    visible = getattr(policies, name)
    assert visible(cast.counsellor).exists()
    strangers = (
        cast.colleague,
        cast.lead,
        cast.administrator,
        cast.employer_user,
        other_cast.counsellor,
        other_cast.lead,
    )
    for stranger in strangers:
        assert not visible(stranger).exists()


def test_every_act_is_refused_to_everybody_else(
    cast: Cast, other_cast: Cast, spell: EmploymentSpell, today: dt.date, now: dt.datetime
) -> None:
    flag = services.raise_flag(actor=cast.counsellor, beneficiary=cast.beneficiary, kind=Kind.SUDDEN_MOVE, on=today)
    follow_up = _follow_up(spell, 3)
    acts: list[tuple[Any, dict[str, Any]]] = [
        (services.start_spell, _job(cast, today)),
        (services.end_spell, {"spell": spell, "ended_on": today, "reason": "moved", "on": today}),
        (
            services.record_follow_up,
            {"follow_up": follow_up, "result": "refused", "contacted_on": today, "on": today},
        ),
        (services.keep_draft, {"follow_up": follow_up, "note": "x", "on": today, "now": now}),
        (services.log_attempt, {"follow_up": follow_up, "channel": "call", "result": "refused", "now": now}),
        (services.record_assessment, {"beneficiary": cast.beneficiary, "on": today, "housing": 1}),
        (services.raise_flag, {"beneficiary": cast.beneficiary, "kind": Kind.THREATS, "on": today}),
        (services.resolve_flag, {"flag": flag, "resolution": "called", "on": today}),
        (services.take_employers_word, {"follow_up": follow_up, "works_here": True, "on": today}),
    ]
    # Erasure: test_erasure; what nobody asks for: test_purge.
    assert {act.__name__ for act, _ in acts} == set(services.__all__) - {"erase_person", "purge", "replay_erasures"}
    strangers = (cast.colleague, cast.lead, cast.administrator, cast.employer_user, other_cast.counsellor)
    for act, arguments in acts:
        for stranger in strangers:
            with pytest.raises(PermissionDenied):
                act(**{**arguments, "actor": stranger})


# -- spells -------------------------------------------------------------------------------------------------------


def test_a_spell_plans_its_follow_ups(cast: Cast, spell: EmploymentSpell, today: dt.date) -> None:
    assert [follow_up.day for follow_up in spell.follow_ups.all()] == [3, 7, 30, 90, 180, 365, 540, 730]
    assert _follow_up(spell, 30).due_on == dt.date(2026, 12, 2)
    assert spell.verified_on == today
    assert not FollowUp.objects.due(on=today).exists()
    assert FollowUp.objects.due(on=dt.date(2026, 11, 9)).count() == 2


def test_late_records_plan_what_can_still_be_asked(cast: Cast, today: dt.date) -> None:
    spell = services.start_spell(**_job(cast, today, started_on=today - dt.timedelta(days=61)))
    assert [follow_up.day for follow_up in spell.follow_ups.all()][:2] == [90, 180]


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("started_on", {"started_on": dt.date(2026, 11, 3)}),
        ("started_on", {"started_on": dt.date(2026, 10, 1)}),  # overlaps
        ("ended_on", {"ended_on": dt.date(2026, 11, 1), "end_reason": "moved"}),
        ("ended_on", {"ended_on": dt.date(2026, 11, 3), "end_reason": "moved"}),
        ("end_reason", {"ended_on": dt.date(2026, 11, 2)}),
        ("end_reason", {"end_reason": "moved"}),
        ("contract", {"contract": "handshake"}),
        ("evidence", {"evidence": "Z"}),
        ("hours_per_week", {"hours_per_week": 90}),
        ("net_pay_per_month", {"net_pay_per_month": -1}),
    ],
)
def test_bad_spells_name_the_field_and_write_nothing(
    field: str, wrong: dict[str, Any], cast: Cast, today: dt.date
) -> None:
    if wrong.get("started_on") == dt.date(2026, 10, 1):
        services.start_spell(
            **_job(cast, today, started_on=dt.date(2026, 9, 1), ended_on=dt.date(2026, 10, 1), end_reason="moved")
        )
    spells, follow_ups = EmploymentSpell.objects.count(), FollowUp.objects.count()
    with pytest.raises(ValidationError) as refusal:
        services.start_spell(**_job(cast, today, **wrong))
    assert field in refusal.value.message_dict
    assert (EmploymentSpell.objects.count(), FollowUp.objects.count()) == (spells, follow_ups)


def test_one_job_at_a_time_and_the_next_plans_anew(cast: Cast, spell: EmploymentSpell, today: dt.date) -> None:
    later = today + dt.timedelta(days=40)
    with pytest.raises(ValidationError):
        services.start_spell(**_job(cast, later))
    _reached(cast, _follow_up(spell, 3))
    services.end_spell(
        actor=cast.counsellor, spell=spell, ended_on=today + dt.timedelta(days=35), reason="better_job", on=later
    )
    second = services.start_spell(**_job(cast, later, employer=None, contract="self_employed"))
    assert [follow_up.day for follow_up in spell.follow_ups.all()] == [3, 7, 30]
    assert second.follow_ups.count() == 8


def test_another_programmes_employer_is_refused(cast: Cast, other_cast: Cast, today: dt.date) -> None:
    with pytest.raises(PermissionDenied):
        services.start_spell(**_job(cast, today, employer=other_cast.employer))


def test_an_end_is_recorded_once_and_after_what_was_verified(
    cast: Cast, spell: EmploymentSpell, today: dt.date
) -> None:
    later = today + dt.timedelta(days=40)
    _reached(cast, _follow_up(spell, 30))
    end = {"actor": cast.counsellor, "spell": spell, "on": later}
    for field, wrong in (
        ("ended_on", {"ended_on": today + dt.timedelta(days=29), "reason": "moved"}),  # she worked on day 30
        ("ended_on", {"ended_on": today - dt.timedelta(days=1), "reason": "moved"}),
        ("ended_on", {"ended_on": later + dt.timedelta(days=1), "reason": "moved"}),
        ("end_reason", {"ended_on": later, "reason": "bored"}),
    ):
        with pytest.raises(ValidationError) as refusal:
            services.end_spell(**end, **wrong)
        assert field in refusal.value.message_dict
    ended = services.end_spell(**end, ended_on=later, reason="moved")
    assert (ended.ended_on, ended.verified_on) == (later, later)
    with pytest.raises(Conflict):
        services.end_spell(**end, ended_on=later, reason="moved")


# -- follow-ups ---------------------------------------------------------------------------------------------------


def test_a_contact_verifies_and_is_recorded_once(cast: Cast, spell: EmploymentSpell, today: dt.date) -> None:
    follow_up = _follow_up(spell, 30)
    stale = FollowUp.objects.get(pk=follow_up.pk)
    _reached(cast, follow_up, pay_on_time=True, feels_safe=True, note="fine")
    spell.refresh_from_db()
    assert spell.verified_on == today + dt.timedelta(days=30)
    with pytest.raises(Conflict):
        _reached(cast, stale, status="not_employed")
    stored = FollowUp.objects.get(pk=follow_up.pk)
    assert (stored.status, stored.evidence, stored.recorded_by) == ("same_employer", "C", cast.counsellor)
    _reached(cast, _follow_up(spell, 7))  # a late note of an earlier day moves nothing back
    spell.refresh_from_db()
    assert spell.verified_on == today + dt.timedelta(days=30)


@pytest.mark.parametrize(
    ("result", "status"), [("unreachable", ""), ("reached", "not_employed"), ("reached", "changed_employer")]
)
def test_other_findings_verify_nothing_and_end_nothing(
    result: str, status: str, cast: Cast, spell: EmploymentSpell, today: dt.date
) -> None:
    _reached(cast, _follow_up(spell, 30), result=result, status=status)
    spell.refresh_from_db()
    assert (spell.verified_on, spell.ended_on) == (today, None)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("status", {"status": ""}),
        ("status", {"result": "unreachable"}),
        ("result", {"result": "vanished", "status": ""}),
        ("status", {"status": "busy"}),
        ("contacted_on", {"contacted_on": dt.date(2026, 12, 3)}),
        ("contacted_on", {"contacted_on": dt.date(2026, 11, 1)}),
        ("evidence", {"evidence": "Q"}),
        ("note", {"note": "x" * 1001}),
        ("kind", {"flags": ["boredom"]}),
    ],
)
def test_bad_follow_ups_name_the_field_and_write_nothing(
    field: str, wrong: dict[str, Any], cast: Cast, spell: EmploymentSpell
) -> None:
    with pytest.raises(ValidationError) as refusal:
        _reached(cast, _follow_up(spell, 30), **wrong)
    assert field in refusal.value.message_dict
    assert _follow_up(spell, 30).result == ""
    spell.refresh_from_db()
    assert spell.verified_on == spell.started_on


def test_attempts_are_logged_and_leave_it_open(cast: Cast, spell: EmploymentSpell, now: dt.datetime) -> None:
    follow_up = _follow_up(spell, 3)
    attempt = {"actor": cast.counsellor, "follow_up": follow_up, "now": now}
    services.log_attempt(**attempt, channel="text", result="unreachable")
    with pytest.raises(ValidationError):
        services.log_attempt(**attempt, channel="pigeon", result="unreachable")
    assert follow_up.attempts.count() == 1
    assert FollowUp.objects.get(pk=follow_up.pk).result == ""


def test_two_missed_contacts_ask_for_a_look(cast: Cast, spell: EmploymentSpell) -> None:
    missed = {"result": "unreachable", "status": ""}
    _reached(cast, _follow_up(spell, 3), **missed)
    assert not WarningFlag.objects.exists()
    second = _reached(cast, _follow_up(spell, 7), **missed)
    flag = WarningFlag.objects.get()
    assert (flag.kind, flag.severity, flag.follow_up) == (Kind.MISSED_CONTACTS, "amber", second)
    assert flag.due_on == second.due_on + dt.timedelta(days=3)
    _reached(cast, _follow_up(spell, 30), **missed)
    assert WarningFlag.objects.count() == 1  # nobody is told twice


# -- flags and assessments ----------------------------------------------------------------------------------------


def test_flags_have_their_day_and_are_resolved_once(cast: Cast, today: dt.date) -> None:
    red = services.raise_flag(actor=cast.counsellor, beneficiary=cast.beneficiary, kind=Kind.CONFINEMENT, on=today)
    assert (red.severity, red.due_on) == ("red", today)
    resolve = {"actor": cast.counsellor, "flag": red}
    for wrong in ({"resolution": " ", "on": today}, {"resolution": "ok", "on": today - dt.timedelta(days=1)}):
        with pytest.raises(ValidationError):
            services.resolve_flag(**resolve, **wrong)
    red.refresh_from_db()
    services.resolve_flag(**resolve, resolution="moved to safety", on=today)
    with pytest.raises(Conflict):
        services.resolve_flag(**resolve, resolution="again", on=today)


def test_a_flag_belongs_to_the_person_of_its_follow_up(cast: Cast, spell: EmploymentSpell, today: dt.date) -> None:
    other = BeneficiaryFactory(organisation=cast.programme, counsellor=cast.counsellor)
    with pytest.raises(PermissionDenied):
        services.raise_flag(
            actor=cast.counsellor, beneficiary=other, kind=Kind.THREATS, on=today, follow_up=_follow_up(spell, 3)
        )


def test_an_assessment_a_day_from_1_to_4(cast: Cast, today: dt.date) -> None:
    assess = {"actor": cast.counsellor, "beneficiary": cast.beneficiary, "on": today}
    for wrong in ({}, {"housing": None}, {"housing": 5}, {"housing": 0}):
        with pytest.raises(ValidationError):
            services.record_assessment(**assess, **wrong)
    with pytest.raises(TypeError):
        services.record_assessment(**assess, luck=3)
    assert services.record_assessment(**assess, housing=3).housing == 3
    with pytest.raises(ValidationError, match="assessed_on"):
        services.record_assessment(**assess, housing=4)


@pytest.mark.parametrize(
    ("scores", "index"),
    [
        ({"employment": 2, "income": 2, "housing": 3, "safety": 4, "legal": 3, "finances": 1}, 50.0),
        (dict.fromkeys(("employment", "income", "housing", "safety", "legal", "finances"), 1), 0.0),
        (dict.fromkeys(("employment", "income", "housing", "safety", "support", "health"), 4), 100.0),
        (dict.fromkeys(("employment", "income", "housing", "safety", "legal"), 4), None),
        (dict.fromkeys(("employment", "income", "housing", "legal", "finances", "support", "health"), 4), None),
    ],
)
def test_independence_index(scores: dict[str, int], index: float | None) -> None:
    assert independence_index(Assessment(**scores)) == index
