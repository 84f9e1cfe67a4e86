"""Row 7: a whole request beside merely asking CalibratedClassifierCV(HistGradientBoosting, cv=5) about 300 openings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks import ours
from benchmarks import world as market
from benchmarks.harness import Contestant, Task, race, report_race
from benchmarks.kept import Kept
from matching import OpeningIndex, Ranker
from matching.scoring import WEIGHTS

SIZE, TOP, PEOPLE = 1_000_000, 50, 60
RERANKED, LEARNT = 300, 3_000
BOOSTED = "CalibratedClassifierCV on 300 rows"


def run(kept: Kept) -> None:
    """Gates, recall, score, re-ranking, reasons and gaps for 50, by the learned ranker and without one."""
    path = kept.index(SIZE).path
    timed = race(
        [
            Contestant("matching", learned, (path, PEOPLE, TOP)),
            Contestant("without a ranker", ours.index_rank, (path, PEOPLE, TOP)),
            Contestant(BOOSTED, boosted, ()),
        ],
        turns=2 * PEOPLE,
        block=20,
    )
    report_race("7", f"{SIZE:,}, a whole request", timed, "matching", {BOOSTED: 8})


def learned(index_file: Path, count: int, k: int) -> Task:
    """`rank` with a ranker that learned from invented outcomes."""
    index = OpeningIndex.open(index_file)
    profiles = [market.profile(person, number) for number, person in enumerate(market.people(count))]
    ranker = Ranker().fit(*_outcomes())
    if not ranker.used:
        raise RuntimeError("the ranker learned nothing: the race would be without it")
    return lambda turn: index.rank(profiles[turn % count], k, ranker=ranker)


def boosted() -> Task:
    """The rival: five boosted models, calibrated, on 300 rows."""
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.ensemble import HistGradientBoostingClassifier

    values, worked = _outcomes()
    model = CalibratedClassifierCV(HistGradientBoostingClassifier(random_state=0), cv=5).fit(values, worked)
    asked = values[:RERANKED]
    predict: Callable[[np.ndarray], object] = model.predict_proba
    return lambda _turn: predict(asked)


def _outcomes() -> tuple[np.ndarray, np.ndarray]:
    """Contributions to scores, and whether the opening worked out, in which words count for more than they did."""
    rng = np.random.default_rng(7)
    values = rng.random((LEARNT, len(WEIGHTS))) * np.fromiter(WEIGHTS.values(), float)
    odds = 12 * (values @ np.linspace(0.2, 2.0, len(WEIGHTS)) - 0.5)
    return values, (rng.random(LEARNT) < 1 / (1 + np.exp(-odds))).astype(int)
