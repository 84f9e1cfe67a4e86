"""What followed a training: the first placement after it, not the first ever."""

from typing import Any

import pandas as pd
import pytest

from backend.reports.catalogue.measures import training_value
from backend.reports.frames import Frames
from backend.reports.quarters import Quarter
from tests.backend.outcomes.frames import contact, day_of, facts, job

OUTCOMES = ("retained", "left", "unknown", "not_due", "not_placed")


def _frames(jobs: list[dict[str, Any]], contacts: list[dict[str, Any]], *completed: tuple[str, int]) -> Frames:
    rows = [("p", course, day_of(day)) for course, day in completed]
    done = pd.DataFrame(rows, columns=["person", "course", "ended_on"]).astype({"ended_on": "datetime64[s]"})
    empty = pd.DataFrame()
    return Frames(
        quarter=Quarter(2027, 4), people=empty, facts=facts(jobs, contacts), placements=empty, completions=done,
        left_on=pd.Series(), assessments=empty, red_flags=empty, follow_ups=empty, flags=empty, introductions=empty,
    )  # fmt: skip


def _told(frames: Frames) -> dict[str, str]:
    table = training_value(frames).counts["course"]
    return {str(course): outcome for course in table.index for outcome in OUTCOMES if table.loc[course, outcome]}


EARLIER = job(0, 100)
LATER = job(200, employer="b")


@pytest.mark.parametrize(
    ("jobs", "contacts", "day", "outcome"),
    [
        ([], [], 150, "not_placed"),
        ([EARLIER], [], 150, "not_placed"),
        ([EARLIER], [], 0, "retained"),  # begun on the day of completion; 90 days are before day 100
        ([EARLIER, LATER], [contact(290, spell=1)], 150, "retained"),  # her second placement is the one after it
        ([EARLIER, LATER], [contact(290, spell=1)], 200, "retained"),
        ([EARLIER, LATER], [contact(290, spell=1)], 201, "not_placed"),
        ([EARLIER, LATER], [], 150, "unknown"),
        ([EARLIER, LATER], [contact(230, "none", 1)], 150, "left"),
        # Work that she had before and goes on with, if at another employer, is not after it.
        ([job(0, 190), LATER], [contact(290, spell=1)], 150, "not_placed"),
        ([EARLIER, job(200, 205, is_qualifying=False)], [], 150, "not_placed"),
    ],
)
def test_the_first_placement_after_a_course(
    jobs: list[dict[str, Any]], contacts: list[dict[str, Any]], day: int, outcome: str
) -> None:
    assert _told(_frames(jobs, contacts, ("sewing", day))) == {"sewing": outcome}


def test_each_course_has_its_own_placement_after_it() -> None:
    frames = _frames([EARLIER, LATER], [contact(230, "none", 1)], ("sewing", 0), ("cooking", 150), ("driving", 300))
    assert _told(frames) == {"sewing": "retained", "cooking": "left", "driving": "not_placed"}


def test_nobody_completed_anything() -> None:
    assert _told(_frames([EARLIER], [])) == {}
