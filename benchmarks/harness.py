"""Races: contestants take turns, each in a process of its own, and every figure is a ratio of one race."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Before numpy is loaded in a process: one thread each, unless a race is about threads.
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
RESAMPLES = 2_000
FEWEST_ROUNDS = 5

Task = Callable[[int], object]


@dataclass(frozen=True)
class Contestant:
    """A name and how its process makes the task that is timed: `make(*arguments)` gives a function of the turn."""

    name: str
    make: Callable[..., Task]
    arguments: tuple[Any, ...] = ()
    threads: int = 1


@dataclass(frozen=True)
class Timed:
    """Seconds for each turn, what making the task cost, and the last answer."""

    seconds: NDArray[np.float64]
    made_in: float
    memory_mb: float
    answer: Any

    @property
    def median(self) -> float:
        return float(np.median(self.seconds))


def race(contestants: Sequence[Contestant], turns: int, block: int = 1, limit: float = 60.0) -> dict[str, Timed]:
    """Time every contestant on the turns 0, 1, ..., in blocks, one contestant after the other in each block.

    Before the first block, and before every block of several turns, each does one turn unmeasured. After `limit`
    seconds the race ends for all of them at the end of a round (of at least five blocks), so that all have done the
    same turns.
    """
    processes = [_Process(contestant) for contestant in contestants]
    try:
        for process in processes:  # one after the other: making is measured too
            process.made_in, process.memory_mb = process.ask("make")
        started = time.perf_counter()
        for round_, start in enumerate(range(0, turns, block)):
            if round_ >= FEWEST_ROUNDS and time.perf_counter() - started > limit:
                break
            for process in processes:
                if round_ == 0 or block > 1:
                    process.ask("run", [start])
                process.seconds += process.ask("run", list(range(start, min(start + block, turns))))
        return {
            process.name: Timed(np.array(process.seconds), process.made_in, process.memory_mb, process.ask("answer"))
            for process in processes
        }
    finally:
        for process in processes:
            process.stop()


def ratio(theirs: Timed, ours: Timed) -> tuple[float, float, float]:
    """How many times as long theirs takes (of medians), with the bounds of a 95% bootstrap interval."""
    rng = np.random.default_rng(0)

    def medians(seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.median(rng.choice(seconds, (RESAMPLES, len(seconds))), axis=1))

    low, high = np.quantile(medians(theirs.seconds) / medians(ours.seconds), (0.025, 0.975))
    return theirs.median / ours.median, float(low), float(high)


def report(row: str, what: str, value: float, goal: float, least: bool = True, bounds: str = "") -> None:
    """One line: the figure, its goal and whether it is reached (`least`: the goal is a minimum)."""
    reached = value >= goal if least else value <= goal
    sign, verdict = ">=" if least else "<=", "reached" if reached else "NOT reached"
    print(f"{row:<4}{what:<62}{value:>10.4g} {bounds:<16}{sign:>3}{goal:>8.4g}  {verdict}", flush=True)


def report_race(row: str, what: str, timed: dict[str, Timed], ours: str, goals: dict[str, float]) -> None:
    """The times of all contestants, then a line for each rival that has a goal."""
    for name, one in timed.items():
        note(f"{name}: {one.median * 1000:.4g} ms (median of {len(one.seconds)}; made in {one.made_in:.1f} s, "
             f"{one.memory_mb:.0f} MB)")  # fmt: skip
    for name, goal in goals.items():
        value, low, high = ratio(timed[name], timed[ours])
        report(row, f"{what}: {name}", value, goal, bounds=f"[{low:.3g}, {high:.3g}]")


def note(text: str) -> None:
    """A line beside the figures."""
    print(f"    {text}", flush=True)


def machine() -> str:
    """What the figures were measured on."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    return f"{model}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}, numpy {np.__version__}"


def memory_mb() -> float:
    """The most memory this process has held (resident; `getrusage` would count its parent's too)."""
    status = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in status if line.startswith("VmHWM"))) / 1024


def apart(work: Callable[..., Any], *arguments: object, threads: int = 1) -> Any:
    """The result of `work(*arguments)`, done in a process of its own."""
    process = _Process(Contestant(work.__name__, _once, (work, arguments), threads))
    try:
        process.ask("make")
        process.ask("run", [0])
        return process.ask("answer")
    finally:
        process.stop()


def _once(work: Callable[..., Any], arguments: tuple[object, ...]) -> Task:
    done: list[Any] = []

    def task(_turn: int) -> object:
        if not done:
            done.append(work(*arguments))
        return done[0]

    return task


class _Process:
    def __init__(self, contestant: Contestant) -> None:
        self.name = contestant.name
        self.seconds: list[float] = []
        self.made_in = self.memory_mb = 0.0
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, contestant))
        before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
        os.environ.update(dict.fromkeys(THREAD_VARIABLES, str(contestant.threads)))
        try:
            self._process.start()
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
        theirs.close()

    def ask(self, what: str, argument: object = None) -> Any:
        self._pipe.send((what, argument))
        try:
            return self._pipe.recv()
        except EOFError as error:
            raise RuntimeError(f"{self.name}: its process ended") from error

    def stop(self) -> None:
        self._pipe.close()
        self._process.join()


def _serve(pipe: Connection, contestant: Contestant) -> None:
    task: Task | None = None
    answer: object = None
    while True:
        try:
            what, turns = pipe.recv()
        except EOFError:
            return
        if what == "make":
            started = time.perf_counter()
            task = contestant.make(*contestant.arguments)
            pipe.send((time.perf_counter() - started, memory_mb()))
        elif what == "run":
            assert task is not None  # noqa: S101
            seconds = []
            for turn in turns:
                started = time.perf_counter()
                answer = task(turn)
                seconds.append(time.perf_counter() - started)
            pipe.send(seconds)
        else:
            pipe.send(answer)
