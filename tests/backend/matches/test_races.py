"""Several people at once, each with a real connection of her own."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connection

from backend.core.exceptions import Conflict
from backend.core.tenancy import in_programme
from backend.matches.models import Decision, Match, MatchRun
from backend.matches.services import decide
from tests.conftest import _cast
from tests.factories import OpeningFactory

CLIENTS = 8
NOW = dt.datetime(2026, 11, 2, 9, 30, tzinfo=dt.UTC)


@pytest.fixture
def match(transactional_db: None) -> Match:
    cast = _cast()
    opening = OpeningFactory(published=True, employer=cast.employer)
    run = MatchRun.objects.create(beneficiary=cast.beneficiary, ran_at=NOW, considered=1, excluded={})
    return Match.objects.create(beneficiary=cast.beneficiary, opening=opening, run=run, lane="now", score=0.5)


def winners(act: Callable[[], None], programme: UUID) -> int:
    """How many of the clients that start `act` at one moment succeed, each in the programme."""
    start = Barrier(CLIENTS)

    def client(_number: int) -> bool:
        try:
            start.wait(timeout=20)
            with in_programme(programme):
                act()
        except Conflict:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(CLIENTS) as pool:
        return sum(pool.map(client, range(CLIENTS)))


def test_one_decision_wins_and_the_others_are_told(match: Match) -> None:
    def act() -> None:
        seen = Match.objects.get(pk=match.pk)
        decide(actor=match.beneficiary.counsellor, match=seen, kind="shortlist", now=NOW, expected_state="proposed")

    assert winners(act, match.beneficiary.organisation_id) == 1
    assert Decision.objects.filter(match=match).count() == 1


def test_the_race_would_show_a_decision_without_its_guard(match: Match) -> None:
    """The negative control: reading first and writing later lets everybody win."""
    everybody_has_read = Barrier(CLIENTS)

    def act() -> None:
        seen = Match.objects.get(pk=match.pk)
        everybody_has_read.wait(timeout=20)
        if seen.state != Match.State.PROPOSED:
            raise Conflict("too late")
        seen.state = Match.State.SHORTLISTED
        seen.save()

    assert winners(act, match.beneficiary.organisation_id) == CLIENTS
