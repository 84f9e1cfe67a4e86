"""What the acts on outcomes do, the rules they keep, and who may do them."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from backend.audit.models import Event
from backend.beneficiaries.models import Beneficiary
from backend.core.exceptions import Conflict
from backend.outcomes import policies, services
from backend.outcomes.models import Assessment, EmploymentSpell, FollowUp, WarningFlag
from backend.outcomes.queries import independence_index
from backend.outcomes.retention import retention_at
from backend.outcomes.spells import facts
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
        (services.keep_in_touch, {"spell": spell, "on": today}),
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
    assert [follow_up.day for follow_up in spell.follow_ups.all()] == [3, 7, 30, 90, 180, 365]
    assert second.follow_ups.count() == 8


def _moves(cast: Cast, spell: EmploymentSpell, on: dt.date, **fields: Any) -> EmploymentSpell:
    """She leaves this job for another the day before."""
    services.end_spell(
        actor=cast.counsellor, spell=spell, ended_on=on - dt.timedelta(days=1), reason="better_job", on=on
    )
    return services.start_spell(**_job(cast, on, **fields))


def _planned(cast: Cast, since: dt.date) -> list[int]:
    due = FollowUp.objects.filter(spell__beneficiary=cast.beneficiary).values_list("due_on", flat=True)
    return sorted((one - since).days for one in due)


@pytest.mark.parametrize(
    ("moved_after", "planned"),
    [
        # Her first job's days 90, 180 and 365 stay beside the new plan, which begins on the day she moved.
        (50, [3, 7, 30, 53, 57, 80, 90, 140, 180, 230, 365, 415, 590, 780]),
        # Day 87 + 3 is day 90, and day 150 + 30 is day 180: one contact is enough.
        (87, [3, 7, 30, 90, 94, 117, 177, 267, 365, 452, 627, 817]),
        (150, [3, 7, 30, 90, 153, 157, 180, 240, 330, 365, 515, 690, 880]),
        (144, [3, 7, 30, 90, 147, 151, 174, 180, 234, 324, 365, 509, 684, 874]),
        (370, [3, 7, 30, 90, 180, 365, 373, 377, 400, 460, 550, 735, 910, 1100]),
    ],
)
def test_the_first_placements_horizons_stay_when_she_moves(
    moved_after: int, planned: list[int], cast: Cast, spell: EmploymentSpell, today: dt.date
) -> None:
    before = set(spell.follow_ups.values_list("pk", flat=True))
    second = _moves(cast, spell, today + dt.timedelta(days=moved_after))
    assert _planned(cast, today) == planned
    assert set(spell.follow_ups.values_list("pk", flat=True)) <= before  # not others in their place
    assert second.follow_ups.count() == 8


def test_a_horizon_comes_back_when_the_contact_near_it_goes(cast: Cast, spell: EmploymentSpell, today: dt.date) -> None:
    """At the second job day 30 is near the first one's day 180; at the third it is not planned any more."""
    second = _moves(cast, spell, today + dt.timedelta(days=150))
    assert 180 not in spell.follow_ups.values_list("day", flat=True)
    _moves(cast, second, today + dt.timedelta(days=160))
    assert 180 in spell.follow_ups.values_list("day", flat=True)
    assert _planned(cast, today).count(180) == 1


def test_work_that_is_no_placement_keeps_no_horizons(cast: Cast, today: dt.date) -> None:
    first = services.start_spell(**_job(cast, today, is_written=False))
    second = _moves(cast, first, today + dt.timedelta(days=40))
    _moves(cast, second, today + dt.timedelta(days=80))
    assert [follow_up.day for follow_up in first.follow_ups.all()] == [3, 7, 30]
    assert [follow_up.day for follow_up in second.follow_ups.all()] == [3, 7, 30, 90, 180, 365]


def test_asked_about_her_first_job_she_is_seen_at_the_one_on_record(
    cast: Cast, spell: EmploymentSpell, today: dt.date
) -> None:
    second = _moves(cast, spell, today + dt.timedelta(days=50), employer=None, contract="self_employed")
    day_90 = today + dt.timedelta(days=90)
    assert not policies.askable_follow_ups(cast.employer_user, on=day_90).filter(spell=spell).exists()
    spell.refresh_from_db()
    with pytest.raises(ValidationError):
        _reached(cast, _follow_up(spell, 90))  # she has left
    services.record_follow_up(
        actor=cast.counsellor, follow_up=_follow_up(spell, 90), result="reached", status="changed_employer",
        contacted_on=day_90, on=day_90,
    )  # fmt: skip
    second.refresh_from_db()
    assert second.verified_on == day_90
    told = retention_at(facts(Beneficiary.objects.all()), 90, today + dt.timedelta(days=120))
    assert (told.due, told.known, told.retained, told.same_employer) == (1, 1, 1, 0)


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
    assert (ended.ended_on, ended.verified_on, ended.end_recorded_on) == (later, later, later)
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


