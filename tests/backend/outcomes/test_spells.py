"""Episodes from spells and contacts, worked out by hand and beside a slow count, person by person."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.beneficiaries.models import Beneficiary
from backend.outcomes.episodes import episodes_of
from backend.outcomes.models import EmploymentSpell, FollowUp
from backend.outcomes.spells import Facts, episodes, pays_enough
from tests.backend.outcomes.frames import START, contact, day_of, facts, job
from tests.conftest import Cast


def _told(known: Facts, gap_days: int = 30) -> list[tuple[int, int, bool]]:
    """First day, last day, whether ended."""
    rows = episodes_of(known.spells, known.contacts, gap_days=gap_days).to_dict("records")
    return [
        ((row["started_on"].date() - START).days, (row["last_on"].date() - START).days, row["is_ended"]) for row in rows
    ]


@pytest.mark.parametrize(
    ("jobs", "expected"),
    [
        ([], []),
        ([job(0)], [(0, 0, False)]),
        ([job(0, verified_on=95)], [(0, 95, False)]),
        ([job(0, 60)], [(0, 60, True)]),
        # Days 61 to 89 without work are 29: no gap. Days 61 to 90 are 30: a gap.
        ([job(0, 60), job(90, verified_on=120, employer="b")], [(0, 120, False)]),
        ([job(0, 60), job(91, verified_on=120, employer="b")], [(0, 60, True), (91, 120, False)]),
        ([job(0, 10), job(30, 50, employer="b"), job(70, 75)], [(0, 75, True)]),
        # The placement begins with the first spell that qualifies; what comes after counts, whatever its contract.
        ([job(0, 60, is_qualifying=False)], []),
        ([job(0, 60, is_qualifying=False), job(61, 80)], [(61, 80, True)]),
        ([job(0, 60), job(61, 80, is_qualifying=False)], [(0, 80, True)]),
        # A better job ends nothing. Begun within the gap it goes on; else nobody knows, and no end is made of it.
        ([job(0, 60, reason="better_job")], [(0, 60, False)]),
        ([job(0, 60, reason="better_job"), job(80, verified_on=100, employer="b")], [(0, 100, False)]),
        ([job(0, 60, reason="better_job"), job(120, verified_on=130, employer="b")],
         [(0, 60, False), (120, 130, False)]),
    ],
)  # fmt: skip
def test_gaps(jobs: list[dict[str, Any]], expected: list[tuple[int, int, bool]]) -> None:
    assert _told(facts(jobs)) == expected


@pytest.mark.parametrize(
    ("pay", "hours", "enough"),
    [
        (None, None, None),
        (64_554, None, True),  # 371 net an hour for 174 hours
        (64_553, None, False),
        (64_553, 40, False),
        (32_277, 20, True),
        (32_276, 20, False),
    ],
)
def test_pay_is_compared_with_the_minimum_of_the_day(pay: int | None, hours: int | None, enough: bool | None) -> None:
    given_pay, given_hours = (None if value is None else Decimal(value) for value in (pay, hours))
    assert pays_enough(given_pay, given_hours, START) is enough


SILENT = [job(0), job(500, verified_on=510, employer="b")]
"""A job of which nothing was heard after its first days, and one on day 500."""


@pytest.mark.parametrize(
    ("jobs", "contacts", "expected"),
    [
        # Seen on day 30, found without work on day 90: ended midway, on day 60.
        ([job(0)], [contact(30), contact(90, "none")], [(0, 60, True)]),
        # Found elsewhere on day 90: no gap is known.
        ([job(0)], [contact(30), contact(90, "elsewhere")], [(0, 90, False)]),
        ([job(0)], [contact(30), contact(90, "elsewhere"), contact(180, "none")], [(0, 135, True)]),
        # The end is on record; elsewhere 20 days later is no gap, 40 days later is.
        ([job(0, 60)], [contact(80, "elsewhere")], [(0, 80, False)]),
        ([job(0, 60)], [contact(100, "elsewhere")], [(0, 60, True), (100, 100, False)]),
        ([job(0, 60)], [contact(100, "none")], [(0, 60, True)]),
        # A contact before the spell's last verified day says nothing against it.
        ([job(0)], [contact(90, "none"), contact(95)], [(0, 95, False)]),
        # What is found out later is about the later job.
        ([job(0, 60), job(120, employer="b")],
         [contact(80, "elsewhere"), contact(130, spell=1), contact(190, "none", 1)],
         [(0, 80, False), (120, 160, True)]),
        # 430 days of which nobody knows are no employment; 29 are, and so is what a contact spans.
        (SILENT, [contact(70)], [(0, 70, False), (500, 510, False)]),
        (SILENT, [contact(70, "elsewhere")], [(0, 70, False), (500, 510, False)]),
        (SILENT, [contact(470, "elsewhere")], [(0, 0, False), (470, 510, False)]),
        (SILENT, [contact(70), contact(304, "elsewhere"), contact(480, "elsewhere")], [(0, 510, False)]),
        (SILENT, [contact(70), contact(305, "elsewhere")], [(0, 70, False), (305, 305, False), (500, 510, False)]),
        # After a better job: only a contact that finds her without work makes an end, midway.
        ([job(0, 60, reason="better_job")], [contact(100, "none")], [(0, 80, True)]),
        ([job(0, 60, reason="better_job")], [contact(100, "elsewhere")], [(0, 100, False)]),
        ([job(0, 60, reason="better_job"), job(90, employer="b")], [contact(180, "none", 1)], [(0, 135, True)]),
        # Asked about her first job she works elsewhere: at the second, which is on record.
        ([job(0, 60), job(70, employer="b")], [contact(90, "elsewhere")], [(0, 90, False)]),
        ([job(0, 60), job(70, employer="b")],
         [contact(90, "elsewhere"), contact(180, "elsewhere", 1)], [(0, 180, False)]),
    ],
)  # fmt: skip
def test_contacts(
    jobs: list[dict[str, Any]], contacts: list[dict[str, Any]], expected: list[tuple[int, int, bool]]
) -> None:
    assert _told(facts(jobs, contacts)) == expected


def test_the_first_employer_is_followed_apart() -> None:
    (row,) = facts([job(0, 20), job(25, 50), job(60, verified_on=90, employer="b")]).episodes.to_dict("records")
    assert (row["same_until"].date(), row["left_first"], row["is_ended"]) == (day_of(50), True, False)
    (row,) = facts([job(0, verified_on=90)]).episodes.to_dict("records")
    assert (row["same_until"].date(), row["left_first"]) == (day_of(90), False)
    # Asked about earlier work she is seen at this one, which is on record, and at no other.
    earlier = [job(0, 60, is_qualifying=False), job(70, employer="b")]
    (row,) = facts(earlier, [contact(90, "elsewhere")]).episodes.to_dict("records")
    assert (row["same_until"].date(), row["left_first"]) == (day_of(90), False)
    # She left for a better job: that she left is known, and that is all.
    (row,) = facts([job(0, 60, reason="better_job")]).episodes.to_dict("records")
    assert (row["same_until"].date(), row["left_first"], row["has_moved_on"]) == (day_of(60), True, True)
    (row,) = facts([job(0, 60, reason="better_job")], [contact(100, "none")]).episodes.to_dict("records")
    assert (row["same_until"].date(), row["is_estimated"], row["has_moved_on"]) == (day_of(60), True, False)


def test_as_it_was_known_by_a_day() -> None:
    known = facts(
        [job(0, 80, end_recorded_on=130), job(90, recorded_on=300, employer="b")], [contact(75), contact(200, spell=1)]
    )
    for day, expected in {74: (0, 0, False), 75: (0, 75, False), 129: (0, 75, False), 130: (0, 80, True)}.items():
        by_then = known.known_by(known.episodes.set_index("person")["started_on"] + dt.timedelta(days=day))
        (row,) = by_then.to_dict("records")
        assert (
            (row["started_on"].date() - START).days,
            (row["last_on"].date() - START).days,
            row["is_ended"],
        ) == expected
    assert _told(known) == [(0, 200, False)]


@given(st.lists(st.integers(1, 60), min_size=2, max_size=12), st.integers(1, 45))
@settings(deadline=None)
def test_merging_equals_counting_days(lengths: list[int], gap_days: int) -> None:
    """Against a calendar: employment breaks where `gap_days` days in a row are without work."""
    jobs, worked, day = [], set(), 0
    for number, length in enumerate(lengths):
        if number % 2 == 0:
            jobs.append(job(day, day + length - 1, employer=str(number)))
            worked |= set(range(day, day + length))
        day += length
    expected, run = [], [0, 0]
    for today in sorted(worked):
        if today - run[1] - 1 >= gap_days:
            expected.append(tuple(run))
            run = [today, today]
        run[1] = today
    expected.append(tuple(run))
    assert [(first, last) for first, last, _ in _told(facts(jobs), gap_days)] == expected


def test_people_are_counted_apart() -> None:
    """Everybody together as one by one: nothing of one person's reaches into another's."""
    lives = [
        ([job(0, 60), job(120)], [contact(80, "elsewhere"), contact(130, spell=1), contact(190, "none", 1)]),
        (SILENT, [contact(70)]),
        ([job(5)], [contact(90, "elsewhere"), contact(180, "none")]),
        ([job(0, 60, reason="better_job")], [contact(100, "none")]),
        ([job(3)], []),
    ]
    jobs: list[dict[str, Any]] = []
    contacts: list[dict[str, Any]] = []
    for number, (hers, said) in enumerate(lives):
        contacts += [{**one, "person": str(number), "spell": one["spell"] + len(jobs)} for one in said]
        jobs += [{**one, "person": str(number)} for one in hers]
    together = facts(jobs, contacts).episodes
    for number, (hers, said) in enumerate(lives):
        alone = facts(hers, said).episodes.assign(person=str(number))
        mine = together[together["person"] == str(number)].reset_index(drop=True)
        assert mine.to_dict("records") == alone.to_dict("records") or mine.equals(alone)


def test_from_the_database(cast: Cast, django_assert_num_queries: Any) -> None:
    def save(start: int, end: int | None = None, **fields: Any) -> EmploymentSpell:
        return EmploymentSpell.objects.create(
            beneficiary=cast.beneficiary, employer=cast.employer, job_title="seamstress", contract="permanent",
            evidence="A", started_on=day_of(start), ended_on=day_of(end), end_reason="moved" if end else "",
            verified_on=day_of(end or start), **fields,
        )  # fmt: skip

    Beneficiary.objects.filter(pk=cast.beneficiary.pk).update(entered_on=START)
    save(-100, -90)  # before she came
    spell = save(0, is_subsidised=True)
    for day, found in {30: "same_employer", 90: "not_employed"}.items():
        FollowUp.objects.create(
            spell=spell, day=day, due_on=day_of(day), result="reached", status=found, contacted_on=day_of(day),
            recorded_on=day_of(day + 1), evidence="C", employer_says="works" if day == 30 else "",
            employer_said_on=day_of(35) if day == 30 else None,
        )  # fmt: skip
    with django_assert_num_queries(2):
        frame = episodes(Beneficiary.objects.all())
    (row,) = frame.to_dict("records")
    assert (row["person"], row["number"]) == (str(cast.beneficiary.pk), 0)
    assert (row["started_on"].date(), row["last_on"].date()) == (day_of(0), day_of(62))
    # The employer said yes on day 35; that she was without work was written down on day 91.
    assert (row["verified_on"].date(), row["ended_known_on"].date()) == (day_of(35), day_of(91))
    assert row["is_ended"]
    assert row["is_estimated"]
    assert row["is_subsidised"]
    assert episodes(Beneficiary.objects.none()).empty
