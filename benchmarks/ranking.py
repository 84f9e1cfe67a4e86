"""Ranking one person beside a plain scikit-learn baseline: `python -m benchmarks.ranking [SIZES]`.

Synthetic openings of 5 to 15 skills out of 14,000 with Zipf weights and titles of 2 to 8 words. `matching` applies the
gates and returns the top 50 with reasons and gaps; the baseline is a TF-IDF cosine over the same words with a full
sort, without gates or reasons. Each runs in a process of its own; the peak is that process's resident memory, and what
it was before the index was built stands beside it.
"""

from __future__ import annotations

import random
import resource
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from matching import Opening, OpeningIndex, Profile
from matching.types import HeldSkill, Place, Requirement, Rules, Zone

SIZES = (2_000, 20_000)
SKILLS, WORDS, PEOPLE, TOP = 14_000, 5_000, 30, 50
SHIFTS = (frozenset({"day"}), frozenset({"day", "evening"}), frozenset({"night"}))


def zipf(rng: random.Random, size: int, count: int) -> list[int]:
    """Distinct numbers below size, the low ones often (density 1/x)."""
    found: set[int] = set()
    while len(found) < count:
        found.add(int(size ** rng.random()) - 1)
    return sorted(found)


def make_openings(count: int) -> list[Opening]:
    """The same openings for the same count."""
    rng = random.Random(count)
    return [
        Opening(
            id=f"o{number:07}",
            title=" ".join(f"word{word}" for word in zipf(rng, WORDS, rng.randint(2, 8))),
            skills=tuple(
                Requirement(f"skill{skill}", level=rng.choice((None, 2)), essential=rng.random() < 0.6)
                for skill in zipf(rng, SKILLS, rng.randint(5, 15))
            ),
            employer=f"employer{rng.randrange(max(count // 8, 1))}",
            agency=False,
            place=Place(rng.uniform(42.3, 46.1), rng.uniform(18.9, 22.9), f"m{rng.randrange(145)}"),
            hours_per_week=rng.choice((20.0, 40.0, 48.0)),
            shifts=rng.choice(SHIFTS),
            conditions=frozenset({"live_in"}) if rng.random() < 0.05 else frozenset(),
            pay_per_hour=rng.uniform(300, 900),
            languages={"sr": "B1"},
            vetted=rng.random() < 0.95,
        )
        for number in range(count)
    ]


def make_profiles() -> list[Profile]:
    """People with skills, words, a place and active rules of every kind."""
    rng = random.Random(0)
    return [
        Profile(
            id=f"p{number}",
            title=" ".join(f"word{word}" for word in zipf(rng, WORDS, 4)),
            skills=tuple(HeldSkill(f"skill{skill}", level=2) for skill in zipf(rng, SKILLS, 10)),
            place=Place(44.8, 20.5),
            languages={"sr": "C1"},
            rules=Rules(
                excluded_places=(Zone(Place(43.3, 21.9), 20.0),),
                excluded_employers=frozenset({"employer1", "employer2"}),
                excluded_conditions=frozenset({"live_in"}),
                max_travel_km=100.0,
                shifts=frozenset({"day", "evening"}),
                max_hours=40.0,
                pay_floor=337.0,
                require_vetted=True,
            ),
        )
        for number in range(PEOPLE)
    ]


def peak_mb() -> float:
    """The most memory this process has held (resident, in MB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(rank: Callable[[Profile], object], profiles: list[Profile]) -> float:
    """Median milliseconds for one person, after one unmeasured run."""
    rank(profiles[0])
    times = []
    for profile in profiles:
        started = time.perf_counter()
        rank(profile)
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


def run_matching(count: int) -> tuple[float, float, float, float]:
    """Milliseconds per person, seconds to build, MB before and at the peak."""
    openings, before = make_openings(count), peak_mb()
    started = time.perf_counter()
    index = OpeningIndex.build(openings)
    index.columns  # noqa: B018  made at first use
    built = time.perf_counter() - started
    return measure(lambda profile: index.rank(profile, k=TOP), make_profiles()), built, before, peak_mb()


def run_baseline(count: int) -> tuple[float, float, float, float]:
    """The same figures for TfidfVectorizer, cosine and a full sort."""
    openings, before = make_openings(count), peak_mb()
    started = time.perf_counter()
    texts = [" ".join([o.title, *(need.skill or "" for need in o.skills)]) for o in openings]
    vectorizer = TfidfVectorizer()
    vectors = vectorizer.fit_transform(texts)
    built = time.perf_counter() - started

    def rank(profile: Profile) -> object:
        text = " ".join([profile.title, *(held.skill or "" for held in profile.skills)])
        cosines = (vectors @ vectorizer.transform([text]).T).toarray().ravel()
        return np.argsort(-cosines)[:TOP]

    return measure(rank, make_profiles()), built, before, peak_mb()


def main() -> None:
    """Print one table, matching and the baseline in turn for each size."""
    sizes = [int(size) for size in sys.argv[1:]] or list(SIZES)
    print(f"{'openings':>9}  {'':<12}{'ms/person':>10}{'ratio':>8}{'build s':>9}{'MB before':>11}{'MB peak':>9}")
    for size in sizes:
        figures = []
        for run in (run_matching, run_baseline):
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                figures.append(process.submit(run, size).result())
        (ours, *_), (theirs, *_) = figures
        rows = zip(("matching", "scikit-learn"), (ours / theirs, 1.0), figures, strict=True)
        for name, ratio, (milliseconds, built, before, peak) in rows:
            print(f"{size:>9,}  {name:<12}{milliseconds:>10.2f}{ratio:>8.2f}{built:>9.2f}{before:>11.0f}{peak:>9.0f}")


if __name__ == "__main__":
    main()
