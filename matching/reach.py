"""Where openings are: a directory of places over rows in place order, asked by distance without looking at far ones.

Rows of one place stand together and near places near each other, so what a person can reach is a few runs of rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matching.arrays import Record, Strings, distinct, starts_of
from matching.scoring import EARTH_RADIUS_KM, kilometres
from matching.types import Place, Profile, Zone

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]

GROUP = 64
# A directory of at most so many places is measured whole, once for each of the last places asked from.
SMALL, MEASURED = 4096, 512
HILBERT_BITS = 16
# What rounding may add to a bound; the distance itself is compared exactly.
SLACK = 1e-9
# Beyond this the way there adds less to a score than any other difference.
NEAR_KM = 90.0


@dataclass(frozen=True, eq=False)
class Places(Record):
    """The distinct places in Hilbert order; number `len(places)` stands for an unknown one and comes last.

    Place number i has rows `first[i]` to `first[i + 1]`. `x, y, z` are points on the unit sphere; those of each 64
    places lie within `group_radius` (a chord) of the group's centre.
    """

    latitude: Floats
    longitude: Floats
    code: NDArray[np.uint32]
    codes: Strings
    first: Numbers
    points: Floats  # 3 x places
    group_centres: Floats  # 3 x groups
    group_radius: Floats

    @classmethod
    def of(cls, places: Sequence[Place], rows: Numbers) -> Places:
        """A directory of places in the order of `hilbert_order`, with the number of rows of each and of no place."""
        codes = sorted({place.code for place in places})
        number = {code: i for i, code in enumerate(codes)}
        latitude = np.array([place.latitude for place in places], dtype=np.float64)
        longitude = np.array([place.longitude for place in places], dtype=np.float64)
        points = on_sphere(latitude, longitude)
        starts = np.arange(0, len(places), GROUP)
        sizes = np.diff(np.append(starts, len(places)))
        centres = np.add.reduceat(points, starts, axis=1) / sizes if len(places) else np.zeros((3, 0))
        away = np.sqrt(((points - np.repeat(centres, sizes, axis=1)) ** 2).sum(axis=0))
        radius = np.maximum.reduceat(away, starts) if len(places) else np.zeros(0)
        return cls(
            latitude=latitude,
            longitude=longitude,
            code=np.array([number[place.code] for place in places], dtype=np.uint32),
            codes=Strings.of(codes),
            first=starts_of(rows),
            points=points,
            group_centres=centres,
            group_radius=radius,
        )

    def __len__(self) -> int:
        return len(self.latitude)

    def __getitem__(self, number: int) -> Place | None:
        if number >= len(self):
            return None
        return Place(float(self.latitude[number]), float(self.longitude[number]), self.codes[int(self.code[number])])

    @cached_property
    def _measured(self) -> dict[tuple[float, float], Floats]:
        """The distances from some places to all of a small directory."""
        return {}

    def kilometres(self, place: Place, numbers: Numbers | slice) -> Floats:
        """The distance from a place to those of the directory (unknown ones excepted)."""
        point = place.latitude, place.longitude
        if len(self) > SMALL:
            return kilometres(on_sphere(*point), self.points[:, numbers])
        if point not in self._measured:
            if len(self._measured) >= MEASURED:
                self._measured.clear()
            self._measured[point] = kilometres(on_sphere(*point), self.points)
        return np.asarray(self._measured[point][numbers])

    def within(self, place: Place, km: float) -> Numbers:
        """The places at most so far away, ascending; groups that are wholly farther are not looked into."""
        if len(self) <= SMALL:
            return np.flatnonzero(self.kilometres(place, slice(None)) <= km)
        point = on_sphere(place.latitude, place.longitude)
        away = np.sqrt(((self.group_centres - point[:, None]) ** 2).sum(axis=0))
        chord = 2 * np.sin(min(km / (2 * EARTH_RADIUS_KM), np.pi / 2))
        groups = np.flatnonzero(away <= self.group_radius + chord + SLACK)
        numbers = (groups[:, None] * GROUP + np.arange(GROUP)).ravel()
        if len(numbers) and numbers[-1] >= len(self):
            numbers = numbers[: np.searchsorted(numbers, len(self))]
        return np.asarray(numbers[self.kilometres(place, numbers) <= km])

    def excluded(self, zones: Iterable[Zone]) -> Numbers:
        """The known places inside any zone or with its place code, ascending."""
        found = [np.zeros(0, dtype=np.int64)]
        for zone in zones:
            found.append(self.within(zone.place, zone.radius_km))
            if zone.place.code and (code := self.codes.find(zone.place.code)) is not None:
                found.append(np.flatnonzero(self.code == code))
        return distinct(np.concatenate(found))

    def reachable(self, profile: Profile) -> Numbers:
        """The runs of place numbers that zones and travel limit leave, n x 2, ascending and disjoint.

        An unknown place passes the travel limit but no zone.
        """
        rules, end = profile.rules, len(self) + (not profile.rules.excluded_places)
        barred = self.excluded(rules.excluded_places)
        if rules.max_travel_km is None or profile.place is None:
            starts, ends = np.append(0, barred + 1), np.append(barred, end)
            return np.column_stack([starts, ends])[starts < ends]
        inside = self.within(profile.place, rules.max_travel_km)
        if len(barred):
            inside = inside[barred[np.minimum(np.searchsorted(barred, inside), len(barred) - 1)] != inside]
        if end > len(self):
            inside = np.append(inside, len(self))
        breaks = np.flatnonzero(np.diff(inside) > 1) + 1
        starts, ends = np.append(0, breaks), np.append(breaks, len(inside))
        return np.column_stack([inside[starts], inside[ends - 1] + 1]) if len(inside) else np.zeros((0, 2), np.int64)

    def rows(self, runs: Numbers) -> Numbers:
        """Runs of place numbers as runs of rows, without the empty ones."""
        ranges = self.first[runs]
        return np.asarray(ranges[ranges[:, 0] < ranges[:, 1]])

    def by_distance(self, runs: Numbers, place: Place) -> tuple[Numbers, Floats]:
        """Runs of place numbers split so that each near place is a run of its own, and the km of each run.

        Runs of places farther than NEAR_KM, and of unknown ones, get infinity.
        """
        near = self.within(place, NEAR_KM)
        bounds = distinct(np.concatenate([runs.ravel(), near, near + 1]))
        starts, ends = bounds[:-1], bounds[1:]
        # A run begins before or at each of its pieces, and ends after it.
        run = np.searchsorted(runs[:, 0], starts, side="right") - 1
        kept = (run >= 0) & (starts < runs[np.maximum(run, 0), 1]) if len(runs) else np.zeros(len(starts), dtype=bool)
        starts, ends = starts[kept], ends[kept]
        km = np.full(len(starts), np.inf)
        at = np.searchsorted(near, starts)
        is_near = (at < len(near)) & (near[np.minimum(at, len(near) - 1)] == starts) if len(near) else km < 0
        km[is_near] = self.kilometres(place, starts[is_near])
        return np.column_stack([starts, ends]), km


def on_sphere(latitude: float | Floats, longitude: float | Floats) -> Floats:
    """Points on the unit sphere for degrees, 3 x points."""
    phi, lam = np.radians(latitude), np.radians(longitude)
    return np.array([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])


def hilbert_order(places: Sequence[Place]) -> list[int]:
    """The order along a Hilbert curve over latitude and longitude, then by the place itself (Hilbert 1891)."""
    side = 1 << HILBERT_BITS
    x = [min(int((place.longitude + 180) / 360 * side), side - 1) for place in places]
    y = [min(int((place.latitude + 90) / 180 * side), side - 1) for place in places]
    steps = _along_hilbert(np.array(x, dtype=np.int64), np.array(y, dtype=np.int64)).tolist()
    key = [(step, place.latitude, place.longitude, place.code) for step, place in zip(steps, places, strict=True)]
    return sorted(range(len(places)), key=key.__getitem__)


def _along_hilbert(x: Numbers, y: Numbers) -> Numbers:
    """How far along the curve each cell of a square of 2^16 cells a side lies."""
    distance = np.zeros(len(x), dtype=np.int64)
    side = 1 << (HILBERT_BITS - 1)
    while side:
        right, upper = (x & side) > 0, (y & side) > 0
        distance += side * side * ((3 * right) ^ upper)
        # Each quarter is a turned copy of the curve.
        flip = ~upper & right
        x, y = np.where(flip, side - 1 - (x & (side - 1)), x), np.where(flip, side - 1 - (y & (side - 1)), y)
        x, y = np.where(upper, x, y), np.where(upper, y, x)
        side >>= 1
    return distance
