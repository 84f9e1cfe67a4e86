"""`verify_vault` opens whatever is sealed, also what no sealed field holds: details of events, secrets of factors."""

import base64

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import CommandError, call_command

from backend.audit.models import Event
from backend.audit.services import record
from backend.vault import inspection
from backend.vault.inspection import inspect_vault
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def test_details_and_secrets_are_opened(cast: Cast) -> None:
    record(actor=cast.counsellor, act="read_identity", obj=cast.beneficiary, fields=["phone"])
    before = inspect_vault()
    assert before.failures == []
    TOTP.activate(cast.counsellor, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(cast.counsellor)
    after = inspect_vault()
    assert after.failures == []
    assert after.opened == before.opened + 2


def test_a_detail_that_does_not_open_is_named_and_not_shown(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    found = record(actor=cast.counsellor, act="read_identity", obj=cast.beneficiary, fields=["phone"])
    moved = {name: getattr(found, name) for name in ("chain_id", "actor_id", "noun", "object_id", "subject")}
    sealed = bytes(found.sealed_detail)
    forged = Event.objects.create(**moved, act="forged", sequence=9_999, sealed_detail=sealed, mac=b"x" * 32)
    with pytest.raises(CommandError, match="1 do not open"):
        call_command("verify_vault")
    told = capsys.readouterr().out
    assert f"audit.Event.detail of {forged.pk}: SealBroken" in told
    assert "phone" not in told


@pytest.mark.parametrize("name", ["secret", "seed"])
@pytest.mark.parametrize("bad", ["!", base64.b64encode(b"x" * 60).decode()])
def test_a_secret_that_does_not_open_is_named(
    cast: Cast, name: str, bad: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kind = "totp" if name == "secret" else "recovery_codes"
    factor = Authenticator.objects.create(user=cast.counsellor, type=kind, data={name: bad})
    with pytest.raises(CommandError, match="1 do not open"):
        call_command("verify_vault")
    assert f"mfa.Authenticator.{name} of {factor.pk}" in capsys.readouterr().out


def test_what_is_not_listed_would_be_missed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: without the lists of the apps neither is opened."""
    Authenticator.objects.create(user=cast.counsellor, type="totp", data={"secret": "!"})
    monkeypatch.setattr(inspection, "_listings", [])
    assert inspect_vault().failures == []
