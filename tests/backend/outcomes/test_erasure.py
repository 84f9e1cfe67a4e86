"""Erasing a person: who she is goes, what only counts stays, and nobody but her counsellor can do it."""

import datetime as dt
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from backend.audit.models import Event
from backend.beneficiaries import services as files
from backend.beneficiaries.models import Beneficiary, Goal, Identity
from backend.beneficiaries.policies import visible_beneficiaries
from backend.core.exceptions import Conflict
from backend.outcomes.models import FollowUp
from backend.outcomes.services import erase_person, record_follow_up, replay_erasures, start_spell
from backend.vault import ledger
from backend.vault.keyring import KeyDestroyed
from backend.vault.ledger import LedgerBroken
from backend.vault.models import DataKey
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory, IdentityFactory


@pytest.fixture(autouse=True)
def book(tmp_path: Path, settings) -> Path:
    settings.ERASURE_LEDGER = str(tmp_path / "kept" / "ledger")
    return tmp_path / "kept" / "ledger"


@pytest.fixture
def her(cast: Cast, today: dt.date) -> Beneficiary:
    person, actor = cast.beneficiary, cast.counsellor
    IdentityFactory(beneficiary=person, first_name="Milica")
    files.set_goal(actor=actor, beneficiary=person, domain="legal", text="papiri", owner="ona", on=today)
    started_on = today - dt.timedelta(days=40)
    spell = start_spell(
        actor=actor, beneficiary=person, started_on=started_on, job_title="Krojačica kod Ane",
        contract="permanent", evidence="A", on=today,
    )  # fmt: skip
    record_follow_up(
        actor=actor, follow_up=spell.follow_ups.get(day=30), result="reached", status="same_employer",
        contacted_on=today, note="Sve je u redu", on=today,
    )  # fmt: skip
    return person


def test_who_she_is_goes_and_what_counts_stays(cast: Cast, her: Beneficiary, now: dt.datetime, book: Path) -> None:
    erase_person(actor=cast.counsellor, beneficiary=her, now=now)
    assert not Identity.objects.exists()
    assert not Goal.objects.exists()
    left = Beneficiary.objects.get(pk=her.pk)
    assert left.code.startswith("ERASED-")
    assert (left.municipality, left.licences, left.erased_at) == (None, [], now)
    found = FollowUp.objects.get(day=30)
    assert (found.result, found.status, found.spell.job_title) == ("reached", "same_employer", "")
    with pytest.raises(KeyDestroyed):
        _ = found.note
    assert book.read_text() == f"{her.pk} {now.isoformat()}\n"
    assert book.stat().st_mode & 0o777 == 0o600


def test_nobody_sees_or_changes_her_any_more(cast: Cast, her: Beneficiary, now: dt.datetime, today: dt.date) -> None:
    erase_person(actor=cast.counsellor, beneficiary=her, now=now)
    assert not visible_beneficiaries(cast.counsellor).exists()
    left = Beneficiary.objects.get(pk=her.pk)
    with pytest.raises(PermissionDenied):
        files.set_goal(actor=cast.counsellor, beneficiary=left, domain="legal", text="x", owner="y", on=today)
    with pytest.raises(Conflict):
        erase_person(actor=cast.counsellor, beneficiary=her, now=now)


@pytest.mark.parametrize("who", ["colleague", "lead", "administrator", "employer_user"])
def test_only_her_counsellor_erases(cast: Cast, her: Beneficiary, now: dt.datetime, who: str, book: Path) -> None:
    with pytest.raises(PermissionDenied):
        erase_person(actor=getattr(cast, who), beneficiary=her, now=now)
    assert Identity.objects.get().first_name == "Milica"
    assert not book.exists()


def test_it_leaves_a_trail_that_says_no_more_of_her(cast: Cast, her: Beneficiary, now: dt.datetime) -> None:
    erase_person(actor=cast.counsellor, beneficiary=her, now=now)
    event = Event.objects.get(act="erase_person")
    assert (event.actor, event.object_id) == (cast.counsellor, str(her.pk))


def test_a_ledger_that_cannot_be_written_stops_it(cast: Cast, her: Beneficiary, now: dt.datetime, settings) -> None:
    settings.ERASURE_LEDGER = "/proc/nowhere/ledger"
    with pytest.raises(OSError, match="nowhere"):
        erase_person(actor=cast.counsellor, beneficiary=her, now=now)
    assert Identity.objects.get().first_name == "Milica"


def test_the_ledger_is_replayed_over_who_came_back(cast: Cast, her: Beneficiary, now: dt.datetime) -> None:
    ledger.append(her.pk, now=now)
    assert replay_erasures() == 1
    assert not Identity.objects.exists()
    assert Beneficiary.objects.get(pk=her.pk).erased_at == now
    assert replay_erasures() == 0


def test_a_ledger_that_is_missing_says_nothing(book: Path, db: None) -> None:
    with pytest.raises(LedgerBroken, match="--no-ledger"):
        replay_erasures()
    assert replay_erasures(without_ledger=True) == 0
    with pytest.raises(CommandError, match="Do not open the system"):
        call_command("replay_erasures")
    assert Event.objects.filter(act="replay_erasures_refused").exists()


def test_no_word_helps_against_what_the_database_knows(
    cast: Cast, her: Beneficiary, now: dt.datetime, book: Path
) -> None:
    erase_person(actor=cast.counsellor, beneficiary=her, now=now)
    book.unlink()
    with pytest.raises(LedgerBroken, match="1 people"):
        replay_erasures(without_ledger=True)


def test_a_ledger_of_another_database_is_refused(cast: Cast, her: Beneficiary, now: dt.datetime, book: Path) -> None:
    erase_person(actor=cast.counsellor, beneficiary=her, now=now)
    book.unlink()
    ledger.append(BeneficiaryFactory().pk, now=now)
    with pytest.raises(LedgerBroken):
        replay_erasures()
    assert DataKey.objects.filter(destroyed_at__isnull=False).count() == 1


@pytest.mark.parametrize("line", ["x", "x y z", "00000000-0000-4000-8000-000000000000 soon", "ђ"])
def test_a_ledger_that_cannot_be_read_is_refused(book: Path, line: str) -> None:
    book.parent.mkdir()
    book.write_text(f"{line}\n")
    with pytest.raises(LedgerBroken):
        ledger.read()
