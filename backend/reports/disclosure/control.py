"""From counts to a release that withstands the attack."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from .attack import Attack
from .tables import EVERYBODY, OTHER, Figure, Measure, Release, Rules

Rows = dict[str, tuple[str, ...]]


def control(measure: Measure, rules: Rules, *, before: Sequence[Release] = ()) -> Release:
    """Publish what can be published of a measure, beside what was published in the quarters before, oldest first."""
    release = first_draft(measure, rules)
    if not release.guarded and not any(one.guarded for one in before):
        return release
    # Where nothing is settled the quarters before say nothing of this one.
    releases = [*before, release] if measure.settled else [release]
    attack = Attack(releases, rules)
    targets = [(number, target) for number, one in enumerate(releases) for target in one.guarded]
    # A figure withheld for one target only widens what is possible for the others: each is looked at once.
    safe: set[object] = set()
    for number, target in targets:
        if _likeness(attack, number, target) not in safe:
            _protect(attack, number, target, rules)
            safe.add(_likeness(attack, number, target))
    return attack.releases[-1]


def _likeness(attack: Attack, number: int, target: Figure) -> object:
    """What a target shares with others of the same bounds: groups of which the same is printed are in no way apart.

    A group that stands with others in a row is like itself alone.
    """
    told = [attack.told(at, target.dimension, target.groups) for at in range(len(attack.releases))]
    alone = len(target.groups) == 1 and all(told)
    return number, target.dimension, target.outcomes, *(map(tuple, told) if alone else (target.groups,))


def _protect(attack: Attack, number: int, target: Figure, rules: Rules) -> None:
    """Withhold figures until enough values stay possible for the target."""
    while not attack.is_loose(number, target, rules.width):
        found = attack.bounds(number, target)
        if found.width >= rules.width:
            return
        shown = [figure for figure in attack.releases[-1].figures if figure.value is not None]
        if not shown:
            return  # nothing new is published at all; the quarter before stood its own attack
        attack.hide(min(found.blamed or shown, key=_loss))


def _loss(figure: Figure) -> tuple[bool, bool, int]:
    """How much is lost with a figure: totals and wholes last, then the larger."""
    return figure.is_total, figure.row == OTHER, figure.value or 0


def first_draft(measure: Measure, rules: Rules) -> Release:
    """Groups merged, small counts and telling shares hidden, the rest rounded."""
    figures: list[Figure] = []
    guarded: list[Figure] = []
    fewest = max(rules.threshold, measure.fewest)
    for dimension, counts in measure.counts.items():
        table, place = counts.to_numpy(), {str(group): number for number, group in enumerate(counts.index)}
        across = {str(outcome): number for number, outcome in enumerate(counts.columns)}
        for row, groups in _merged(counts, fewest, may_merge=not measure.is_open and dimension != EVERYBODY).items():
            inside = table[[place[group] for group in groups]].sum(axis=0)
            drawn = [
                Figure(dimension, row, column, groups, outcomes, int(inside[[across[one] for one in outcomes]].sum()))
                for column, outcomes in measure.columns.items()
            ]
            telling = _telling(drawn, measure, rules)
            for figure in drawn:
                is_hidden = figure.column in telling or _is_small(figure.value or 0, rules)
                figures.append(replace(figure, value=None if is_hidden else rules.rounded(figure.value or 0)))
                if is_hidden:
                    guarded.append(replace(figure, value=None))
            guarded += [
                Figure(dimension, row, outcome, groups, (outcome,), None)
                for outcome in measure.outcomes
                if _is_small(int(inside[across[outcome]]), rules)
            ]
    return Release(
        code=measure.code,
        outcomes=measure.outcomes,
        columns=tuple(measure.columns),
        rates=measure.rates,
        settled=tuple(sorted(measure.settled)),
        is_open=measure.is_open,
        figures=tuple(figures),
        guarded=tuple(guarded),
    )


def _merged(counts: pd.DataFrame, fewest: int, *, may_merge: bool) -> Rows:
    """Groups by the row that they stand in: those of fewer people in one, with the next if they are still few.

    Groups that overlap cannot be added up; the small ones among them keep a row without numbers.
    """
    sizes = counts.sum(axis=1).sort_index().sort_values(kind="stable")
    if not may_merge:
        return {str(group): (str(group),) for group in counts.index}
    small = int((sizes < fewest).sum())
    while 0 < small < len(sizes) and sizes.iloc[:small].sum() < fewest:
        small += 1
    taken = tuple(str(group) for group in sizes.index[:small])
    rows: Rows = {str(group): (str(group),) for group in counts.index if str(group) not in taken}
    return rows | ({OTHER: taken} if taken else {})


def _telling(drawn: list[Figure], measure: Measure, rules: Rules) -> set[str]:
    """Columns that would say 0% or 100% of few people."""
    values = {figure.column: figure.value or 0 for figure in drawn}
    return {
        part for part, whole in measure.rates if 0 < values[whole] < rules.small and values[part] in (0, values[whole])
    }


def _is_small(count: int, rules: Rules) -> bool:
    return 0 < count < rules.threshold
