"""What is sealed opens for its person at its place, and nowhere else."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction

from backend.vault import keyring
from backend.vault.keyring import derived_key, destroy_key, forget_opened_keys, open_keys, organisation_keys
from backend.vault.models import SYSTEM, DataKey
from backend.vault.sealing import KeyDestroyed, KeyMissing, SealBroken, seal, unseal

pytestmark = pytest.mark.django_db
PLACE = "table|field|row"


@pytest.mark.parametrize("plaintext", [b"", b"0", b"Milica", "Ђорђе".encode(), b"\0" * 5_000])
@pytest.mark.parametrize("subject", [None, uuid.UUID(int=7)])
def test_what_is_sealed_opens(plaintext: bytes, subject: uuid.UUID | None) -> None:
    sealed = seal(plaintext, subject=subject, context=PLACE)
    forget_opened_keys()
    assert unseal(sealed, subject=subject, context=PLACE) == plaintext
    assert not plaintext or len(plaintext) < 4 or plaintext not in sealed
    assert seal(plaintext, subject=subject, context=PLACE) != sealed


def test_moved_or_altered_it_does_not_open(person: uuid.UUID, another: uuid.UUID) -> None:
    sealed = seal(b"Milica", subject=person, context=PLACE)
    seal(b"Ana", subject=another, context=PLACE)
    for subject, context in ((person, "table|field|other"), (another, PLACE), (None, PLACE)):
        with pytest.raises(SealBroken):
            unseal(sealed, subject=subject, context=context)
    for broken in (b"", sealed[:11], sealed[:-1], sealed + b"\0", sealed[:-1] + bytes([sealed[-1] ^ 1])):
        with pytest.raises(SealBroken):
            unseal(broken, subject=person, context=PLACE)


def test_everybody_has_a_key_of_her_own(person: uuid.UUID, another: uuid.UUID) -> None:
    assert len({keyring.key_to_seal(subject) for subject in (person, another, SYSTEM)}) == 3
    assert keyring.key_to_seal(person) == keyring.key_to_open(person)


def test_an_erased_person_neither_opens_nor_is_sealed_for(person: uuid.UUID, now: dt.datetime) -> None:
    sealed = seal(b"Milica", subject=person, context=PLACE)
    destroy_key(person, now=now)
    destroy_key(person, now=now + dt.timedelta(days=1))
    with pytest.raises(KeyDestroyed):
        unseal(sealed, subject=person, context=PLACE)
    with pytest.raises(KeyDestroyed):
        seal(b"again", subject=person, context=PLACE)
    row = DataKey.objects.get(pk=person)
    assert (bytes(row.wrapped), row.destroyed_at) == (b"", now)


def test_somebody_who_never_had_a_key_can_be_erased(person: uuid.UUID, now: dt.datetime) -> None:
    destroy_key(person, now=now)
    with pytest.raises(KeyDestroyed):
        seal(b"Milica", subject=person, context=PLACE)


def test_the_system_key_stays(now: dt.datetime) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        destroy_key(SYSTEM, now=now)


def test_a_key_from_a_transaction_that_was_rolled_back_is_not_used(person: uuid.UUID) -> None:
    with transaction.atomic():
        seal(b"Milica", subject=person, context=PLACE)
        transaction.set_rollback(True)
    sealed = seal(b"Ana", subject=person, context=PLACE)
    forget_opened_keys()
    assert unseal(sealed, subject=person, context=PLACE) == b"Ana"


def test_a_page_of_people_is_one_query(django_assert_num_queries) -> None:
    sealed = {subject: seal(b"x", subject=subject, context=PLACE) for subject in (uuid.uuid4() for _ in range(50))}
    forget_opened_keys()
    with django_assert_num_queries(1):
        open_keys(sealed)
        assert {unseal(value, subject=who, context=PLACE) for who, value in sealed.items()} == {b"x"}


def test_the_opened_keys_stay_few(person: uuid.UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "OPENED_AT_MOST", 3)
    for _ in range(10):
        seal(b"x", subject=uuid.uuid4(), context=PLACE)
    assert len(keyring._opened.keys) <= 3


# -- the organisation key -----------------------------------------------------------------------------------------


def test_without_the_organisation_key_nothing_opens(person: uuid.UUID, use_keys, new_key: str, settings) -> None:
    first = settings.VAULT_KEYS[0]
    sealed = seal(b"Milica", subject=person, context=PLACE)
    use_keys(new_key)
    with pytest.raises(KeyMissing) as refused:
        unseal(sealed, subject=person, context=PLACE)
    assert "Milica" not in str(refused.value)
    with pytest.raises(KeyMissing):
        derived_key("blind-index")
    use_keys(new_key, first)
    assert unseal(sealed, subject=person, context=PLACE) == b"Milica"


def test_another_key_under_the_same_id_opens_nothing(person: uuid.UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = seal(b"Milica", subject=person, context=PLACE)
    forget_opened_keys()
    ids = list(organisation_keys())
    monkeypatch.setattr(keyring, "organisation_keys", lambda: dict.fromkeys(ids, b"\7" * 32))
    with pytest.raises(SealBroken):
        unseal(sealed, subject=person, context=PLACE)


def test_the_key_of_somebody_else_in_her_row_opens_nothing(person: uuid.UUID, another: uuid.UUID) -> None:
    sealed = seal(b"Milica", subject=person, context=PLACE)
    seal(b"Ana", subject=another, context=PLACE)
    theirs = DataKey.objects.get(pk=person)
    DataKey.objects.filter(pk=another).update(wrapped=theirs.wrapped)
    forget_opened_keys()
    with pytest.raises(SealBroken):
        unseal(sealed, subject=another, context=PLACE)


@pytest.mark.parametrize("lines", [[], ["short"], ["ključ" * 9], ["!" * 43], ["A" * 44]])
def test_a_malformed_key_is_refused_unseen(lines: list[str], use_keys) -> None:
    use_keys(*lines)
    with pytest.raises(ImproperlyConfigured) as refused:
        organisation_keys()
    assert not any(line in str(refused.value) for line in lines)


def test_derived_keys_differ_by_purpose_and_outlive_a_change_of_the_organisation_key(
    use_keys, new_key: str, settings
) -> None:
    before = derived_key("audit-chain")
    assert len({before, derived_key("blind-index"), keyring.key_to_open(SYSTEM)}) == 3
    use_keys(new_key, *settings.VAULT_KEYS)
    assert keyring.rewrap(DataKey.objects.get(pk=SYSTEM))
    use_keys(new_key)
    assert derived_key("audit-chain") == before


def test_a_database_that_was_emptied_has_a_system_key_again() -> None:
    DataKey.objects.all().delete()
    forget_opened_keys()
    with pytest.raises(KeyMissing):
        seal(b"x", subject=None, context=PLACE)
    keyring.make_system_key()
    assert unseal(seal(b"x", subject=None, context=PLACE), subject=None, context=PLACE) == b"x"
