"""P17: whatever is done to the trail without the key is found; what is done with it, by the custodian's head alone."""

import datetime as dt
import io
import json
import random
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from backend.audit.heads import NotSigned, read_heads, sign_heads
from backend.audit.models import HOUSE, Chain, Event
from backend.audit.queries import Signed, walk_all
from backend.audit.services import record
from tests.conftest import Cast
from tests.proofs import cases, report

from .tampering import ATTACKS, Attacker, keyed, undone

EVENTS = 24


def is_found(signed: Signed | None = None) -> bool:
    return any(walk.wrong for walk in walk_all(signed))


@pytest.fixture
def attacker(cast: Cast, other_cast: Cast) -> Attacker:
    for number in range(EVENTS):
        for one in (cast, other_cast):
            obj = one.beneficiary if number % 2 else one.employer
            record(actor=one.lead if number % 3 else None, act=f"act_{number}", obj=obj, number=number)
    assert not is_found()
    return Attacker(random.Random(17), cast.programme.pk, other_cast.programme.pk, cast.employer, cast.lead)


def _missed(attacker: Attacker, count: int) -> list[int]:
    """The numbers of the attacks that were not found; after each the trail is whole again."""
    missed = []
    for number in range(count):
        with undone():
            ATTACKS[number % len(ATTACKS)](attacker)
            if not is_found():
                missed.append(number)
    assert not is_found()
    return missed


def test_tampering_is_found(attacker: Attacker) -> None:
    assert _missed(attacker, 2 * len(ATTACKS)) == []


@pytest.mark.proof
def test_p17_every_tampering_is_found(attacker: Attacker) -> None:
    count = cases(500)
    report("P17", tried="tamperings with the audit trail", count=count, failed=len(_missed(attacker, count)))


def test_it_is_the_key_that_finds_it(attacker: Attacker) -> None:
    """The negative control: the same rewriting with the key in hand is not found, but by a head signed before."""
    signed = read_heads(sign_heads(now=dt.datetime(2026, 11, 2, tzinfo=dt.UTC)))
    with undone():
        attacker.rewrite(key=None)
        assert not is_found()
        assert is_found(signed)


def test_a_trail_set_back_to_an_earlier_day_is_found_by_the_signed_head_alone(
    attacker: Attacker, now: dt.datetime
) -> None:
    before = Chain.objects.filter(pk=attacker.chain).values("length", "mac", "seal").get()
    record(actor=attacker.lead, act="vet_employer", obj=attacker.employer)
    signed = read_heads(sign_heads(now=now))
    assert not is_found(signed)
    Event.objects.filter(chain=attacker.chain, sequence__gt=before["length"]).delete()
    attacker.head(**before)
    assert not is_found()
    assert is_found(signed)
    record(actor=attacker.lead, act="vet_employer", obj=attacker.employer)
    assert is_found(signed)


def test_a_trail_that_is_gone_is_found_by_the_signed_head_alone(attacker: Attacker, now: dt.datetime) -> None:
    signed = read_heads(sign_heads(now=now))
    Event.objects.all().delete()
    Chain.objects.all().delete()
    assert not is_found()
    assert is_found(signed)


def test_a_trail_that_went_on_still_leads_through_an_old_head(attacker: Attacker, now: dt.datetime) -> None:
    signed = read_heads(sign_heads(now=now))
    for _ in range(3):
        record(actor=attacker.lead, act="vet_employer", obj=attacker.employer)
    assert not is_found(signed)


def test_a_signed_head_is_believed_only_as_it_was_signed(attacker: Attacker, now: dt.datetime) -> None:
    text = sign_heads(now=now)
    shorter = json.loads(text)
    shorter["heads"][-1]["length"] -= 1
    with keyed(b"x" * 32), pytest.MonkeyPatch.context() as patch:
        patch.setattr("backend.audit.heads.derived_key", lambda purpose: b"x" * 32)
        forged = sign_heads(now=now)
    for bad in (json.dumps(shorter), forged, text[:-20], "", "[]", "null", "{}", "[" * 100_000, '{"heads": 1}'):
        with pytest.raises(NotSigned):
            read_heads(bad)
    assert read_heads(json.dumps(json.loads(text)))  # the same said with other white space


def test_commands_say_what_they_found(attacker: Attacker, tmp_path: Path) -> None:
    file, out = tmp_path / "head.json", io.StringIO()
    call_command("sign_audit_head", str(file), stdout=out)
    call_command("verify_audit", head=file, stdout=out)
    assert "The audit trail is whole." in out.getvalue()
    with pytest.raises(CommandError, match="exists"):
        call_command("sign_audit_head", str(file), stdout=out)

    event = Event.objects.get(chain=attacker.chain, sequence=5)
    attacker.set(event, act="nothing")
    with pytest.raises(CommandError, match="broken in 1 place"):
        call_command("verify_audit", stdout=out)
    assert f"{attacker.chain}: 4 events are whole; event 5 is not what was written" in out.getvalue()
    with pytest.raises(CommandError, match="not signed"):
        call_command("sign_audit_head", str(tmp_path / "second.json"), stdout=out)
    assert not (tmp_path / "second.json").exists()
    noted = Event.objects.get(act="verify_audit_failed")
    assert (noted.chain_id, noted.detail) == (HOUSE, {"why": "broken", "chains": [str(attacker.chain)]})
    assert Event.objects.filter(act="sign_audit_head_refused").count() == 1


def test_to_find_a_break_mends_none(attacker: Attacker) -> None:
    """What the finding leaves behind it never stands where something was cut off."""
    record(actor=None, act="refuse_sign_in", obj=Chain(pk=HOUSE))
    Event.objects.filter(chain=HOUSE).delete()
    Chain.objects.filter(pk=HOUSE).delete()
    for _time in range(3):
        with pytest.raises(CommandError, match="broken in 1 place"):
            call_command("verify_audit", stdout=io.StringIO())
    assert not Event.objects.filter(act="verify_audit_failed").exists()


@pytest.mark.parametrize("content", [None, "", "{}", "\x00", "[1]"])
def test_a_bad_head_file_is_refused(db: None, tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "head.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(CommandError, match=r"head\.json"):
        call_command("verify_audit", head=file)
    assert Event.objects.filter(act="verify_audit_failed").exists() is (content is not None)
