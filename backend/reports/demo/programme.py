"""One synthetic programme from end to end."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from backend.accounts.models import Organisation
from backend.audit.services import record
from backend.beneficiaries.models import Beneficiary
from backend.matches import candidate
from backend.matches.models import FrozenProfile, Introduction
from backend.matches.services import rank_beneficiary

from . import scenes
from .assessments import assess
from .careers import Market, live
from .courses import attend, attend_today, make_sessions
from .draws import Draws, days
from .firms import make_firms
from .follow_ups import Frozen, follow_up
from .looks import turn_down
from .openings import make_openings
from .people import make_people
from .person import Person
from .reference import Reference
from .rows import Rows
from .staff import Accounts, make_staff

YEARS_BACK = 3 * 365
LIGHT_TOUCH_AFTER = 270
"""Days in a job after which a person often needs light touch only."""


@dataclass(frozen=True)
class Plan:
    """How large a programme is, and who signs in."""

    name: str
    prefix: str
    """Of the people's codes."""
    people: int
    employers: int
    openings: int
    counsellors: list[str]
    lead: str
    portal: list[str]
    """Addresses of the employers' users."""
    courses: int
    scale: float
    """Of 1: in how many towns and kinds of work it is active, and if more, how many seats its sessions have."""


def build(plan: Plan, reference: Reference, *, seed: int, on: dt.date) -> tuple[Organisation, Rows]:
    """All rows of a programme as it stands in the morning of `on`; the same seed makes the same rows."""

    def draws(noun: str) -> Draws:
        return Draws(seed, plan.prefix, noun)

    rows, since, reference = Rows(), on - days(YEARS_BACK), reference.narrowed(plan.scale)
    accounts = Accounts(draws("accounts"), reference, rows)
    staff = make_staff(accounts, name=plan.name, emails=plan.counsellors, lead=plan.lead, since=since)
    firms = make_firms(
        draws("firms"), reference, rows, accounts, staff,
        count=plan.employers, portal=plan.portal, since=since, on=on,
    )  # fmt: skip
    vacancies = make_openings(draws("openings"), reference, rows, staff, firms, count=plan.openings, since=since, on=on)
    people = make_people(
        draws("people"),
        reference,
        rows,
        staff,
        firms,
        count=plan.people,
        prefix=plan.prefix,
        since=since,
        on=on,
    )
    runs = make_sessions(
        draws("sessions"), reference, rows, staff, count=plan.courses, seats=max(1.0, plan.scale), since=since, on=on
    )
    lessons = draws("enrolments")
    attend(lessons, rows, people, runs, on)
    attend_today(lessons, rows, staff, people, runs, on)
    for person in people:
        rows.extend(person.skills.values())
    market, life = Market(vacancies), draws("careers")
    scenes.start_jobs(life, rows, staff, people, firms, on)
    for person in people:
        if not person.spells:
            live(life, rows, person, market, firms, on)
    scenes.introduce_today(draws("scenes"), reference, rows, staff, people, market, on)
    decisions = draws("decisions")
    scenes.shortlist_closing(decisions, rows, staff, people, market, on)
    scenes.decide_today(decisions, rows, people, market, on)
    turn_down(draws("looks"), rows, people, market)
    scenes.expire_consents(staff, rows, on)
    scenes.raise_flags(draws("flags"), reference, rows, staff, people, on)
    contacts, scores, frozen = draws("follow-ups"), draws("assessments"), Frozen.read(rows)
    for person in people:
        follow_up(contacts, reference, rows, person, frozen, on)
        assess(scores, rows, person, on)
    _settle_down(draws("statuses"), people, on)
    return staff.organisation, rows


def _settle_down(draws: Draws, people: list[Person], on: dt.date) -> None:
    """Whoever has kept a job for long, or is not reached any more, is in light touch rather than active."""
    long_ago = on - days(LIGHT_TOUCH_AFTER)
    for person in people:
        is_settled = any(job.ended_on is None and job.started_on < long_ago for job in person.spells)
        if person.row.status == "active" and (is_settled or person.lost_on) and draws.chance(0.5):
            person.row.status = Beneficiary.Status.LIGHT_TOUCH


def share_profiles(organisation: Organisation) -> None:
    """Freeze what employers see in the introductions that are with them, or that she has agreed to."""
    agreed = Introduction.objects.filter(
        match__beneficiary__organisation=organisation,
        state__in=(Introduction.State.AGREED_BY_HER, *Introduction.SHARED),
    ).select_related("match__beneficiary", "match__opening")
    introductions = list(agreed)
    frozen: dict[tuple[UUID, UUID], FrozenProfile] = {}
    for introduction in introductions:
        introduction.shared_profile = candidate.freeze(introduction.match.beneficiary)
        if introduction.shared_at is not None:
            pair = introduction.match.beneficiary_id, introduction.match.opening.employer_id
            frozen[pair] = FrozenProfile(
                beneficiary_id=pair[0], employer_id=pair[1], profile=introduction.shared_profile
            )
    Introduction.objects.bulk_update(introductions, ["shared_profile"], batch_size=500)
    FrozenProfile.objects.bulk_create(frozen.values(), batch_size=500)


def rank_everybody(organisation: Organisation, now: dt.datetime) -> int:
    """Rank today's openings for each active person, as the nightly job does; how many people."""
    people = Beneficiary.objects.active().filter(organisation=organisation).order_by("code")
    for beneficiary in people:
        rank_beneficiary(actor=None, beneficiary=beneficiary, now=now)
    return len(people)


def note_origin(organisation: Organisation, *, seed: int, scale: float) -> None:
    """Leave a trace that every row of this programme is synthetic."""
    record(actor=None, act="load_demo", obj=organisation, seed=seed, scale=scale)


def morning(on: dt.date) -> dt.datetime:
    """Seven o'clock on that day."""
    return timezone.make_aware(dt.datetime.combine(on, dt.time(7)))
