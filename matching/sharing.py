"""Ranking shared out over an executor: the index travels as one file, which each worker process maps once."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, finalize

from matching.storage import IndexFileError

if TYPE_CHECKING:
    from matching.features import Query
    from matching.index import OpeningIndex
    from matching.types import Ranked

# At a millisecond or two a person, so that the few milliseconds that a task costs (Dask) do not count.
PEOPLE_PER_TASK = 64


@dataclass(frozen=True, slots=True)
class _File:
    """The temporary file of one generation of an index."""

    generation: int
    path: str
    remove: finalize[[str], OpeningIndex]


_files: WeakKeyDictionary[OpeningIndex, _File] = WeakKeyDictionary()


def rank_shared(executor: Executor, index: OpeningIndex, queries: Sequence[Query], k: int) -> list[list[Ranked]]:
    """`index.rank_queries(queries, k)` by the workers of an executor, in order.

    Threads share the index itself. Any other worker opens a file of it, written once for each generation into the
    folder for temporary files (`TMPDIR`), which workers on other machines have to share; IndexFileError where a worker
    does not see it.
    """
    some = (queries[start : start + PEOPLE_PER_TASK] for start in range(0, len(queries), PEOPLE_PER_TASK))
    if isinstance(executor, ThreadPoolExecutor):
        return _gathered([executor.submit(index.rank_queries, part, k) for part in some])
    opener, path = type(index).open, _file(index)
    return _gathered([executor.submit(_rank, opener, path, part, k) for part in some])


def _gathered(futures: list[Future[list[list[Ranked]]]]) -> list[list[Ranked]]:
    """The results in order; when a task fails the others are not begun."""
    try:
        return [ranked for future in futures for ranked in future.result()]
    finally:
        for future in futures:
            future.cancel()


def _file(index: OpeningIndex) -> str:
    """Where the index stands as it is now; the file goes when the index changes or ends."""
    kept = _files.get(index)
    if kept is None or kept.generation != index.generation:
        if kept is not None:
            kept.remove()
        descriptor, path = tempfile.mkstemp(prefix="openings.")
        os.close(descriptor)
        kept = _File(index.generation, path, finalize(index, _remove, path))
        index.save(path)
        _files[index] = kept
    return kept.path


def _remove(path: str) -> None:
    Path(path).unlink(missing_ok=True)


def _rank(opener: Callable[[str], OpeningIndex], path: str, queries: Sequence[Query], k: int) -> list[list[Ranked]]:
    return _opened(opener, path).rank_queries(queries, k)


@lru_cache(maxsize=2)
def _opened(opener: Callable[[str], OpeningIndex], path: str) -> OpeningIndex:
    """The index of a file, mapped once in each process: a path is of one generation of one index."""
    try:
        return opener(path)
    except FileNotFoundError as error:
        raise IndexFileError(f"{path}: a worker does not see this file; all must share the folder TMPDIR") from error
