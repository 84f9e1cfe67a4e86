"""Courses to take: the few that open the most doors to one person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from matching.eligibility import passing
from matching.index import OpeningIndex
from matching.types import HeldSkill, InvalidValue, Profile

# Beyond so many kinds of doors, or so many branches of the search, the greedy plan stands, with what bounds it. Both
# limits count work, not time: the answer does not depend on the machine.
MOST_DOORS = 1_000
MOST_BRANCHES = 200

# Courses are bits of a number. What an opening still asks is a set of such numbers: of each, one course must be taken.
Wants = frozenset[int]


@dataclass(frozen=True, slots=True)
class Step:
    """A course with the openings that it unlocks once those before it are done."""

    course: str
    unlocks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CoursePlan:
    """Courses in order; iterates over its steps.

    `unlocked` counts the openings of all steps, `bound` is the most that any k courses could unlock, `greedy` what
    taking the best next course again and again unlocks. `guaranteed` says that no opening needs courses together, so
    that unlocking is coverage and `greedy` at least 1 - 1/e (63%) of the best (Nemhauser, Wolsey & Fisher 1978).
    `alone` has the openings that each single course unlocks, for those that unlock any.
    """

    steps: tuple[Step, ...]
    unlocked: int
    greedy: int
    bound: int
    guaranteed: bool
    alone: Mapping[str, tuple[str, ...]]

    @property
    def exact(self) -> bool:
        """Whether no k courses unlock more."""
        return self.unlocked == self.bound

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, number: int) -> Step:
        return self.steps[number]


def plan_courses(
    index: OpeningIndex,
    profile: Profile,
    courses: Mapping[str, Sequence[HeldSkill]],
    k: int = 3,
    unwanted: Collection[str] = frozenset(),
) -> CoursePlan:
    """The set of at most k courses that unlocks the most openings, the one that unlocks most first.

    `courses` maps an id to the skills it grants; `unwanted` are openings that nobody need unlock. An opening is
    unlocked when the gates let it pass, some must-have was not met in full and all are met now. Openings that need two
    courses together break the guarantee of the greedy choice (`CoursePlan.guaranteed`), so its plan is compared with an
    exact one: an integer programme (HiGHS, through scipy's `milp`), given up beyond `MOST_DOORS` and `MOST_BRANCHES`.
    Of sets that unlock as many the smaller is taken, then the greedy one, which where two courses unlock as many
    prefers what meets more requirements, then the first by id. Courses without which as much is unlocked are left out.
    InvalidValue when k is below 0.
    """
    if k < 0:
        raise InvalidValue(f"k: {k} is below 0")
    names = sorted(courses)
    doors = _doors(index, profile, [courses[name] for name in names], unwanted)
    sizes = {wants: len(ids) for wants, ids in doors.items()}
    guaranteed = k <= 1 or all(len(wants) == 1 for wants in sizes)
    greedy = _greedy(sizes, len(names), k)
    best, value, bound = greedy, _unlocked(sizes, greedy), sum(sizes.values())
    if k <= 1:
        bound = value
    elif value < bound and len(sizes) <= MOST_DOORS:
        other, bound = _exact(sizes, len(names), k)
        best = max(greedy, other, key=lambda chosen: (_unlocked(sizes, chosen), -chosen.bit_count()))
    return CoursePlan(
        steps=tuple(_steps(doors, names, best)),
        unlocked=_unlocked(sizes, best),
        greedy=value,
        bound=bound,
        guaranteed=guaranteed,
        alone={name: ids for course, name in enumerate(names) if (ids := _opened(doors, 0, 1 << course))},
    )


def _doors(
    index: OpeningIndex, profile: Profile, grants: Sequence[Sequence[HeldSkill]], unwanted: Collection[str]
) -> Mapping[Wants, Sequence[str]]:
    """The openings that some courses together would unlock, by what they want."""
    bare = Profile(profile.id)
    bound_grants = [index.bind(index.query(replace(bare, skills=tuple(skills)))) for skills in grants]
    doors: dict[Wants, list[str]] = defaultdict(list)
    for number, (segment, bound) in enumerate(index.bind(index.query(profile))):
        columns = segment.columns
        told = np.arange(len(columns.requirements))
        given_by: list[int] = [0] * len(told)
        for course, bound_grant in enumerate(bound_grants):
            for requirement in np.flatnonzero(bound_grant[number][1].credit(told) >= 1).tolist():
                given_by[requirement] |= 1 << course
        lacking = bound.credit(told) < 1
        hopeless = lacking & (np.array(given_by, dtype=object) == 0)
        rows = passing(columns, profile).rows(columns, segment.open)
        starts, musts = columns.must_haves(rows)
        lacks, blocks = _sums(lacking[musts], starts), _sums(hopeless[musts], starts)
        for i in np.flatnonzero((lacks > 0) & (blocks == 0)).tolist():
            opening = columns.ids[int(rows[i])]
            if opening not in unwanted:
                wanted = musts[starts[i] : starts[i + 1]]
                wants = _fewest(given_by[requirement] for requirement in wanted[lacking[wanted]].tolist())
                doors[wants].append(opening)
    return doors


def _sums(values: NDArray[np.bool_], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    through = np.concatenate([[0], np.cumsum(values)])
    return np.asarray(through[starts[1:]] - through[starts[:-1]])


def _fewest(wants: Iterable[int]) -> Wants:
    """The wants without those that another's courses all meet too."""
    distinct = set(wants)
    return frozenset(one for one in distinct if not any(other != one and other & one == other for other in distinct))


def _unlocked(sizes: Mapping[Wants, int], chosen: int) -> int:
    return sum(size for wants, size in sizes.items() if all(want & chosen for want in wants))


def _met(sizes: Mapping[Wants, int], chosen: int) -> int:
    return sum(size * sum(bool(want & chosen) for want in wants) for wants, size in sizes.items())


def _greedy(sizes: Mapping[Wants, int], n_courses: int, k: int) -> int:
    """The best next course up to k times, less those that turn out not to be needed."""
    chosen = 0
    for _ in range(k):
        left = [chosen | 1 << course for course in range(n_courses) if not chosen >> course & 1]
        if not left or _unlocked(sizes, chosen) == sum(sizes.values()):
            break
        # max keeps the first of equals, which is the first by id.
        chosen = max(left, key=lambda some: (_unlocked(sizes, some), _met(sizes, some)))
    for course in reversed(range(n_courses)):
        without = chosen & ~(1 << course)
        if _unlocked(sizes, without) == _unlocked(sizes, chosen):
            chosen = without
    return chosen


def _exact(sizes: Mapping[Wants, int], n_courses: int, k: int) -> tuple[int, int]:
    """The set of courses that unlocks the most, as far as it was found, and what no set can exceed."""
    doors = sorted(sizes, key=sorted)
    # A door opens as far as each of its wants is met: y <= sum of x over the courses that meet it.
    rows: list[NDArray[np.float64]] = []
    for number, wants in enumerate(doors):
        for want in sorted(wants):
            row = np.zeros(n_courses + len(doors))
            row[:n_courses] = [want >> course & 1 for course in range(n_courses)]
            row[n_courses + number] = -1
            rows.append(row)
    # Among sets that unlock as many the smaller, then the earlier by id: all costs together stay below one opening.
    costs = (1 + np.arange(n_courses) / n_courses) / (2 * k + 1)
    taken = np.concatenate([np.ones(n_courses), np.zeros(len(doors))])
    found = milp(
        np.concatenate([costs, [-sizes[wants] for wants in doors]]),
        integrality=taken,
        bounds=Bounds(0, 1),
        constraints=[LinearConstraint(sparse.csr_array(np.array(rows)), 0, np.inf), LinearConstraint(taken, 0, k)],
        options={"mip_rel_gap": 0, "node_limit": MOST_BRANCHES},
    )
    if found.x is None:
        return 0, sum(sizes.values())
    chosen = sum(1 << course for course in np.flatnonzero(found.x[:n_courses] > 0.5).tolist())
    if found.status == 0:
        return chosen, _unlocked(sizes, chosen)
    return chosen, int(np.floor(1 - found.mip_dual_bound))


def _steps(doors: Mapping[Wants, Sequence[str]], names: Sequence[str], chosen: int) -> Iterator[Step]:
    """The chosen courses, the one that unlocks most first, then what meets more requirements, then by id."""
    sizes = {wants: len(ids) for wants, ids in doors.items()}
    left, done = [course for course in range(len(names)) if chosen >> course & 1], 0
    while left:
        best = max(left, key=lambda course: (_unlocked(sizes, done | 1 << course), _met(sizes, done | 1 << course)))
        before, done = done, done | 1 << best
        left.remove(best)
        yield Step(names[best], _opened(doors, before, done))


def _opened(doors: Mapping[Wants, Sequence[str]], before: int, done: int) -> tuple[str, ...]:
    """The openings that the courses done unlock and those before did not, by id."""
    opened = [
        ids
        for wants, ids in doors.items()
        if all(want & done for want in wants) and not all(want & before for want in wants)
    ]
    return tuple(sorted(opening for ids in opened for opening in ids))
