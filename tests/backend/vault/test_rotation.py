"""P16: a rotation that is killed midway leaves everything readable, and nothing opens where it was not sealed."""

import base64
import random
import uuid
from itertools import count
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import models

from backend.beneficiaries.models import Goal, Identity, SafetyRule
from backend.vault import keyring
from backend.vault.inspection import inspect_vault
from backend.vault.keyring import forget_opened_keys, organisation_keys
from backend.vault.management.commands import rotate_keys
from backend.vault.models import DataKey
from backend.vault.sealing import SealBroken
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory, IdentityFactory
from tests.proofs import cases, report

from .scratch import python, scratch_database
from .test_fields import VALUES, overwrite, raw

Place = tuple[type[models.Model], str, uuid.UUID]


class Killed(Exception):
    pass


def people(cast: Cast, how_many: int) -> list[Place]:
    """So many people with everything sealed filled in; where all of it is."""
    places: list[Place] = []
    for _ in range(how_many):
        person = BeneficiaryFactory(organisation=cast.programme, counsellor=cast.counsellor)
        who = IdentityFactory(beneficiary=person, **VALUES)
        goal = Goal.objects.create(beneficiary=person, domain="legal", text="t", owner="o", set_on="2026-11-02")
        rule = SafetyRule.objects.create(beneficiary=person, kind="sector", sector="I", set_on="2026-11-02")
        places += [(Identity, name, who.pk) for name in VALUES]
        places += [(Goal, name, goal.pk) for name in ("domain", "text", "owner")]
        places += [(SafetyRule, name, rule.pk) for name in ("kind", "municipality_id", "radius_km", "sector")]
    return places


def kill_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    steps, rewrap = count(), keyring.rewrap

    def rewrap_or_die(row: DataKey) -> bool:
        if next(steps) == step:
            raise Killed
        return rewrap(row)

    monkeypatch.setattr(rotate_keys, "rewrap", rewrap_or_die)


def unreadable() -> int:
    forget_opened_keys()
    return len(inspect_vault().failures)


@pytest.mark.django_db
def test_rotation_wraps_all_keys_anew_and_changes_no_value(cast: Cast, use_keys, new_key: str, settings) -> None:
    places, old = people(cast, 3), settings.VAULT_KEYS[0]
    before = [raw(*place) for place in places]
    use_keys(new_key, old)
    call_command("rotate_keys")
    use_keys(new_key)
    assert unreadable() == 0
    assert [raw(*place) for place in places] == before
    assert set(DataKey.objects.values_list("wrapped_by", flat=True)) == set(organisation_keys())


