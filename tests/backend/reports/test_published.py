"""Curves and waits as they are published, and rates drawn towards the mean, against numbers worked out by hand."""

from typing import Any

import pandas as pd
import pytest
from django.utils import translation

from backend.reports.catalogue import LASTING, measures, published_curves, published_waits
from backend.reports.disclosure import Rules, control, first_draft
from backend.reports.frames import Frames
from backend.reports.sheets import log_rank_words
from backend.reports.tables import table
from tests.backend.reports.hand_frames import ASSESSED, Stretch, day, hand, people, stretch
from tests.backend.reports.test_measures import assessed

RULES = Rules()
Work = list[Stretch]


def running(first: int, number: int, until: int = 200, **told: Any) -> Work:
    return [stretch(f"p{first + i}", 0, until, **told) for i in range(number)]


def ending(first: int, number: int, at: int, reason: str = "dismissed") -> Work:
    return [stretch(f"p{first + i}", 0, at, ended=True, reason=reason) for i in range(number)]


def curve(work: Work, rules: Rules = RULES) -> dict[str, Any]:
    """The published curve of everybody."""
    made = hand(people(len(work)), work)
    found: dict[str, Any] = curves(made, rules)[""]["groups"][""]
    return found


def curves(made: Frames, rules: Rules = RULES) -> dict[str, Any]:
    return published_curves(
        made, {one.code: first_draft(one, rules) for one in (draw(made) for draw in LASTING)}, rules
    )


def waits(made: Frames) -> dict[str, Any]:
    return published_waits(made, first_draft(measures.funnel(made), RULES), RULES)


def at(told: dict[str, Any], t: int) -> dict[str, Any]:
    found: dict[str, Any] = next(point for point in told["points"] if point["t"] == t)
    return found


@pytest.mark.parametrize(
    ("day_of_end", "middle"),
    [(50, 60), (44, 60), (30, 30), (10, 30), (0, 30)],
)
def test_the_median_is_the_first_printed_day_at_one_half_and_never_nought(day_of_end: int, middle: int) -> None:
    """Of 44 half have stopped on the day."""
    assert curve(ending(0, 22, day_of_end) + running(22, 22))["median"] == middle


def test_there_is_no_median_above_one_half_nor_beyond_what_is_shown() -> None:
    assert curve(ending(0, 21, 50) + running(21, 23))["median"] is None
    # 30 stop on day 100 and 10 go on: half are gone on a day on which the curve is no longer shown.
    hidden = curve(ending(0, 30, 100) + running(30, 10))
    assert (hidden["median"], hidden["points"][-1]["t"]) == (None, 90)


def test_ends_of_each_kind_and_those_at_work_are_everybody() -> None:
    """Of 60, fifteen went to study on day 40 and fifteen were dismissed on day 50: a quarter each."""
    told = curve(ending(0, 15, 40, "study") + ending(15, 15, 50) + running(30, 30))
    assert {name: at(told, 30)[name] for name in ("survival", "ended", "competing")} == {
        "survival": 1.0, "ended": None, "competing": None,
    }  # fmt: skip
    assert {name: at(told, 60)[name] for name in ("survival", "ended", "competing")} == {
        "survival": 0.5, "ended": 0.25, "competing": 0.25,
    }  # fmt: skip
    assert (told["placed"], told["ended"], told["lost"]) == (60, 30, None)


@pytest.mark.parametrize(("reason", "competes"), [("incapacity", True), ("death", True), ("moved", False)])
def test_what_competes_is_study_incapacity_and_death(reason: str, competes: bool) -> None:
    point = at(curve(ending(0, 20, 40, reason) + running(20, 20)), 60)
    assert (point["ended"], point["competing"]) == ((None, 0.5) if competes else (0.5, None))


