"""Chance, from one seed."""

import datetime as dt
import random
import uuid
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")

OFFICE_OPENS, OFFICE_CLOSES = 8, 15  # UTC


class Draws(random.Random):
    """A stream of draws for one noun: drawing more of one noun leaves the others as they were."""

    def __new__(cls, *seeds: object) -> "Draws":
        return super().__new__(cls)

    def __init__(self, *seeds: object) -> None:
        super().__init__("/".join(map(str, seeds)))

    def uuid(self) -> uuid.UUID:
        return uuid.UUID(int=self.getrandbits(128), version=4)

    def chance(self, probability: float) -> bool:
        return self.random() < probability

    def weighted(self, weights: Mapping[T, float]) -> T:
        """One key, as often as its weight says."""
        return self.choices(list(weights), list(weights.values()))[0]

    def some(self, items: Sequence[T], low: int, high: int) -> list[T]:
        """Between `low` and `high` different items, as far as there are so many."""
        return self.sample(items, min(len(items), self.randint(low, high)))

    def day(self, first: dt.date, last: dt.date) -> dt.date:
        """A day from `first` to `last`, both included; `first` where they are in the wrong order."""
        return first + dt.timedelta(days=self.randint(0, max(0, (last - first).days)))

    def instant(self, day: dt.date) -> dt.datetime:
        """An instant of that day, in office hours."""
        hour = self.randint(OFFICE_OPENS, OFFICE_CLOSES - 1)
        return dt.datetime(day.year, day.month, day.day, hour, self.randrange(60), self.randrange(60), tzinfo=dt.UTC)


def days(count: int) -> dt.timedelta:
    return dt.timedelta(days=count)
