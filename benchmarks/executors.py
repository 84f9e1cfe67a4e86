"""Row 9: `rank_many` over a process pool and over Dask beside one process with as many threads, and the same answer."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from benchmarks import world as market
from benchmarks.harness import apart, memory_mb, note, report
from benchmarks.kept import Kept
from matching import OpeningIndex
from matching.records import plain

SIZE, TOP, WORKERS = 1_000_000, 50, 2
PEOPLE, PEOPLE_FULL = 2_000, 10_000


def run(kept: Kept) -> None:
    """The wall time of each, a warm-up left out."""
    path, people = kept.index(SIZE).path, PEOPLE_FULL if kept.full else PEOPLE
    seconds, answers = {}, set()
    for kind in EXECUTORS:
        seconds[kind], memory, answer = apart(rank_all, path, people, kind)
        answers.add(answer)
        note(f"{kind}: {seconds[kind]:.1f} s for {people:,} people x {SIZE:,}; parent at most {memory:,.0f} MB")
    for kind in ("process pool", "Dask"):
        share = seconds[kind] / seconds["threads"]
        report("9", f"{kind} beside {WORKERS} threads of one process", share, 1.2, least=False)
    report("9", "different answers", len(answers), 1, least=False)


def rank_all(index_file: Path, count: int, kind: str) -> tuple[float, float, str]:
    """Seconds, MB and a digest of the answer."""
    index = OpeningIndex.open(index_file)
    profiles = [market.profile(person, number) for number, person in enumerate(market.people(count))]
    with EXECUTORS[kind]() as executor:
        index.rank_many(profiles[: 200 * WORKERS], TOP, executor)  # starts the workers, which open the index
        started = time.perf_counter()
        ranked = index.rank_many(profiles, TOP, executor)
        seconds = time.perf_counter() - started
    digest = hashlib.sha256()
    for one in ranked:
        digest.update(json.dumps(plain(one)).encode())
    return seconds, memory_mb(), digest.hexdigest()


@contextmanager
def dask() -> Iterator[Executor]:
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=WORKERS, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client.get_executor()


EXECUTORS = {
    "threads": lambda: ThreadPoolExecutor(WORKERS),
    "process pool": lambda: ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")),
    "Dask": dask,
}
