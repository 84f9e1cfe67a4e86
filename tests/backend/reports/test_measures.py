"""Every measure of the catalogue against numbers worked out by hand."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from backend.outcomes.independence import DOMAINS
from backend.outcomes.models import EmploymentSpell, FollowUp, WarningFlag
from backend.reports import frames
from backend.reports.catalogue import MEASURES, measures
from tests.backend.reports.hand_frames import ASSESSED, THIRD, counted, day, hand, people, stretch
from tests.conftest import Cast


def test_every_measure_has_a_count_by_hand() -> None:
    here = {name for name in globals() if name.startswith("test_")}
    wanted = {
        "funnel", "caseload", "completeness", "retention_90", "retention_180", "retention_365", "end_reasons",
        "training_value", "after_exit", "independence_12", "independence_24", "sustained_12", "sustained_24",
        "contacts", "flags", "answers",
    }  # fmt: skip
    assert {one(hand(people(1))).code for one in MEASURES} == wanted
    assert not [code for code in wanted if not any(code.rsplit("_", 1)[0] in name for name in here)]


def test_funnel_counts_each_stage_by_itself_and_has_no_shares() -> None:
    """Five entered: two were introduced, four placed; of these one stayed 90 days, one left, two are not due."""
    work = [
        stretch("p0", 0, 272), stretch("p1", 0, 50, ended=True), stretch("p2", 200, 272), stretch("p3", 250, 272),
    ]  # fmt: skip
    introduced = [day(1), day(1), pd.NaT, pd.NaT, pd.NaT]
    measure = measures.funnel(hand(people(5, is_matched=[True] * 3 + [False] * 2, introduced_on=introduced), work))
    assert {row: told["reached"] for row, told in counted(measure, "stage").items()} == {
        "matched": 3, "introduced": 2, "placed": 4,
        "retained_at_90_days": 1, "retained_at_180_days": 1, "retained_at_365_days": 0,
    }  # fmt: skip
    assert {told["entered"] for told in counted(measure, "stage").values()} == {5}
    assert measure.rates == ()  # neither "not due" nor "not known" is "did not come so far"


def test_retention_at_each_horizon() -> None:
    """Due: all but the last; known: all of these but p3; retained: the first two, with the same employer the first."""
    work = [
        stretch("p0", 0, 272),
        stretch("p1", 0, 272, first_until=40),
        stretch("p2", 0, 50, ended=True),
        stretch("p3", 0, 20),
        stretch("p4", 200, 272),
    ]
    made = hand(people(5), work, groups={"sector": ["C", "C", "C", "I", "I"]})
    told = measures.retention(90)(made)
    assert counted(told)[""] == {"due": 4, "known": 3, "retained": 2, "same_employer": 1}
    assert counted(told, "sector") == {
        "C": {"due": 3, "known": 3, "retained": 2, "same_employer": 1},
        "I": {"due": 1, "known": 0, "retained": 0, "same_employer": 0},
    }
    assert counted(measures.retention(365)(made))[""]["due"] == 0


def test_end_reasons_are_of_first_work_whose_end_is_known() -> None:
    work = [
        stretch("p0", 0, 30, ended=True, reason="dismissed"), stretch("p1", 0, 90, ended=True, reason="dismissed"),
        stretch("p2", 0, 90, ended=True, reason="moved"), stretch("p3", 0, 272),
        stretch("p0", 100, 150, ended=True, reason="moved"),
    ]  # fmt: skip
    measure = measures.end_reasons(hand(people(4), work))
    assert counted(measure)[""] == {"ended": 3}
    assert counted(measure, "reason") == {"dismissed": {"ended": 2}, "moved": {"ended": 1}}


def test_training_value_tells_not_due_from_not_known() -> None:
    """Of six who completed A: one stayed, one left, one is out of sight, one began too late, two had no work after."""
    work = [
        stretch("p0", 30, 272), stretch("p1", 30, 60, ended=True), stretch("p2", 30, 40), stretch("p3", 200, 272),
        stretch("p4", 0, 5, ended=True),
    ]  # fmt: skip
    done = [(f"p{i}", "A", day(20)) for i in range(6)] + [("p0", "B", day(25))]
    completions = pd.DataFrame(done, columns=["person", "course", "ended_on"])
    measure = measures.training_value(hand(people(6), work, completions=completions))
    assert counted(measure, "course") == {
        "A": {"completed": 6, "placed": 4, "due": 3, "known": 2, "retained": 1},
        "B": {"completed": 1, "placed": 1, "due": 1, "known": 1, "retained": 1},
    }
    assert measure.rates == (("placed", "completed"), ("retained", "known"))


def test_after_exit_counts_as_funders_do() -> None:
    """All left on 15 January but the last, who left on 20 September: the second quarter after is July to September."""
    work = [
        stretch("p0", 31, 212, ended=True),  # 1 February to 1 August
        stretch("p2", 50, 90, ended=True),  # from 20 February, after four weeks, to 1 April
        stretch("p3", 31, 272, is_subsidised=True),
        stretch("p4", 31, 59),  # nobody knows from March on
    ]
    left = pd.Series({f"p{i}": day(262 if i == 5 else 14) for i in range(6)})
    made = hand(people(6), work, left_on=left)
    assert counted(measures.after_exit(made), "indicator") == {
        "wioa_second_quarter": {"due": 0, "known": 0, "employed": 0},  # within 30 days of the quarter's end
        "wioa_fourth_quarter": {"due": 0, "known": 0, "employed": 0},
        "wioa_same_employer": {"due": 0, "known": 0, "employed": 0},
        # p0, p3 and p4 began by 12 February; p1 and p2 did not.
        "esf_on_leaving": {"due": 5, "known": 5, "employed": 3},
        # On 16 July p0 and p3 work, p1 and p2 do not, of p4 nobody knows.
        "esf_after_six_months": {"due": 5, "known": 4, "employed": 2},
    }


def test_after_exit_by_quarters() -> None:
    """All left in June 2025: the second quarter after ends with that year, the fourth is April to June 2026."""
    work = [
        stretch("p0", 31, 212, ended=True),
        stretch("p1", 31, 272, is_subsidised=True),
        stretch("p2", 31, 59),
        stretch("p3", -100, 200, ended=True),  # the same employer all the time
        stretch("p4", -100, 200, ended=True, first_until=-50),
        stretch("p5", -100, 90, ended=True),  # to the first day of the fourth quarter
        stretch("p6", -100, 89, ended=True),  # and to the day before
    ]
    made = hand(people(8), work, left_on=pd.Series({f"p{i}": day(-200) for i in range(8)}))
    assert counted(measures.after_exit(made), "indicator") == {
        "wioa_second_quarter": {"due": 8, "known": 8, "employed": 4},
        "wioa_fourth_quarter": {"due": 8, "known": 7, "employed": 4},  # p0, p3, p4, p5; p2 is out of sight
        "wioa_same_employer": {"due": 4, "known": 4, "employed": 2},  # p3 and p5 of the four in the second
        "esf_on_leaving": {"due": 8, "known": 8, "employed": 0},
        "esf_after_six_months": {"due": 8, "known": 8, "employed": 4},
    }


def assessed(number: int, at: int, score: float) -> dict[str, Any]:
    """Every area at one score, basic needs met, and she agrees."""
    told = {"person": f"p{number}", "assessed_on": day(at), "needs_met": True, "agrees": True}
    return told | dict.fromkeys(DOMAINS, score)


def test_independence_change_by_year_of_entry() -> None:
    """Two gained (one of them much), one lost, one stood still, of one nothing is known; one is not due."""
    scores = [(2, 4), (2, 2.5), (3, 2), (2, 2)]
    rows = [
        assessed(number, at, score)
        for number, told in enumerate(scores)
        for at, score in zip((-400, -35), told, strict=True)
    ]
    entered = [day(-400)] * 5 + [day(0)]
    cohorts = ["2024", "2024", "2025", "2025", "2025", "2026"]
    made = hand(people(6, entered_on=entered, cohort=cohorts), assessments=pd.DataFrame(rows, columns=ASSESSED))
    measure = measures.independence_change(12)(made)
    assert counted(measure)[""] == {"due": 5, "known": 4, "gained": 2, "substantial_gain": 1, "lost": 1}
    assert counted(measure, "cohort")["2024"] == {
        "due": 2, "known": 2, "gained": 2, "substantial_gain": 1, "lost": 0,
    }  # fmt: skip
    assert "2026" not in counted(measure, "cohort")
    assert counted(measures.independence_change(24)(made))[""]["due"] == 0


def test_sustained_independence_by_hand() -> None:
    """All five stand well on two assessments; the second has no work, the third a flag, the fourth one assessment."""
    rows = [assessed(number, at, 3) for number in range(5) for at in (-135, -35) if (number, at) != (3, -135)]
    well_paid = {"pay": Decimal(150_000), "hours": Decimal(40)}
    work = [stretch(f"p{number}", -350, 0, **well_paid) for number in (0, 2, 3)] + [stretch("p4", -350, 0)]
    flag = pd.DataFrame({"person": ["p2"], "raised_on": [day(-40)], "resolved_on": [day(-30)]})
    told = pd.DataFrame(rows, columns=ASSESSED)
    made = hand(people(5, entered_on=day(-400)), work, assessments=told, red_flags=flag)
    # p0 sustained; p1 and p2 refuted; p3 has nothing that confirms; whether p4 is paid enough nobody knows.
    assert counted(measures.sustained_independence(12)(made))[""] == {"due": 5, "known": 3, "sustained": 1}


def test_contacts_late_is_not_in_time() -> None:
    told = [("7", "A", "on_time")] * 3 + [("7", "B", "late")] * 2 + [("30", "B", "missed")] + [("30", "A", "open")] * 4
    made = hand(people(1), follow_ups=pd.DataFrame(told, columns=["day", "counsellor", "outcome"]))
    measure = measures.contacts(made)
    assert counted(measure)[""] == {"due": 10, "made": 5, "on_time": 3, "missed": 1, "open": 4}
    assert counted(measure, "day")["30"] == {"due": 5, "made": 0, "on_time": 0, "missed": 1, "open": 4}
    assert counted(measure, "counsellor")["B"] == {"due": 3, "made": 2, "on_time": 0, "missed": 1, "open": 0}
    assert measure.rates == (("made", "due"), ("on_time", "due"))


def test_flags_late_is_not_in_time() -> None:
    told = [("red", "on_time")] * 4 + [("red", "late")] * 2 + [("amber", "open")]
    made = hand(people(1), flags=pd.DataFrame(told, columns=["severity", "outcome"]))
    assert counted(measures.warning_flags(made))[""] == {"raised": 7, "dealt_with": 6, "on_time": 4}
    assert counted(measures.warning_flags(made), "severity")["amber"] == {"raised": 1, "dealt_with": 0, "on_time": 0}


def test_answers_are_of_those_that_are_settled() -> None:
    told = [("F", "answered")] * 3 + [("F", "silent")] * 2 + [("G", "waiting")]
    made = hand(people(1), introductions=pd.DataFrame(told, columns=["employer", "outcome"]))
    measure = measures.answers(made)
    assert counted(measure)[""] == {"shared": 6, "settled": 5, "answered": 3}
    assert counted(measure, "employer")["G"] == {"shared": 1, "settled": 0, "answered": 0}
    assert measure.rates == (("answered", "settled"),)


def test_caseload_and_completeness() -> None:
    status = ["active", "active", "active", "light_touch", "paused"]
    says = [True, False, True, True, True]
    made = hand(people(5, status=status, counsellor=["A", "A", "B", "B", "B"], said_skills=says))
    assert counted(measures.caseload(made))[""] == {"everybody": 5, "active": 3}
    assert counted(measures.caseload(made), "counsellor")["B"] == {"everybody": 3, "active": 1}
    # What a file says counts while somebody is active.
    assert counted(measures.completeness(made), "field") == {"skills": {"active": 3, "said": 2}}


# -- from the rows of the database ---------------------------------------------------------------------------------


@pytest.fixture
def spell(cast: Cast) -> EmploymentSpell:
    cast.beneficiary.entered_on = dt.date(2026, 6, 1)
    cast.beneficiary.save()
    return EmploymentSpell.objects.create(
        beneficiary=cast.beneficiary, employer=cast.employer, job_title="Krojačica", contract="permanent", evidence="A",
        started_on=dt.date(2026, 7, 1), verified_on=dt.date(2026, 9, 1),
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("result", "after", "outcome"),
    [
        ("reached", -3, "on_time"), ("reached", 7, "on_time"), ("by_proxy", 8, "late"), ("unreachable", 0, "missed"),
        ("refused", 0, "missed"), ("unsafe_to_contact", 20, "missed"), ("", None, "open"),
    ],
)  # fmt: skip
def test_what_came_of_a_contact(
    result: str, after: int | None, outcome: str, cast: Cast, spell: EmploymentSpell
) -> None:
    due = dt.date(2026, 8, 1)
    status = "same_employer" if outcome in ("on_time", "late") else ""
    FollowUp.objects.create(
        spell=spell, day=30, due_on=due, result=result, status=status,
        contacted_on=None if after is None else due + dt.timedelta(days=after),
    )  # fmt: skip
    FollowUp.objects.create(spell=spell, day=90, due_on=dt.date(2026, 10, 1))  # of the next quarter
    assert frames.read(cast.programme, THIRD).follow_ups["outcome"].tolist() == [outcome]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("after", "outcome"), [(0, "on_time"), (1, "late"), (None, "open")], ids=["in time", "a day late", "not yet"]
)
def test_what_came_of_a_warning_sign(after: int | None, outcome: str, cast: Cast) -> None:
    due = dt.date(2026, 8, 4)
    resolved: dict[str, Any] = {}
    if after is not None:
        resolved = {"resolved_on": due + dt.timedelta(days=after), "resolution": "r"}
    WarningFlag.objects.create(
        beneficiary=cast.beneficiary, severity="amber", kind="third_party", raised_on=dt.date(2026, 8, 1), due_on=due,
        raised_by=cast.counsellor, **resolved,
    )  # fmt: skip
    assert frames.read(cast.programme, THIRD).flags["outcome"].tolist() == [outcome]
