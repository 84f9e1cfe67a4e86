"""What was looked at beside each introduction and turned down, so that outcomes can be learned from."""

import datetime as dt

from backend.matches.models import Introduction

from .careers import Market
from .draws import Draws, days
from .fit import Fit, fit
from .introductions import decide, make_match
from .openings import Vacancy
from .person import Person
from .rows import Rows

TURNED_DOWN = (1, 5)
"""Of the openings looked at at one time, how many she or her counsellor turns down."""
FAR = 12.0
"""Kilometres by which the chance of a no doubles: the road counts for more than the ranking gives it."""


def turn_down(draws: Draws, rows: Rows, people: list[Person], market: Market) -> None:
    """Beside each introduction some openings of those days that suit her too, and the no they got."""
    persons = {person.row.pk: person for person in people}
    for introduction in list(rows.of(Introduction)):
        person = persons[introduction.match.beneficiary.pk]
        for vacancy, fits, seen in _others(draws, person, market, introduction.created_at.date() - days(2)):
            person.seen.add(vacancy.row.pk)
            at = introduction.created_at - dt.timedelta(hours=28, minutes=-draws.randint(0, 90))
            match = make_match(draws, rows, person, vacancy, fits, at - dt.timedelta(hours=2), seen=seen)
            km = _kilometres(fits)
            kind = draws.choice(("dismiss", "she_says_no"))
            reason = "distance" if km > FAR else draws.choice(("hours", "pay", "work" if kind == "she_says_no" else ""))
            decide(draws, rows, match, kind, at, person.row.counsellor, reason)


def _kilometres(fits: Fit) -> float:
    return next((float(reason["detail"]["km"]) for reason in fits.reasons if reason["code"] == "distance"), 0.0)


def _others(draws: Draws, person: Person, market: Market, on: dt.date) -> list[tuple[Vacancy, Fit, int]]:
    """Openings that were open to her on that day and are new to her, the far ones first as a rule."""
    if person.row.municipality is None:
        return []
    near = market.near(person.row.municipality, on, since=on, stays=3)
    suitable = [
        (vacancy, fits, len(near))
        for vacancy in near
        if vacancy.row.pk not in person.seen and (fits := fit(person, vacancy, on)) is not None
    ]
    # A weighted sample without replacement (Efraimidis & Spirakis 2006).
    keys = [draws.random() ** (1 / 2 ** min(_kilometres(fits) / FAR, 4.0)) for _vacancy, fits, _seen in suitable]
    order = sorted(range(len(suitable)), key=lambda i: -keys[i])
    return [suitable[i] for i in order[: draws.randint(*TURNED_DOWN)]]
