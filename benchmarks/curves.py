"""The Kaplan-Meier curve beside lifelines and beside plain numpy, as ratios of one run.

    python -m benchmarks.curves

lifelines pins an older pandas, so it runs in an environment of its own that uv makes for the run; where no package
index is reached it is left out, and that is printed. Each contestant is a process that draws the same days from the
same seed and times itself; they take turns.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import Timed, machine, memory_mb, note, ratio

SIZES = (1_000, 10_000, 100_000)
ROUNDS = 15
LIFELINES = "lifelines==0.30.3"
READ_AT = (90, 180, 365)
ROOT = Path(__file__).parents[1]

Curve = Callable[[NDArray[np.int64], NDArray[np.bool_]], list[float]]


def main() -> None:
    print(machine())
    with tempfile.TemporaryDirectory(prefix="lifelines.") as folder:
        pythons = {"korak": sys.executable, "numpy": sys.executable}
        if theirs := _environment(Path(folder)):
            pythons["lifelines"] = theirs
        print(f"{'people':>8}  {'curve':<12}{'ms':>9}{'times ours':>12}  95% interval")
        for size in SIZES:
            timed = _race(pythons, size)
            for name, one in timed.items():
                value, low, high = ratio(one, timed["korak"])
                print(
                    f"{size:>8}  {name:<12}{one.median * 1000:>9.3f}{value:>12.3g}  [{low:.3g}, {high:.3g}]", flush=True
                )
            reads = np.array([one.answer for one in timed.values()])
            note(f"S at {READ_AT}: {np.round(reads[0], 4).tolist()}, at most {np.ptp(reads, axis=0).max():.1e} apart")


def _environment(folder: Path) -> str | None:
    """The interpreter of a fresh environment with lifelines; None where it cannot be installed."""
    uv = shutil.which(str(ROOT / ".tools/bin/uv")) or shutil.which("uv")
    python = folder / "bin" / "python"
    for command in (
        [uv, "venv", "-q", "--clear", "--python", sys.executable, folder],
        [uv, "pip", "install", "-q", "--python", python, LIFELINES],
    ):
        try:
            done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300)
        except (OSError, subprocess.TimeoutExpired) as error:
            note(f"lifelines was left out: {error}")
            return None
        if done.returncode:
            note(f"lifelines was left out: {(done.stderr.strip().splitlines() or ['uv failed'])[-1]}")
            return None
    return str(python)


def _race(pythons: dict[str, str], size: int) -> dict[str, Timed]:
    """Every contestant in turn, ROUNDS times, after a turn that is not measured."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    processes = {
        name: subprocess.Popen(
            [python, "-W", "ignore", "-m", "benchmarks.curves", name, str(size)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ | threads,
        )
        for name, python in pythons.items()
    }  # fmt: skip
    seconds: dict[str, list[float]] = {name: [] for name in processes}
    answers: dict[str, dict[str, object]] = {}
    try:
        for turn in range(ROUNDS + 1):
            for name, process in processes.items():
                assert process.stdin is not None  # noqa: S101
                assert process.stdout is not None  # noqa: S101
                process.stdin.write("go\n")
                process.stdin.flush()
                told = process.stdout.readline()
                if not told:
                    raise RuntimeError(f"{name}: its process ended")
                answers[name] = json.loads(told)
                if turn:
                    seconds[name].append(float(str(answers[name]["seconds"])))
    finally:
        for process in processes.values():
            process.communicate()
    return {
        name: Timed(np.array(seconds[name]), 0.0, float(str(told["memory_mb"])), told["answer"])
        for name, told in answers.items()
    }


def serve(name: str, size: int) -> None:
    """Be a contestant: draw the curve once for every line that is read."""
    rng = np.random.default_rng(size)
    ends, seen = rng.exponential(500, size).astype(int), rng.integers(0, 900, size)
    days, events = np.minimum(ends, seen), ends <= seen
    curve = {"korak": korak, "numpy": plain, "lifelines": lifelines}[name]()
    for _ in sys.stdin:
        started = time.perf_counter()
        answer = curve(days, events)
        took = time.perf_counter() - started
        print(json.dumps({"seconds": took, "memory_mb": memory_mb(), "answer": answer}), flush=True)


def korak() -> Curve:
    """As the pages draw it: statsmodels' estimator, our intervals and numbers at risk."""
    from backend.outcomes.survival import at_days, kaplan_meier

    return lambda days, events: at_days(kaplan_meier(days, events), READ_AT)["survival"].tolist()


def plain() -> Curve:
    """Whole days only, and no interval: two counts and a product."""

    def curve(days: NDArray[np.int64], events: NDArray[np.bool_]) -> list[float]:
        until = int(days.max()) + 1
        ends, leaves = np.bincount(days[events], minlength=until), np.bincount(days, minlength=until)
        survival = np.cumprod(1 - ends / (len(days) - np.cumsum(leaves) + leaves))
        return [float(survival[day]) for day in READ_AT]

    return curve


def lifelines() -> Curve:
    """Its default: with log-log intervals, as ours."""
    from lifelines import KaplanMeierFitter

    return lambda days, events: KaplanMeierFitter().fit(days, events).predict(READ_AT).tolist()


if __name__ == "__main__":
    if len(sys.argv) == 3:
        serve(sys.argv[1], int(sys.argv[2]))
    else:
        main()
