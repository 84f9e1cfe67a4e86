"""Few positions for many people: who should be introduced where, from scores that rankings have given."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import numpy as np
from scipy import sparse

import matching
from matching import Allocation

__all__ = ["Allocation", "allocate"]

Scores = Mapping[tuple[UUID, UUID], float]
"""The score of each person with each opening that she may be shown."""


def allocate(
    people: Sequence[UUID], openings: Sequence[UUID], scores: Scores, free: Sequence[int], shown: Sequence[int], n: int
) -> Allocation:
    """Up to n of the openings for each person; `free` and `shown` are the openings' free positions and showings."""
    row, column = ({pk: number for number, pk in enumerate(pks)} for pks in (people, openings))
    pairs = [(row[person], column[opening]) for person, opening in scores]
    at = np.array(pairs, dtype=np.int64).reshape(len(pairs), 2)
    table = sparse.csr_array((np.fromiter(scores.values(), float), (at[:, 0], at[:, 1])), shape=(len(row), len(column)))
    return matching.allocate(
        table, np.array(free, dtype=np.int64), shortlist=n, exposure=np.array(shown, dtype=np.int64)
    )
