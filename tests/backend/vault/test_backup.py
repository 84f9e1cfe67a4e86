"""A backup opens whole and with its own key, or not at all; restoring an old one brings nobody back who was erased."""

import io
import json
import secrets
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from backend.audit.models import Event
from backend.vault import stream
from backend.vault.keyring import KeyMissing, SealBroken
from backend.vault.stream import TAG, open_stream, seal_stream
from tests.conftest import Cast

from .scratch import python, scratch_database


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "CHUNK", 64)


def sealed(plain: bytes) -> bytes:
    target = io.BytesIO()
    seal_stream(io.BytesIO(plain), target, {"engine": "sqlite"})
    return target.getvalue()


def opened(backup: bytes) -> bytes:
    target = io.BytesIO()
    assert open_stream(io.BytesIO(backup), target)["engine"] == "sqlite"
    return target.getvalue()


@pytest.mark.parametrize("length", [0, 1, 63, 64, 65, 128, 1000])
def test_what_was_sealed_opens(length: int) -> None:
    plain = secrets.token_bytes(length)
    assert opened(sealed(plain)) == plain


def damaged() -> dict[str, bytes]:
    whole = sealed(b"x" * 300)
    head, _, body = whole.partition(b"\n")
    step = 64 + TAG
    chunks = [body[start : start + step] for start in range(0, len(body), step)]

    def put(*parts: bytes) -> bytes:
        return head + b"\n" + b"".join(parts)

    return {
        "empty": b"",
        "only its head": head + b"\n",
        "cut in a chunk": whole[:-1],
        "cut after a chunk": put(*chunks[:-1]),
        "cut at the start": put(*chunks[1:]),
        "lengthened": whole + b"x",
        "repeated": put(*chunks, chunks[-1]),
        "another order": put(chunks[1], chunks[0], *chunks[2:]),
        "a bit turned": whole[:-1] + bytes([whole[-1] ^ 1]),
        "another engine": whole.replace(b'"sqlite"', b'"sqlitf"', 1),
        "another nonce": put(*chunks).replace(json.loads(head)["nonce"].encode(), b"00" * 7),
        "not a backup": b"SQLite format 3\0" + b"x" * 500,
        "a long line": b"{" * 10_000,
        "a list": b"[]\n",
    }


def test_what_was_cut_or_altered_does_not(subtests) -> None:
    for damage, backup in damaged().items():
        with subtests.test(damage), pytest.raises(SealBroken):
            open_stream(io.BytesIO(backup), io.BytesIO())


def test_another_organisations_key_does_not_open_it(use_keys, new_key: str) -> None:
    backup = sealed(b"x" * 300)
    use_keys(new_key)
    with pytest.raises(KeyMissing):
        open_stream(io.BytesIO(backup), io.BytesIO())


def test_a_refusal_for_the_key_is_noted_where_the_trail_opens(
    cast: Cast, tmp_path: Path, use_keys, new_key: str, settings
) -> None:
    keys = settings.VAULT_KEYS
    settings.ERASURE_LEDGER = str(tmp_path / "ledger")
    Path(settings.ERASURE_LEDGER).touch()
    ours, foreign = tmp_path / "ours", tmp_path / "foreign"
    ours.write_bytes(sealed(b"x" * 300))
    use_keys(new_key)
    foreign.write_bytes(sealed(b"x" * 300))
    # The installation's own key is lost: nothing can be read, nor written into the trail.
    with pytest.raises(CommandError, match="no audit trail here"):
        call_command("restore", str(ours))
    use_keys(*keys)
    with pytest.raises(CommandError, match=r"The database is as it was\.$"):
        call_command("restore", str(foreign))
    assert Event.objects.get(act="restore_refused").detail == {"why": "KeyMissing"}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="pg_restore refuses by itself")
