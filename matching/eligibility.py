"""Gates: which openings a person must not see, one predicate per rule, each rejection with its code.

Gates come before scoring and are absolute. A rule that keeps her safe (places, employers, sectors, conditions, vetting)
fails closed: unknown means excluded. A limit (travel, hours, shifts, pay, languages, licences, permit) excludes only
what is known to break it; what could not be checked is named among the missing data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from matching.scoring import kilometres
from matching.text import fold
from matching.types import CEFR, Exclusion, ExclusionCode, Opening, Place, Profile

if TYPE_CHECKING:
    from matching.columns import Columns, Values

Mask = NDArray[np.bool_]
T = TypeVar("T")


def gates(columns: Columns, profile: Profile) -> Iterator[tuple[ExclusionCode, Mask]]:
    """Each gate that this profile's rules make active, as a mask of the openings it excludes."""
    yield from _vetting_gates(columns, profile)
    yield from _place_gates(columns, profile)
    yield from _employer_gates(columns, profile)
    yield from _work_gates(columns, profile)
    yield from _limit_gates(columns, profile)
    yield from _person_gates(columns, profile)


def excluded(columns: Columns, profile: Profile) -> Mask:
    """The openings that any gate keeps from this person."""
    mask = np.zeros(len(columns), dtype=bool)
    for _code, gate in gates(columns, profile):
        mask |= gate
    return mask


def exclusions(columns: Columns, profile: Profile) -> list[Exclusion]:
    """Every rejection with its rule, by opening id, then in the order of the gates."""
    found = [
        (row, order, code)
        for order, (code, mask) in enumerate(gates(columns, profile))
        for row in np.flatnonzero(mask).tolist()
    ]
    result = []
    for row, _order, code in sorted(found):
        opening = columns.openings[row]
        result.append(Exclusion(opening.id, code, _detail(code, opening, profile)))
    return result


def unchecked(opening: Opening, profile: Profile) -> Iterator[str]:
    """The fields without which an active limit could not be checked, as `opening.x` or `profile.x`."""
    rules = profile.rules
    if rules.max_travel_km is not None:
        if opening.place is None:
            yield "opening.place"
        if profile.place is None:
            yield "profile.place"
    if (rules.min_hours is not None or rules.max_hours is not None) and opening.hours_per_week is None:
        yield "opening.hours_per_week"
    if rules.shifts is not None and opening.shifts is None:
        yield "opening.shifts"
    if (rules.pay_floor is not None or rules.legal_minimum is not None) and opening.pay_per_hour is None:
        yield "opening.pay_per_hour"
    for field in ("languages", "licences"):
        asked, hers = getattr(opening, field), getattr(profile, field)
        if asked and hers is None:
            yield f"profile.{field}"
        if asked is None and hers is not None:
            yield f"opening.{field}"
    if opening.permit_required and profile.permit is None:
        yield "profile.permit"
    if opening.permit_required is None and profile.permit is False:
        yield "opening.permit_required"


def _where(values: Values[T], test: Callable[[T], bool]) -> Mask:
    """The openings whose value passes a test that is asked once per distinct value."""
    return np.fromiter(map(test, values.distinct), dtype=bool, count=len(values.distinct))[values.codes]


def _vetting_gates(columns: Columns, profile: Profile) -> Iterator[tuple[ExclusionCode, Mask]]:
    accepted = (True,) if profile.rules.require_vetted else (True, None)
    yield ExclusionCode.NOT_VETTED, _where(columns.vetted, lambda vetted: vetted not in accepted)


def _place_gates(columns: Columns, profile: Profile) -> Iterator[tuple[ExclusionCode, Mask]]:
    zones = profile.rules.excluded_places
    if not zones:
        return
    unknown = np.isnan(columns.latitude)
    yield ExclusionCode.PLACE_UNKNOWN, unknown
    inside = np.zeros(len(columns), dtype=bool)
    for zone in zones:
        place = zone.place
        km = kilometres(place.latitude, place.longitude, columns.latitude, columns.longitude)
        inside |= km <= zone.radius_km
        if place.code:
            inside |= _where(columns.place_code, lambda code, wanted=place.code: code == wanted)  # type: ignore[misc]
    yield ExclusionCode.EXCLUDED_PLACE, inside & ~unknown


def _employer_gates(columns: Columns, profile: Profile) -> Iterator[tuple[ExclusionCode, Mask]]:
    if not profile.rules.excluded_employers:
        return
    barred = {fold(name) for name in profile.rules.excluded_employers}
    yield (
        ExclusionCode.EXCLUDED_EMPLOYER,
        _where(columns.parties, lambda parties: not barred.isdisjoint(parties[:3])),
    )
    yield ExclusionCode.EMPLOYER_UNKNOWN, _where(columns.parties, lambda parties: not parties[0])
    # Whoever is not known to hire for itself may send her to anyone.
    yield (
        ExclusionCode.END_CLIENT_UNKNOWN,
        _where(columns.parties, lambda parties: not parties[2] and parties[3] is not False),
    )


