"""From a survival curve to the geometry of its drawing: pure arithmetic, no HTML, no database."""

import math
from dataclasses import dataclass

import pandas as pd

from backend.outcomes.survival import shown

FEWEST_AT_RISK = 10
"""Below this the curve says more about single people than about retention, and is not drawn."""

DAYS = (0, 90, 180, 365, 730)
"""Days named on the axis; 30 would stand too near to 0."""


@dataclass(frozen=True, slots=True)
class Plot:
    """The drawing's box, in SVG user units; the curve runs over `days` from left to right."""

    width: int = 480
    height: int = 280
    left: int = 44
    right: int = 14
    top: int = 12
    bottom: int = 40
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
class Tick:
    """A small upright stroke on the curve: somebody was last seen on that day, still at work."""

    x: str
    y1: str
    y2: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a template writes into an SVG. Numbers are text with a point, whatever the reader's language.

    `curve`, `band` and `companion` are path data, empty where nobody may be drawn. `until` is the last day drawn.
    """

    plot: Plot
    curve: str
    band: str
    companion: str
    ticks: tuple[Tick, ...]
    days: tuple[Label, ...]
    shares: tuple[Label, ...]
    until: int


def draw(curve: pd.DataFrame, companion: pd.DataFrame, plot: Plot | None = None) -> Drawing:
    """The drawing of a Kaplan-Meier frame as `retention.kaplan_meier` makes it, and of a second one beside it.

    Both stop where fewer than FEWEST_AT_RISK people are at risk, or at the end of the plot.
    """
    plot = plot or Plot()
    until = _last_day(curve, plot)
    drawn = _drawn(curve, until)
    return Drawing(
        plot=plot,
        curve=_steps(drawn, plot, until),
        band=_band(drawn, plot, until),
        companion=_steps(_drawn(companion, until), plot, until),
        ticks=_ticks(drawn, plot),
        days=tuple(Label(_n(plot.x(day)), str(day)) for day in DAYS if day <= plot.days),
        shares=tuple(Label(_n(plot.y(percent / 100)), f"{percent}%") for percent in (0, 25, 50, 75, 100)),
        until=until,
    )


def _last_day(curve: pd.DataFrame, plot: Plot) -> int:
    """The last day drawn. While enough people are observed beyond the plot's end, the line runs to it."""
    days = shown(curve, FEWEST_AT_RISK)["t"]
    return min(int(days.iloc[-1]), plot.days) if len(days) else 0


def _drawn(curve: pd.DataFrame, until: int) -> pd.DataFrame:
    enough = shown(curve, FEWEST_AT_RISK)
    return enough[enough["t"] <= until]


def _steps(curve: pd.DataFrame, plot: Plot, until: int) -> str:
    """Path data of a step function that starts at 1 on day 0 and holds each value until the next row."""
    if curve.empty:
        return ""
    rows = curve[["t", "survival"]].to_numpy(dtype=float).tolist()
    steps = "".join(f"H{_n(plot.x(day))}V{_n(plot.y(share))}" for day, share in rows)
    return f"M{_n(plot.x(0))} {_n(plot.y(1))}{steps}H{_n(plot.x(until))}"


def _band(curve: pd.DataFrame, plot: Plot, until: int) -> str:
    """The area between the ends of the interval. Where there is no interval (the curve is at 0) it has no width."""
    if curve.empty:
        return ""
    rows = curve[["t", "survival", "lower", "upper"]].to_numpy(dtype=float).tolist()
    lower = [(day, share if math.isnan(low) else low) for day, share, low, _high in rows]
    upper = [(day, share if math.isnan(high) else high) for day, share, _low, high in rows]
    forth = "".join(f"H{_n(plot.x(day))}V{_n(plot.y(share))}" for day, share in upper)
    # Backwards each step rises before it runs: the value of a day holds to its right.
    back = "".join(f"V{_n(plot.y(share))}H{_n(plot.x(day))}" for day, share in reversed(lower))
    return f"M{_n(plot.x(0))} {_n(plot.y(1))}{forth}H{_n(plot.x(until))}{back}Z"


def _ticks(curve: pd.DataFrame, plot: Plot) -> tuple[Tick, ...]:
    rows = curve.loc[curve["censored"] > 0, ["t", "survival"]].to_numpy(dtype=float).tolist()
    return tuple(Tick(_n(plot.x(day)), _n(plot.y(share) - 4), _n(plot.y(share) + 4)) for day, share in rows)


def _n(value: float) -> str:
    """A coordinate: one decimal, a point."""
    return f"{value:.1f}"
