"""P3: two worlds that differ only in what is confidential give an employer the same bytes in every operation."""

import datetime as dt
from collections.abc import Sequence
from random import Random

import pytest
from django.core.cache import cache

from backend.matches.models import Introduction, Match
from backend.matches.services import reading
from tests.backend.matches.conftest import Walk
from tests.conftest import Cast
from tests.proofs import PARTS, cases, report

from .worlds import SECRETS, STATES, Secret, answers, her_place

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

    def differing(self, state: str, secrets: Sequence[Secret], seed: int) -> list[str]:
        if state not in self.plain:
            self.plain[state] = answers(*self.given, state, self.now, [], seed)
        told = answers(*self.given, state, self.now, secrets, seed)
        self.compared += len(told)
        assert told.keys() == self.plain[state].keys()
        return [f"{state}, seed {seed}: {name}" for name in told if told[name] != self.plain[state][name]]


@pytest.fixture
def pairs(cast: Cast, match: Match, walk: Walk, now: dt.datetime) -> Pairs:
    return Pairs(cast, match, walk, now)


def test_no_operation_tells_two_worlds_apart(pairs: Pairs) -> None:
    states = ("shared_blind", "interview", "ended")
    assert [line for seed, state in enumerate(states) for line in pairs.differing(state, SECRETS, seed)] == []
    assert pairs.compared > 60 * len(states)


def test_a_page_that_told_would_be_noticed(pairs: Pairs, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the place she lives in as part of the card."""

    def telling(introduction: Introduction, *, on: dt.date) -> dict[str, object]:
        return shown(introduction, on=on) | {"opening": str(introduction.match.beneficiary.municipality)}

    shown = reading.card
    monkeypatch.setattr(reading, "card", telling)
    assert [line for line in pairs.differing("interested", [her_place], 1) if "GET candidate" in line]


@pytest.mark.proof
@pytest.mark.parametrize("part", range(PARTS))
def test_p3(pairs: Pairs, part: int) -> None:
    seeds = range(part, cases(200), PARTS)
    failed = []
    for seed in seeds:
        random = Random(seed)
        secrets = [SECRETS[seed % len(SECRETS)], *random.sample(SECRETS, random.randint(0, len(SECRETS)))]
        failed += pairs.differing(STATES[seed % len(STATES)], list(dict.fromkeys(secrets)), seed)
    report("P3 worlds", tried="pairs", count=len(seeds), failed=len(failed))
    report("P3 operations", tried="compared", count=pairs.compared, failed=len(failed))
