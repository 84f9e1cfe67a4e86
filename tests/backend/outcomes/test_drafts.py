"""A follow-up that is interrupted: nothing is lost, nothing follows from it, and it is nobody else's."""

import datetime as dt
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from backend.audit.models import Event
from backend.beneficiaries.services import hand_over
from backend.core.exceptions import Conflict
from backend.outcomes import services
from backend.outcomes.models import EmploymentSpell, FollowUp, FollowUpDraft, WarningFlag
from backend.outcomes.policies import visible_follow_up_drafts
from tests.conftest import Cast

SAID = {"result": "reached", "contacted_on": dt.date(2026, 11, 2), "pay_on_time": False, "note": "Gazda drži pasoš"}


@pytest.fixture
def follow_up(cast: Cast, today: dt.date) -> FollowUp:
    spell = services.start_spell(
        actor=cast.counsellor,
        beneficiary=cast.beneficiary,
        started_on=today - dt.timedelta(days=30),
        job_title="krojačica",
        contract="permanent",
        evidence="A",
        employer=cast.employer,
        on=today,
    )
    return spell.follow_ups.get(day=30)


@pytest.fixture
def draft(cast: Cast, follow_up: FollowUp, now: dt.datetime) -> FollowUpDraft:
    return keep(cast, follow_up, now, flags=["documents_held"])


def keep(cast: Cast, follow_up: FollowUp, now: dt.datetime, **changed: object) -> FollowUpDraft:
    said = SAID | {"on": now.date(), "now": now} | changed
    return services.keep_draft(actor=cast.counsellor, follow_up=follow_up, **said)


def test_it_comes_back_as_it_was_left_and_nothing_follows(cast: Cast, draft: FollowUpDraft) -> None:
    kept = visible_follow_up_drafts(cast.counsellor).get()
    assert kept.answers == SAID | {"contacted_on": "2026-11-02", "flags": ["documents_held"]}
    follow_up = FollowUp.objects.get(pk=draft.follow_up_id)
    assert (follow_up.result, follow_up.note, follow_up.recorded_by) == ("", "", None)
    assert follow_up.spell.verified_on == follow_up.spell.started_on
    assert not WarningFlag.objects.exists()


def test_the_database_holds_none_of_it_in_the_clear(draft: FollowUpDraft) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM outcomes_followupdraft")
        held = repr([bytes(value) if isinstance(value, memoryview) else value for value in cursor.fetchone()])
    assert not [word for word in ("reached", "pasoš", "documents_held", "pay_on_time") if word in held]


def test_there_is_one_and_its_beginning_leaves_one_event(cast: Cast, draft: FollowUpDraft, now: dt.datetime) -> None:
    later = keep(cast, draft.follow_up, now + dt.timedelta(minutes=3), note="Gazda drži pasoš i platu")
    assert FollowUpDraft.objects.get() == later == draft
    assert (later.saved_at, later.answers["flags"]) == (now + dt.timedelta(minutes=3), [])
    assert Event.objects.filter(act="keep_draft").count() == 1


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("contacted_on", {"contacted_on": dt.date(2026, 11, 3)}),
        ("result", {"result": "vanished"}),
        ("evidence", {"evidence": "Q"}),
        ("note", {"note": "x" * 1001}),
        ("flags", {"flags": ["boredom"]}),
    ],
)
def test_half_may_be_missing_and_none_may_be_wrong(
    field: str, wrong: dict[str, object], cast: Cast, follow_up: FollowUp, now: dt.datetime
) -> None:
    with pytest.raises(ValidationError) as refusal:
        keep(cast, follow_up, now, **wrong)
    assert field in refusal.value.message_dict
    assert not FollowUpDraft.objects.exists()
    with pytest.raises(ValidationError):
        services.keep_draft(actor=cast.counsellor, follow_up=follow_up, on=now.date(), now=now, result="")
    with pytest.raises(TypeError):
        keep(cast, follow_up, now, spell=follow_up.spell)


def test_it_goes_when_the_follow_up_is_recorded(cast: Cast, draft: FollowUpDraft, now: dt.datetime) -> None:
    done = {"result": "reached", "status": "same_employer", "contacted_on": now.date(), "on": now.date()}
    services.record_follow_up(actor=cast.counsellor, follow_up=draft.follow_up, **done)
    assert not FollowUpDraft.objects.exists()
    with pytest.raises(Conflict, match="recorded already"):
        keep(cast, FollowUp.objects.get(pk=draft.follow_up_id), now)
    assert not FollowUpDraft.objects.exists()


def test_it_goes_with_the_person(cast: Cast, draft: FollowUpDraft, now: dt.datetime, tmp_path: Path, settings) -> None:
    settings.ERASURE_LEDGER = str(tmp_path / "ledger")
    services.erase_person(actor=cast.counsellor, beneficiary=cast.beneficiary, now=now)
    assert not FollowUpDraft.objects.exists()
    with pytest.raises(PermissionDenied):  # a page that was open all the while
        keep(cast, draft.follow_up, now)
    assert not FollowUpDraft.objects.exists()


def test_it_is_handed_over_with_her(cast: Cast, draft: FollowUpDraft, now: dt.datetime) -> None:
    hand_over(actor=cast.counsellor, beneficiary=cast.beneficiary, to=cast.colleague, reason="leave")
    assert not visible_follow_up_drafts(cast.counsellor).exists()
    assert visible_follow_up_drafts(cast.colleague).get() == draft


def test_a_new_job_leaves_what_is_begun(cast: Cast, draft: FollowUpDraft, now: dt.datetime, today: dt.date) -> None:
    """Contacts that were planned for after the new job are planned anew; one that is half written stays."""
    spell = EmploymentSpell.objects.get()
    begun = spell.follow_ups.get(day=90)
    keep(cast, begun, now)
    services.end_spell(actor=cast.counsellor, spell=spell, ended_on=today, reason="moved", on=today)
    later = today + dt.timedelta(days=1)
    services.start_spell(
        actor=cast.counsellor, beneficiary=cast.beneficiary, started_on=later, job_title="kuvarica",
        contract="permanent", evidence="A", on=later,
    )  # fmt: skip
    assert list(spell.follow_ups.values_list("day", flat=True)) == [3, 7, 30, 90, 180, 365]  # not 540