def test_the_curve_with_the_first_employer_has_its_own_end() -> None:
    """Of 40 at work for 200 days 30 changed the employer on day 45: from then on ten are at risk, under eleven."""
    told = curve(running(0, 10) + running(10, 30, first_until=45))
    assert [point["t"] for point in told["points"]] == [0, 30, 60, 90, 120, 150, 180]
    same = told["same_employer"]
    assert [(point["t"], point["at_risk"], point["survival"]) for point in same["points"]] == [
        (0, 40, 1.0),
        (30, 40, 1.0),
    ]
    assert (told["median"], same["median"]) == (None, None)
    # Of 40, 25 left: fifteen go on, 37.5% with an interval of its own.
    same = curve(running(0, 15) + running(15, 25, first_until=45))["same_employer"]
    point = next(one for one in same["points"] if one["t"] == 60)
    assert (point["at_risk"], point["survival"]) == (15, 15 / 40)
    # Greenwood: the error of log(-log S) is sqrt(25 / (40 x 15)) / -log(0.375) = 0.208; S to the power of
    # exp(1.96 x 0.208) and of exp(-0.408): 0.2288 and 0.5208.
    assert (point["lower"], point["upper"]) == (0.2288, 0.5208)
    assert same["median"] == 60


@pytest.mark.parametrize(
    ("threshold", "left", "last"),
    [(11, 13, 180), (11, 12, 30), (4, 10, 180), (4, 9, 30), (15, 18, 180), (15, 17, 30)],
)
def test_a_curve_stops_below_ten_at_risk_or_the_least_that_is_told(threshold: int, left: int, last: int) -> None:
    told = curve(ending(0, 40 - left, 45) + running(40 - left, left), Rules(threshold=threshold))
    assert told["points"][-1]["t"] == told["same_employer"]["points"][-1]["t"] == last


@pytest.mark.parametrize(
    ("column", "days"),
    [("on_60", [0, 30, 90, 120, 150, 180]), ("ended", [0, 30, 60, 90, 120, 150, 180]), ("placed", [])],
)
def test_what_the_table_behind_a_curve_withholds_the_curve_does_not_tell(column: str, days: list[int]) -> None:
    work = ending(0, 15, 40) + running(15, 30)
    made = hand(people(len(work)), work)
    releases = {one.code: first_draft(one, RULES) for one in (draw(made) for draw in LASTING)}
    for figure in releases["lasting"].figures:
        if (figure.dimension, figure.column) == ("", column):
            releases["lasting"] = releases["lasting"].without(figure)
    told = published_curves(made, releases, RULES)[""]["groups"]
    assert [point["t"] for one in told.values() for point in one["points"]] == days
    assert [one["ended"] for one in told.values()] == {"on_60": [15], "ended": [None], "placed": []}[column]


def compared(*groups: Work) -> Any:
    work = [one for group in groups for one in group]
    sectors = [name for name, group in zip("CIG", groups, strict=False) for _ in group]
    made = hand(people(len(work)), work, groups={"sector": sectors})
    return curves(made)["sector"]["log_rank"]


def test_groups_are_compared_where_each_has_ten_ends() -> None:
    alike = compared(ending(0, 12, 50) + running(12, 12), ending(24, 12, 50) + running(36, 12))
    assert alike == {"freedom": 1, "p_value": 1.0}
    apart = compared(ending(0, 20, 20), ending(20, 20, 180))
    assert apart == {"freedom": 1, "p_value": 0.0}
    assert compared(ending(0, 20, 20), ending(20, 9, 180) + running(29, 11)) is None
    three = compared(ending(0, 20, 20), ending(20, 20, 20), ending(40, 20, 180))
    assert three == {"freedom": 2, "p_value": 0.0}


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"freedom": 2, "p_value": 0.0}, "Log-rank test whether the groups differ: p < 0.01."),
        ({"freedom": 2, "p_value": 0.01}, "Log-rank test whether the groups differ: p = 0.01."),
        ({"freedom": 1, "p_value": 0.5}, "Log-rank test whether the groups differ: p = 0.50."),
        (None, "No test between the groups: it takes two, and ten ends in each."),
    ],
)
def test_no_chance_is_said_to_be_nought(found: dict[str, float] | None, words: str) -> None:
    with translation.override("en"):
        assert log_rank_words(found) == words
    with translation.override("sr-latn"):
        assert "0.0" not in log_rank_words(found)


