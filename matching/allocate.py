"""Many people, few positions: who should be introduced where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray
from scipy import sparse
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from matching.types import InvalidValue

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

UNPLACED = -1
# Scores are compared to a millionth; what is left of a float's precision decides ties.
GRAINS = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Allocation:
    """Who should be introduced where, and what that costs; as an array it is `opening`.

    `shortlist` is people x n, each person's opening first, `UNPLACED` where there is none. `total` is the sum of the
    scores of `opening`, `cost` what everyone's own best would give more if positions had no limit. `offers` counts the
    people on whose shortlist each opening stands. A blocking pair is a person and an opening that would both gain by
    leaving what they got for each other (Gale & Shapley 1962). `most_offered` is the share of the most offered
    opening among all offers, `most_wanted` the share of people whose own best is the same opening.
    """

    opening: Numbers
    shortlist: Numbers
    total: float
    cost: float
    offers: Numbers
    blocking_pairs: int
    most_offered: float
    most_wanted: float

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.opening, dtype=dtype, copy=copy)

    def __len__(self) -> int:
        return len(self.opening)

    def __getitem__(self, person: int) -> int:
        return int(self.opening[person])


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Every person with every opening she may be shown, person by person, the best first."""

    people: int
    person: Numbers
    opening: Numbers
    grains: Numbers
    rank: Numbers  # of the opening in ties: fewest exposures, then order

    def where(self, mask: NDArray[np.bool_]) -> _Pairs:
        return _Pairs(self.people, self.person[mask], self.opening[mask], self.grains[mask], self.rank[mask])


def allocate(
    scores: ArrayLike | sparse.sparray,
    capacities: ArrayLike,
    *,
    shortlist: int = 1,
    exposure: ArrayLike | None = None,
    exposure_limit: ArrayLike | None = None,
    stable: bool = False,
) -> Allocation:
    """An opening for each person, such that the total score is highest and no opening takes more than it has.

    `scores` is people x openings, from 0 to 1, NaN where she may not be shown the opening (or sparse: only what is
    stored may be shown); `capacities` holds the positions of each opening. With `stable`, no person and opening would
    both rather have each other, at some cost in total score; both sides prefer by score, so that taking the best pair
    that is still free, again and again, is what deferred acceptance arrives at.

    With a `shortlist` of n, everyone gets up to n openings: in the first round those above, in each further round the
    best allocation of what no list has yet, so that nobody's third choice costs another her second. An opening stands
    on at most `exposure_limit` lists (one number or one per opening; n for each of its positions when not given).
    Equal totals are decided for the openings with fewest `exposure` (earlier showings), then in order.

    InvalidValue for scores outside 0 to 1 and for shapes or counts that do not fit. Source: Kuhn 1955, the assignment
    problem; Jonker & Volgenant 1987 for sparse ones, in scipy's `min_weight_full_bipartite_matching`.
    """
    if shortlist < 1:
        raise InvalidValue(f"shortlist: {shortlist} is below 1")
    people, n_openings, person, opening, value = _read(scores)
    room = np.minimum(_counts("capacities", capacities, n_openings), people)
    seen = _counts("exposure", np.zeros(n_openings, dtype=int) if exposure is None else exposure, n_openings)
    limit = room * shortlist
    if exposure_limit is not None:
        limit = np.minimum(limit, _counts("exposure_limit", exposure_limit, n_openings))
    grains = np.rint(value * GRAINS).astype(np.int64)
    offers = np.zeros(n_openings, dtype=np.int64)
    lists = np.full((people, shortlist), UNPLACED, dtype=np.int64)
    match = _stable if stable else _best_total
    free = np.ones(len(person), dtype=bool)
    for turn in range(shortlist):
        left = np.minimum(room, limit) if turn == 0 else limit - offers
        free &= left[opening] > 0
        rank = np.empty(n_openings, dtype=np.int64)
        rank[np.lexsort((np.arange(n_openings), seen + offers))] = np.arange(n_openings)
        pairs = _shortened(_sorted(people, person[free], opening[free], grains[free], rank), left)
        lists[:, turn] = chosen = match(pairs, left)
        offers += np.bincount(chosen[chosen != UNPLACED], minlength=n_openings)
        free &= chosen[person] != opening
    return _result(lists, offers, (person, opening, grains), value, np.minimum(room, limit))


def _read(scores: ArrayLike | sparse.sparray) -> tuple[int, int, Numbers, Numbers, Floats]:
    """People, openings, and the pairs that may be shown: person by person, openings in order, with the score."""
    if sparse.issparse(scores):
        stored = sparse.csr_array(scores, dtype=float)
        stored.sum_duplicates()
        person = np.repeat(np.arange(stored.shape[0]), np.diff(stored.indptr))
        people, openings, opening, value = *stored.shape, stored.indices.astype(np.int64), stored.data
    else:
        table = np.asarray(scores, dtype=float)
        if table.ndim != 2:
            raise InvalidValue("scores: not a table of people x openings")
        (people, openings), (person, opening) = table.shape, np.nonzero(~np.isnan(table))
        value = table[person, opening]
    told = ~np.isnan(value)
    person, opening, value = person[told], opening[told], value[told]
    if (value < 0).any() or (value > 1).any():
        raise InvalidValue("scores: not all between 0 and 1")
    return people, openings, person, opening, value


