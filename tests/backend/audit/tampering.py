"""What somebody with the database in hand and without the key can do to the trail. Each attack is drawn at random."""

import datetime as dt
import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction

from backend.accounts.models import User
from backend.audit import chain as arithmetic
from backend.audit.chain import Head
from backend.audit.models import Chain, Event
from backend.audit.services import record
from backend.employers.models import Employer

COLUMNS = (
    "id", "chain_id", "sequence", "created_at", "actor_id", "act", "noun", "object_id", "subject", "sealed_detail",
    "mac",
)  # fmt: skip
Draws = random.Random


class Attacker:
    """Holds two chains: the one attacked, and another organisation's."""

    def __init__(self, draws: Draws, chain: uuid.UUID, other: uuid.UUID, employer: Employer, lead: User) -> None:
        self.draws, self.chain, self.other = draws, chain, other
        self.employer, self.lead = employer, lead

    def events(self, chain: uuid.UUID | None = None) -> list[Event]:
        return list(Event.objects.filter(chain=chain or self.chain).order_by("sequence"))

    def one(self) -> Event:
        return self.draws.choice(self.events())

    def set(self, event: Event, **values: object) -> None:
        Event.objects.filter(pk=event.pk).update(**values)

    def head(self, **values: object) -> None:
        assert Chain.objects.filter(pk=self.chain).update(**values)

    # -- attacks --------------------------------------------------------------------------------------------------

    def edit_a_column(self, column: str) -> None:
        event = self.one()
        if column == "chain_id":  # where the other organisation's next event would stand
            return self.set(event, chain_id=self.other, sequence=len(self.events(self.other)) + 1)
        flipped = bytearray(getattr(event, column)) if column in {"sealed_detail", "mac"} else bytearray(b"\0")
        flipped[self.draws.randrange(len(flipped))] ^= 1 << self.draws.randrange(8)
        return self.set(
            event,
            **{
                column: {
                    "id": uuid.UUID(int=self.draws.getrandbits(128)),
                    "sequence": self.draws.choice([10_000, len(self.events()) + 1]),
                    "created_at": event.created_at + dt.timedelta(microseconds=self.draws.choice([-1, 1, 10**9])),
                    "actor_id": None if event.actor_id else self.lead.pk,
                    "act": event.act + "s",
                    "noun": event.noun.upper(),
                    "object_id": str(uuid.UUID(int=self.draws.getrandbits(128))),
                    "subject": uuid.UUID(int=self.draws.getrandbits(128)),
                    "sealed_detail": bytes(flipped),
                    "mac": bytes(flipped),
                }[column]
            },
        )

    def delete_one(self) -> None:
        Event.objects.filter(pk=self.one().pk).delete()

    def delete_one_and_close_the_gap(self) -> None:
        gone = self.one()
        Event.objects.filter(pk=gone.pk).delete()
        for event in self.events():
            if event.sequence > gone.sequence:
                self.set(event, sequence=event.sequence - 1)
        rest = self.events()
        self.head(length=len(rest), mac=rest[-1].mac)

    def reorder(self) -> None:
        one, other = self.draws.sample(self.events(), 2)
        self.set(one, sequence=50_000)
        self.set(other, sequence=one.sequence)
        self.set(one, sequence=other.sequence)

    def swap_between_organisations(self) -> None:
        ours, theirs = self.draws.choice(list(zip(self.events(), self.events(self.other), strict=False)))
        self.set(ours, sequence=50_000)
        self.set(theirs, chain_id=self.chain)
        self.set(ours, chain_id=self.other, sequence=ours.sequence)

    def swap_contents(self) -> None:
        one, other = self.draws.sample(self.events(), 2)
        for event, twin in ((one, other), (other, one)):
            self.set(event, sealed_detail=twin.sealed_detail, mac=twin.mac)

    def cut_the_tail(self) -> int:
        events = self.events()
        left = self.draws.randrange(1, len(events))
        Event.objects.filter(chain=self.chain, sequence__gt=left).delete()
        return left

    def cut_the_tail_and_edit_the_head(self) -> None:
        left = self.cut_the_tail()
        self.head(length=left, mac=self.events()[-1].mac)

    def cut_the_tail_and_wait_for_the_next_act(self) -> None:
        self.cut_the_tail_and_edit_the_head()
        record(actor=self.lead, act="vet_employer", obj=self.employer)

    def cut_everything_and_empty_the_head(self) -> None:
        Event.objects.filter(chain=self.chain).delete()
        self.head(length=0, mac=bytes(32), seal=bytes(32))

    def cut_everything_with_the_head(self) -> None:
        Event.objects.filter(chain=self.chain).delete()
        Chain.objects.filter(pk=self.chain).delete()

    def begin_anew(self) -> None:
        self.cut_everything_with_the_head()
        record(actor=self.lead, act="vet_employer", obj=self.employer)

    def repeat_one_at_the_tail(self) -> None:
        twin, length = self.one(), len(self.events())
        twin.pk, twin.sequence, twin._state.adding = uuid.UUID(int=self.draws.getrandbits(128)), length + 1, True
        twin.save(force_insert=True)
        self.head(length=length + 1, mac=twin.mac)

    def edit_the_head(self) -> None:
        column = self.draws.choice(["length", "mac", "seal"])
        self.head(**{column: self.draws.randrange(1000, 2000) if column == "length" else self.draws.randbytes(32)})

    def rewrite_with_another_key(self) -> None:
        self.rewrite(key=self.draws.randbytes(32))

    def rewrite(self, key: bytes | None) -> None:
        """Change one event and make good every MAC from it to the head, with `key` or, if None, the right one."""
        with keyed(key):
            head, changed = Head(), self.one()
            for event in self.events():
                if event.pk == changed.pk:
                    event.act = "nothing_special"
                head = head.then(event)
                if event.sequence >= changed.sequence:
                    self.set(event, act=event.act, mac=head.mac)
            self.head(length=head.length, mac=head.mac, seal=head.seal)


@contextmanager
def keyed(key: bytes | None) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if key is not None:
            patch.setattr(arithmetic, "derived_key", lambda purpose: key)
        yield


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


ATTACKS: tuple[Callable[[Attacker], object], ...] = (
    *(lambda attacker, column=column: attacker.edit_a_column(column) for column in COLUMNS),
    Attacker.delete_one,
    Attacker.delete_one_and_close_the_gap,
    Attacker.reorder,
    Attacker.swap_between_organisations,
    Attacker.swap_contents,
    Attacker.cut_the_tail,
    Attacker.cut_the_tail_and_edit_the_head,
    Attacker.cut_the_tail_and_wait_for_the_next_act,
    Attacker.cut_everything_and_empty_the_head,
    Attacker.cut_everything_with_the_head,
    Attacker.begin_anew,
    Attacker.repeat_one_at_the_tail,
    Attacker.edit_the_head,
    Attacker.rewrite_with_another_key,
)
