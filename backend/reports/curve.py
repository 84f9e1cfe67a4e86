"""From a published curve to the geometry of its drawing: pure arithmetic, no HTML, no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Point = Mapping[str, Any]

DAYS = (0, 90, 180, 365, 730)
"""Days named on the axis; 30 would stand too near to 0."""


@dataclass(frozen=True, slots=True)
class Plot:
    """The drawing's box, in SVG user units; the curve runs over `days` from left to right."""

    width: int = 480
    height: int = 316
    left: int = 44
    right: int = 14
    top: int = 12
    bottom: int = 74
    days: int = 730

    def x(self, day: float) -> float:
        return self.left + (self.width - self.left - self.right) * min(day, self.days) / self.days

    def y(self, share: float) -> float:
        return self.top + (self.height - self.top - self.bottom) * (1 - share)

    @property
    def floor(self) -> float:
        return self.y(0)

    @property
    def end(self) -> float:
        return self.x(self.days)

    @property
    def middle(self) -> float:
        return self.x(self.days / 2)


@dataclass(frozen=True, slots=True)
class Label:
    """A text on an axis: where it stands, and what it says."""

    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a template writes into an SVG. Numbers are text with a point, whatever the reader's language.

    `curve`, `band` and `companion` are path data, empty where nobody may be drawn; `same` and `same_band` are those of
    the curve with the first employer. `at_risk` and `same_at_risk` are the numbers under the axis. `until` is the last
    day drawn.
    """

    plot: Plot
    curve: str
    band: str
    companion: str
    same: str
    same_band: str
    days: tuple[Label, ...]
    shares: tuple[Label, ...]
    at_risk: tuple[Label, ...]
    same_at_risk: tuple[Label, ...]
    until: int


def same_employer(told: Mapping[str, Any]) -> Sequence[Point]:
    """The points of the curve with the first employer; quarters frozen first had it as a share beside the other."""
    if "same_employer" in told:
        points: Sequence[Point] = told["same_employer"]["points"]
        return points
    return [{"t": point["t"], "survival": point["same_employer"], "at_risk": None} for point in told["points"]]


def draw(points: Sequence[Point], same: Sequence[Point] = (), plot: Plot | None = None) -> Drawing:
    """The drawing of a published curve, as `catalogue.published_curves` gives its points, from day to day in steps.

    `same` are the points of the curve with the first employer; each is drawn as far as it is published.
    """
    plot = plot or Plot()
    drawn, until = _within(points, plot)
    beside, same_until = _within(same, plot)
    lost, lost_until = _within([point for point in points if point["all_lost"] is not None], plot)
    return Drawing(
        plot=plot,
        curve=_steps(drawn, "survival", plot, until),
        band=_band(drawn, plot, until),
        companion=_steps(lost, "all_lost", plot, lost_until),
        same=_steps(beside, "survival", plot, same_until),
        same_band=_band([point for point in beside if point["at_risk"] is not None], plot, same_until),
        days=tuple(Label(_n(plot.x(day)), str(day)) for day in DAYS if day <= plot.days),
        shares=tuple(Label(_n(plot.y(percent / 100)), f"{percent}%") for percent in (0, 25, 50, 75, 100)),
        at_risk=_at_risk(drawn, plot),
        same_at_risk=_at_risk(beside, plot),
        until=max(until, same_until),
    )


def _within(points: Sequence[Point], plot: Plot) -> tuple[list[Point], int]:
    """The points that have room in the plot, and the last day drawn."""
    until = min(int(points[-1]["t"]), plot.days) if points else 0
    return [point for point in points if point["t"] <= until], until


def _at_risk(points: Sequence[Point], plot: Plot) -> tuple[Label, ...]:
    named = [point for point in points if point["t"] in DAYS and point["at_risk"] is not None]
    return tuple(Label(_n(plot.x(point["t"])), str(point["at_risk"])) for point in named)


def _steps(points: Sequence[Point], name: str, plot: Plot, until: int) -> str:
    """Path data of a step function that starts at 1 on day 0 and holds each value until the next point."""
    if not points:
        return ""
    known = [(point["t"], point[name]) for point in points if point[name] is not None]
    steps = "".join(f"H{_n(plot.x(day))}V{_n(plot.y(share))}" for day, share in known)
    return f"M{_n(plot.x(0))} {_n(plot.y(1))}{steps}H{_n(plot.x(until))}"


def _band(points: Sequence[Point], plot: Plot, until: int) -> str:
    """The area between the ends of the interval. Where there is no interval (the curve is at 0) it has no width."""
    if not points:
        return ""

    def end(point: Point, name: str) -> float:
        return float(point["survival"] if point[name] is None else point[name])

    forth = "".join(f"H{_n(plot.x(point['t']))}V{_n(plot.y(end(point, 'upper')))}" for point in points)
    # Backwards each step rises before it runs: the value of a day holds to its right.
    back = "".join(f"V{_n(plot.y(end(point, 'lower')))}H{_n(plot.x(point['t']))}" for point in reversed(points))
    return f"M{_n(plot.x(0))} {_n(plot.y(1))}{forth}H{_n(plot.x(until))}{back}Z"


def _n(value: float) -> str:
    """A coordinate: one decimal, a point."""
    return f"{value:.1f}"
