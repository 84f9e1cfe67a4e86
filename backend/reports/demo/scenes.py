"""What a programme looks like today: something waits on every counsellor's page, and every state has an example."""

import datetime as dt
from itertools import islice
from uuid import UUID

from backend.beneficiaries.models import Consent
from backend.employers.models import Employer
from backend.matches.models import Introduction

from .careers import Market, make_spell
from .draws import Draws, days
from .firms import Firm
from .follow_ups import flag, group_of
from .introductions import decide, ending_before, introduce, journey, make_match
from .person import Person
from .reference import Reference
from .rows import Rows
from .staff import Staff

State = Introduction.State
DUE_TODAY, OVERDUE = 30, 96
"""Days since the first day worked: the contact of day 30 is due today, that of day 90 was due six days ago."""
ANSWERS = (State.INTERESTED, State.DECLINED_BY_EMPLOYER, State.SHARED_BLIND)
OTHERS = (
    State.INTERVIEW, State.AGREED_BY_HER, State.IDENTIFIED, State.PROPOSED, State.CONSENTED, State.TRIAL, State.OFFER,
    State.DECLINED_BY_HER, State.LAPSED, State.WITHDRAWN, State.FROZEN,
)  # fmt: skip
CLOSING = 7
DECISIONS = {
    "shortlist": 5,
    "dismiss": 3,
    "snooze": 1,
    "she_says_yes": 1,
    "she_says_no": 2,
    "she_says_later": 1,
}
TO_LOOK_AT = ("missed_contacts", "third_party", "offer_abroad", "sudden_move")
REASONS = {
    "dismiss": ("distance", "hours", "pay", "skills", "other", ""),
    "she_says_no": ("distance", "hours", "pay", "work", "not_now", ""),
}


def start_jobs(draws: Draws, rows: Rows, staff: Staff, people: list[Person], firms: list[Firm], on: dt.date) -> None:
    """Two people of each counsellor work already: one is to be called today, one should have been called last week."""
    for counsellor in staff.counsellors:
        ready = [
            person for person in people
            if person.row.counsellor is counsellor and person.row.status == "active"
            and person.looks_from < on - days(OVERDUE + 10) and person.row.permit != "none"
        ][-2:]  # fmt: skip
        for person, since in zip(ready, (OVERDUE, DUE_TODAY), strict=False):
            person.lost_on, person.is_overdue = None, since == OVERDUE
            make_spell(draws, rows, person, on - days(since), firms=firms)


