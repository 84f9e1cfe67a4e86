"""P18 over the whole catalogue: measures that count the same people give nothing of one another away."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest

from backend.reports.catalogue import LASTING, MEASURES, SAME
from backend.reports.disclosure import Measure, Release, Rules, control
from backend.reports.disclosure.agreement import Place, agree
from tests.backend.reports.hand_frames import counted
from tests.backend.reports.joint import JointReader, programme, read_out, secrets
from tests.proofs import cases, report

Published = dict[str, Release]
Agree = Callable[[Published, Sequence[tuple[Place, ...]]], Published]


def each_by_itself(releases: Published, _same: Sequence[tuple[Place, ...]]) -> Published:
    return releases


LINKED = frozenset(place.code for places in SAME for place in places)


def attacked(together: Agree, seeds: range, targets: int, codes: frozenset[str] | None = None) -> tuple[int, int, int]:
    """Small counts of the real measures attacked, narrowed below what must stay possible, and read out.

    With `codes` those of these measures that are of everybody, stage by stage.
    """
    rules, counts = Rules(), np.zeros(3, dtype=int)
    for seed in seeds:
        rng = np.random.default_rng(seed)
        made = programme(rng)
        measures = {measure.code: measure for measure in (one(made) for one in MEASURES)}
        releases = together({code: control(measure, rules) for code, measure in measures.items()}, SAME)
        reader = JointReader(measures, releases, rules, SAME)
        found = secrets(measures, releases, rules)
        if codes:
            found = [one for one in found if one.code in codes and one.dimension in ("", "stage", "field")]
        counts += read_out(found, reader.possible, rng, targets, rules)
    tried, narrow, exact = counts.tolist()
    return tried, narrow, exact


@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_said_to_be_the_same_is_the_same(seed: int) -> None:
    made = programme(np.random.default_rng(seed))
    measures = {measure.code: measure for measure in (one(made) for one in (*MEASURES, *LASTING))}
    compared = 0
    for places in SAME:
        numbers: dict[object, set[int]] = {}
        for place in places:
            for dimension in measures[place.code].counts if place.dimension is None else [place.dimension]:
                for row, told in counted(measures[place.code], dimension).items():
                    if place.row in (None, row):
                        key = (dimension, row) if place.dimension is None else None
                        numbers.setdefault(key, set()).add(told[place.column])
        assert {len(one) for one in numbers.values()} == {1}, places
        compared += len(numbers)
    assert compared > 10


def two(hidden: bool) -> Published:
    """Two measures of the same thirty people; the second hides how many stayed where the first prints it."""
    counts = {"": pd.DataFrame([[25, 5 if hidden else 0]], [""], ["in", "out"])}
    columns = {"all": ("in", "out"), "in": ("in",)}
    shown = Measure("a", ("in", "out"), {"in": ("in",)}, (), counts)
    kept = Measure("b", ("in", "out"), columns, (), counts)
    return {one.code: control(one, Rules(base=1)) for one in (shown, kept)}


def test_what_one_measure_hides_the_other_does_not_print() -> None:
    same = [(Place("a", "in", ""), Place("b", "in", ""))]
    before, after = two(hidden=True), agree(two(hidden=True), same)
    assert before["a"].rows("")[""]["in"] == 25
    assert before["b"].rows("")[""]["in"] is None  # else five are known to be out
    assert after["a"].rows("")[""]["in"] is None
    nothing_to_hide = two(hidden=False)
    assert agree(nothing_to_hide, same) == nothing_to_hide


def test_no_small_count_is_recovered_from_all_measures_at_once() -> None:
    tried, _narrow, exact = attacked(agree, range(1), targets=25)
    assert (tried, exact) == (25, 0)


@pytest.mark.proof
def test_p18_no_small_count_is_recovered_from_all_measures_at_once() -> None:
    tried, narrow, exact = attacked(agree, range(cases(6)), targets=60)
    what = f"small counts of the real measures attacked, all measures at once ({narrow} left with fewer than 5 values)"
    report("P18 whole catalogue", tried=what, count=tried, failed=exact)
    assert narrow <= tried / 100


@pytest.mark.proof
def test_p18_measures_guarded_each_by_itself_fail() -> None:
    """Negative control: what one withholds, another gives back."""
    alone, together = (attacked(how, range(10, 24), 20, LINKED)[1] for how in (each_by_itself, agree))
    assert alone > together == 0
