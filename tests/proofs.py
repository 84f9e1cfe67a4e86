"""What the long proofs share: how many cases to try, and the one line in which each says what it found."""

import os

SIZE = float(os.environ.get("PROOF_SIZE", "1"))


def cases(at_least: int) -> int:
    """How many cases to try: the number the proof is asked for, times PROOF_SIZE."""
    return max(1, round(at_least * SIZE))


def report(proof: str, *, tried: str, count: int, failed: int) -> None:
    """Print the proof's one line and fail if any case did."""
    print(f"\n{proof}: {count:,} {tried}, {failed} failed")  # noqa: T201 - `make proof` is read by a person
    assert count, f"{proof} tried nothing"
    assert not failed, f"{proof}: {failed} of {count} failed"