def introduce_today(
    draws: Draws,
    reference: Reference,
    rows: Rows,
    staff: Staff,
    people: list[Person],
    market: Market,
    on: dt.date,
) -> None:
    """Employers' answers for every counsellor, and one introduction in each other state somewhere."""
    looking = [
        person
        for person in people
        if person.row.status == "active"
        and person.lost_on is None
        and not any(job.ended_on is None for job in person.spells)
    ]
    others = iter(OTHERS)
    left: list[State] = []
    for counsellor in staff.counsellors:
        hers = [person for person in looking if person.row.counsellor is counsellor]
        for state in (*ANSWERS, *islice(others, -(-len(OTHERS) // len(staff.counsellors)))):
            if not _somebody(draws, reference, rows, hers, people, market, state, on):
                left.append(state)
    for state in left:
        _somebody(draws, reference, rows, looking, people, market, state, on)


def _somebody(
    draws: Draws,
    reference: Reference,
    rows: Rows,
    looking: list[Person],
    people: list[Person],
    market: Market,
    state: str,
    on: dt.date,
) -> bool:
    """Introduce one of them for whom something suits; each is tried three times, with another pace."""
    return any(
        _introduce(draws, reference, rows, person, people, market, state, on)
        for _attempt in range(3)
        for person in draws.sample(looking, len(looking))
    )


def _busy(rows: Rows) -> set[UUID]:
    """Groups of employers to which an introduction is under way."""
    pending = [row for row in rows.of(Introduction) if row.state not in Introduction.ENDED]
    openings = [row.match.opening for row in pending]
    parties = [party for opening in openings for party in (opening.employer, opening.end_client) if party]
    return {group_of(party) for party in parties}


def _colleague(people: list[Person], employer: Employer) -> Person | None:
    """Somebody who works at an employer now."""
    for person in people:
        if any(job.employer is employer and job.ended_on is None for job in person.spells) and not person.lost_on:
            return person
    return None


def _introduce(
    draws: Draws,
    reference: Reference,
    rows: Rows,
    person: Person,
    people: list[Person],
    market: Market,
    state: str,
    on: dt.date,
) -> bool:
    """Bring her, by yesterday, to that state of an introduction; False where no opening suits her."""
    stations = ending_before(journey(draws, on, state, has_trial=state in (State.TRIAL, State.OFFER)), on)
    since = stations[0].at.date() - days(2)
    if since <= person.looks_from:
        return False
    # Where one introduction is frozen, all that were under way are: only there nothing else is.
    busy = _busy(rows) if state == State.FROZEN else set()
    found = market.find(draws, person, on, since=since, where=lambda vacancy: group_of(vacancy.firm.row) not in busy)
    if found is None:
        return False
    vacancy, fits, seen = found
    if state == State.FROZEN and (colleague := _colleague(people, vacancy.firm.row)):
        rows.add(flag(draws, reference, colleague, "wages_withheld", stations[-1].at.date(), on))
    person.seen.add(vacancy.row.pk)
    introduction = introduce(draws, rows, person, vacancy, fits, stations, seen=seen)
    if state == State.SHARED_BLIND:
        # Shared yesterday, and already there is a question.
        introduction.question = draws.choice(reference.words["questions"])
        introduction.answered_at = stations[-1].at + dt.timedelta(hours=3)
    return True


def shortlist_closing(
    draws: Draws, rows: Rows, staff: Staff, people: list[Person], market: Market, on: dt.date
) -> None:
    """Each counsellor has somebody with an opening on her shortlist that closes within the week."""
    for counsellor in staff.counsellors:
        for person in people:
            if person.row.counsellor is not counsellor or person.row.status != "active":
                continue
            at = draws.instant(on - days(2))
            found = market.find(
                draws, person, on, since=on - days(4), stays=0,
                where=lambda vacancy: vacancy.open_until <= on + days(CLOSING) and not vacancy.firm.untidy,
            )  # fmt: skip
            if found and at.date() > person.looks_from:
                vacancy, fits, seen = found
                person.seen.add(vacancy.row.pk)
                match = make_match(draws, rows, person, vacancy, fits, at - dt.timedelta(hours=5), seen=seen)
                decide(draws, rows, match, "shortlist", at, counsellor)
                break


def decide_today(draws: Draws, rows: Rows, people: list[Person], market: Market, on: dt.date) -> None:
    """What active people and their counsellors said about openings in the last weeks."""
    for person in people:
        if person.row.status != "active" or person.lost_on or draws.chance(0.35):
            continue
        for _decision in range(draws.randint(1, 4)):
            at = draws.instant(on - days(draws.randint(1, 25)))
            if at.date() <= person.looks_from:
                continue
            if found := market.find(draws, person, on, since=at.date() - days(2), stays=0):
                vacancy, fits, seen = found
                person.seen.add(vacancy.row.pk)
                match = make_match(draws, rows, person, vacancy, fits, at - dt.timedelta(hours=5), seen=seen)
                kind = draws.weighted(DECISIONS)
                reason = draws.choice(REASONS[kind]) if kind in REASONS else ""
                decide(draws, rows, match, kind, at, person.row.counsellor, reason)
                if kind in ("snooze", "she_says_later"):
                    match.snoozed_until = at.date() + days(30)


def expire_consents(staff: Staff, rows: Rows, on: dt.date) -> None:
    """Each counsellor has two people whose consent to support runs out within the month."""
    last: dict[object, Consent] = {}
    for consent in rows.of(Consent):
        if consent.purpose == Consent.Purpose.SUPPORT and (consent.expires_on or on) > on:
            last[consent.beneficiary.pk] = consent
    for counsellor in staff.counsellors:
        hers = [consent for consent in last.values() if consent.beneficiary.counsellor is counsellor]
        for number, consent in enumerate(hers[:2]):
            consent.expires_on = on + days(4 + number * 9)


def raise_flags(
    draws: Draws, reference: Reference, rows: Rows, staff: Staff, people: list[Person], on: dt.date
) -> None:
    """Every second counsellor has a sign to look at today."""
    for counsellor in staff.counsellors[::2]:
        hers = [
            person for person in people
            if person.row.counsellor is counsellor and person.row.status == "active" and person.is_reachable(on)
        ]  # fmt: skip
        if hers:
            rows.add(flag(draws, reference, draws.choice(hers), draws.choice(TO_LOOK_AT), on - days(2), on))
