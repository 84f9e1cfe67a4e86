"""Introductions: how far each came, with the match, the decisions and the consents that carried it."""

import datetime as dt
from dataclasses import dataclass

from backend.accounts.models import User
from backend.matches.candidate import FIELDS
from backend.matches.models import Decision, Introduction, IntroductionStep, Match, MatchRun

from .consents import make_consent
from .draws import Draws, days
from .fit import Fit
from .openings import Vacancy
from .person import Person
from .rows import Rows

State = Introduction.State
CONSENT_LASTS = 180
UNANSWERED = 21
PSEUDONYM_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

# From the first station to the last: the state and how many days it takes to get there.
PATH: tuple[tuple[str, int, int], ...] = (
    (State.PROPOSED, 0, 0),
    (State.AGREED_BY_HER, 0, 3),
    (State.SHARED_BLIND, 0, 2),
    (State.INTERESTED, 1, 9),
    (State.CONSENTED, 0, 3),
    (State.IDENTIFIED, 0, 1),
    (State.INTERVIEW, 0, 2),
    (State.TRIAL, 3, 7),
    (State.OFFER, 1, 5),
    (State.HIRED, 2, 8),
)
# Where each exit may leave the path, how often, and after how many days.
EXITS: dict[str, tuple[dict[str, float], int, int]] = {
    State.DECLINED_BY_HER: (
        {State.PROPOSED: 4, State.AGREED_BY_HER: 1, State.INTERESTED: 2, State.OFFER: 1},
        1,
        6,
    ),
    State.DECLINED_BY_EMPLOYER: ({State.SHARED_BLIND: 6, State.INTERVIEW: 3, State.TRIAL: 1}, 2, 12),
    State.LAPSED: ({State.SHARED_BLIND: 1}, UNANSWERED, UNANSWERED + 1),
    State.WITHDRAWN: ({State.PROPOSED: 1, State.AGREED_BY_HER: 1, State.SHARED_BLIND: 2}, 1, 9),
    State.FROZEN: ({State.SHARED_BLIND: 2, State.INTERESTED: 1}, 2, 8),
}
BY_EMPLOYER = (State.INTERESTED, State.DECLINED_BY_EMPLOYER)


@dataclass(frozen=True)
class Station:
    """A state and the instant at which it was reached."""

    state: str
    at: dt.datetime


def journey(draws: Draws, start: dt.date, goal: str, *, has_trial: bool) -> list[Station]:
    """The stations from the proposal on the start day to the goal, each later than the one before."""
    stations: list[Station] = []
    exits = EXITS.get(goal)
    leaves_at = draws.weighted(exits[0]) if exits else goal
    day = start

    def reach(state: str, low: int, high: int) -> None:
        nonlocal day
        day += days(draws.randint(low, high))
        at = draws.instant(day)
        if stations and at <= stations[-1].at:
            at = stations[-1].at + dt.timedelta(minutes=draws.randint(3, 40))
        stations.append(Station(state, at))

    for state, low, high in PATH:
        if state == State.TRIAL and not has_trial and leaves_at != State.TRIAL:
            day += days(low)  # the interview itself
            continue
        reach(state, low, high)
        if state == leaves_at:
            break
    if exits:
        reach(goal, exits[1], exits[2])
    return stations


def ending_before(stations: list[Station], on: dt.date) -> list[Station]:
    """The stations moved in time so that the last one is reached the day before."""
    shift = (on - days(1)) - stations[-1].at.date()
    return [Station(station.state, station.at + shift) for station in stations]


def until(stations: list[Station], on: dt.date) -> list[Station]:
    """The stations reached before that day."""
    return [station for station in stations if station.at.date() < on]


