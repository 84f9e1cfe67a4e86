"""Reports of an evaluation as text for a terminal; what is ours is marked *."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matching.evaluation import Estimate, Report
from matching.metrics import Bin, Interval
from matching.programme import MAIN, Group, K, ProgrammeReport


def report_lines(report: Report) -> Iterator[str]:
    """A heading, a line for each system, then calibration and notes."""
    yield f"{report.task}: {report.queries:,} queries, {report.documents:,} documents"
    yield from _systems(report.systems, report.measure, report.best_rival)
    if report.same_share is not None:
        yield f"  rankings equal to those of {report.same_as}: {report.same_share:.1%} (first ten places)"
    for note in report.notes:
        yield f"  {note}"
    if report.calibration:
        error = report.calibration.error
        yield f"  score of the best link as the chance that it is right: expected calibration error {error:.3f}"
        yield from _bins(report.calibration.table, "right")
    yield ""


def programme_lines(report: ProgrammeReport) -> Iterator[str]:
    """A heading, a line for each system, exposure, groups, and scores beside what became of the openings."""
    yield (
        f"programme: {report.people:,} people with a good judgement, {report.openings:,} openings, "
        f"{report.judged:,} judged pairs, {report.withheld:,} of them kept apart by the gates"
    )
    yield from _systems(report.systems, MAIN, report.best_rival)
    yield f"  {'':28}openings on anybody's first {K}   Gini of exposure"
    for system, exposure in report.exposure.items():
        yield f"    {system:28}{exposure.coverage:.1%}{'':24}{exposure.gini:.3f}"
    if report.groups:
        yield f"  {'':40}people  may see  {MAIN:23} score  openings shown"
    yield from map(_group, report.groups)
    if report.table:
        yield "  score beside the share of shown openings that led to anything"
        yield from _bins(report.table, "led on")
    yield ""


def interval(value: Interval, signed: bool = False) -> str:
    """A mean and its 95% interval, such as `.520 [.481, .560]`."""
    form = "+.3f" if signed else ".3f"
    return f"{value.mean:{form}} [{value.low:{form}}, {value.high:{form}}]"


def _systems(systems: Sequence[Estimate], measure: str, best_rival: str) -> Iterator[str]:
    others = [name for name in systems[0].measures if name != measure]
    yield f"  {'':28}{measure:23}{''.join(f'{name:>10}' for name in others)}  difference to {best_rival}"
    for one in systems:
        points = "".join(f"{one.measures[name].mean:10.3f}" for name in others)
        difference = f"  {interval(one.difference, signed=True)}" if one.difference else ""
        name = f"{'*' if one.ours else ' '} {one.system}"
        yield f"  {name:28}{interval(one.measures[measure]) if one.measures else '':23}{points}{difference}"


def _group(group: Group) -> str:
    return (
        f"    {f'{group.column}: {group.value}':38}{group.people:6,}{group.openings:9.1f}  "
        f"{interval(group.quality):23}{group.score:6.3f}{group.coverage:10.1%}"
    )


def _bins(table: Sequence[Bin], right: str) -> Iterator[str]:
    for line in table:
        yield f"    {line.low:.1f}-{line.high:.1f}  score {line.score:.2f}  {right} {line.right:.2f}  of {line.count:,}"