def test_two_days_of_trying_in_vain_ask_for_a_look(cast: Cast, spell: EmploymentSpell, now: dt.datetime) -> None:
    follow_up = _follow_up(spell, 3)

    def tries(days: int, result: str = "unreachable") -> None:
        services.log_attempt(
            actor=cast.counsellor, follow_up=follow_up, channel="call", result=result, now=now + dt.timedelta(days=days)
        )

    for day, result in ((3, "unreachable"), (3, "unreachable"), (4, "refused"), (5, "unreachable")):
        tries(day, result)
    assert not WarningFlag.objects.exists()  # one day in vain, then she spoke, then one day in vain
    tries(6)
    assert WarningFlag.objects.get().kind == Kind.MISSED_CONTACTS
    tries(7)
    assert WarningFlag.objects.count() == 1


def test_a_try_and_a_contact_given_up_count_together(cast: Cast, spell: EmploymentSpell, now: dt.datetime) -> None:
    services.log_attempt(
        actor=cast.counsellor, follow_up=_follow_up(spell, 3), channel="call", result="unreachable",
        now=now + dt.timedelta(days=3),
    )  # fmt: skip
    missed = {"result": "unreachable", "status": ""}
    _reached(cast, _follow_up(spell, 3), **missed)  # the same day
    assert not WarningFlag.objects.exists()
    _reached(cast, _follow_up(spell, 7), **missed)
    assert WarningFlag.objects.get().kind == Kind.MISSED_CONTACTS


# -- a contact that was missed takes a later answer ---------------------------------------------------------------


@pytest.mark.parametrize("first", ["unreachable", "refused", "unsafe_to_contact"])
def test_a_missed_contact_takes_a_later_answer(first: str, cast: Cast, spell: EmploymentSpell, today: dt.date) -> None:
    _reached(cast, _follow_up(spell, 30), result=first, status="", note="no answer")
    later = today + dt.timedelta(days=40)
    _reached(cast, _follow_up(spell, 30), contacted_on=later, on=later, note="she was abroad")
    stored = _follow_up(spell, 30)
    assert (stored.result, stored.status, stored.contacted_on) == ("reached", "same_employer", later)
    assert stored.note == "no answer\nshe was abroad"
    kept = stored.attempts.get()
    assert (kept.result, kept.attempted_at.date(), kept.channel) == (first, today + dt.timedelta(days=30), "")
    spell.refresh_from_db()
    assert spell.verified_on == later
    acts = Event.objects.filter(act="record_follow_up").order_by("sequence")
    assert [event.detail["before"] for event in acts] == ["", first]
    for again in ({"result": "unreachable", "status": ""}, {}):  # what is known stays
        with pytest.raises(Conflict):
            _reached(cast, _follow_up(spell, 30), **again)
    assert (stored.attempts.count(), _follow_up(spell, 30).contacted_on) == (1, later)


def test_a_missed_contact_is_not_missed_again(cast: Cast, spell: EmploymentSpell) -> None:
    missed = {"result": "unreachable", "status": ""}
    _reached(cast, _follow_up(spell, 30), **missed)
    with pytest.raises(Conflict):
        _reached(cast, _follow_up(spell, 30), **missed)
    assert not _follow_up(spell, 30).attempts.exists()


# -- work lost while housing is weak ------------------------------------------------------------------------------


def _score_housing(cast: Cast, on: dt.date, *scores: int | None) -> None:
    for number, housing in enumerate(scores):
        services.record_assessment(
            actor=cast.counsellor, beneficiary=cast.beneficiary, on=on - dt.timedelta(days=len(scores) - number),
            housing=housing, safety=3,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("scores", "reason", "raised"),
    [
        ((2,), "dismissed", True),
        ((1,), "contract_ended", True),
        ((4, 2), "unpaid", True),
        ((2, None), "dismissed", True),  # not scored since
        ((3,), "dismissed", False),
        ((1, 3), "dismissed", False),
        ((), "dismissed", False),
        ((2,), "better_job", False),
        ((2,), "death", False),
    ],
)
def test_an_end_while_housing_is_weak_asks_for_a_look(
    scores: tuple[int | None, ...], reason: str, raised: bool, cast: Cast, spell: EmploymentSpell, today: dt.date
) -> None:
    _score_housing(cast, today, *scores)
    later = today + dt.timedelta(days=30)
    services.end_spell(actor=cast.counsellor, spell=spell, ended_on=later, reason=reason, on=later)
    assert [(flag.kind, flag.raised_on) for flag in WarningFlag.objects.all()] == [(Kind.JOB_LOST, later)] * raised


def test_a_contact_that_finds_her_without_work_asks_once(cast: Cast, spell: EmploymentSpell, today: dt.date) -> None:
    _score_housing(cast, today, 2)
    _reached(cast, _follow_up(spell, 7))
    assert not WarningFlag.objects.exists()
    found = _reached(cast, _follow_up(spell, 30), status="not_employed")
    assert [(flag.kind, flag.follow_up) for flag in WarningFlag.objects.all()] == [(Kind.JOB_LOST, found)]
    later = today + dt.timedelta(days=31)
    services.end_spell(actor=cast.counsellor, spell=spell, ended_on=later, reason="dismissed", on=later)
    assert WarningFlag.objects.count() == 1


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
