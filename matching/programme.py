"""A programme's own matching measured: what became of the openings people were shown, by group, and who is shown what.

Everybody is ranked by what is known now. A person who has since learned or worked differs from her who was judged, and
nobody was ever judged on an opening she was not shown: the figures compare ways of ranking, they forecast nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matching.baselines import BASELINES
from matching.evaluation import Estimate
from matching.index import OpeningIndex
from matching.jsonl import Judgements
from matching.metrics import (
    Bin,
    Interval,
    average_precision,
    bootstrap,
    coverage,
    exposures,
    gini,
    ndcg_at_k,
    recall_at_k,
    reciprocal_rank,
    reliability,
)
from matching.taxonomy import Taxonomy
from matching.types import Opening, Profile

K = 10
"""Places that a counsellor looks at."""
MAIN = "nDCG@10"
LEAST_GROUP = 11
"""Smaller groups are put together, and left out if that is still too few (CTDC 2024: no cell below 11)."""
REST = "smaller groups together"


@dataclass(frozen=True, slots=True)
class Exposure:
    """Of openings that somebody may see: the share on anybody's first ten places, and how unequally often."""

    coverage: float
    gini: float


@dataclass(frozen=True, slots=True)
class Group:
    """The people of one group: how many openings each may see, how good their rankings are, how much they are shown.

    `score` is the mean score on their first ten places; `coverage` the share of the openings that any of them may see
    which one of them is shown there.
    """

    column: str
    value: str
    people: int
    openings: float
    quality: Interval
    score: float
    coverage: float


@dataclass(frozen=True, slots=True)
class ProgrammeReport:
    """What was measured on one programme; `withheld` counts judged pairs that the gates keep apart.

    `table` shows scores beside the share of shown openings that led to anything: a score is no chance, a fitted
    `Ranker` gives one.
    """

    people: int
    openings: int
    judged: int
    withheld: int
    systems: tuple[Estimate, ...]
    best_rival: str
    exposure: Mapping[str, Exposure]
    groups: tuple[Group, ...]
    table: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class _Person:
    """One person's openings that pass her gates with our scores, best first, and her judgements on these."""

    profile: Profile
    scores: Mapping[str, float]
    gains: Mapping[str, float]


def evaluate_programme(
    index: OpeningIndex, openings: Sequence[Opening], profiles: Sequence[Profile], judgements: Judgements, seed: int = 0
) -> ProgrammeReport:
    """Our ranking beside its rivals, all over the same openings: those that pass each person's gates.

    `index` holds the openings. The measures are means over people with at least one good judgement left and count what
    nobody judged as not relevant; "judged" is the nDCG of the judged openings alone (condensed lists, Sakai 2007).
    """
    ranked = index.rank_many(profiles, k=len(openings))
    people = [
        _Person(profile, {one.opening_id: one.score for one in found}, judgements.gains.get(profile.id, {}))
        for profile, found in zip(profiles, ranked, strict=True)
    ]
    taxonomy = index.linker.taxonomy if index.linker else None
    rankings = {"index": [list(person.scores) for person in people], **_rivals(people, openings, taxonomy, seed)}
    values = {system: list(map(_measures, people, found)) for system, found in rankings.items()}
    told = [number for number, person in enumerate(people) if _good(person)]
    rivals = [system for system in rankings if system in BASELINES]
    best = max(rivals, key=lambda system: _mean([values[system][number][MAIN] for number in told]))
    visible = sorted({opening for person in people for opening in person.scores})
    return ProgrammeReport(
        people=len(told),
        openings=len(openings),
        judged=sum(len(found) for found in judgements.gains.values()),
        withheld=sum(opening not in person.scores for person in people for opening in person.gains),
        systems=tuple(_estimate(system, values, best, told, seed) for system in rankings),
        best_rival=best,
        exposure={system: _exposure(list(exposures(found, visible, K).values())) for system, found in rankings.items()},
        groups=tuple(_groups(people, [found[MAIN] for found in values["index"]], judgements, seed)),
        table=tuple(_table(people)),
    )


def _good(person: _Person) -> list[str]:
    return [opening for opening, gain in person.gains.items() if gain > 0 and opening in person.scores]


