"""Whether an opening is one that a person could have been introduced to, and why."""

import datetime as dt
import math
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from backend.beneficiaries.models import SafetyRule
from backend.employers.minimum_wage import WEEKS_PER_MONTH
from backend.employers.models import Opening
from backend.places.models import Municipality
from backend.skills.codes import CEFR, Importance, PayPeriod

from .openings import Vacancy, wage
from .person import Person

MAY_WORK = ("citizen", "permit")
FAR_KM = 50.0
"""How far somebody travels who set no limit; the engine sets none, a counsellor would."""
_EARTH_KM = 6371.0


@dataclass(frozen=True)
class Fit:
    """A match as it stood on a day: a score from 0 to 1 with the reasons that sum to it."""

    score: float
    reasons: list[dict[str, Any]] = field(default_factory=list)
    gaps: list[dict[str, Any]] = field(default_factory=list)


def fit(person: Person, vacancy: Vacancy, on: dt.date) -> Fit | None:
    """How well the opening suits her; None where a limit of hers, or anything unknown to a safety rule, is against it.

    At least as strict as the engine's gates: whom a counsellor introduced, the engine would have let pass.
    """
    opening, home = vacancy.row, person.row.municipality
    if person.row.permit not in MAY_WORK or opening.municipality is None or home is None:
        return None
    km = kilometres(home, opening.municipality)
    if km > (person.wishes.max_travel_km or FAR_KM) or not _suits_her_time(person, opening):
        return None
    pay = pay_per_hour(opening)
    if pay is not None and pay < max(wage(on), person.wishes.min_pay_per_hour or Decimal(0)):
        return None
    if not set(opening.licences) <= set(person.row.licences) or not _speaks(person.languages, opening.languages):
        return None
    if any(breaks(rule, vacancy) for rule in person.rules):
        return None
    return _score(person, vacancy, km)


def _suits_her_time(person: Person, opening: Opening) -> bool:
    wishes, hours, shifts = person.wishes, opening.hours_per_week, opening.shifts
    if hours is not None and not (wishes.min_hours or 0) <= hours <= (wishes.max_hours or 60):
        return False
    return shifts is None or wishes.shifts is None or set(shifts) <= set(wishes.shifts)


def _speaks(spoken: dict[str, str], asked: dict[str, str]) -> bool:
    levels = CEFR.values
    return all(
        language in spoken and levels.index(spoken[language]) >= levels.index(level)
        for language, level in asked.items()
    )


def breaks(rule: SafetyRule, vacancy: Vacancy) -> bool:
    """Whether the opening meets a safety rule, or may meet it; lifted rules are kept to as well."""
    opening, employer = vacancy.row, vacancy.row.employer
    if rule.kind == SafetyRule.Kind.PLACE:
        if opening.municipality is None or rule.municipality is None:
            return True
        near = kilometres(rule.municipality, opening.municipality) <= (rule.radius_km or 0)
        return near or rule.municipality == opening.municipality
    if rule.kind == SafetyRule.Kind.EMPLOYER:
        parties = (employer, employer.parent, opening.end_client)
        owners = [party.parent for party in parties if party is not None]
        barred = (rule.employer, rule.employer.parent if rule.employer else None)
        met = {party.pk for party in (*parties, *owners) if party} & {party.pk for party in barred if party}
        return bool(met) or employer.is_agency
    if rule.kind == SafetyRule.Kind.SECTOR:
        works_for = opening.end_client or (None if employer.is_agency else employer)
        return works_for is None or works_for.sector in ("", rule.sector)
    conditions = (opening.live_in, opening.night, opening.isolated, opening.cash)
    return None in conditions or bool(getattr(opening, rule.condition))


def pay_per_hour(opening: Opening) -> Decimal | None:
    """Net pay for an hour, from the lower figure."""
    if opening.pay_from is None or opening.pay_period == PayPeriod.HOUR:
        return opening.pay_from
    return opening.pay_from / ((opening.hours_per_week or Decimal(40)) * WEEKS_PER_MONTH)


def _score(person: Person, vacancy: Vacancy, km: float) -> Fit | None:
    shares: dict[str, tuple[float, dict[str, Any]]] = {}
    gaps: list[dict[str, Any]] = []
    for importance, weight in ((Importance.ESSENTIAL, 0.5), (Importance.OPTIONAL, 0.15)):
        asked = [asking for asking in vacancy.asked if asking.importance == importance]
        met: list[dict[str, Any]] = []
        for asking in asked:
            if asking.skill is None:
                continue
            held = person.skills.get(asking.skill.pk)
            credit = 0.0 if held is None else min(1.0, (held.level + 1) / ((asking.level or 1) + 1))
            if credit:
                met.append({"skill": asking.skill.uri, "phrase": asking.phrase, "credit": round(credit, 3)})
            if credit < 1:
                gaps.append(
                    {
                        "code": "level" if held else "missing",
                        "skill": asking.skill.uri,
                        "phrase": asking.phrase,
                        "essential": importance == Importance.ESSENTIAL,
                        "held_level": held.level if held else None,
                        "needed_level": asking.level,
                    }
                )
        total = sum(skill["credit"] for skill in met)
        detail = {"asked": len(asked), "met": sum(skill["credit"] == 1 for skill in met), "skills": met}
        shares[f"{importance}_skills"] = (weight * total / max(1, len(asked)), detail)
    occupation = vacancy.trade.occupation.uri
    is_known, is_wanted = vacancy.trade in person.knows, vacancy.trade in person.wants
    told = {"hers": occupation, "asked": occupation, "nearness": 1.0}
    shares["occupation"] = (0.12 * is_known, told)
    shares["wish"] = (0.13 * is_wanted, told)
    shares["distance"] = (0.1 * math.exp(-km / 25), {"km": round(km, 1)})
    families = {trade.family for trade in (*person.knows, *person.wants)}
    if shares["essential_skills"][0] < 0.1 and vacancy.trade.family not in families:
        return None
    reasons: list[dict[str, Any]] = [
        {"code": code, "contribution": share, "detail": detail} for code, (share, detail) in shares.items() if share
    ]
    reasons.sort(key=lambda reason: -reason["contribution"])
    return Fit(sum(share for share, _detail in shares.values()), reasons, gaps)


def kilometres(one: Municipality, other: Municipality) -> float:
    """The great-circle distance between two seats."""
    return _kilometres(one.latitude, one.longitude, other.latitude, other.longitude)


@lru_cache(maxsize=100_000)
def _kilometres(latitude: float, longitude: float, latitude_2: float, longitude_2: float) -> float:
    phi, phi_2 = math.radians(latitude), math.radians(latitude_2)
    haversine = (
        math.sin((phi_2 - phi) / 2) ** 2
        + math.cos(phi) * math.cos(phi_2) * math.sin(math.radians(longitude_2 - longitude) / 2) ** 2
    )
    return 2 * _EARTH_KM * math.asin(math.sqrt(haversine))
