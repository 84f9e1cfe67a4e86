"""Shares drawn towards the mean."""

import numpy as np
import pytest

from backend.reports.shrinkage import shrunk


def test_one_of_one_is_not_everybody() -> None:
    drawn = shrunk(
        {"good": (45, 50), "middle": (15, 30), "poor": (4, 40), "one": (1, 1), "none": (0, 1), "nobody": (0, 0)}
    )
    assert drawn["none"] < drawn["nobody"] < drawn["one"] < 0.85
    assert drawn["none"] > 0.2
    assert drawn["good"] == pytest.approx(0.9, abs=0.03)


def test_the_more_is_known_the_less_it_is_drawn() -> None:
    drawn = shrunk({"a": (9, 10), "b": (90, 100), "c": (10, 50), "d": (30, 60)})
    assert 0.9 - drawn["b"] < 0.9 - drawn["a"]


def test_too_few_groups_have_the_mean() -> None:
    assert shrunk({"a": (1, 1), "b": (5, 9)}) == {"a": 0.6, "b": 0.6}
    assert shrunk({"a": (4, 4), "b": (9, 9), "c": (1, 1)}) == {"a": 1.0, "b": 1.0, "c": 1.0}
    assert shrunk({}) == {}
    assert shrunk({"a": (0, 0)}) == {}


def test_groups_that_do_not_differ_are_drawn_together() -> None:
    drawn = shrunk({str(i): (5, 10) for i in range(12)} | {"one": (1, 1)})
    assert drawn["one"] == pytest.approx(0.5, abs=0.02)


def test_it_recovers_what_made_the_groups() -> None:
    """Nearer to the true shares than the raw shares are."""
    rng = np.random.default_rng(7)
    true, wholes = rng.beta(6, 4, 60), rng.integers(1, 15, 60)
    parts = rng.binomial(wholes, true)
    drawn = shrunk({str(i): (int(part), int(whole)) for i, (part, whole) in enumerate(zip(parts, wholes, strict=True))})
    better = np.mean((np.array(list(drawn.values())) - true) ** 2)
    assert better < 0.6 * np.mean((parts / wholes - true) ** 2)


@pytest.mark.parametrize("wrong", [(2, 1), (-1, 3)])
def test_nonsense_is_refused(wrong: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="part"):
        shrunk({"a": wrong})
