"""What an event says, of whom, in which chain, and who can read it later."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction

from backend.audit.chain import LINKED
from backend.audit.models import BEGIN, HOUSE, Chain, Event
from backend.audit.queries import walk_all
from backend.audit.services import record
from backend.audit.triggers import REFUSED, refuse_changes
from backend.beneficiaries.services import set_goal
from backend.vault import keyring
from backend.vault.sealing import KeyDestroyed, SealBroken
from tests.conftest import Cast
from tests.factories import UserFactory

from .tampering import undone


def broken() -> list[str]:
    return [walk.wrong for walk in walk_all() if walk.wrong]


def test_an_event_of_a_person_is_sealed_for_her_in_her_programmes_chain(cast: Cast, today: dt.date) -> None:
    set_goal(actor=cast.counsellor, beneficiary=cast.beneficiary, domain="legal", text="Papiri", owner="ona", on=today)
    event = Event.objects.get(act="set_goal")
    assert (event.chain_id, event.subject) == (cast.programme.pk, cast.beneficiary.pk)
    assert event.detail == {"domain": "legal"}
    assert b"legal" not in bytes(event.sealed_detail)


def test_acts_of_an_organisation_follow_each_other_without_a_gap(cast: Cast, other_cast: Cast) -> None:
    for number in range(3):
        record(actor=cast.lead, act="vet_employer", obj=cast.employer, number=number)
        record(actor=other_cast.lead, act="vet_employer", obj=other_cast.employer)
    for programme in (cast.programme, other_cast.programme):
        assert list(Event.objects.filter(chain=programme.pk).values_list("sequence", flat=True)) == [1, 2, 3]
    begun = Event.objects.filter(chain=HOUSE, act=BEGIN).values_list("object_id", flat=True)
    assert set(begun) == {str(cast.programme.pk), str(other_cast.programme.pk)}
    assert not broken()


def test_what_belongs_to_no_organisation_stands_in_the_houses_chain(db: None) -> None:
    stranger = UserFactory()
    assert record(actor=stranger, act="sign_in", obj=stranger).chain_id == HOUSE


def test_an_act_that_is_undone_leaves_no_event_and_no_gap(cast: Cast) -> None:
    record(actor=cast.lead, act="vet_employer", obj=cast.employer)
    with undone():
        record(actor=cast.lead, act="vet_employer", obj=cast.employer)
    assert record(actor=cast.lead, act="vet_employer", obj=cast.employer).sequence == 2
    assert not broken()


def test_erasing_a_person_makes_details_unreadable_and_leaves_the_chain_whole(
    cast: Cast, today: dt.date, now: dt.datetime
) -> None:
    """Control: before she is erased the same detail is read."""
    event = record(actor=cast.counsellor, act="read_identity", obj=cast.beneficiary, fields=["phone"])
    kept = record(actor=cast.lead, act="vet_employer", obj=cast.employer, outcome="cleared")
    assert event.detail == {"fields": ["phone"]}
    keyring.destroy_key(cast.beneficiary.pk, now=now)
    with pytest.raises(KeyDestroyed):
        _ = Event.objects.get(pk=event.pk).detail
    assert Event.objects.get(pk=kept.pk).detail == {"outcome": "cleared"}
    assert record(actor=None, act="lapse", obj=cast.beneficiary, said="nothing").sealed_detail == b""
    assert not broken()


def test_a_detail_opens_only_where_it_was_written(cast: Cast) -> None:
    one, other = (record(actor=cast.lead, act="vet_employer", obj=cast.employer, n=n) for n in (1, 2))
    Event.objects.filter(pk=one.pk).update(sealed_detail=other.sealed_detail)
    with pytest.raises(SealBroken):
        _ = Event.objects.get(pk=one.pk).detail


def test_every_column_is_bound(db: None) -> None:
    assert {*LINKED, "mac"} == {field.attname for field in Event._meta.concrete_fields}


def test_the_database_refuses_two_events_in_one_place(cast: Cast) -> None:
    event = record(actor=cast.lead, act="vet_employer", obj=cast.employer)
    twin = Event(chain_id=event.chain_id, sequence=event.sequence, act="x", sealed_detail=b"", mac=event.mac)
    with pytest.raises(DatabaseError), transaction.atomic():
        twin.save()


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_database_refuses_to_change_an_event(cast: Cast, verb: str) -> None:
    """Control: without the triggers it does not."""
    record(actor=cast.lead, act="vet_employer", obj=cast.employer)

    def attack() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE audit_event SET act = 'nothing'" if verb == "update" else "DELETE FROM audit_event")

    with undone():
        attack()
    refuse_changes()
    refuse_changes()  # every migrate makes them again
    with pytest.raises(DatabaseError, match=REFUSED):
        attack()
    assert not broken()


def test_an_event_is_never_saved_again(cast: Cast) -> None:
    event = record(actor=cast.lead, act="vet_employer", obj=cast.employer)
    with pytest.raises(TypeError):
        event.save()


def test_chains_say_nothing_but_their_length(cast: Cast) -> None:
    record(actor=cast.lead, act="vet_employer", obj=cast.employer)
    assert str(Chain.objects.get(pk=cast.programme.pk)) == f"{cast.programme.pk} (1)"
