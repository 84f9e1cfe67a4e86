"""Many acts at one moment, each over a real connection of its own: one chain, no gap, no fork."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from backend.audit.chain import Head
from backend.audit.models import Chain, Event
from backend.audit.queries import walk_all
from backend.audit.services import record
from tests.conftest import Cast, _cast

CLIENTS, ACTS = 16, 5


@pytest.fixture
def crowd(transactional_db: None) -> Cast:
    return _cast()


def together(act: Callable[[int], None]) -> int:
    """Let every client do `act` at one moment; how many failed."""
    start = Barrier(CLIENTS)

    def client(number: int) -> bool:
        try:
            start.wait(timeout=20)
            act(number)
        except IntegrityError:
            return True
        finally:
            connection.close()
        return False

    with ThreadPoolExecutor(CLIENTS) as pool:
        return sum(pool.map(client, range(CLIENTS)))


def test_sixteen_clients_write_one_chain(crowd: Cast) -> None:
    def act(number: int) -> None:
        for turn in range(ACTS):
            with transaction.atomic():
                obj = crowd.beneficiary if number % 2 else crowd.employer
                record(actor=crowd.lead, act="race", obj=obj, number=number, turn=turn)

    assert together(act) == 0
    sequences = list(Event.objects.filter(act="race").order_by("sequence").values_list("sequence", flat=True))
    assert sequences == list(range(1, CLIENTS * ACTS + 1))
    assert not [walk for walk in walk_all() if walk.wrong]


def test_the_race_would_show_a_chain_without_its_lock(crowd: Cast) -> None:
    """The negative control: read the head first, write later, and only one finds its place free."""
    record(actor=crowd.lead, act="race", obj=crowd.employer)
    everybody_has_read = Barrier(CLIENTS)

    def act(number: int) -> None:
        chain = Chain.objects.get(pk=crowd.programme.pk)
        everybody_has_read.wait(timeout=20)
        event = Event(chain=chain, sequence=chain.length + 1, act="race", object_id=number, sealed_detail=b"")
        event.mac = Head(chain.length, bytes(chain.mac), bytes(chain.seal)).then(event).mac
        event.save(force_insert=True)

    assert together(act) == CLIENTS - 1
