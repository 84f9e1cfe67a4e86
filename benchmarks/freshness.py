"""Row 6: new openings and closed ones, beside making the index anew."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from benchmarks import ours
from benchmarks import world as market
from benchmarks.harness import Contestant, Task, apart, note, race, ratio, report
from benchmarks.kept import Kept
from matching import Opening, OpeningIndex

SIZE, NEW, TOP, PEOPLE, REPEATS = 1_000_000, 256, 50, 60, 5


def run(kept: Kept) -> None:
    """Adding and finding, searching beside the new ones, closing."""
    built = kept.index(SIZE)
    seconds, leaked = apart(add_and_close, built.path, kept.world(SIZE))
    note(f"{NEW} new openings added and found in {seconds * 1000:.3g} ms (median of {REPEATS})")
    report("6", f"{NEW} new searchable, as a share of a rebuild", seconds / built.seconds, 1 / 1000, least=False)
    timed = race(
        [
            Contestant("as built", ours.index_rank, (built.path, PEOPLE, TOP)),
            Contestant("with new ones", searching, (built.path, kept.world(SIZE))),
        ],
        turns=4 * PEOPLE,
        block=20,
    )
    value, low, high = ratio(timed["with new ones"], timed["as built"])
    report("6", f"a ranking beside {NEW} new ones", value, 1.1, False, f"[{low:.3g}, {high:.3g}]")
    report("6", "closed openings returned", leaked, 0, least=False)


def add_and_close(index_file: Path, world_file: Path) -> tuple[float, int]:
    """Seconds until new openings are found, and how many closed openings came back."""
    index = OpeningIndex.open(index_file)
    profiles = [market.profile(person, number) for number, person in enumerate(market.people(PEOPLE))]
    index.rank(profiles[0], TOP)
    seconds = []
    for number in range(REPEATS):
        new = fresh(world_file, number * NEW)
        started = time.perf_counter()
        index.add(*new)
        index.rank(profiles[0], TOP)
        seconds.append(time.perf_counter() - started)
    leaked = 0
    for profile in profiles:
        closed = {ranked.opening_id for ranked in index.rank(profile, TOP)}
        for opening_id in closed:
            index.remove(opening_id)
        leaked += sum(ranked.opening_id in closed for ranked in index.rank(profile, TOP))
    return sorted(seconds)[len(seconds) // 2], leaked


def searching(index_file: Path, world_file: Path) -> Task:
    """A ranking over an index to which new openings came."""
    index = OpeningIndex.open(index_file)
    profiles = [market.profile(person, number) for number, person in enumerate(market.people(PEOPLE))]
    index.add(*fresh(world_file, 0))
    return lambda turn: index.rank(profiles[turn % PEOPLE], TOP)


def fresh(world_file: Path, start: int) -> list[Opening]:
    """Openings like others that are there, under ids of their own."""
    like = market.openings(market.load(world_file), start, start + NEW)
    return [replace(opening, id=f"new-{opening.id}") for opening in like]
