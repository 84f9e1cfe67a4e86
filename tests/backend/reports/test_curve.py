"""The geometry of a published curve, against shapes worked out by hand."""

from typing import Any

import pytest

from backend.reports.curve import Plot, draw

# One unit a day to the right, a hundred units down: coordinates can be read off.
PLOT = Plot(width=100, height=100, left=0, right=0, top=0, bottom=0, days=100)


def point(t: int, survival: float, lower: float | None, upper: float | None, at_risk: int = 20) -> dict[str, Any]:
    return {"t": t, "survival": survival, "lower": lower, "upper": upper, "at_risk": at_risk, "all_lost": survival / 2}


POINTS = [point(0, 1.0, 1.0, 1.0), point(30, 0.8, 0.6, 0.9), point(60, 0.5, 0.3, 0.7)]


def test_the_curve_steps_down_and_holds() -> None:
    drawing = draw(POINTS, plot=PLOT)
    assert drawing.curve == "M0.0 0.0H0.0V0.0H30.0V20.0H60.0V50.0H60.0"
    assert drawing.companion == "M0.0 0.0H0.0V50.0H30.0V60.0H60.0V75.0H60.0"
    assert drawing.until == 60


def test_it_stops_at_the_end_of_the_plot() -> None:
    drawing = draw([*POINTS, point(150, 0.2, 0.1, 0.4)], plot=PLOT)
    assert drawing.until == 100
    assert drawing.curve.endswith("H60.0V50.0H100.0")


def test_the_band_goes_forth_along_the_upper_end_and_back_along_the_lower() -> None:
    short = [point(0, 1.0, 1.0, 1.0), point(10, 0.5, 0.25, 0.75), point(40, 0.5, 0.25, 0.75)]
    band = draw(short, plot=PLOT).band
    assert band == "M0.0 0.0H0.0V0.0H10.0V25.0H40.0V25.0H40.0V75.0H40.0V75.0H10.0V0.0H0.0Z"


def test_without_an_interval_the_band_has_no_width() -> None:
    band = draw([point(0, 1.0, 1.0, 1.0), point(10, 0.0, None, None)], plot=PLOT).band
    assert band == "M0.0 0.0H0.0V0.0H10.0V100.0H10.0V100.0H10.0V0.0H0.0Z"


def test_nothing_is_drawn_of_nobody() -> None:
    drawing = draw([])
    assert (drawing.curve, drawing.band, drawing.companion, drawing.at_risk, drawing.until) == ("", "", "", (), 0)


def test_the_numbers_at_risk_stand_under_their_days() -> None:
    drawing = draw([point(0, 1, 1, 1, 65), point(30, 1, 1, 1, 60), point(90, 0.8, 0.7, 0.9, 40)])
    assert [(label.at, label.text) for label in drawing.at_risk] == [
        (drawing.days[0].at, "65"),
        (drawing.days[1].at, "40"),
    ]


@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_the_axes_stand_where_the_curve_does(share: float) -> None:
    drawing = draw(POINTS)
    label = next(label for label in drawing.shares if label.text == f"{share:.0%}")
    assert label.at == f"{drawing.plot.y(share):.1f}"
    assert [label.text for label in drawing.days] == ["0", "90", "180", "365", "730"]