def test_a_sealed_file_that_holds_no_database_is_refused(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(sealed(b"x" * 300))
    with pytest.raises(CommandError, match="damaged"):
        call_command("restore", str(file), no_ledger=True)
    assert Event.objects.get(act="restore_refused").detail == {"why": "BackupRefused"}


def test_the_backup_shows_nothing_of_the_database() -> None:
    assert b"Milica" not in sealed(b"Milica" * 100)


DRILL = """
import datetime as dt, json, os
from pathlib import Path
from django.core.management import CommandError, call_command
from backend.audit.models import Event
from backend.beneficiaries.models import Beneficiary, Identity
from backend.core.tenancy import in_every_programme
from backend.outcomes.models import EmploymentSpell, FollowUp
from backend.outcomes.services import erase_person, start_spell
from backend.vault.keyring import KeyDestroyed, forget_opened_keys
from backend.vault.models import DataKey
from backend.vault.sealing import seal, unseal
from tests.factories import BeneficiaryFactory, IdentityFactory, MembershipFactory, OrganisationFactory

folder = Path(os.environ["DRILL"])
now, on = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC), dt.date(2026, 11, 2)
call_command("migrate", verbosity=0)
seen = {}

def refusal(*command, **options):
    try:
        call_command(*command, **options)
    except CommandError as error:
        return str(error)

def noted(act):
    return [event.detail.get("why") for event in Event.objects.filter(act=act).order_by("sequence")]

def state():
    forget_opened_keys()
    return {
        "names": sorted(who.first_name for who in Identity.objects.all()),
        "spells": EmploymentSpell.objects.count(),
        "codes": sorted(code.startswith("ERASED") for code in Beneficiary.objects.values_list("code", flat=True)),
        "destroyed": DataKey.objects.filter(destroyed_at__isnull=False).count(),
    }

with in_every_programme():
    programme = OrganisationFactory()
    actor = MembershipFactory(organisation=programme).user
    her, other = (BeneficiaryFactory(organisation=programme, counsellor=actor) for _ in range(2))
    IdentityFactory(beneficiary=her, first_name="Milica")
    IdentityFactory(beneficiary=other, first_name="Ana")
    start_spell(actor=actor, beneficiary=her, started_on=on, job_title="Milicin posao", contract="permanent",
                evidence="A", on=on)
    kept = seal(b"Milica", subject=her.pk, context="copy")
    old, cut, fresh = folder / "old", folder / "cut", folder / "fresh"
    call_command("backup", old)
    seen["again"] = refusal("backup", old)
    seen["mode"] = oct(old.stat().st_mode & 0o777)
    # Words long enough never to stand in sealed bytes by chance.
    seen["clear"] = any(word in old.read_bytes() for word in (b"SQLite format", her.code.encode(), b"beneficiaries_"))
    seen["before"] = state()
    seen["nobody was erased, no ledger"] = refusal("restore", old)
    seen["and the words of replay"] = refusal("replay_erasures")
    seen["noted"] = [len(noted("backup")), *noted("restore_refused"), len(noted("replay_erasures_refused"))]
    call_command("restore", old, no_ledger=True)
    seen["first installation"] = state()
    seen["restore noted"] = Event.objects.get(act="restore").detail["without_ledger"]
    erase_person(actor=actor, beneficiary=her, now=now)
    seen["erased"] = state()
    seen["ledger"] = Path(os.environ["ERASURE_LEDGER"]).read_text().count("\\n")
    call_command("backup", fresh)
    cut.write_bytes(old.read_bytes()[:-1])
    seen["cut"] = refusal("restore", cut)
    seen["after the refusal"] = state()
    seen["cut noted"] = noted("restore_refused")
    call_command("restore", old)
    seen["restored"] = state()
    try:
        unseal(kept, subject=her.pk, context="copy")
    except KeyDestroyed:
        seen["gone"] = True
    os.rename(os.environ["ERASURE_LEDGER"], folder / "elsewhere")
    seen["without the ledger"] = refusal("restore", old)
    seen["on somebody's word"] = refusal("restore", old, no_ledger=True)
    Path(os.environ["ERASURE_LEDGER"]).write_text("")
    seen["another ledger"] = refusal("restore", old)
    os.unlink(os.environ["ERASURE_LEDGER"])
    seen["still without her"] = state()
    # The negative control: a machine that never knew of the erasure, a backup from before, and no ledger.
    DataKey.objects.filter(destroyed_at__isnull=False).delete()
    call_command("restore", old, no_ledger=True)
    seen["brought back"] = state()
    # A backup that knows more than the word that nobody was erased.
    seen["the backup knows"] = refusal("restore", fresh, no_ledger=True)
print("\\n" + json.dumps(seen))
"""


@pytest.mark.django_db
def test_the_drill(tmp_path: Path) -> None:
    """Back up, erase, restore: in one process, on a database of its own."""
    with scratch_database(tmp_path) as database:
        answer = python(database, code=DRILL, DRILL=str(tmp_path), ERASURE_LEDGER=str(tmp_path / "ledger"))
    assert answer.returncode == 0, answer.stderr
    seen = json.loads(answer.stdout.splitlines()[-1])
    whole = {"names": ["Ana", "Milica"], "spells": 1, "codes": [False, False], "destroyed": 0}
    without_her = {"names": ["Ana"], "spells": 1, "codes": [False, True], "destroyed": 1}
    assert "exists already" in seen["again"]
    assert (seen["mode"], seen["clear"], seen["ledger"]) == ("0o600", False, 1)
    assert seen["before"] == whole
    assert seen["erased"] == seen["after the refusal"] == seen["restored"] == without_her
    assert "cut or altered" in seen["cut"]
    assert seen["gone"]
    for name in ("nobody was erased, no ledger", "without the ledger"):
        assert "There is no erasure ledger" in seen[name]
        assert "The database is as it was." in seen[name]
    assert "There is no erasure ledger" in seen["and the words of replay"]
    assert seen["noted"] == [1, "LedgerBroken", 1]
    assert seen["first installation"] == whole
    assert seen["restore noted"] is True
    assert seen["cut noted"] == ["SealBroken"]
    for name in ("on somebody's word", "another ledger"):
        assert "ledger does not know. The database is as it was." in seen[name]
    assert seen["still without her"] == without_her
    assert seen["brought back"] == whole
    assert "ledger does not know. Do not open the system" in seen["the backup knows"]
