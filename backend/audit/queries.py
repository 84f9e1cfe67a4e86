"""Walking the chains: is what stands there what was written, all of it, in the order in which it was written?"""

import hmac
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from .chain import Head
from .models import BEGIN, HOUSE, Chain, Event

Signed = dict[UUID, tuple[int, bytes]]
"""By chain: how long it was when its head was signed, and the MAC of its last event then."""


@dataclass(frozen=True)
class Walk:
    """What a walk along one chain found: how many events are whole, and what is wrong after them, if anything is."""

    chain: UUID
    whole: int
    wrong: str = ""


def walk_all(signed: Signed | None = None) -> Iterator[Walk]:
    """Walk along every chain that has a head or an event, was once begun, or had its head signed earlier."""
    signed = signed or {}
    begun = Counter(map(UUID, Event.objects.filter(chain=HOUSE, act=BEGIN).values_list("object_id", flat=True)))
    chains = {*Chain.objects.values_list("pk", flat=True), *Event.objects.values_list("chain_id", flat=True).distinct()}
    if chains:
        chains |= {HOUSE, *begun}
    for chain in sorted(chains | signed.keys()):
        found = walk(chain, signed.get(chain))
        again = "" if begun[chain] <= 1 else "it was gone as a whole and was begun again"
        yield replace(found, wrong=found.wrong or again)


def walk(chain: UUID, signed: tuple[int, bytes] | None = None) -> Walk:
    """Walk along one chain to its head.

    Events and head are committed together, and the head is read after the events: one that is ahead has only moved on
    meanwhile if the events between are there too. Acts go on while this runs.
    """
    head, signed_mac = Head(), b""
    while True:
        start = head.length
        for event in Event.objects.filter(chain=chain, sequence__gt=start).order_by("sequence").iterator():
            if event.sequence != head.length + 1:
                return Walk(chain, head.length, f"event {head.length + 1} is missing")
            after = head.then(event)
            if not hmac.compare_digest(after.mac, bytes(event.mac)):
                return Walk(chain, head.length, f"event {event.sequence} is not what was written")
            head = after
            if signed and head.length == signed[0]:
                signed_mac = head.mac
        stored = Chain.objects.filter(pk=chain).first()
        if stored is None or stored.length <= head.length or head.length == start:
            return Walk(chain, head.length, _at_the_end(head, stored, signed, signed_mac))


def _at_the_end(head: Head, stored: Chain | None, signed: tuple[int, bytes] | None, signed_mac: bytes) -> str:
    if stored is None or not stored.length:
        return "its head is missing"
    if stored.length > head.length:
        return f"event {head.length + 1} is missing at the tail"
    if stored.length < head.length:
        return f"event {stored.length + 1} stands after the head"
    if not (hmac.compare_digest(bytes(stored.mac), head.mac) and hmac.compare_digest(bytes(stored.seal), head.seal)):
        return f"its head, after event {head.length}, is not what was written"
    if signed and signed[0] > head.length:
        return f"event {head.length + 1} is missing: the signed head is at {signed[0]}"
    if signed and signed[0] and not hmac.compare_digest(signed[1], signed_mac):
        return f"event {signed[0]} is not the one whose head was signed"
    return ""


def sealed_details() -> Iterator[tuple[str, Callable[[], object]]]:
    """Every event's detail, for `verify_vault` to open."""
    for event in Event.objects.iterator():
        yield f"{Event._meta.label}.detail of {event.pk}", partial(getattr, event, "detail")