def test_waits_by_hand() -> None:
    """Of 24 who entered on day 0, 14 were introduced on day 10 and placed on day 40; ten wait."""
    introduced = [day(10)] * 14 + [pd.NaT] * 10
    work = [stretch(f"p{i}", 40, 272) for i in range(14)]
    stages = waits(hand(people(24, introduced_on=introduced), work))["stages"]
    assert stages["entered_to_introduced"] == {"people": 25, "median": 7}  # 10 days: nearer to one week than to two
    assert stages["entered_to_placed"] == {"people": 25, "median": 42}
    assert stages["introduced_to_placed"] == {"people": None, "median": None}  # fourteen, fewer than twenty
    fewer = [day(10)] * 11 + [pd.NaT] * 13
    stages = waits(hand(people(24, introduced_on=fewer)))["stages"]
    assert stages["entered_to_introduced"] == {"people": 25, "median": None}  # more than half still wait
    later = [day(300)] * 24
    stages = waits(hand(people(24, introduced_on=later)))["stages"]
    assert stages["entered_to_introduced"]["median"] is None  # after the end of the quarter


def test_the_profile_by_hand() -> None:
    rows = [assessed(number, 0, 1 if number % 2 else 2) for number in range(20)]
    rows += [assessed(number, 0, 1) | {"employment": None} for number in (20, 21)]
    rows += [assessed(number, 365, 3) for number in range(19)]
    entered = [day(-100)] * 22
    shifted = pd.DataFrame(rows, columns=ASSESSED)
    shifted["assessed_on"] -= pd.Timedelta(days=100)
    told = waits(hand(people(22, entered_on=entered), assessments=shifted))["profile"]
    assert told["0"]["people"] == 20  # 22, in fives
    assert told["0"]["means"]["employment"] == 1.5
    assert told["0"]["means"]["housing"] == 1.5  # (10 x 2 + 12 x 1) / 22 = 1.45
    assert told["12"] == {"people": None, "means": dict.fromkeys(told["0"]["means"])}  # nineteen


# -- drawn towards the mean ----------------------------------------------------------------------------------------


def answered(**firms: tuple[int, int]) -> pd.DataFrame:
    rows = [
        (firm, outcome)
        for firm, (yes, no) in firms.items()
        for outcome, number in (("answered", yes), ("silent", no))
        for _ in range(number)
    ]
    return pd.DataFrame(rows, columns=["employer", "outcome"])


def test_few_answers_are_drawn_towards_all_of_them() -> None:
    told = answered(A=(60, 20), B=(11, 14), C=(30, 30), D=(16, 12))
    release = control(measures.answers(hand(people(1), introductions=told)), RULES)
    with translation.override("en"):
        by_employer, total = table(release, "employer"), table(release, "")
    rows = {row.label: (row.rates["answered"], row.drawn) for row in by_employer.rows}
    for name, (rate, drawn) in rows.items():
        assert rate is not None, name
        assert drawn is not None, name
        mean = 57  # (60 + 10 + 30 + 15) of (80 + 25 + 60 + 30) is 59, drawn shares lie between it and their own
        assert min(rate.percent, mean) <= drawn <= max(rate.percent, mean + 3), name
    b_rate, b_drawn = rows["B"]
    assert b_rate is not None
    assert b_drawn is not None
    assert b_drawn - b_rate.percent >= 3  # 25 answers: far
    assert any(note.startswith("Drawn towards the mean") for note in by_employer.notes)
    assert not total.has_drawn
    assert not any(note.startswith("Drawn towards the mean") for note in total.notes)


@pytest.mark.parametrize(("dimension", "is_drawn"), [("employer", True), ("sector", False), ("", False)])
def test_retention_is_drawn_by_employer_alone(dimension: str, is_drawn: bool) -> None:
    work = (
        running(0, 30)
        + ending(30, 30, 50)
        + running(60, 40)
        + ending(100, 20, 50)
        + running(120, 20)
        + ending(140, 20, 50)
    )
    groups = {name: ["A"] * 60 + ["B"] * 60 + ["C"] * 40 for name in ("employer", "sector")}
    release = control(measures.retention(90)(hand(people(160), work, groups=groups)), RULES)
    printed = table(release, dimension)
    assert printed.has_drawn is is_drawn
    assert {row.drawn is not None for row in printed.rows} == {is_drawn}
