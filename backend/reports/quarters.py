"""Calendar quarters, and when nothing more can happen to one."""

import datetime as dt
import re
from dataclasses import dataclass

from backend.outcomes.spells import GAP_DAYS

YEARS = range(1990, 2200)
"""Years that a quarter may be of: every day around it is one that a calendar holds."""


@dataclass(frozen=True, order=True, slots=True)
class Quarter:
    """The n-th quarter of a year; written 2026-Q3."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"

    @classmethod
    def parse(cls, text: str) -> "Quarter":
        """The quarter so written; ValueError if it is none."""
        found = re.fullmatch(r"([0-9]{4})-Q([1-4])", text)
        if not found or int(found[1]) not in YEARS:
            raise ValueError(f"{text!r} is no quarter")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: dt.date) -> "Quarter":
        return cls(day.year, (day.month - 1) // 3 + 1)

    @classmethod
    def last_closed(cls, on: dt.date) -> "Quarter":
        """The newest quarter that is closed on a day."""
        quarter = cls.of(on).before
        return quarter if quarter.is_closed(on) else quarter.before

    @property
    def before(self) -> "Quarter":
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(self.year - 1, 4)

    @property
    def starts_on(self) -> dt.date:
        return dt.date(self.year, 3 * self.number - 2, 1)

    @property
    def ends_on(self) -> dt.date:
        year, month = divmod(12 * self.year + 3 * self.number, 12)
        return dt.date(year, month + 1, 1) - dt.timedelta(days=1)

    def is_closed(self, on: dt.date) -> bool:
        """30 days after its end every break in work that began in it can be seen, and every contact has been made."""
        return on >= self.ends_on + dt.timedelta(days=GAP_DAYS)
