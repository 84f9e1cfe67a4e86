"""What the long proofs share: how many cases to try, and the one line in which each says what it found."""

import os

from _pytest.capture import CaptureManager

SIZE = float(os.environ.get("PROOF_SIZE", "1"))


def cases(at_least: int) -> int:
    """How many cases to try: the number the proof is asked for, times PROOF_SIZE."""
    return max(1, round(at_least * SIZE))


captured: CaptureManager | None = None  # set in conftest.py


def say(line: str) -> None:
    """Print for the person who runs `make proof`, past pytest's capturing of logs."""
    assert captured
    with captured.global_and_fixture_disabled():
        print(f"\n{line}")  # noqa: T201


def report(proof: str, *, tried: str, count: int, failed: int) -> None:
    """Say the proof's one line and fail if any case did."""
    say(f"{proof}: {count:,} {tried}, {failed} failed")
    assert count, f"{proof} tried nothing"
    assert not failed, f"{proof}: {failed} of {count} failed"
