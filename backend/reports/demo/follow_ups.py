"""Contacts at fixed days of each job: made, late, missed or still to come; and the signs of danger they found."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from itertools import zip_longest
from uuid import UUID

from backend.employers.models import Employer
from backend.matches.models import Introduction, IntroductionStep
from backend.outcomes.models import FOLLOW_UP_DAYS, ContactAttempt, EmploymentSpell, FollowUp, WarningFlag
from backend.outcomes.services.plans import HORIZONS, NEAR

from .draws import Draws, days
from .person import Person
from .reference import Reference
from .rows import Rows

Result, Status = FollowUp.Result, FollowUp.Status
RESULTS = {"reached": 0.83, "by_proxy": 0.05, "unreachable": 0.08, "refused": 0.03, "unsafe_to_contact": 0.01}
WHEN_LOST = {"unreachable": 0.9, "refused": 0.06, "unsafe_to_contact": 0.04}
RECENT = 40
"""Contacts due within so many days may still lie undone."""
OVERDUE = 10


@dataclass(frozen=True)
class Frozen:
    """When introductions to each group of employers were under way: a red flag then would have frozen them."""

    spans: dict[UUID, list[tuple[dt.date, dt.date]]]

    @classmethod
    def read(cls, rows: Rows) -> "Frozen":
        ends: dict[UUID, dt.date] = {}
        for step in rows.of(IntroductionStep):
            ends[step.introduction.pk] = max(step.at.date(), ends.get(step.introduction.pk, dt.date.min))
        spans: defaultdict[UUID, list[tuple[dt.date, dt.date]]] = defaultdict(list)
        for row in rows.of(Introduction):
            has_ended = row.state in Introduction.ENDED
            span = (row.created_at.date(), ends[row.pk] if has_ended else dt.date.max)
            for party in (row.match.opening.employer, row.match.opening.end_client):
                if party:
                    spans[group_of(party)].append(span)
        return cls(dict(spans))

    def would_stop(self, employer: Employer | None, on: dt.date) -> bool:
        spans = self.spans.get(group_of(employer), []) if employer else []
        return any(first <= on <= last for first, last in spans)


def group_of(employer: Employer) -> UUID:
    """The owner of the group; here nobody who owns is owned."""
    return employer.parent.pk if employer.parent else employer.pk


def follow_up(draws: Draws, reference: Reference, rows: Rows, person: Person, frozen: Frozen, on: dt.date) -> None:
    """The planned contacts of all her jobs, and what came of those whose day has passed.

    From a new job on, contact is planned anew, but for the horizons of her first placement; often it is a contact about
    the old job that finds out.
    """
    was_missed = False
    first = next((spell for spell in person.spells if spell.is_written), None)
    for spell, following in zip_longest(person.spells, person.spells[1:]):
        is_found_out = False
        for day in FOLLOW_UP_DAYS:
            due_on = spell.started_on + days(day)
            if following is not None and due_on > following.started_on and not _stays(person, spell, first, day):
                if is_found_out or not draws.chance(0.5):
                    is_found_out = True
                    continue
                is_found_out = True
            row = rows.add(FollowUp(id=draws.uuid(), spell=spell, day=day, due_on=due_on, created_at=spell.created_at))
            late = draws.randint(7, 38) if draws.chance(0.08) else draws.randint(0, 6)
            contacted_on = row.due_on + days(late)
            is_left = row.due_on > on - days(RECENT) and draws.chance(0.06)
            is_left = is_left or (person.is_overdue and row.due_on > on - days(OVERDUE))
            if contacted_on < on and not is_left:
                _record(draws, reference, rows, person, row, frozen, contacted_on, on)
                is_missed = row.result == Result.UNREACHABLE
                if is_missed and was_missed:
                    rows.add(flag(draws, reference, person, "missed_contacts", contacted_on, on, row))
                was_missed = is_missed
        if spell.ended_on:
            spell.verified_on = spell.ended_on


def _stays(person: Person, spell: EmploymentSpell, first: EmploymentSpell | None, day: int) -> bool:
    """Whether a contact planned for after she moved is one of her first placement's that stay."""
    due_on = spell.started_on + days(day)
    later = [job.started_on + days(each) for job in person.spells for each in FOLLOW_UP_DAYS if job is not spell]
    return spell is first and day in HORIZONS and all(abs(due_on - other) > NEAR for other in later)