def _work_gates(columns: Columns, profile: Profile) -> Iterator[tuple[ExclusionCode, Mask]]:
    rules = profile.rules
    if rules.excluded_sectors:
        barred = {fold(sector) for sector in rules.excluded_sectors}
        yield ExclusionCode.EXCLUDED_SECTOR, _where(columns.sector, lambda sector: sector in barred)
        yield ExclusionCode.SECTOR_UNKNOWN, _where(columns.sector, lambda sector: not sector)
    if rules.excluded_conditions:
        # Work at night may be told by the shifts alone.
        at_night = _where(columns.shifts, lambda shifts: "night" in (shifts or ()))
        at_night &= "night" in rules.excluded_conditions
        unknown = _where(columns.conditions, lambda conditions: conditions is None)
        breaks = _where(columns.conditions, lambda conditions: bool((conditions or set()) & rules.excluded_conditions))
        yield ExclusionCode.EXCLUDED_CONDITION, breaks | at_night
        yield ExclusionCode.CONDITION_UNKNOWN, unknown & ~at_night


def _limit_gates(columns: Columns, profile: Profile) -> Iterator[tuple[ExclusionCode, Mask]]:
    rules = profile.rules
    # Comparisons with NaN are false: what is unknown breaks no limit.
    if rules.legal_minimum is not None:
        yield ExclusionCode.BELOW_MINIMUM_WAGE, columns.pay < rules.legal_minimum
    if rules.pay_floor is not None:
        yield ExclusionCode.PAY_FLOOR, columns.pay < rules.pay_floor
    if rules.max_travel_km is not None and profile.place is not None:
        yield ExclusionCode.TRAVEL, travel(columns, profile.place) > rules.max_travel_km
    if rules.min_hours is not None or rules.max_hours is not None:
        low, high = rules.min_hours or 0.0, np.inf if rules.max_hours is None else rules.max_hours
        yield ExclusionCode.HOURS, (columns.hours < low) | (columns.hours > high)
    if rules.shifts is not None:
        can = rules.shifts
        yield ExclusionCode.SHIFTS, _where(columns.shifts, lambda shifts: shifts is not None and not shifts <= can)


def _person_gates(columns: Columns, profile: Profile) -> Iterator[tuple[ExclusionCode, Mask]]:
    if profile.languages is not None:
        spoken = profile.languages
        yield ExclusionCode.LANGUAGE, _where(columns.languages, lambda asked: bool(_unspoken(asked, spoken)))
    if profile.licences is not None:
        held = profile.licences
        yield ExclusionCode.LICENCE, _where(columns.licences, lambda asked: bool((asked or frozenset()) - held))
    if profile.permit is False:
        yield ExclusionCode.PERMIT, _where(columns.permit_required, lambda required: required is True)


def travel(columns: Columns, place: Place) -> NDArray[np.float64]:
    """Kilometres from a place to every opening; NaN where the opening's place is unknown."""
    return kilometres(place.latitude, place.longitude, columns.latitude, columns.longitude)


def _unspoken(asked: tuple[tuple[str, str], ...] | None, spoken: Mapping[str, str]) -> list[str]:
    """The languages asked at a CEFR level above hers."""
    return [
        language
        for language, level in asked or ()
        if language not in spoken or CEFR.index(spoken[language]) < CEFR.index(level)
    ]


def _km(one: Place | None, other: Place | None) -> float | None:
    if one is None or other is None:
        return None
    points = np.array([other.latitude]), np.array([other.longitude])
    return round(float(kilometres(one.latitude, one.longitude, *points)[0]), 1)


def _detail(code: ExclusionCode, opening: Opening, profile: Profile) -> dict[str, Any]:
    """The plain values that the sentence about a rejection needs."""
    rules = profile.rules
    match code:
        case ExclusionCode.EXCLUDED_PLACE:
            return {"place": opening.place.code if opening.place else ""}
        case ExclusionCode.EXCLUDED_EMPLOYER:
            barred = {fold(name) for name in rules.excluded_employers}
            parties = {"employer": opening.employer, "group": opening.employer_group, "end_client": opening.end_client}
            return {role: name for role, name in parties.items() if name and fold(name) in barred}
        case ExclusionCode.END_CLIENT_UNKNOWN:
            return {"employer": opening.employer}
        case ExclusionCode.EXCLUDED_SECTOR:
            return {"sector": opening.sector}
        case ExclusionCode.EXCLUDED_CONDITION:
            told = (opening.conditions or frozenset()) | (opening.shifts or frozenset())
            return {"conditions": sorted(told & rules.excluded_conditions)}
        case ExclusionCode.CONDITION_UNKNOWN:
            return {"conditions": sorted(rules.excluded_conditions)}
        case ExclusionCode.BELOW_MINIMUM_WAGE:
            return {"pay_per_hour": opening.pay_per_hour, "legal_minimum": rules.legal_minimum}
        case ExclusionCode.PAY_FLOOR:
            return {"pay_per_hour": opening.pay_per_hour, "pay_floor": rules.pay_floor}
        case ExclusionCode.TRAVEL:
            return {"km": _km(profile.place, opening.place), "max_travel_km": rules.max_travel_km}
        case ExclusionCode.HOURS:
            return {"hours": opening.hours_per_week, "min_hours": rules.min_hours, "max_hours": rules.max_hours}
        case ExclusionCode.SHIFTS:
            return {"shifts": sorted((opening.shifts or frozenset()) - (rules.shifts or frozenset()))}
        case ExclusionCode.LANGUAGE:
            asked = dict(opening.languages or {})
            above = _unspoken(tuple(sorted(asked.items())), profile.languages or {})
            return {"languages": {language: asked[language] for language in above}}
        case ExclusionCode.LICENCE:
            return {"licences": sorted((opening.licences or frozenset()) - (profile.licences or frozenset()))}
        case _:
            return {}
