"""Matches made ready to be read: points that add up, reasons, gaps and missing data in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor

from backend.matches.models import Decision, Match
from backend.matches.queries import concept_labels, response_rates
from backend.matches.states import DECISIONS

from ..templatetags.words import gap_sentence, reason_sentence, word

FULL_BAR = 40
"""Points that fill a bar: what the heaviest component gives at most when nothing is missing."""


@dataclass(frozen=True)
class Line:
    """One reason: heading, sentence, whole points (negative where it counts against), width of its bar out of 100."""

    title: str
    sentence: str
    points: int
    width: int


@dataclass(frozen=True)
class Card:
    """One match as a page shows it. `points` is the score out of 100 and the sum of the lines' points.

    `response`: how many introductions the employer answered, of how many; None when it was never asked.
    """

    match: Match
    points: int
    lines: list[Line]
    needed: list[str]
    welcome: list[str]
    missing: list[str]
    km: float | None
    response: tuple[int, int] | None
    choices: frozenset[str]
    state: str


def cards(matches: Iterable[Match]) -> list[Card]:
    """Cards in the order of the matches, with a constant number of queries."""
    matches = list(matches)
    labels = concept_labels(matches)
    rates = response_rates({match.opening.employer_id for match in matches})
    return [_card(match, labels, rates.get(match.opening.employer_id)) for match in matches]


def whole_points(contributions: Sequence[float]) -> list[int]:
    """Contributions (-1 to 1) as whole points out of 100 that sum to the rounded score.

    Largest remainder (Hamilton's apportionment): round all down, then give the missing points to the largest rests.
    """
    exact = [100 * share for share in contributions]
    points = [floor(share) for share in exact]
    short = round(sum(exact)) - sum(points)
    for index in sorted(range(len(exact)), key=lambda i: points[i] - exact[i])[: max(short, 0)]:
        points[index] += 1
    return points


def _card(match: Match, labels: dict[str, str], response: tuple[int, int] | None) -> Card:
    points = whole_points([reason["contribution"] for reason in match.reasons])
    lines = [
        Line(
            title=word(reason["code"], "reason"),
            sentence=reason_sentence(reason["code"], reason["detail"], labels),
            points=point,
            width=max(0, min(100, round(100 * point / FULL_BAR))),
        )
        for reason, point in zip(match.reasons, points, strict=True)
    ]
    distance = next((reason["detail"].get("km") for reason in match.reasons if reason["code"] == "distance"), None)
    return Card(
        match=match,
        points=sum(points),
        lines=lines,
        needed=[gap_sentence(gap, labels) for gap in match.gaps if gap["essential"]],
        welcome=[gap_sentence(gap, labels) for gap in match.gaps if not gap["essential"]],
        missing=[word(code, "missing") for code in match.missing],
        km=distance,
        response=response,
        choices=frozenset(DECISIONS[match.state]),
        state=str(Match.State(match.state).label),
    )


def reason_buttons(kind: str) -> list[tuple[str, str]]:
    """The one-click reasons of a decision: (value of the button, words)."""
    return [(f"{kind}:{code.value}", str(code.label)) for code in Decision.Reason]
