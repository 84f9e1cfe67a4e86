"""What the long proofs share: how many cases to try, and the one line in which each says what it found."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator

SIZE = float(os.environ.get("PROOF_SIZE", "1"))
PARTS = 4
"""Into how many tests the longest proofs are cut, so that every core has a part; their cases add up to one line."""

Found = tuple[str, str, int, int]
"""A proof, what it tried, how many of them, and how many failed; of a note the text alone."""

_found: list[Found] = []


def cases(at_least: int) -> int:
    """How many cases to try: the number the proof is asked for, times PROOF_SIZE."""
    return max(1, round(at_least * SIZE))


def report(proof: str, *, tried: str, count: int, failed: int) -> None:
    """Keep what the proof's line will say, and fail if any case did."""
    _found.append((proof, tried, count, failed))
    assert count, f"{proof} tried nothing"
    assert not failed, f"{proof}: {failed} of {count} failed"


def note(text: str) -> None:
    """Keep a figure that is told beside the proofs' lines, and that fails nothing."""
    _found.append((text, "", 0, 0))


def taken() -> list[Found]:
    """What was found since this was last asked, for the report of the test that found it."""
    found = _found.copy()
    _found.clear()
    return found


def lines(found: Iterable[Found]) -> Iterator[str]:
    """A line for each proof and what it tried, over all its parts."""
    counts: Counter[tuple[str, str]] = Counter()
    failures: Counter[tuple[str, str]] = Counter()
    for proof, tried, count, failed in found:
        counts[proof, tried] += count
        failures[proof, tried] += failed
    for (proof, tried), count in sorted(counts.items()):
        yield f"{proof}: {count:,} {tried}, {failures[proof, tried]} failed" if tried else proof