def introduce(
    draws: Draws,
    rows: Rows,
    person: Person,
    vacancy: Vacancy,
    fit: Fit,
    stations: list[Station],
    *,
    seen: int,
) -> Introduction:
    """The rows of an introduction that passed these stations; `seen` openings were considered before it."""
    first, last = stations[0], stations[-1]
    counsellor = person.row.counsellor
    match = make_match(draws, rows, person, vacancy, fit, first.at - dt.timedelta(hours=30), seen=seen)
    introduction = Introduction(
        id=draws.uuid(),
        match=match,
        pseudonym="C-" + "".join(draws.choices(PSEUDONYM_LETTERS, k=6)),
        opening_hash=vacancy.row.content_hash,
        state=last.state,
        created_at=first.at,
    )
    rows.add(introduction)
    decide(draws, rows, match, "shortlist", first.at - dt.timedelta(hours=26), counsellor)
    decide(draws, rows, match, "she_says_yes", first.at - dt.timedelta(hours=2), counsellor)
    before = first
    for station in stations[1:]:
        by = vacancy.firm.user if station.state in BY_EMPLOYER and vacancy.firm.user else counsellor
        _reach(draws, rows, person, vacancy, introduction, station)
        rows.add(
            IntroductionStep(
                id=draws.uuid(),
                introduction=introduction,
                from_state=before.state,
                to_state=station.state,
                actor=None if station.state == State.LAPSED else by,
                at=station.at,
                created_at=station.at,
            )
        )
        before = station
    return introduction


def _reach(
    draws: Draws, rows: Rows, person: Person, vacancy: Vacancy, introduction: Introduction, station: Station
) -> None:
    """What changes on the introduction, and beside it, at a station."""
    consent = {
        "recipient": vacancy.firm.row,
        "opening": vacancy.row,
        "opening_hash": vacancy.row.content_hash,
        "expires_on": station.at.date() + days(CONSENT_LASTS),
    }
    match station.state:
        case State.AGREED_BY_HER:
            introduction.blind_consent = rows.add(
                make_consent(draws, person, "blind_introduction", station.at.date(), fields=list(FIELDS), **consent)
            )
        case State.SHARED_BLIND:
            introduction.shared_at = station.at
        case State.INTERESTED:
            introduction.answered_at = station.at
        case State.CONSENTED:
            told = ["first_name", "last_name", *draws.choice((["phone"], ["phone"], []))]
            introduction.identity_consent = rows.add(
                make_consent(draws, person, "identity_disclosure", station.at.date(), fields=told, **consent)
            )
        case State.INTERVIEW:
            introduction.interview_at = station.at + days(draws.randint(1, 2))
        case State.DECLINED_BY_EMPLOYER:
            introduction.answered_at = station.at
            introduction.employer_reason = draws.weighted({"filled": 4, "skills": 3, "availability": 2, "": 2})
        case State.DECLINED_BY_HER:
            reason = draws.choice(("distance", "hours", "pay", "work", "safety", "other_job", ""))
            decide(draws, rows, introduction.match, "she_says_no", station.at, person.row.counsellor, reason)


def make_match(
    draws: Draws, rows: Rows, person: Person, vacancy: Vacancy, fit: Fit, at: dt.datetime, *, seen: int
) -> Match:
    """A match with the run that found it."""
    run = rows.add(
        MatchRun(
            id=draws.uuid(),
            beneficiary=person.row,
            ran_at=at,
            considered=seen,
            excluded={code: draws.randint(1, 1 + seen // 3) for code in draws.some(("travel", "shifts", "hours"), 1, 3)}
            if seen > 6
            else {},
            created_at=at,
        )
    )
    lacking = [gap["code"] for gap in fit.gaps if gap["essential"]]
    return rows.add(
        Match(
            id=draws.uuid(),
            beneficiary=person.row,
            opening=vacancy.row,
            run=run,
            lane="now" if not lacking else "with_support" if lacking.count("missing") <= 1 else "later",
            score=fit.score,
            reasons=fit.reasons,
            gaps=fit.gaps,
            created_at=at,
        )
    )


DECIDED = {
    "shortlist": Match.State.SHORTLISTED,
    "dismiss": Match.State.DISMISSED,
    "she_says_yes": Match.State.ACCEPTED,
    "she_says_no": Match.State.DECLINED,
}


def decide(draws: Draws, rows: Rows, match: Match, kind: str, at: dt.datetime, by: User, reason: str = "") -> Decision:
    """A decision; it moves the match, unless it only puts it aside."""
    match.state = DECIDED.get(kind, match.state)
    return rows.add(
        Decision(
            id=draws.uuid(),
            match=match,
            kind=kind,
            reason=reason,
            decided_by=by,
            decided_at=at,
            created_at=at,
        )
    )
