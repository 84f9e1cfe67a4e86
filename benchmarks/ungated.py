"""Rows 2, 3 and 5: the search itself over the same vectors, one person and a batch, beside other engines."""

from __future__ import annotations

from benchmarks import ours, rivals
from benchmarks.harness import Contestant, Timed, note, race, ratio, report, report_race
from benchmarks.kept import Kept
from matching.storage import read

SIZE, TOP, PEOPLE = 1_000_000, 50, 60
BATCH_OPENINGS, BATCH_PEOPLE = 100_000, 10_000
MB_PER_MILLION = 110
SPOKEN = ("0.ids", "0.by_id", "0.parties.names", "0.parties.keys", "0.raw", "0.requirements.phrases", "0.terms")
"""Arrays of an index file that no ranking reads before it explains: ids, names, and what a merge weighs words by."""


def run(kept: Kept) -> None:
    """Rows 2 and 3."""
    world = kept.world(SIZE)
    fast = [
        Contestant("matching", ours.kernel, (world, PEOPLE, TOP)),
        Contestant("matching with related skills", ours.kernel_related, (world, PEOPLE, TOP)),
        Contestant("merely reading", ours.kernel_floor, (world, PEOPLE)),
        Contestant("bm25s (numba)", rivals.bm25, (world, PEOPLE, TOP)),
        Contestant("tantivy", rivals.tantivy, (world, PEOPLE, TOP)),
    ]
    timed = race(fast, turns=2 * PEOPLE, block=20)
    report_race("2", f"{SIZE:,}, no gates", timed, "matching", {"bm25s (numba)": 6, "tantivy": 6})
    value, low, high = ratio(timed["matching with related skills"], timed["matching"])
    report("2", "credit for related skills beside the plain query", value, 3, False, f"[{low:.3g}, {high:.3g}]")
    value, low, high = ratio(timed["matching"], timed["merely reading"])
    report("3", f"{SIZE:,}: beside merely reading the postings", value, 3, False, f"[{low:.3g}, {high:.3g}]")
    _note_floor(timed, "bm25s (numba)", "tantivy")
    slow = [fast[0], fast[2], Contestant("scikit-learn TF-IDF", rivals.sklearn_cosine, (world, PEOPLE, TOP))]
    timed = race(slow, turns=PEOPLE, block=5)
    report_race("2", f"{SIZE:,}, no gates", timed, "matching", {"scikit-learn TF-IDF": 1000})
    _note_floor(timed, "scikit-learn TF-IDF")


def _note_floor(timed: dict[str, Timed], *names: str) -> None:
    """What the ratios would be if reading the postings were all the work: the machine's measure of a goal."""
    for rival in names:
        value, low, high = ratio(timed[rival], timed["merely reading"])
        note(f"merely reading the postings would be {value:.3g} [{low:.3g}, {high:.3g}] times as fast as {rival}")


def run_batch(kept: Kept) -> None:
    """Row 5."""
    world, several = kept.world(BATCH_OPENINGS), (1, 2)
    shape = (world, BATCH_PEOPLE, TOP)
    contestants = [
        Contestant(f"{name}, {threads} threads", make, (*shape, threads), threads)
        for threads in several
        for name, make in (
            ("matching", ours.kernel_batch),
            ("sparse_dot_topn", rivals.topn_batch),
            ("bm25s", rivals.bm25_batch),
        )
    ]
    timed = race(contestants, turns=2)
    for threads in several:
        goals = {f"sparse_dot_topn, {threads} threads": 5.0, f"bm25s, {threads} threads": 3.0}
        equal = {name: one for name, one in timed.items() if f", {threads} " in name}
        what = f"{BATCH_PEOPLE:,} x {BATCH_OPENINGS:,}"
        report_race("5", what, equal, f"matching, {threads} threads", goals)
    efficiency = timed["matching, 1 threads"].median / timed["matching, 2 threads"].median / 2
    report("5", "efficiency of two threads", efficiency, 0.9)
    # Scikit-learn takes minutes for the batch; a tenth of the people shows the ratio.
    fewer = (world, BATCH_PEOPLE // 10, TOP)
    timed = race(
        [
            Contestant("matching", ours.kernel_batch, (*fewer, 1)),
            Contestant("scikit-learn", rivals.sklearn_batch, fewer),
        ],
        turns=2,
    )
    report_race("5", f"{BATCH_PEOPLE // 10:,} people x {BATCH_OPENINGS:,}", timed, "matching", {"scikit-learn": 30})
    built = kept.index(SIZE)
    note(f"the whole index file of {SIZE:,}, with ids, titles and columns for reasons: {built.file_mb:,.0f} MB")
    report("5", "MB per million openings", built.file_mb / SIZE * 1e6, MB_PER_MILLION, least=False)
    arrays = read(built.path).arrays
    ranked = sum(array.nbytes for name, array in arrays.items() if not name.startswith(SPOKEN)) / 1e6
    note(f"of it {ranked:,.0f} MB rank: postings, what openings ask and say, gates, ties; the rest is ids and names")
