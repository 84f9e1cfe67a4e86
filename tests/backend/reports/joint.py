"""A reader of everything that a quarter publishes, over all measures at once, in whole numbers; written anew."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from backend.outcomes.independence import DOMAINS
from backend.reports.disclosure import Measure, Release, Rules
from backend.reports.disclosure.agreement import Place
from backend.reports.frames import Frames
from tests.backend.reports.hand_frames import ASSESSED, day, hand, people, stretch


@dataclass(frozen=True)
class Secret:
    """A small count in a printed row."""

    code: str
    dimension: str
    row: str
    groups: tuple[str, ...]
    outcomes: tuple[str, ...]
    true: int


def programme(rng: np.random.Generator) -> Frames:
    """A random programme as the catalogue reads it: people, their work, assessments, contacts, answers."""
    number = int(rng.integers(50, 160))

    def drawn(names: Sequence[str]) -> list[str]:
        return list(rng.choice(list(names), number, p=rng.dirichlet(np.full(len(names), 0.8))))

    entered = rng.choice([-400, -100], number)
    everybody = people(
        number,
        entered_on=[day(int(on)) for on in entered],
        cohort=["2024" if on == -400 else "2025" for on in entered],
        municipality=drawn(("Niš", "Beograd", "Novi Sad", "unknown")), counsellor=drawn(("A", "B", "C")),
        status=drawn(("active", "light_touch", "paused")), grant=drawn(("G-1", "G-2", "none")),
        is_matched=list(rng.random(number) < 0.8), said_skills=list(rng.random(number) < 0.7),
    )  # fmt: skip
    work = []
    for person in range(number):
        if rng.random() < 0.25:
            continue
        start = int(rng.integers(-90, 250))
        last = min(272, start + int(rng.integers(5, 360)))
        first_until = start + (last - start) // 2 if rng.random() < 0.2 and last - start > 40 else None
        work.append(stretch(f"p{person}", start, last, ended=bool(rng.random() < 0.5), first_until=first_until))
    rows = [
        {"person": f"p{person}", "assessed_on": day(int(entered[person]) + at), "needs_met": True, "agrees": True}
        | {name: int(rng.integers(1, 5)) for name in DOMAINS}
        for person in range(number)
        for at in (0, 250, 365)
        if rng.random() < 0.8
    ]
    contacts = {"day": drawn(("7", "30", "90")), "counsellor": drawn(("A", "B"))}
    return hand(
        everybody,
        work,
        groups={
            name: drawn(("I", "C", "G", "H")) for name in ("sector", "employer", "training", "municipality", "grant")
        },
        assessments=pd.DataFrame(rows, columns=ASSESSED),
        follow_ups=pd.DataFrame(contacts | {"outcome": drawn(("on_time", "late", "missed", "open"))}),
        introductions=pd.DataFrame({"employer": contacts["day"], "outcome": drawn(("answered", "silent", "waiting"))}),
        flags=pd.DataFrame({"severity": drawn(("red", "amber")), "outcome": drawn(("on_time", "late", "open"))}),
    )


def secrets(counted: Mapping[str, Measure], releases: Mapping[str, Release], rules: Rules) -> list[Secret]:
    """Every sum from 1 to 10 of a printed row."""
    found = []
    for code, measure in counted.items():
        rows = {(one.dimension, one.row): one.groups for one in releases[code].figures}
        sums = [*measure.columns.values(), *((one,) for one in measure.outcomes)]
        for (dimension, row), groups in rows.items():
            inside = measure.counts[dimension].loc[list(groups)].sum()
            for outcomes in dict.fromkeys(sums):
                true = int(inside[list(outcomes)].sum())
                if 0 < true < rules.threshold:
                    found.append(Secret(code, dimension, row, groups, outcomes, true))
    return found


class Known(Protocol):
    """What is attacked, with the true number."""

    @property
    def true(self) -> int: ...


K = TypeVar("K", bound=Known)


def read_out(
    found: Sequence[K], possible: Callable[[K], tuple[int, int]], rng: np.random.Generator, targets: int, rules: Rules
) -> tuple[int, int, int]:
    """How many of these were attacked, narrowed below what must stay possible, and read out."""
    tried = narrow = exact = 0
    for place in rng.permutation(len(found))[:targets]:
        low, high = possible(found[place])
        assert low <= found[place].true <= high, "the attack itself is wrong"
        tried += 1
        narrow += high - low + 1 < rules.width
        exact += low == high
    return tried, narrow, exact


class JointReader:
    """Everything that can be said of the true counts of all measures, as one system."""

    def __init__(
        self,
        counted: Mapping[str, Measure],
        releases: Mapping[str, Release],
        rules: Rules,
        same: Sequence[tuple[Place, ...]],
        more: Iterable[tuple[str, str, str, str]] = (),
    ) -> None:
        """`more` are unknowns beside the cells of the measures, for who adds what else is known."""
        self._place: dict[tuple[str, str, str, str], int] = {}
        for code, measure in counted.items():
            for dimension, table in measure.counts.items():
                for group in table.index:
                    for outcome in measure.outcomes:
                        self._place[code, dimension, str(group), outcome] = len(self._place)
        for key in more:
            self._place[key] = len(self._place)
        self._rows: list[NDArray[np.float64]] = []
        self._low: list[float] = []
        self._high: list[float] = []
        for code, release in releases.items():
            for figure in release.figures:
                if figure.value is not None:
                    low, high = rules.possible(figure.value)
                    self._add(self._sum(code, figure.dimension, figure.groups, figure.outcomes), low, high)
            if not release.is_open:
                self._same_people(code, counted[code])
        for places in same:
            self._agree(releases, places)

    @cached_property
    def _known(self) -> LinearConstraint:
        return LinearConstraint(csr_array(np.array(self._rows)), np.array(self._low), np.array(self._high))

    def possible(self, secret: Secret) -> tuple[int, int]:
        """The least and the greatest true count that agree with everything published."""
        return self.range(self._sum(secret.code, secret.dimension, secret.groups, secret.outcomes))

    def range(self, cost: NDArray[np.float64]) -> tuple[int, int]:
        """The same of a sum of unknowns."""
        ends = []
        for sign in (1, -1):
            solved = milp(sign * cost, constraints=self._known, integrality=np.ones(len(cost)), bounds=Bounds(0, 500))
            if solved.x is None:
                raise AssertionError(f"what was published contradicts itself: {solved.message}")
            ends.append(round(sign * solved.fun))
        return ends[0], ends[1]

    def _same_people(self, code: str, measure: Measure) -> None:
        for dimension, table in measure.counts.items():
            for outcome in measure.outcomes if dimension else ():
                parts = self._sum(code, dimension, [str(group) for group in table.index], (outcome,))
                self._add(parts - self._sum(code, "", [""], (outcome,)), 0, 0)

    def _agree(self, releases: Mapping[str, Release], places: tuple[Place, ...]) -> None:
        alike: dict[object, list[NDArray[np.float64]]] = {}
        for place in places:
            # what stands behind the curves is counted, but not published
            for figure in releases[place.code].figures if place.code in releases else ():
                if place.covers(figure):
                    row = self._sum(place.code, figure.dimension, figure.groups, figure.outcomes)
                    alike.setdefault(place.counts(figure), []).append(row)
        for first, *others in alike.values():
            for other in others:
                self._add(other - first, 0, 0)

    def _sum(self, code: str, dimension: str, groups: Sequence[str], outcomes: Sequence[str]) -> NDArray[np.float64]:
        row = np.zeros(len(self._place))
        for group in groups:
            for outcome in outcomes:
                row[self._place[code, dimension, group, outcome]] = 1
        return row

    def _add(self, row: NDArray[np.float64], low: float, high: float) -> None:
        self._rows.append(row)
        self._low.append(low)
        self._high.append(high)
