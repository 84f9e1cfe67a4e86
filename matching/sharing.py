"""Ranking shared out over an executor: the index travels as one file, which each worker process maps once."""

from __future__ import annotations

import copyreg
import gc
import io
import os
import pickle
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, fields
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary, finalize

from matching.storage import IndexFileError
from matching.types import Gap, Ranked, Reason

if TYPE_CHECKING:
    from matching.features import Query
    from matching.index import OpeningIndex

T = TypeVar("T")

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
    some = [queries[start : start + PEOPLE_PER_TASK] for start in range(0, len(queries), PEOPLE_PER_TASK)]
    if isinstance(executor, ThreadPoolExecutor):
        ranked = _in_order([executor.submit(index.rank_queries, part, k) for part in some])
    else:
        opener, path = type(index).open, _file(index)
        # As bytes: Dask would look through every object of a task for results of other tasks.
        packed = [executor.submit(_rank, opener, path, _packed(part), k) for part in some]
        ranked = map(_unpacked, _in_order(packed))
    return [one for part in ranked for one in part]


def _in_order(futures: Sequence[Future[T]]) -> Iterator[T]:
    """The results; when a task fails the others are not begun."""
    try:
        for future in futures:
            yield future.result()
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


def _rank(opener: Callable[[str], OpeningIndex], path: str, queries: bytes, k: int) -> bytes:
    return _packed(_opened(opener, path).rank_queries(_unpacked(queries), k))


@lru_cache(maxsize=2)
def _opened(opener: Callable[[str], OpeningIndex], path: str) -> OpeningIndex:
    """The index of a file, mapped once in each process: a path is of one generation of one index."""
    try:
        return opener(path)
    except FileNotFoundError as error:
        raise IndexFileError(f"{path}: a worker does not see this file; all must share the folder TMPDIR") from error


def _packed(values: Sequence[Any]) -> bytes:
    """Queries or results as bytes; results several times as fast as by what dataclasses define for pickle."""
    packed = io.BytesIO()
    pickler = pickle.Pickler(packed, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _REDUCERS
    pickler.dump(values)
    return packed.getvalue()


def _unpacked(packed: bytes) -> Any:
    """What `_packed` packed; it comes from ourselves or from our own workers."""
    collecting = gc.isenabled()
    gc.disable()  # nothing here is garbage, and looking for it takes longer than all the rest
    try:
        return pickle.loads(packed)  # noqa: S301
    finally:
        if collecting:
            gc.enable()


def _reducer(kind: type[T]) -> Callable[[T], tuple[type[T], tuple[Any, ...]]]:
    values = attrgetter(*(field.name for field in fields(kind)))  # type: ignore[arg-type]
    return lambda one: (kind, values(one))


_REDUCERS: dict[type, Callable[[Any], Any]] = {
    **copyreg.dispatch_table,
    **{kind: _reducer(kind) for kind in (Ranked, Reason, Gap)},
}
