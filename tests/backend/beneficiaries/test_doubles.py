"""Two files of one person are met by her phone: by a keyed digest, in one programme, and telling as little as helps."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from backend.audit.models import Event
from backend.beneficiaries.models import Beneficiary, Identity
from backend.beneficiaries.services import Doubles, look_for_doubles, save_identity
from backend.beneficiaries.services import doubles as rule
from backend.outcomes.services import erase_person
from backend.vault import blind
from tests.backend.web.conftest import SignIn, sign_in
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory, IdentityFactory

__all__ = ["sign_in"]  # a fixture

PHONE = "+381641234567"


def person(cast: Cast, counsellor: str = "counsellor", phone: str = PHONE) -> Beneficiary:
    her = BeneficiaryFactory(organisation=cast.programme, counsellor=getattr(cast, counsellor))
    IdentityFactory(beneficiary=her, phone=phone)
    return her


def look(cast: Cast, her: Beneficiary) -> Doubles:
    return look_for_doubles(actor=cast.counsellor, beneficiary=her)


def test_the_own_caseload_is_named_and_a_colleagues_is_not(cast: Cast) -> None:
    own, her = person(cast), person(cast)
    assert look(cast, her) == Doubles(own=(own.code,))
    person(cast, "colleague")
    person(cast, "colleague")
    assert look(cast, her) == Doubles(own=(own.code,), elsewhere=True)  # one or two: it is not told


def test_a_phone_is_known_however_it_is_written(cast: Cast, today: dt.date) -> None:
    person(cast, "colleague")
    her = BeneficiaryFactory(organisation=cast.programme, counsellor=cast.counsellor)
    save_identity(
        actor=cast.counsellor, beneficiary=her, on=today, first_name="A", last_name="B", phone="064 / 123-45-67"
    )
    assert look(cast, her).elsewhere


def test_other_phones_none_and_other_programmes_are_not_met(cast: Cast, other_cast: Cast) -> None:
    her = person(cast)
    person(cast, "colleague", "+381641234568")
    person(cast, "colleague", "")
    foreign = BeneficiaryFactory(organisation=other_cast.programme, counsellor=other_cast.counsellor)
    theirs = IdentityFactory(beneficiary=foreign, phone=PHONE)
    assert not look(cast, her)
    assert not look(cast, person(cast, phone=""))
    assert not Event.objects.filter(act="meet_known_phone").exists()
    assert theirs.phone_index != her.identity.phone_index  # never across: each programme's key is its own


def test_a_digest_that_meets_by_chance_is_no_double(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blind.BlindIndexField, "digest", lambda *_given: "abcdef")
    her = person(cast)
    person(cast, "colleague", "+381601111111")
    assert not look(cast, her)


def test_every_find_is_noted_and_only_her_counsellor_asks(cast: Cast, other_cast: Cast) -> None:
    her, other = person(cast), person(cast, "colleague")
    for actor in (cast.colleague, cast.lead, cast.administrator, cast.employer_user, other_cast.counsellor):
        with pytest.raises(PermissionDenied):
            look_for_doubles(actor=actor, beneficiary=her)
    assert look(cast, her).elsewhere
    [event] = Event.objects.filter(act="meet_known_phone")
    assert (event.actor, event.subject, event.detail) == (cast.counsellor, her.pk, {"elsewhere": True})
    assert str(other.pk) not in str(event.detail)


def test_an_erased_person_is_met_no_more(cast: Cast, settings: object, tmp_path: object) -> None:
    settings.ERASURE_LEDGER = str(tmp_path / "ledger")  # type: ignore[attr-defined, operator]
    her, gone = person(cast), person(cast, "colleague")
    erase_person(actor=cast.colleague, beneficiary=gone, now=timezone.now())
    assert not look(cast, her)
    assert Identity.objects.filter(phone_index=her.identity.phone_index).count() == 1


def test_the_index_tells_nothing_without_the_key(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    before = person(cast).identity.phone_index
    assert len(before) == 2 * blind.BYTES
    monkeypatch.setattr(blind, "derived_key", lambda purpose: b"another key")
    assert person(cast).identity.phone_index != before


def test_a_wrong_index_is_found_and_put_right(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    her, other = person(cast), person(cast, "colleague")
    Identity.objects.filter(beneficiary=other).update(phone_index="")
    assert not look(cast, her)
    with pytest.raises(CommandError, match="1 do not open"):
        call_command("verify_vault")
    assert "Identity.phone_index" in capsys.readouterr().out
    call_command("rotate_keys")
    assert "1 blind indexes were put right." in capsys.readouterr().out
    call_command("verify_vault")
    assert look(cast, her).elsewhere


def test_intake_warns_and_says_nothing_of_the_other(cast: Cast, sign_in: SignIn) -> None:
    other = person(cast, "colleague")
    who = Identity.objects.get(beneficiary=other)
    client = sign_in(cast.counsellor)
    values = {
        "code": "K-NEW", "entered_on": "2026-10-01", "permit": "citizen", "first_name": "Nova", "last_name": "Osoba",
    }  # fmt: skip
    answer = client.post(reverse("web:register_person"), values | {"phone": "064 1234567"}, follow=True)
    assert "may be known under this phone already" in answer.text
    for told in (other.code, str(other.pk), who.last_name, cast.colleague.name):
        assert told not in answer.text
    again = client.post(reverse("web:register_person"), values | {"code": "K-NEW2", "phone": "0641234568"}, follow=True)
    assert "under this phone" not in again.text


def test_a_phone_that_is_written_down_later_is_met_too(cast: Cast, sign_in: SignIn) -> None:
    person(cast, "colleague")
    her = person(cast, phone="+381601111111")
    client, url = sign_in(cast.counsellor), reverse("web:person_identity", args=[her.pk])
    values = {"first_name": "Nova", "last_name": "Osoba"}
    assert "under this phone" not in client.post(url, values | {"phone": "0601111111"}, follow=True).text
    assert "under this phone" in client.post(url, values | {"phone": PHONE}, follow=True).text
    assert "under this phone" not in client.post(url, values | {"phone": PHONE}, follow=True).text  # not changed


def test_trying_numbers_costs_a_person_taken_in(cast: Cast, sign_in: SignIn) -> None:
    """A refused intake tells nothing of a number."""
    person(cast, "colleague")
    client = sign_in(cast.counsellor)
    texts = []
    for phone in (PHONE, "+381601111111"):
        values = {"code": "bad code", "phone": phone, "first_name": "A", "last_name": "B"}
        texts.append(client.post(reverse("web:register_person"), values).text.replace(phone, ""))
    assert "under this phone" not in texts[0]
    assert not Event.objects.filter(act="meet_known_phone").exists()


def test_a_colleagues_code_would_be_noticed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: were everybody's codes told, the colleague's would be among them."""
    her, other = person(cast), person(cast, "colleague")

    class Telling(rule.Doubles):
        pass

    monkeypatch.setattr(rule, "Doubles", lambda own=(), elsewhere=False: Telling(own=(other.code,)))
    assert other.code in look(cast, her).own