def _measures(person: _Person, ranked: Sequence[str]) -> dict[str, float]:
    gains = {opening: gain for opening, gain in person.gains.items() if opening in person.scores}
    good = frozenset(_good(person))
    return {
        MAIN: ndcg_at_k(ranked, gains, K),
        "judged": ndcg_at_k([opening for opening in ranked if opening in gains], gains, K),
        "MAP": average_precision(ranked, good),
        "MRR": reciprocal_rank(ranked, good),
        "recall@10": recall_at_k(ranked, good, K),
    }


def _rivals(
    people: Sequence[_Person], openings: Sequence[Opening], taxonomy: Taxonomy | None, seed: int
) -> dict[str, list[list[str]]]:
    """Each rival's order of the openings that pass the gates, by all words of both sides; and no order at all."""
    ordered = sorted(openings, key=lambda opening: opening.id)
    texts = [_words(opening, taxonomy) for opening in ordered]
    queries = [_words(person.profile, taxonomy) for person in people]
    random = np.random.default_rng(seed)
    scores = {name: make(texts)(queries) for name, make in BASELINES.items()}
    scores["no order"] = random.random((len(people), len(ordered)), dtype=np.float32)
    found: dict[str, list[list[str]]] = {}
    for name, matrix in scores.items():
        orders = np.argsort(-matrix, axis=1, kind="stable").tolist()
        ids = ([ordered[place].id for place in order] for order in orders)
        found[name] = [
            [opening for opening in one if opening in person.scores] for one, person in zip(ids, people, strict=True)
        ]
    return found


def _words(one: Opening | Profile, taxonomy: Taxonomy | None) -> str:
    """All that is said of an opening or a person, concepts by their labels."""
    occupations = [one.occupation, *(one.occupations if isinstance(one, Profile) else ())]
    ids = [*occupations, *(skill.skill for skill in one.skills if not skill.phrase)]
    labels = [taxonomy.label(concept_id) if taxonomy else concept_id for concept_id in ids if concept_id]
    return " ".join([one.title, one.text, *(skill.phrase for skill in one.skills), *labels])


def _estimate(
    system: str, values: Mapping[str, Sequence[Mapping[str, float]]], best: str, told: Sequence[int], seed: int
) -> Estimate:
    mine = [values[system][number] for number in told]
    ahead = [values["index"][number][MAIN] - values[best][number][MAIN] for number in told]
    return Estimate(
        system,
        system == "index",
        {name: bootstrap([one[name] for one in mine], seed) for name in (mine[0] if mine else {})},
        bootstrap(ahead, seed) if system == "index" else None,
    )


def _exposure(counts: Sequence[int]) -> Exposure:
    return Exposure(coverage(counts), gini(counts))


def _groups(people: Sequence[_Person], quality: Sequence[float], judgements: Judgements, seed: int) -> Iterator[Group]:
    for column, value_of in judgements.groups.items():
        members: dict[str, list[int]] = defaultdict(list)
        for number, person in enumerate(people):
            if value := value_of.get(person.profile.id):
                members[value].append(number)
        small = sorted(value for value, numbers in members.items() if len(numbers) < LEAST_GROUP)
        rest = sorted(number for value in small for number in members.pop(value))
        if len(rest) >= LEAST_GROUP:
            members[REST] = rest
        for value in sorted(members, key=lambda value: (value == REST, value)):
            yield _group(column, value, [people[n] for n in members[value]], [quality[n] for n in members[value]], seed)


def _group(column: str, value: str, people: Sequence[_Person], quality: Sequence[float], seed: int) -> Group:
    shown = [list(person.scores)[:K] for person in people]
    visible = {opening for person in people for opening in person.scores}
    return Group(
        column=column,
        value=value,
        people=len(people),
        openings=_mean([len(person.scores) for person in people]),
        quality=bootstrap([one for one, person in zip(quality, people, strict=True) if _good(person)], seed),
        score=_mean([person.scores[one] for person, first in zip(people, shown, strict=True) for one in first]),
        coverage=coverage(list(exposures(shown, visible, K).values())),
    )


def _table(people: Sequence[_Person]) -> list[Bin]:
    """Scores of judged openings beside the share that led to anything."""
    pairs = [
        (person.scores[opening], gain > 0)
        for person in people
        for opening, gain in person.gains.items()
        if opening in person.scores
    ]
    return reliability([score for score, _ in pairs], [came for _, came in pairs])


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
