"""Writing the audit trail."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import DatabaseError, transaction
from django.db.models import Model

from backend.core.tenancy import person_of, programme_of
from backend.vault.keyring import VaultError
from backend.vault.sealing import KeyDestroyed, seal

from .chain import Head
from .models import BEGIN, HOUSE, Chain, Event


@transaction.atomic(savepoint=False)
def record(*, actor: AbstractBaseUser | None, act: str, obj: Model, **detail: Any) -> Event:
    """Write one event for `obj` at the end of its organisation's chain; call it inside the act's transaction.

    `actor` is None when the system acts by itself. `detail` holds identifiers and codes, never names or notes.

    The head of the chain is locked until the transaction ends: acts of one organisation are written one after the
    other, those of different ones do not wait for each other. Lock and change what the act is about first and record
    last, so that everybody takes the locks in the same order.
    """
    return record_each(actor=actor, act=act, objs=[obj], **detail)[0]


@transaction.atomic(savepoint=False)
def record_each(*, actor: AbstractBaseUser | None, act: str, objs: Sequence[Model], **detail: Any) -> list[Event]:
    """One event for each of some rows of one organisation, as `record` writes it, in few queries."""
    chains = {_chain_of(actor, obj) for obj in objs}
    if not chains:
        return []
    (key,) = chains
    chain = _locked(key)
    head, events = Head(chain.length, bytes(chain.mac), bytes(chain.seal)), []
    for obj in objs:
        event = Event(
            chain=chain,
            sequence=head.length + 1,
            actor_id=actor.pk if actor else None,
            act=act,
            noun=obj._meta.model_name or "",
            object_id=str(obj.pk),
            subject=person_of(obj),
        )
        event.sealed_detail = _sealed(event, detail)
        head = head.then(event)
        event.mac = head.mac
        events.append(event)
    Event.objects.bulk_create(events)
    Chain.objects.filter(pk=chain.pk).update(length=head.length, mac=head.mac, seal=head.seal)
    return events


def record_of_house(*, act: str, **detail: Any) -> bool:
    """Write an event of the whole installation, not of one organisation; whether there was a place to write it.

    There is none without a database with tables, without its key, or in a trail that is broken at this very place: what
    the event is about is then already refused, and said to whoever runs the command.
    """
    try:
        with transaction.atomic():
            if Chain.objects.exists() and not Chain.objects.filter(pk=HOUSE).exists():
                return False  # to begin it anew would hide that it is gone
            record(actor=None, act=act, obj=Chain(pk=HOUSE), **detail)
    except (DatabaseError, VaultError):
        return False
    return True


def _chain_of(actor: AbstractBaseUser | None, obj: Model) -> UUID:
    """The programme of the object; where it has none, the organisation it is or belongs to, else the actor's."""
    if (programme := programme_of(obj)) is not None:
        return programme
    if obj._meta.label_lower == "accounts.organisation":
        return UUID(str(obj.pk))
    owner = getattr(obj, "organisation", None) or getattr(actor, "organisation", None)
    return owner.pk if owner is not None else HOUSE


def _locked(key: UUID) -> Chain:
    chains = Chain.objects.select_for_update()
    found = chains.filter(pk=key).first()
    if found is None:
        begun, is_new = Chain.objects.get_or_create(pk=key)
        if is_new and key != HOUSE:
            record(actor=None, act=BEGIN, obj=begun)  # so that a chain that is gone as a whole is missed
        found = chains.get(pk=key)
    return found


def _sealed(event: Event, detail: dict[str, Any]) -> bytes:
    plain = json.dumps(detail, ensure_ascii=False).encode()
    try:
        return seal(plain, subject=event.subject, context=event.place)
    except KeyDestroyed:
        return b""  # what is done to an erased person's rows is counted, and says no more of her
