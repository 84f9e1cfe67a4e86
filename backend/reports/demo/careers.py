"""Looking for work, finding it, keeping it or not: each person's way from her first search to today."""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from backend.employers.minimum_wage import WEEKS_PER_MONTH
from backend.matches.models import Introduction
from backend.outcomes.models import EmploymentSpell
from backend.places.models import Municipality

from .consents import make_consent
from .draws import Draws, days
from .firms import Firm
from .fit import FAR_KM, Fit, fit, kilometres, pay_per_hour
from .introductions import introduce, journey, until
from .openings import Vacancy, round_up, wage
from .person import Person
from .rows import Rows

# Hazard per day of leaving work, from the day on: about 75% are left at 90 days, 60% at 180, 45% at 365.
HAZARDS = ((0, 0.0055), (15, 0.0027), (90, 0.0021), (180, 0.0013), (365, 0.0009))
BETTER_JOB = 0.0011
"""Hazard per day of moving straight to a better job."""
END_REASONS = {
    "contract_ended": 5, "family": 3, "health": 2.5, "dismissed": 2, "moved": 1.5, "unknown": 1.5,
    "unpaid": 1.2, "study": 1, "harassment": 0.5, "unsafe": 0.4,
}  # fmt: skip
OUTCOMES = {
    "hired": 0.6,
    "declined_by_employer": 0.2,
    "declined_by_her": 0.13,
    "lapsed": 0.1,
    "withdrawn": 0.07,
}
CONTRACTS = {
    "fixed_term": 6,
    "permanent": 2,
    "agency": 0.6,
    "seasonal": 0.6,
    "service": 0.5,
    "self_employed": 0.3,
}
LOOKED_AT = 60
"""How many openings a counsellor looks through."""


@dataclass
class Market:
    """The vacancies by town and month, so that a search does not look through all years."""

    vacancies: list[Vacancy]
    _by_month: dict[tuple[str, int, int], list[Vacancy]] = field(default_factory=lambda: defaultdict(list))
    _reach: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for vacancy in self.vacancies:
            town = vacancy.row.municipality
            day = vacancy.open_from.replace(day=1)
            while town and day <= vacancy.open_until:
                self._by_month[town.code, day.year, day.month].append(vacancy)
                day = (day + days(32)).replace(day=1)
        self._towns = {v.row.municipality for v in self.vacancies if v.row.municipality}

    def near(self, home: Municipality, on: dt.date, *, since: dt.date, stays: int) -> list[Vacancy]:
        """Those within reach of a town that were published before `since` and stay open `stays` days more."""
        if home.code not in self._reach:
            reached = [town.code for town in self._towns if kilometres(home, town) <= FAR_KM * 1.2]
            self._reach[home.code] = sorted(reached)
        return [
            vacancy
            for code in self._reach[home.code]
            for vacancy in self._by_month[code, on.year, on.month]
            if vacancy.open_from < since and vacancy.open_until >= on + days(stays)
        ]

    def find(
        self,
        draws: Draws,
        person: Person,
        on: dt.date,
        *,
        since: dt.date | None = None,
        stays: int = 6,
        where: Callable[[Vacancy], bool] = lambda vacancy: True,
    ) -> tuple[Vacancy, Fit, int] | None:
        """One of the openings that suit her best, new to her, with the number of those looked at."""
        if person.row.municipality is None:
            return None
        near = list(filter(where, self.near(person.row.municipality, on, since=since or on, stays=stays)))
        best: tuple[float, Vacancy, Fit] | None = None
        for vacancy in draws.sample(near, min(LOOKED_AT, len(near))):
            if vacancy.taken >= vacancy.row.positions or vacancy.row.pk in person.seen:
                continue
            if fits := fit(person, vacancy, on):
                liking = fits.score + vacancy.firm.pull + draws.uniform(0, 0.2)
                if best is None or liking > best[0]:
                    best = (liking, vacancy, fits)
        return (best[1], best[2], len(near)) if best else None