def _record(
    draws: Draws,
    reference: Reference,
    rows: Rows,
    person: Person,
    row: FollowUp,
    frozen: Frozen,
    contacted_on: dt.date,
    on: dt.date,
) -> None:
    spell = row.spell
    row.result = draws.weighted(RESULTS if person.is_reachable(contacted_on) else WHEN_LOST)
    row.contacted_on, row.recorded_by = contacted_on, person.row.counsellor
    is_known = row.result in FollowUp.KNOWN
    for attempt in range(draws.randint(0, 1) if is_known else draws.randint(1, 3)):
        # Tries before the one that counts.
        tried_on = max(row.due_on, contacted_on - days(attempt))
        at = draws.instant(tried_on)
        rows.add(
            ContactAttempt(
                id=draws.uuid(),
                follow_up=row,
                attempted_at=at,
                channel=draws.choice(("call", "text", "app")),
                result="unreachable" if is_known else row.result,
                attempted_by=person.row.counsellor,
                created_at=at,
            )
        )
    if not is_known:
        return
    row.status = _status(person, spell, contacted_on)
    row.evidence = draws.weighted({"A": 2, "B": 1 if spell.evidence == "B" else 0, "C": 6, "D": 0.5})
    row.note = draws.choice(reference.words["notes"]) if draws.chance(0.5) else ""
    if row.status == Status.CHANGED_EMPLOYER:
        for job in filter(lambda job: _runs(job, contacted_on), person.spells):
            job.verified_on = max(job.verified_on, contacted_on)
    if row.status != Status.SAME_EMPLOYER:
        return
    spell.verified_on = max(spell.verified_on, contacted_on)
    row.pay_on_time = draws.weighted({True: 12, False: 0.7, None: 2})
    row.feels_safe = draws.weighted({True: 12, False: 0.4, None: 2})
    if row.feels_safe is False:
        kind = draws.weighted({"threats": 1, "confinement": 1, "unwanted_contact": 2, "third_party": 2})
    elif row.pay_on_time is False and draws.chance(0.5):
        kind = draws.weighted({"wages_withheld": 2, "pay_stopped": 2, "income_controlled": 1})
    elif draws.chance(0.01):
        kind = "sudden_move"
    else:
        return
    if kind not in WarningFlag.RED or not frozen.would_stop(spell.employer, contacted_on):
        rows.add(flag(draws, reference, person, kind, contacted_on, on, row))


def _status(person: Person, spell: EmploymentSpell, on: dt.date) -> str:
    if _runs(spell, on):
        return Status.SAME_EMPLOYER
    return Status.CHANGED_EMPLOYER if any(_runs(job, on) for job in person.spells) else Status.NOT_EMPLOYED


def _runs(job: EmploymentSpell, on: dt.date) -> bool:
    return job.started_on <= on and (job.ended_on is None or job.ended_on >= on)


def flag(
    draws: Draws,
    reference: Reference,
    person: Person,
    kind: str,
    raised_on: dt.date,
    on: dt.date,
    found_at: FollowUp | None = None,
) -> WarningFlag:
    """A warning flag, looked at in time as a rule; the newest are open."""
    is_red = kind in WarningFlag.RED
    due_on = raised_on if is_red else raised_on + days(3)
    resolved_on = due_on + days(draws.randint(0, 2) if draws.chance(0.8) else draws.randint(3, 20))
    is_resolved = resolved_on < on and draws.chance(0.97)
    return WarningFlag(
        id=draws.uuid(),
        beneficiary=person.row,
        follow_up=found_at,
        kind=kind,
        severity=WarningFlag.Severity.RED if is_red else WarningFlag.Severity.AMBER,
        raised_on=raised_on,
        due_on=due_on,
        resolved_on=resolved_on if is_resolved else None,
        resolution=draws.choice(reference.words["resolutions"]) if is_resolved else "",
        raised_by=person.row.counsellor,
        created_at=draws.instant(raised_on),
    )
