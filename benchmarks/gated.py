"""Rows 1 and 4: one person with gates, beside frames and arrays; and what becomes of it when the world grows."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks import ours, rivals
from benchmarks import world as market
from benchmarks.harness import Contestant, apart, note, race, report, report_race
from benchmarks.kept import Kept
from benchmarks.world import TILE
from matching import OpeningIndex

TOP, PEOPLE, CHECKED = 50, 60, 10
GOALS = {1_000_000: (100, 50), 4_000_000: (120, 70)}


def run(kept: Kept) -> None:
    """Row 1."""
    differing = apart(different_gates, kept.index(TILE).path, kept.world(TILE))
    report("1", f"of {CHECKED} people, those whom the rivals' gates show others", differing, 0, least=False)
    for size, (pandas_goal, numpy_goal) in GOALS.items():
        if size > 1_000_000 and not kept.full:
            note(f"{size:,} openings: with --full")
            continue
        world = kept.world(size)
        timed = race(
            [
                Contestant("matching", ours.index_search, (kept.index(size).path, PEOPLE, TOP)),
                Contestant("pandas + scikit-learn", rivals.pandas_sklearn, (world, PEOPLE, TOP)),
                Contestant("numpy + scipy", rivals.numpy_scipy, (world, PEOPLE, TOP)),
            ],
            turns=PEOPLE,
            block=3,
        )
        goals = {"pandas + scikit-learn": pandas_goal, "numpy + scipy": numpy_goal}
        report_race("1", f"{size:,}, gates, top {TOP}", timed, "matching", goals)


def different_gates(index_file: Path, world_file: Path) -> int:
    """The number of people for whom not the same openings pass in all three."""
    index = OpeningIndex.open(index_file)
    rivals_ = [make(world_file, CHECKED, TILE) for make in (rivals.pandas_sklearn, rivals.numpy_scipy)]
    differing = 0
    for number, person in enumerate(market.people(CHECKED)):
        passing = {int(opening_id[1:]) for opening_id in index.contributions(market.profile(person, number)).index}
        differing += any(set(np.asarray(rank(number)).tolist()) != passing for rank in rivals_)
    return differing


def run_locality(kept: Kept) -> None:
    """Row 4: the same country with the same openings, among ever more countries."""
    sizes = [tiles * TILE for tiles in ((1, 4, 10, 40) if kept.full else (1, 2, 5))]
    timed = race(
        [
            Contestant(str(size), ours.index_search, (kept.index(size, size // TILE).path, PEOPLE, TOP))
            for size in sizes
        ],
        turns=PEOPLE * 10,
        block=PEOPLE,
    )
    for name, one in timed.items():
        note(f"{int(name):,}: {one.median * 1000:.4g} ms")
    medians = [timed[str(size)].median for size in sizes]
    exponent = float(np.polyfit(np.log(sizes), np.log(medians), 1)[0])
    report("4", f"exponent of time, {sizes[0]:,} to {sizes[-1]:,}, same openings in reach", exponent, 0.15, least=False)
