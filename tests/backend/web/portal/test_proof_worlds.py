"""P3: two worlds that differ only in what is confidential give an employer the same bytes in every operation."""

import datetime as dt
from random import Random

import pytest
from django.core.cache import cache

from backend.matches.models import Introduction, Match
from backend.matches.services import reading
from tests.backend.matches.conftest import Walk
from tests.conftest import Cast
from tests.proofs import cases, report

from .worlds import SECRETS, STATES, answers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture(autouse=True)
def _no_counters() -> None:
    cache.clear()


class Pairs:
    """The same walk in a world without and in a world with some secrets; how many operations were compared."""

    def __init__(self, cast: Cast, match: Match, walk: Walk, now: dt.datetime) -> None:
        self.given = (cast, match, walk)
        self.now, self.compared = now, 0
        self.plain: dict[str, dict[str, bytes]] = {}

    def differing(self, seed: int) -> list[str]:
        random = Random(seed)
        state = STATES[seed % len(STATES)]
        secrets = [SECRETS[seed % len(SECRETS)], *random.sample(SECRETS, random.randint(0, len(SECRETS)))]
        if state not in self.plain:
            self.plain[state] = answers(*self.given, state, self.now, [], seed)
        told = answers(*self.given, state, self.now, list(dict.fromkeys(secrets)), seed)
        self.compared += len(told)
        assert told.keys() == self.plain[state].keys()
        return [f"{state}, seed {seed}: {name}" for name in told if told[name] != self.plain[state][name]]


@pytest.fixture
def pairs(cast: Cast, match: Match, walk: Walk, now: dt.datetime) -> Pairs:
    return Pairs(cast, match, walk, now)


def test_no_operation_tells_two_worlds_apart(pairs: Pairs) -> None:
    assert [line for seed in range(len(SECRETS)) for line in pairs.differing(seed)] == []
    assert pairs.compared > 40 * len(SECRETS)


def test_a_page_that_told_would_be_noticed(pairs: Pairs, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the place she lives in as part of the card."""

    def telling(introduction: Introduction, *, on: dt.date) -> dict[str, object]:
        return shown(introduction, on=on) | {"opening": str(introduction.match.beneficiary.municipality)}

    shown = reading.card
    monkeypatch.setattr(reading, "card", telling)
    assert [line for line in pairs.differing(1) if "GET candidate" in line]


@pytest.mark.proof
def test_p3(pairs: Pairs) -> None:
    count = cases(200)
    failed = [seed for seed in range(count) if pairs.differing(seed)]
    report("P3", tried=f"paired worlds ({pairs.compared:,} operations compared)", count=count, failed=len(failed))
