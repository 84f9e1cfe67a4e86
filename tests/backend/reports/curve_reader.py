"""A reader of the curves beside all measures, in programmes where everybody is followed to the end.

There a curve says the most: a share is a plain count of those placed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.reports.catalogue import SAME
from backend.reports.catalogue.curves import DAYS, DIMENSIONS
from backend.reports.catalogue.measures import RETENTION_DAYS
from backend.reports.disclosure import Measure, Release, Rules
from backend.reports.frames import Frames
from tests.backend.reports.hand_frames import day, hand, people, stretch
from tests.backend.reports.joint import JointReader

GRID = tuple(day for day in DAYS if day <= 540)
CURVE = ("", "same_employer")
"""The curve across employers, and that with the first."""


def followed(rng: np.random.Generator) -> Frames:
    """Placed long ago and seen to the end of the quarter, unless work ended, on no day that retention is read at."""
    number = int(rng.integers(40, 130))

    def drawn(names: str) -> list[str]:
        return list(rng.choice(list(names), number, p=rng.dirichlet(np.full(len(names), 0.8))))

    hazard = rng.choice([0.1, 0.3, 0.6])
    work = []
    for person in range(number):
        start = int(rng.integers(-760, -300))
        ends = bool(rng.random() < hazard)
        length = int(rng.integers(1, 500))
        last = start + length + (length in RETENTION_DAYS) if ends else 272
        first_until = start + (last - start) // 3 if rng.random() < 0.15 and last - start > 40 else None
        reason = {"reason": str(rng.choice(["dismissed", "study"], p=[0.7, 0.3]))} if ends else {}
        work.append(stretch(f"p{person}", start, last, ended=ends, first_until=first_until, **reason))
    entered = [day(-800)] * (number + int(rng.integers(0, 30)))
    groups = {name: drawn("ABCD"[: int(rng.integers(2, 5))]) for name in ("sector", "training", "municipality")}
    return hand(people(len(entered), entered_on=entered), work, groups=groups)


@dataclass(frozen=True)
class Hidden:
    """People of a group whose number nobody may work out: those of `less` taken from those of `more`."""

    dimension: str
    group: str
    more: str
    less: str | None
    true: int


class CurveReader(JointReader):
    """The unknowns are, for each group: those placed; by each day those who ended, and of them who competes.

    At risk after the ends of a day is whoever had not ended: a second reading of the same number.
    """

    def __init__(
        self,
        made: Frames,
        counted: Mapping[str, Measure],
        releases: Mapping[str, Release],
        curves: Mapping[str, Any],
        rules: Rules,
    ) -> None:
        placed = made.placements.assign(**{"": ""})
        self.groups = {name: sorted(placed[name].unique()) for name in DIMENSIONS}
        self.names = ["placed", "in_all", *(f"competing {t}" for t in GRID)]
        self.names += [f"ended{curve} {t}" for curve in CURVE for t in GRID]
        keys = [
            ("curve", name, group, what)
            for name, groups in self.groups.items()
            for group in groups
            for what in self.names
        ]
        super().__init__(counted, releases, rules, SAME, keys)
        self.curves, self.rules, self.placed = curves, rules, placed
        for name, groups in self.groups.items():
            for group in groups:
                self._believe(name, group)
                if told := curves[name]["groups"].get(group):
                    self._read(name, group, told)
            for what in self.names if name else ():
                self._add(self._sum("curve", name, groups, (what,)) - self._sum("curve", "", [""], (what,)), 0, 0)
        funnel = self._sum("funnel", "stage", ["placed"], ("reached",))
        self._add(funnel - self._sum("curve", "", [""], ("placed",)), 0, 0)
        ends = self._sum("end_reasons", "", [""], ("ended",))
        self._add(ends - self._sum("curve", "", [""], ("in_all",)), 0, 0)
        for days in RETENTION_DAYS:
            self._retained(releases[f"retention_{days}"], days)

    def secrets(self) -> list[Hidden]:
        """Every count from 1 to 10 behind a drawn curve: by a day, between two days, who changed, who competes."""
        found = []
        for name, groups in self.groups.items():
            for group in groups:
                if not (told := self.curves[name]["groups"].get(group)):
                    continue
                drawn = [int(point["t"]) for point in told["points"] if point["t"] in GRID]
                pairs = [(f"{what} {t}", None) for t in drawn for what in ("ended", "competing")]
                pairs += [(f"ended {later}", f"ended {t}") for t, later in pairwise(drawn)]
                pairs += [(f"endedsame_employer {t}", f"ended {t}") for t in drawn]
                for more, less in pairs:
                    true = self.true(name, group, more) - (self.true(name, group, less) if less else 0)
                    if 0 < true < self.rules.threshold:
                        found.append(Hidden(name, group, more, less, true))
        return found

    def true(self, name: str, group: str, what: str) -> int:
        people = self.placed[self.placed[name] == group]
        word, _, t = what.partition(" ")
        if not t:
            return len(people) if word == "placed" else int(people["event"].sum())
        if word == "competing":
            return int(((people["cause"] == 2) & (people["days"] <= int(t))).sum())
        is_same = word.endswith(CURVE[1])
        days, event = (people["days_same"], people["event_same"]) if is_same else (people["days"], people["event"])
        return int((event & (days <= int(t))).sum())

    def possible_of(self, hidden: Hidden) -> tuple[int, int]:
        less = self._one(hidden.dimension, hidden.group, hidden.less) if hidden.less else 0
        return self.range(self._one(hidden.dimension, hidden.group, hidden.more) - less)

    def _one(self, name: str, group: str, what: str) -> NDArray[np.float64]:
        return self._sum("curve", name, [group], (what,))

    def _believe(self, name: str, group: str) -> None:
        """What holds of any group whose people are all followed to the end."""

        def at_most(less: str, more: str) -> None:
            self._add(self._one(name, group, more) - self._one(name, group, less), 0, np.inf)

        days = sorted(GRID)
        for t, later in zip(days, [*days[1:], None], strict=True):
            at_most(f"competing {t}", f"ended {t}")
            at_most(f"ended {t}", f"endedsame_employer {t}")
            at_most(f"ended {t}", "in_all")
            for curve in CURVE:
                at_most(f"ended{curve} {t}", "placed")
                if later is not None:
                    at_most(f"ended{curve} {t}", f"ended{curve} {later}")
            if later is not None:
                at_most(f"competing {t}", f"competing {later}")
        at_most("in_all", "placed")

    def _read(self, name: str, group: str, told: Mapping[str, Any]) -> None:
        placed = self._one(name, group, "placed")
        self._shown(placed, told["placed"])
        if told["ended"] is not None:
            self._add(self._one(name, group, "in_all"), *self.rules.possible(told["ended"]))
        for curve, points in (("", told["points"]), (CURVE[1], told[CURVE[1]]["points"])):
            for point in points:
                if (t := point["t"]) not in GRID:
                    continue
                ended = self._one(name, group, f"ended{curve} {t}")
                self._shown(placed - ended, point["at_risk"])
                self._shown(placed - ended, round(point["survival"] * told["placed"]))
                if not curve and not name:
                    competing = self._one(name, group, f"competing {t}")
                    for row, share in ((competing, point["competing"]), (ended - competing, point["ended"])):
                        self._shown(row, None if share is None else round(share * told["placed"]))

    def _shown(self, row: NDArray[np.float64], value: int | None) -> None:
        half = self.rules.base // 2
        low, high = (0, self.rules.least - 1) if value is None else (max(self.rules.least, value - half), value + half)
        self._add(row, low, high)

    def _retained(self, release: Release, days: int) -> None:
        """Who is due was placed, who was retained was at risk, who left had ended."""
        for name in DIMENSIONS:
            for row in release.rows(name):
                if row in self.groups[name]:
                    of = [self._sum(release.code, name, [row], (outcome,)) for outcome in release.outcomes]
                    placed = self._one(name, row, "placed")
                    self._add(placed - sum(of), 0, np.inf)
                    ended = self._one(name, row, f"ended {days}")
                    self._add(placed - ended - of[0] - of[1], 0, np.inf)
                    self._add(ended - of[2], 0, np.inf)
