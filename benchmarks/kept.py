"""Worlds and indexes of one run, each made once and kept as a file that the racing processes map."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import world as market
from benchmarks.harness import apart, memory_mb, note
from matching import OpeningIndex


@dataclass(frozen=True)
class Built:
    """An index file and what it cost to make."""

    path: Path
    seconds: float
    memory_mb: float

    @property
    def file_mb(self) -> float:
        return self.path.stat().st_size / 1e6


class Kept:
    """What stands in a folder; made on first use, in a process that ends with it, and found there by another run."""

    def __init__(self, folder: Path, full: bool, esco: Path | None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self.full, self.esco = folder, full, esco

    def world(self, size: int, countries: int = 1) -> Path:
        path = self._folder / f"world-{size}-{countries}"
        if not path.exists():
            apart(_make_world, path, size, countries)
        return path

    def index(self, size: int, countries: int = 1) -> Built:
        path = self._folder / f"index-{size}-{countries}"
        told = path.with_suffix(".json")
        if not told.exists():
            seconds, memory = apart(_make_index, self.world(size, countries), path)
            told.write_text(json.dumps([seconds, memory]))
            cost = f"built in {seconds:.1f} s with at most {memory:,.0f} MB"
            note(f"index of {size:,} openings: {cost}; file of {path.stat().st_size / 1e6:,.0f} MB")
        return Built(path, *json.loads(told.read_text()))


def _make_world(path: Path, size: int, countries: int) -> None:
    market.save(market.make_world(size, countries), path)


def _make_index(world_file: Path, path: Path) -> tuple[float, float]:
    world = market.load(world_file)
    started = time.perf_counter()
    index = OpeningIndex.build(market.openings(world))
    index.save(path)
    return time.perf_counter() - started, memory_mb()
