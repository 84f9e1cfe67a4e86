"""What the proofs' lines say."""

import pytest

from tests import proofs


def test_the_parts_of_a_proof_make_one_line() -> None:
    found = [
        ("P4", "walks", 125, 0),
        ("P1", "cells", 5_000, 0),
        ("P4", "walks", 1_125, 2),
        ("P4", "runs", 3, 0),
        ("P8 held out: 9/10", "", 0, 0),
    ]
    assert list(proofs.lines(found)) == [
        "P1: 5,000 cells, 0 failed",
        "P4: 3 runs, 0 failed",
        "P4: 1,250 walks, 2 failed",
        "P8 held out: 9/10",
    ]


@pytest.mark.parametrize(("count", "failed"), [(0, 0), (5, 1)])
def test_a_proof_that_fails_or_tries_nothing_fails_and_is_still_told(count: int, failed: int) -> None:
    with pytest.raises(AssertionError):
        proofs.report("P0", tried="cases", count=count, failed=failed)
    assert proofs.taken() == [("P0", "cases", count, failed)]
    assert proofs.taken() == []