def live(draws: Draws, rows: Rows, person: Person, market: Market, firms: list[Firm], on: dt.date) -> None:
    """Her searches and jobs until that day, or until nobody reaches her any more."""
    day, last = person.looks_from, on - days(130) if person.row.status == "paused" else on - days(2)
    while day <= last and person.is_reachable(day + days(20)):
        if draws.chance(0.04):
            day = _work(draws, rows, person, day + days(draws.randint(3, 20)), on, firms=firms)  # on her own
            continue
        found = market.find(draws, person, day)
        if found is None:
            day += days(draws.randint(8, 25))
            continue
        vacancy, fits, seen = found
        outcome = draws.weighted(OUTCOMES) if draws.chance(vacancy.firm.answers) else "lapsed"
        planned = journey(draws, day, outcome, has_trial=draws.chance(0.25))
        passed = until(planned, on)
        if not passed:
            return
        person.seen.add(vacancy.row.pk)
        introduction = introduce(draws, rows, person, vacancy, fits, passed, seen=seen)
        if passed != planned:
            return  # still under way
        day = passed[-1].at.date()
        if outcome == "hired":
            vacancy.taken += 1
            if not person.is_reachable(day + days(3)):
                person.lost_on = day + days(draws.randint(5, 90))  # contact broke off after the first days at work
            day = _work(draws, rows, person, day, on, vacancy=vacancy, introduction=introduction, firms=firms)
        else:
            day += days(draws.randint(5, 30))


def _work(
    draws: Draws,
    rows: Rows,
    person: Person,
    start: dt.date,
    on: dt.date,
    *,
    firms: list[Firm],
    vacancy: Vacancy | None = None,
    introduction: Introduction | None = None,
) -> dt.date:
    """Jobs one after another until the first gap; returns the day from which she looks again, if ever."""
    gap_on = start + days(employed_for(draws))
    while start < on and person.is_reachable(start):
        moves_on = start + days(int(draws.expovariate(BETTER_JOB)) + 20)
        ends_on = min(gap_on, moves_on)
        # Nobody knows of an end that came after she was last reached.
        is_known = ends_on < on and person.is_reachable(ends_on + days(3))
        spell = make_spell(draws, rows, person, start, firms=firms, vacancy=vacancy, introduction=introduction)
        if not is_known:
            return dt.date.max
        spell.ended_on = ends_on
        if moves_on >= gap_on:
            spell.end_reason = draws.weighted(END_REASONS)
            break
        spell.end_reason = "better_job"
        start, vacancy, introduction = ends_on + days(draws.randint(1, 12)), None, None
        gap_on = max(gap_on, start)
    else:
        # The next job starts tomorrow, or nobody heard of it.
        return dt.date.max
    return ends_on + days(draws.randint(35, 160)) if draws.chance(0.75) else dt.date.max


def employed_for(draws: Draws) -> int:
    """Days from the first day worked to the last before a gap, by inverting the cumulative hazard."""
    left = -math.log(1 - draws.random())
    for (first, hazard), (end, _next) in pairwise(HAZARDS):
        if left < hazard * (end - first):
            return first + int(left / hazard)
        left -= hazard * (end - first)
    return HAZARDS[-1][0] + int(left / HAZARDS[-1][1])


def make_spell(
    draws: Draws,
    rows: Rows,
    person: Person,
    start: dt.date,
    *,
    firms: list[Firm],
    vacancy: Vacancy | None = None,
    introduction: Introduction | None = None,
) -> EmploymentSpell:
    """A job from its first day; without a vacancy she found it herself, perhaps at an employer nobody here knows."""
    firm = vacancy.firm if vacancy else draws.choice(firms) if draws.chance(0.4) else None
    trade = vacancy.trade if vacancy else draws.choice(person.wants)
    if vacancy is None and (firm is None or firm.row.status != "cleared" or firm.family.code != trade.family.code):
        firm = None
    contract = (vacancy.row.contract if vacancy else "") or draws.weighted(CONTRACTS)
    hours = (vacancy.row.hours_per_week if vacancy else None) or Decimal(draws.choice((40, 40, 40, 30, 20)))
    hourly = pay_per_hour(vacancy.row) if vacancy else None
    hourly = max(hourly or wage(start) * Decimal(str(round(draws.uniform(1, 1.5), 2))), wage(start))
    pay = round_up(hourly * hours * WEEKS_PER_MONTH, Decimal(100))
    evidence = draws.weighted({"A": 11, "B": 2, "C": 6, "D": 1})
    if evidence == "B" and firm is not None:
        rows.add(make_consent(draws, person, "employer_contact", start, recipient=firm.row))
    elif evidence == "B":
        evidence = "C"
    spell = EmploymentSpell(
        id=draws.uuid(),
        beneficiary=person.row,
        employer=firm.row if firm else None,
        introduction=introduction,
        job_title=(vacancy.row.title if vacancy else draws.choice(trade.titles_sr))[:200],
        contract=contract,
        hours_per_week=hours if draws.chance(0.93) else None,
        net_pay_per_month=pay if draws.chance(0.85) else None,
        is_written=draws.chance(0.96 if vacancy else 0.85),
        is_subsidised=draws.chance(0.12 if vacancy else 0.03),
        started_on=start,
        evidence=evidence,
        verified_on=start,
        created_at=draws.instant(start),
    )
    person.spells.append(spell)
    return rows.add(spell)
