"""The legal minimum wage by country and day, from fixtures/minimum_wages.csv, which names the source of each row."""

import csv
import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from django.conf import settings

# 174 hours, the month that Serbian minimum wages are quoted for, over 40 hours a week.
WEEKS_PER_MONTH = Decimal("4.35")


@dataclass(frozen=True, slots=True)
class MinimumWage:
    """Net pay per hour that holds in a country from a day on."""

    country: str
    valid_from: dt.date
    net_per_hour: Decimal
    currency: str


def minimum_wage(country: str, on: dt.date) -> Decimal | None:
    """Net minimum per hour, in the country's own currency; None where no row holds."""
    row = minimum_wage_row(country, on)
    return row.net_per_hour if row else None


def minimum_wage_row(country: str, on: dt.date) -> MinimumWage | None:
    """The row that holds in a country on a day."""
    held = [row for row in _rows() if row.country == country and row.valid_from <= on]
    return max(held, key=lambda row: row.valid_from, default=None)


@cache
def _rows() -> tuple[MinimumWage, ...]:
    path = settings.FIXTURES_DIR / "minimum_wages.csv"
    with path.open(encoding="utf-8", newline="") as text:
        return tuple(
            MinimumWage(
                country=row["country"],
                valid_from=dt.date.fromisoformat(row["valid_from"]),
                net_per_hour=Decimal(row["net_per_hour"]),
                currency=row["currency"],
            )
            for row in csv.DictReader(line for line in text if not line.startswith("#"))
        )
