"""Shifts say quickly that a count is safe: never where solving everything would say that it is not."""

from collections.abc import Iterator

import numpy as np
import pytest
from scipy.sparse import csr_array

from backend.reports.disclosure import Attack, Release, Rules, control, first_draft
from backend.reports.disclosure.shifts import Shifts
from tests.backend.reports.populations import quarters

RULES = (Rules(), Rules(base=1), Rules(base=1, width=3))


def said(programmes: int) -> Iterator[tuple[bool, float, int]]:
    """Of every guarded count of random programmes: whether shifts call it safe, its true width, and the one asked for.

    The newest quarter is a first draft: there counts can be read out.
    """
    for seed in range(programmes):
        rules, releases = RULES[seed % len(RULES)], list[Release]()
        for population in quarters(np.random.default_rng(seed), 2):
            attack = Attack([*releases, first_draft(population.measure(), rules)], rules)
            for number, release in enumerate(attack.releases):
                for target in release.guarded:
                    loose = attack.is_loose(number, target, rules.width)
                    yield loose, attack.bounds(number, target).width, rules.width
            releases.append(control(population.measure(), rules, before=releases))


def test_nothing_is_called_safe_that_is_not() -> None:
    found = list(said(12))
    assert not [one for one in found if one[0] and one[1] < one[2]]
    # Much of what is safe is seen to be: else nothing would be gained. And there is something to be wrong about.
    safe = [loose for loose, width, asked in found if width >= asked]
    assert np.mean(safe) > 0.3
    assert len(found) - len(safe) > 10


def tied(printed: list[int]) -> tuple[int, int]:
    """What A may be of 5, beside B and C of 5 each, of whom there are together 9.5 to 10.5."""
    rows = csr_array(np.array([[0.0, 1, 1], [0, -1, -1]]))
    cells = np.arange(3).reshape(3, 1)
    shifts = Shifts(rows, np.array([10.5, -9.5]), np.full(3, 5.0), {"b": cells}, {"b": np.array(printed)}, False)
    return shifts.spread("b", [0], [0])


def test_groups_of_one_row_do_not_make_room_together() -> None:
    assert tied([0, 1, 1]) == (5, 5)
    # As if they stood apart, each would give its half.
    assert tied([0, 1, 2]) == (4, 6)


def test_groups_moved_without_a_counterpart_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Shifts.__init__

    def alone(self: Shifts, *given: object) -> None:
        made(self, *given[:-1], True)  # type: ignore[arg-type]

    monkeypatch.setattr(Shifts, "__init__", alone)
    assert [one for one in said(12) if one[0] and one[1] < one[2]]


def test_what_is_published_is_the_same_without_shifts(monkeypatch: pytest.MonkeyPatch) -> None:
    def published() -> list[Release]:
        releases: list[Release] = []
        for population in quarters(np.random.default_rng(4), 2):
            releases.append(control(population.measure(), Rules(base=1), before=releases))
        return releases

    quick = published()
    monkeypatch.setattr(Attack, "is_loose", lambda *given: False)
    assert published() == quick
