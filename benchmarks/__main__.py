"""`python -m benchmarks [ROW ...] [--full]`: the speed of matching beside others, as ratios measured in one run.

Rows: 1 gates, 2 no gates, 3 the floor, 4 locality, 5 batches, 6 freshness, 7 a whole request, 8 linking, 9 executors.
Every line shows a figure, its 95% interval (bootstrap), its goal and whether it is reached.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import executors, freshness, gated, linking, request, ungated
from benchmarks.harness import machine, note
from benchmarks.kept import Kept

# In the order in which they run; rows 2 and 3 are one race.
FAMILIES: dict[str, Callable[[Kept], None]] = {
    "1": gated.run,
    "23": ungated.run,
    "4": gated.run_locality,
    "5": ungated.run_batch,
    "6": freshness.run,
    "7": request.run,
    "8": linking.run,
    "9": executors.run,
}


def main() -> None:
    """Run the rows asked for, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[*"123456789"], metavar="ROW", help="rows to measure (all)")
    parser.add_argument("--full", action="store_true", help="with 4 million openings besides: far longer, more memory")
    parser.add_argument("--esco", type=Path, help="for row 8: a folder of the official ESCO CSV download")
    parser.add_argument("--folder", type=Path, help="keep worlds and indexes there, and use those that are there")
    asked = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory(prefix="benchmarks.") as passing:
        kept = Kept(asked.folder or Path(passing), asked.full, asked.esco)
        for rows, run in FAMILIES.items():
            if not asked.rows or set(asked.rows) & set(rows):
                started = time.perf_counter()
                run(kept)
                note(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
