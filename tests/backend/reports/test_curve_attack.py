"""P18 over the curves: nothing small is read out of them beside all measures."""

from collections.abc import Callable

import numpy as np
import pytest

from backend.reports.catalogue import LASTING, MEASURES, SAME, published_curves
from backend.reports.disclosure import Measure, Release, Rules, control, first_draft
from backend.reports.disclosure.agreement import agree
from tests.backend.reports.curve_reader import CurveReader, followed
from tests.backend.reports.joint import read_out
from tests.proofs import cases, report

Guard = Callable[[Measure, Rules], Release]


class Bold(Rules):
    """Who tells every count there is."""

    @property
    def least(self) -> int:
        return 1


def attacked(guard: Guard, rules: Rules, seeds: range, targets: int) -> tuple[int, int, int]:
    """Small counts behind the curves attacked, narrowed below what should stay possible, and read out."""
    counts = np.zeros(3, dtype=int)
    for seed in seeds:
        rng = np.random.default_rng(seed)
        made = followed(rng)
        counted = {measure.code: measure for measure in (one(made) for one in MEASURES)}
        behind = {measure.code: measure for measure in (one(made) for one in LASTING)}
        releases = {code: control(measure, rules) for code, measure in counted.items()}
        releases = agree(releases | {code: guard(measure, rules) for code, measure in behind.items()}, SAME)
        curves = published_curves(made, releases, rules)
        reader = CurveReader(made, counted, {code: releases[code] for code in counted}, curves, rules)
        counts += read_out(reader.secrets(), reader.possible_of, rng, targets, rules)
    tried, narrow, exact = counts.tolist()
    return tried, narrow, exact


def test_nothing_small_is_read_out_of_a_curve() -> None:
    tried, _narrow, exact = attacked(control, Rules(), range(1), targets=10)
    assert (tried, exact) == (10, 0)


@pytest.mark.proof
def test_p18_nothing_small_is_read_out_of_a_curve() -> None:
    """The guard looks at the curve's table alone: with everything else beside it a value or two may go, never all."""
    tried, narrow, exact = attacked(control, Rules(), range(cases(12)), targets=40)
    what = f"small counts behind curves attacked beside all measures ({narrow} left with fewer than 5 values)"
    report("P18 curves", tried=what, count=tried, failed=exact)
    assert narrow <= tried / 10


@pytest.mark.proof
def test_p18_curves_drawn_without_the_guard_fail() -> None:
    """Negative controls: every day told, small counts told, and nothing rounded."""
    guarded, drafted = (attacked(how, Rules(), range(4), targets=40)[1] for how in (control, first_draft))
    assert drafted > 1.5 * guarded
    assert attacked(first_draft, Bold(), range(2), targets=40)[1] > drafted / 2
    assert attacked(first_draft, Rules(base=1), range(1), targets=20)[2]
