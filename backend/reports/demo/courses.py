"""Trainings: courses, their sessions, who took part, and what they learned."""

import datetime as dt
from dataclasses import dataclass, field

from backend.beneficiaries.models import HeldSkill
from backend.skills.models import Skill
from backend.trainings.models import Attendance, Course, Credential, Enrolment, GrantedSkill, Session

from .draws import Draws, days
from .people import hold
from .person import Person
from .reference import Reference, Trade
from .rows import Rows
from .staff import Staff

HOURS_PER_DAY = 5
OUTCOMES = {"completed": 0.8, "dropped": 0.2}


@dataclass
class Run:
    """A session as the simulation knows it."""

    row: Session
    trade: Trade
    grants: list[Skill]
    taken: int = 0
    days: list[dt.date] = field(default_factory=list)


def make_sessions(
    draws: Draws,
    reference: Reference,
    rows: Rows,
    staff: Staff,
    *,
    count: int,
    seats: float,
    since: dt.date,
    on: dt.date,
) -> list[Run]:
    """So many courses, at most eight, each about every five months; of four, one runs today and one starts soon.

    `seats` multiplies the seats of a session.
    """
    runs: list[Run] = []
    for number, words in enumerate(reference.courses[:count]):
        trade = reference.trade(words["isco"])
        length = -(-words["hours"] // HOURS_PER_DAY)
        course = rows.add(
            Course(
                id=draws.uuid(),
                programme=staff.organisation,
                title=words["title"],
                provider=words["provider"],
                description=words["description"],
                hours=words["hours"],
                created_at=draws.instant(since),
            )
        )
        grants = list(trade.essential[: words["grants"]])
        rows.extend(GrantedSkill(course=course, skill=skill, level=HeldSkill.Level.ROUTINE) for skill in grants)
        starts = [since + days(60 + number * 12 + gap) for gap in range(0, (on - since).days - 150, 150)]
        if number % 4 == 0:
            starts.append(on - days(draws.randint(3, 9)))
        elif number % 4 == 1:
            starts.append(on + days(draws.randint(6, 25)))
        for start in starts:
            meets = _working_days(start, length)
            row = Session(
                id=draws.uuid(),
                course=course,
                starts_on=meets[0],
                ends_on=meets[-1],
                municipality=draws.weighted(reference.towns),
                capacity=max(6, round(draws.randint(8, 14) * seats)),
                created_at=draws.instant(start - days(30)),
            )
            runs.append(Run(rows.add(row), trade, grants, days=meets))
    return runs


def _working_days(start: dt.date, count: int) -> list[dt.date]:
    found: list[dt.date] = []
    while len(found) < count:
        if start.weekday() < 5:
            found.append(start)
        start += days(1)
    return found


def attend(draws: Draws, rows: Rows, people: list[Person], runs: list[Run], on: dt.date) -> None:
    """Enrol people in sessions soon after they entered; whoever completes one holds its skills from then on."""
    for person in people:
        entered_on = person.row.entered_on
        if person.row.status == "paused" or not draws.chance(0.65):
            continue
        reachable = [
            run for run in runs
            if entered_on + days(7) <= run.row.starts_on <= entered_on + days(170)
            and run.taken < run.row.capacity and person.is_reachable(run.row.ends_on)
        ]  # fmt: skip
        wanted = {trade.family.code for trade in (*person.wants, *person.knows)}
        if fitting := [run for run in reachable if run.trade.family.code in wanted] or reachable:
            _take_part(draws, rows, person, draws.choice(fitting), on)


def attend_today(draws: Draws, rows: Rows, staff: Staff, people: list[Person], runs: list[Run], on: dt.date) -> None:
    """Two of each counsellor's newer people sit in a session that runs today."""
    running = [run for run in runs if run.row.starts_on <= on <= run.row.ends_on]
    for counsellor in staff.counsellors:
        hers = [
            person for person in people
            if person.row.counsellor is counsellor and person.row.status == "active" and person.lost_on is None
            and person.looks_from < on
            and not person.is_enrolled
        ]  # fmt: skip
        for person in hers[-4:-2]:
            open_to_her = [
                run for run in running
                if person.row.entered_on < run.row.starts_on and run.taken < run.row.capacity
            ]  # fmt: skip
            if open_to_her:
                _take_part(draws, rows, person, draws.choice(open_to_her), on)


def _take_part(draws: Draws, rows: Rows, person: Person, run: Run, on: dt.date) -> None:
    run.taken += 1
    person.is_enrolled = True
    enrolled_on = draws.day(max(person.row.entered_on, run.row.starts_on - days(25)), min(on, run.row.starts_on))
    enrolment = rows.add(
        Enrolment(
            id=draws.uuid(),
            session=run.row,
            beneficiary=person.row,
            enrolled_on=enrolled_on,
            created_at=draws.instant(enrolled_on),
        )
    )
    outcome = draws.weighted(OUTCOMES)
    meets = run.days
    if outcome == "dropped" and len(meets) > 4:
        meets = meets[: draws.randint(2, len(meets) - 2)]
        if meets[-1] < on:
            enrolment.status, enrolment.ended_on = Enrolment.Status.DROPPED, max(meets[-1], enrolled_on)
    elif run.row.ends_on < on:
        enrolment.status, enrolment.ended_on = Enrolment.Status.COMPLETED, run.row.ends_on
        _certify(draws, rows, person, run, enrolment, on)
    # Today's register is still to be filled in.
    rows.extend(Attendance(enrolment=enrolment, on=day, present=draws.chance(0.9)) for day in meets if day < on)
    person.looks_from = max(person.looks_from, enrolment.ended_on or run.row.ends_on)


def _certify(draws: Draws, rows: Rows, person: Person, run: Run, enrolment: Enrolment, on: dt.date) -> None:
    awarded_on = min(on, run.row.ends_on + days(draws.randint(0, 9)))
    number = f"U-{awarded_on.year}-{draws.randrange(10_000):04d}" if draws.chance(0.85) else ""
    rows.add(
        Credential(
            id=draws.uuid(),
            enrolment=enrolment,
            awarded_on=awarded_on,
            number=number,
            created_at=draws.instant(awarded_on),
        )
    )
    for skill in run.grants:
        hold(draws, person, skill, HeldSkill.Level.ROUTINE, HeldSkill.Evidence.CERTIFICATE, awarded_on)
