"""Calendar quarters."""

import datetime as dt

import pytest

from backend.reports.quarters import YEARS, Quarter


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-Q1", (2026, 1, 1), (2026, 3, 31)),
        ("2026-Q3", (2026, 7, 1), (2026, 9, 30)),
        ("2026-Q4", (2026, 10, 1), (2026, 12, 31)),
    ],
)
def test_a_quarter_has_its_days(text: str, first: tuple[int, int, int], last: tuple[int, int, int]) -> None:
    quarter = Quarter.parse(text)
    assert (quarter.starts_on, quarter.ends_on) == (dt.date(*first), dt.date(*last))
    assert Quarter.of(quarter.starts_on) == Quarter.of(quarter.ends_on) == quarter
    assert Quarter.of(quarter.starts_on - dt.timedelta(days=1)) == quarter.before
    assert str(quarter) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-Q5",
        "2026-Q0",
        "26-Q1",
        "2026-Q1 ",
        "2026-q1",
        "٢٠٢٦-Q1",
        "9999-Q4",
        "0000-Q1",
        "0001-Q1",
        "1989-Q4",
    ],
)
def test_what_is_no_quarter_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no quarter"):
        Quarter.parse(text)


@pytest.mark.parametrize("year", [YEARS[0], YEARS[-1]])
def test_every_quarter_there_is_can_be_asked_whether_it_is_closed(year: int) -> None:
    for number in range(1, 5):
        quarter = Quarter.parse(f"{year}-Q{number}")
        assert quarter.starts_on < quarter.ends_on
        assert quarter.is_closed(dt.date(2026, 1, 1)) is (year < 2026)
        assert quarter.before.starts_on


def test_a_quarter_closes_thirty_days_after_its_end() -> None:
    third = Quarter(2026, 3)
    assert not third.is_closed(dt.date(2026, 10, 29))
    assert third.is_closed(dt.date(2026, 10, 30))
    assert Quarter.last_closed(dt.date(2026, 10, 29)) == Quarter(2026, 2)
    assert Quarter.last_closed(dt.date(2026, 10, 30)) == third
    assert Quarter.last_closed(dt.date(2027, 1, 5)) == third
