"""The geometry of the retention curve, against shapes worked out by hand."""

import math

import pandas as pd
import pytest

from backend.outcomes.survival import kaplan_meier
from backend.reports.curve import FEWEST_AT_RISK, Plot, draw

# One unit a day to the right, a hundred units down: coordinates can be read off.
PLOT = Plot(width=100, height=100, left=0, right=0, top=0, bottom=0, days=100)


def frame(*rows: tuple[int, float, float, float, int, int]) -> pd.DataFrame:
    """Rows of (t, survival, lower, upper, at_risk, censored)."""
    return pd.DataFrame(rows, columns=["t", "survival", "lower", "upper", "at_risk", "censored"])


CURVE = frame(
    (0, 1.0, 1.0, 1.0, 20, 0),
    (10, 0.8, 0.6, 0.9, 20, 0),
    (30, 0.8, 0.6, 0.9, 16, 2),
    (50, 0.5, 0.3, 0.7, 12, 0),
    (70, 0.2, 0.1, 0.4, 6, 1),
)


def test_the_curve_steps_down_and_holds() -> None:
    assert draw(CURVE, CURVE, PLOT).curve == "M0.0 0.0H0.0V0.0H10.0V20.0H30.0V20.0H50.0V50.0H50.0"


def test_it_stops_where_too_few_are_left() -> None:
    drawing = draw(CURVE, CURVE, PLOT)
    assert drawing.until == 50
    assert "H70.0" not in drawing.curve + drawing.band + drawing.companion
    assert [tick.x for tick in drawing.ticks] == ["30.0"]


def test_it_stops_at_the_end_of_the_plot() -> None:
    late = frame((0, 1.0, 1.0, 1.0, 20, 0), (50, 0.9, 0.8, 1.0, 20, 0), (150, 0.8, 0.7, 0.9, 15, 0))
    drawing = draw(late, late, PLOT)
    assert drawing.until == 100
    assert drawing.curve.endswith("H50.0V10.0H100.0")


def test_the_band_goes_forth_along_the_upper_end_and_back_along_the_lower() -> None:
    short = frame((0, 1.0, 1.0, 1.0, 20, 0), (10, 0.5, 0.25, 0.75, 20, 0), (40, 0.5, 0.25, 0.75, 15, 1))
    band = draw(short, short, PLOT).band
    assert band == "M0.0 0.0H0.0V0.0H10.0V25.0H40.0V25.0H40.0V75.0H40.0V75.0H10.0V0.0H0.0Z"


def test_without_an_interval_the_band_has_no_width() -> None:
    ended = frame((0, 1.0, 1.0, 1.0, 20, 0), (10, 0.0, math.nan, math.nan, 20, 0))
    assert "nan" not in draw(ended, ended, PLOT).band


def test_nothing_is_drawn_of_a_handful() -> None:
    few = frame((0, 1.0, 1.0, 1.0, FEWEST_AT_RISK - 1, 0), (10, 0.5, 0.2, 0.8, FEWEST_AT_RISK - 1, 0))
    drawing = draw(few, few, PLOT)
    assert (drawing.curve, drawing.band, drawing.companion, drawing.ticks, drawing.until) == ("", "", "", (), 0)


def test_nothing_is_drawn_of_nobody() -> None:
    empty = kaplan_meier([], [])
    assert draw(empty, empty).curve == ""


def test_the_companion_counts_the_lost_as_ended() -> None:
    days = [30] * 10 + [200] * 20
    curve = kaplan_meier(days, [0] * 30)
    lost = kaplan_meier(days, [1] * 10 + [0] * 20)
    drawing = draw(curve, lost)
    plot = drawing.plot
    assert f"V{plot.y(2 / 3):.1f}" in drawing.companion
    assert f"V{plot.y(2 / 3):.1f}" not in drawing.curve


@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_the_axes_stand_where_the_curve_does(share: float) -> None:
    drawing = draw(CURVE, CURVE)
    label = next(label for label in drawing.shares if label.text == f"{share:.0%}")
    assert label.at == f"{drawing.plot.y(share):.1f}"
    assert [label.text for label in drawing.days] == ["0", "90", "180", "365", "730"]