@pytest.mark.django_db
@pytest.mark.parametrize("step", [0, 2, 4])
def test_a_rotation_that_dies_midway_is_taken_up_again(
    cast: Cast, step: int, use_keys, new_key: str, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(cast, 4)
    use_keys(new_key, *settings.VAULT_KEYS)
    with monkeypatch.context() as patch:
        kill_at(step, patch)
        with pytest.raises(Killed):
            call_command("rotate_keys")
    assert unreadable() == 0
    assert len(set(DataKey.objects.values_list("wrapped_by", flat=True))) == (2 if step else 1)
    call_command("rotate_keys")
    use_keys(new_key)
    assert unreadable() == 0


@pytest.mark.django_db
def test_taking_the_old_key_away_too_early_would_be_noticed(
    cast: Cast, use_keys, new_key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    people(cast, 2)
    use_keys(new_key)
    with pytest.raises(CommandError):
        call_command("rotate_keys")
    with pytest.raises(CommandError):
        call_command("verify_vault")
    said = capsys.readouterr().out
    assert "beneficiaries.Identity.first_name of" in said
    assert "KeyMissing" in said
    assert not any(str(VALUES[name]) in said for name in ("first_name", "phone", "email"))


@pytest.mark.django_db
def test_a_healthy_vault_is_found_healthy(cast: Cast, capsys: pytest.CaptureFixture[str], now) -> None:
    people(cast, 2)
    keyring.destroy_key(Identity.objects.all()[0].beneficiary_id, now=now)
    call_command("verify_vault")
    key, identity, goal, rule = 1, 10, 3, 6  # of identity, 9 sealed and the blind index of one
    assert f", {key + identity + goal + rule} of people who were erased" in capsys.readouterr().out


def transplants_that_open(places: list[Place], how_many: int, draws: random.Random) -> int:
    """Put what is sealed in one place into another, look, and put it back; how often it opened."""
    opened = 0
    for _ in range(how_many):
        source, target = draws.sample(places, 2)
        before = raw(*target)
        overwrite(*target, raw(*source))
        try:
            getattr(target[0]._base_manager.get(pk=target[2]), target[1])
            opened += 1
        except SealBroken:
            pass
        overwrite(*target, before)
    return opened


@pytest.mark.django_db
def test_transplants_are_rejected(cast: Cast) -> None:
    assert transplants_that_open(people(cast, 3), 60, random.Random(16)) == 0


@pytest.mark.django_db
def test_it_is_the_bound_place_that_rejects_them(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.vault.fields.SealedField._place", lambda field, instance: "anywhere")
    person = BeneficiaryFactory(organisation=cast.programme)
    who = IdentityFactory(beneficiary=person, **VALUES)
    text = ("first_name", "last_name", "address", "safe_hours", "code_word")
    assert transplants_that_open([(Identity, name, who.pk) for name in text], 20, random.Random(16)) == 20


# -- the long form ------------------------------------------------------------------------------------------------

KILLED = """
import os, signal
from itertools import count
from django.core.management import call_command
from backend.vault import keyring
from backend.vault.management.commands import rotate_keys

steps, rewrap = count(), keyring.rewrap

def rewrap_or_die(row):
    if next(steps) == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return rewrap(row)

rotate_keys.rewrap = rewrap_or_die
call_command("rotate_keys")
"""


@pytest.mark.proof
@pytest.mark.django_db
def test_p16_rotations_and_transplants(
    cast: Cast, use_keys, settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    draws, failed = random.Random(16), 0
    places = people(cast, 40)
    rotations, ring = cases(50), list(settings.VAULT_KEYS)
    for _ in range(rotations):
        ring = [base64.urlsafe_b64encode(draws.randbytes(32)).decode().rstrip("="), *ring[:1]]
        use_keys(*ring)
        with monkeypatch.context() as patch:
            kill_at(draws.randrange(41), patch)
            with pytest.raises(Killed):
                call_command("rotate_keys")
        failed += unreadable()
        call_command("rotate_keys")
        use_keys(ring[0])
        failed += unreadable()
    report("P16", tried="rotations killed midway and taken up again, reads after each", count=rotations, failed=failed)
    transplants = cases(2_000)
    opened = transplants_that_open(places, transplants, draws)
    report("P16", tried="ciphertexts moved to another place", count=transplants, failed=opened)


@pytest.mark.proof
@pytest.mark.django_db
def test_p16_a_process_killed_while_it_rotates(new_key: str, settings, tmp_path: Path) -> None:
    keys = {"VAULT_KEYS": f"{new_key},{settings.VAULT_KEYS[0]}", "DEMO": "1"}
    with scratch_database(tmp_path) as database:
        for command in (("migrate", "-v0"), ("load_reference",), ("load_demo", "--if-empty")):
            assert python(database, *command, DEMO="1").returncode == 0
        assert python(database, code=KILLED, **keys).returncode == -9
        halfway = python(database, "verify_vault", **keys)
        again = python(database, "rotate_keys", **keys)
        after = python(database, "verify_vault", VAULT_KEYS=new_key)
    assert " 7 data keys" not in again.stdout
    results = [halfway.returncode, again.returncode, after.returncode]
    report("P16", tried="runs after a rotation was killed (SIGKILL)", count=3, failed=sum(map(bool, results)))