def _counts(name: str, values: ArrayLike, n_openings: int) -> Numbers:
    counts = np.asarray(values)
    if counts.ndim == 0 and name == "exposure_limit":
        counts = np.full(n_openings, counts)
    if counts.shape != (n_openings,):
        raise InvalidValue(f"{name}: not one for each column of scores")
    if (counts.size and not np.issubdtype(counts.dtype, np.integer)) or (counts < 0).any():
        raise InvalidValue(f"{name}: not all whole numbers of at least 0")
    return counts.astype(np.int64)


def _sorted(people: int, person: Numbers, opening: Numbers, grains: Numbers, rank: Numbers) -> _Pairs:
    # One number per pair, all different, sorts several times faster than three keys.
    order = np.argsort((person * (GRAINS + 1) + GRAINS - grains) * len(rank) + rank[opening])
    return _Pairs(people, person[order], opening[order], grains[order], rank[opening[order]])


def _shortened(pairs: _Pairs, left: Numbers) -> _Pairs:
    """Each person's best openings until they have positions for everyone.

    One of these is still free whatever the others take, so nothing further down can be part of a best or of a stable
    allocation.
    """
    through = np.cumsum(left[pairs.opening])
    before = np.concatenate([[0], through[:-1]]) if len(through) else through
    first = np.searchsorted(pairs.person, np.arange(pairs.people))
    start = np.append(before, 0)[np.minimum(first, len(before))]
    return pairs.where(before - start[pairs.person] < pairs.people)


def _best_total(pairs: _Pairs, left: Numbers) -> Numbers:
    """The allocation of the highest total; an opening stands once for each of its positions."""
    people, openings = pairs.people, len(left)
    copies = np.minimum(left, np.bincount(pairs.opening, minlength=openings))
    first = np.concatenate([[0], np.cumsum(copies)])
    times = copies[pairs.opening]
    before = np.cumsum(times) - times
    column = np.arange(int(times.sum())) - np.repeat(before - first[pairs.opening], times)
    # Ties add up to less than a grain, however many people there are. Everyone has a place of her own to stay out.
    tie = 1.0 / (people + 1)
    cost = GRAINS - pairs.grains + tie * (1 + pairs.rank) / (openings + 1)
    own = np.arange(people)
    costs = sparse.csr_array(
        (
            np.concatenate([np.repeat(cost, times), np.full(people, GRAINS + tie)]),
            (np.concatenate([np.repeat(pairs.person, times), own]), np.concatenate([column, first[-1] + own])),
        ),
        shape=(people, int(first[-1]) + people),
    )
    placed = min_weight_full_bipartite_matching(costs)[1] if people else own
    return np.append(np.repeat(np.arange(openings), copies), np.full(people, UNPLACED))[placed].astype(np.int64)


def _stable(pairs: _Pairs, left: Numbers) -> Numbers:
    """The stable allocation: the best free pair of all, again and again."""
    room = left.tolist()
    chosen = [UNPLACED] * pairs.people
    order = np.argsort(((GRAINS - pairs.grains) * len(left) + pairs.rank) * pairs.people + pairs.person)
    for person, opening in zip(pairs.person[order].tolist(), pairs.opening[order].tolist(), strict=True):
        if chosen[person] == UNPLACED and room[opening]:
            chosen[person] = opening
            room[opening] -= 1
    return np.array(chosen, dtype=np.int64)


def _result(
    lists: Numbers, offers: Numbers, pairs: tuple[Numbers, Numbers, Numbers], value: Floats, room: Numbers
) -> Allocation:
    person, opening, grains = pairs
    chosen = lists[:, 0]
    taken = chosen[person] == opening
    got = np.full(len(lists), -1)
    got[person[taken]] = grains[taken]
    # The least that an opening took; with a free position it would take anyone.
    least = np.full(len(room), GRAINS + 1)
    np.minimum.at(least, opening[taken], grains[taken])
    least[np.bincount(opening[taken], minlength=len(room)) < room] = -1
    blocking = (grains > got[person]) & (grains > least[opening])
    best = np.zeros(len(lists))
    np.maximum.at(best, person, value)
    wants = np.flatnonzero(value == best[person])
    bests = opening[wants[np.unique(person[wants], return_index=True)[1]]]
    total = float(value[taken].sum())
    return Allocation(
        opening=chosen.copy(),
        shortlist=lists,
        total=total,
        cost=float(best.sum()) - total,
        offers=offers,
        blocking_pairs=int(blocking.sum()),
        most_offered=_largest_share(offers),
        most_wanted=_largest_share(np.bincount(bests, minlength=1)),
    )


def _largest_share(counts: Numbers) -> float:
    return float(counts.max() / counts.sum()) if counts.any() else 0.0
