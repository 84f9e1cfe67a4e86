"""Episodes from spells and contacts, worked out by hand."""

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.beneficiaries.models import Beneficiary
from backend.outcomes.models import EmploymentSpell, FollowUp
from backend.outcomes.spells import Contact, episodes, merge, stretches
from tests.conftest import Cast

START = dt.date(2026, 1, 1)


def _day(number: int) -> dt.date:
    return START + dt.timedelta(days=number)


def _spell(
    start: int, end: int | None = None, verified: int | None = None, at: int = 1, **fields: Any
) -> EmploymentSpell:
    return EmploymentSpell(
        employer_id=UUID(int=at),
        started_on=_day(start),
        ended_on=None if end is None else _day(end),
        end_reason="" if end is None else "contract_ended",
        verified_on=_day(end if end is not None else verified if verified is not None else start),
        **fields,
    )


def _episodes(*spells: EmploymentSpell, contacts: tuple[Contact, ...] = ()) -> list[tuple[int, int, bool]]:
    """First day, last day, whether ended."""
    known = stretches(spells, contacts, minimum=lambda country, on: Decimal(371))
    return [((row["started_on"] - START).days, (row["last_on"] - START).days, row["is_ended"]) for row in merge(known)]


@pytest.mark.parametrize(
    ("spells", "expected"),
    [
        ([], []),
        ([_spell(0)], [(0, 0, False)]),
        ([_spell(0, verified=95)], [(0, 95, False)]),
        ([_spell(0, 60)], [(0, 60, True)]),
        # Days 61 to 89 without work are 29: no gap. Days 61 to 90 are 30: a gap.
        ([_spell(0, 60), _spell(90, verified=120, at=2)], [(0, 120, False)]),
        ([_spell(0, 60), _spell(91, verified=120, at=2)], [(0, 60, True), (91, 120, False)]),
        ([_spell(0, 10), _spell(30, 50, at=2), _spell(70, 75)], [(0, 75, True)]),
        # The placement begins with the first spell that qualifies; what comes after counts, whatever its contract.
        ([_spell(0, 60, is_written=False)], []),
        ([_spell(0, 60, is_written=False), _spell(61, 80)], [(61, 80, True)]),
        ([_spell(0, 60), _spell(61, 80, is_written=False)], [(0, 80, True)]),
    ],
)
def test_gaps(spells: list[EmploymentSpell], expected: list[tuple[int, int, bool]]) -> None:
    assert _episodes(*spells) == expected


@pytest.mark.parametrize(
    ("pay", "hours", "qualifies"),
    [
        (None, None, True),  # pay is not known
        (64_554, None, True),  # 371 net an hour for 174 hours
        (64_553, None, False),
        (64_553, 40, False),
        (32_277, 20, True),
        (32_276, 20, False),
    ],
)
def test_pay_below_the_minimum_of_the_day_is_no_placement(pay: int | None, hours: int | None, qualifies: bool) -> None:
    spell = _spell(
        0,
        net_pay_per_month=None if pay is None else Decimal(pay),
        hours_per_week=None if hours is None else Decimal(hours),
    )
    assert bool(_episodes(spell)) == qualifies


@pytest.mark.parametrize(
    ("spells", "contacts", "expected"),
    [
        # Verified on day 30, found without work on day 90: ended midway, on day 60.
        ([_spell(0, verified=30)], [(90, False)], [(0, 60, True)]),
        # Found elsewhere on day 90: no gap is known.
        ([_spell(0, verified=30)], [(90, True)], [(0, 90, False)]),
        ([_spell(0, verified=30)], [(90, True), (180, False)], [(0, 135, True)]),
        # The end is on record; elsewhere 20 days later is no gap, 40 days later is.
        ([_spell(0, 60)], [(80, True)], [(0, 80, False)]),
        ([_spell(0, 60)], [(100, True)], [(0, 60, True), (100, 100, False)]),
        ([_spell(0, 60)], [(100, False)], [(0, 60, True)]),
        # A contact before the spell's last verified day says nothing against it.
        ([_spell(0, verified=95)], [(90, False)], [(0, 95, False)]),
        # What is found out later is about the later job.
        ([_spell(0, 60), _spell(120, verified=130, at=3)], [(80, True), (190, False)], [(0, 160, True)]),
    ],
)
def test_contacts(
    spells: list[EmploymentSpell], contacts: list[tuple[int, bool]], expected: list[tuple[int, int, bool]]
) -> None:
    said = tuple(Contact(_day(day), works) for day, works in contacts)
    assert _episodes(*spells, contacts=said) == expected


def test_the_first_employer_is_followed_apart() -> None:
    known = stretches([_spell(0, 20), _spell(25, 50), _spell(60, verified=90, at=2)], [])
    (row,) = merge(known)
    assert (row["same_until"], row["left_first"], row["is_ended"]) == (_day(50), True, False)
    (row,) = merge(stretches([_spell(0, verified=90)], []))
    assert (row["same_until"], row["left_first"]) == (_day(90), False)


@given(st.lists(st.integers(1, 60), min_size=2, max_size=12), st.integers(1, 45))
def test_merging_equals_counting_days(lengths: list[int], gap_days: int) -> None:
    """Against a calendar: employment breaks where `gap_days` days in a row are without work."""
    spells, worked, day = [], set(), 0
    for number, length in enumerate(lengths):
        if number % 2 == 0:
            spells.append(_spell(day, day + length - 1, at=number))
            worked |= set(range(day, day + length))
        day += length
    rows = merge(stretches(spells, []), gap_days=gap_days)
    expected, run = [], [0, 0]
    for today in sorted(worked):
        if today - run[1] - 1 >= gap_days:
            expected.append(tuple(run))
            run = [today, today]
        run[1] = today
    expected.append(tuple(run))
    assert [((row["started_on"] - START).days, (row["last_on"] - START).days) for row in rows] == expected


def test_from_the_database(cast: Cast, django_assert_num_queries: Any) -> None:
    def save(spell: EmploymentSpell, **fields: Any) -> EmploymentSpell:
        spell.beneficiary, spell.employer, spell.job_title = cast.beneficiary, cast.employer, "seamstress"
        spell.contract, spell.evidence = "permanent", "A"
        spell.save()
        return spell

    Beneficiary.objects.filter(pk=cast.beneficiary.pk).update(entered_on=_day(0))
    save(_spell(-100, -90))  # before she came
    spell = save(_spell(0, verified=30, is_subsidised=True))
    FollowUp.objects.create(
        spell=spell,
        day=90,
        due_on=_day(90),
        result="reached",
        status="not_employed",
        contacted_on=_day(90),
        evidence="C",
    )
    with django_assert_num_queries(2):
        frame = episodes(Beneficiary.objects.all())
    (row,) = frame.to_dict("records")
    assert (row["person"], row["number"]) == (str(cast.beneficiary.pk), 0)
    assert (row["started_on"].date(), row["last_on"].date()) == (_day(0), _day(60))
    assert (row["ended_known_on"].date(), row["verified_on"].date()) == (_day(90), _day(30))
    assert row["is_ended"]
    assert row["is_estimated"]
    assert row["is_subsidised"]
    assert episodes(Beneficiary.objects.none()).empty
