"""Reports of an evaluation as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from matching.evaluation import Calibration, Estimate, Report
from matching.metrics import Interval


def report_lines(report: Report) -> Iterator[str]:
    """A heading, a line for each system, what is ours marked *, then calibration and notes."""
    yield f"{report.task}: {report.queries} queries, {report.documents:,} documents"
    others = [name for name in report.systems[0].measures if name != report.measure]
    yield f"  {'':28}{report.measure:23}{''.join(f'{name:>10}' for name in others)}  difference to {report.best_rival}"
    for one in report.systems:
        yield "  " + _line(one, report.measure, others)
    if report.same_share is not None:
        yield f"  rankings equal to those of {report.same_as}: {report.same_share:.1%} (first ten places)"
    for note in report.notes:
        yield f"  {note}"
    if report.calibration:
        yield from _calibration_lines(report.calibration)
    yield ""


def interval(value: Interval, signed: bool = False) -> str:
    """A mean and its interval."""
    form = "+.3f" if signed else ".3f"
    return f"{value.mean:{form}} [{value.low:{form}}, {value.high:{form}}]"


def _line(one: Estimate, measure: str, others: list[str]) -> str:
    points = "".join(f"{one.measures[name].mean:10.3f}" for name in others)
    name = f"{'*' if one.ours else ' '} {one.system}"
    difference = f"  {interval(one.difference, signed=True)}" if one.difference else ""
    return f"{name:28}{interval(one.measures[measure]):23}{points}{difference}"


def _calibration_lines(calibration: Calibration) -> Iterator[str]:
    yield f"  score of the best link as the chance to be right: expected calibration error {calibration.error:.3f}"
    for line in calibration.table:
        yield f"    {line.low:.1f}-{line.high:.1f}  score {line.score:.2f}  right {line.right:.2f}  of {line.count:,}"
