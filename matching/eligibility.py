"""Gates: which openings a person must not see, one predicate per rule, each rejection with its code.

Gates come before scoring and are absolute. A rule that keeps her safe (places, employers, sectors, conditions, vetting)
fails closed: unknown means excluded. A limit (travel, hours, shifts, pay, languages, licences, permit) excludes only
what is known to break it; what could not be checked is named among the missing data.

A predicate is asked once per distinct value: of the work, of the parties, of the pay, of the place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matching.arrays import Whole, runs
from matching.text import fold
from matching.types import CEFR, Exclusion, ExclusionCode, Profile

if TYPE_CHECKING:
    from matching.columns import Columns, Parties, Works

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Passing:
    """What passes every gate, per distinct value; None where all do. `places` are runs of place numbers (n x 2)."""

    places: Whole
    works: Mask | None
    parties: Mask | None
    pay_from: int  # the least rank of pay that passes

    def rows(self, columns: Columns, open_: Mask | None = None) -> Whole:
        """The rows that pass, ascending; `open_` says which rows are still there."""
        ranges = columns.places.rows(self.places)
        rows = runs(ranges[:, 0], ranges[:, 1] - ranges[:, 0])
        return rows[self.keeps(columns, rows, open_)]

    def keeps(self, columns: Columns, rows: Whole, open_: Mask | None = None) -> Mask:
        """Which of some rows in passing places pass the other gates."""
        kept = np.ones(len(rows), dtype=bool) if open_ is None else open_[rows]
        if self.works is not None:
            kept &= self.works[columns.work[rows]]
        if self.parties is not None:
            kept &= self.parties[columns.party[rows]]
        if self.pay_from:
            kept &= columns.pay[rows] >= self.pay_from
        return kept

    def at(self, columns: Columns, rows: Whole) -> Mask:
        """Which of some rows are in passing places."""
        place = columns.place[rows].astype(np.int64)
        run = np.searchsorted(self.places[:, 0], place, side="right") - 1
        return (run >= 0) & (place < np.append(self.places[:, 1], 0)[run])


def passing(columns: Columns, profile: Profile) -> Passing:
    """What this person may be shown, by distinct values."""
    return Passing(
        places=columns.places.reachable(profile),
        works=_none_failing(mask for _, mask in _work_gates(columns.works, profile)),
        parties=_passing_parties(columns.parties, profile),
        pay_from=max((rank for _, rank in _pay_gates(columns, profile)), default=0),
    )


def exclusions(columns: Columns, profile: Profile, open_: Mask | None = None) -> Iterator[Exclusion]:
    """Every rejection with its rule, by opening id, then in the order of the codes."""
    failing: list[tuple[ExclusionCode, Mask]] = [
        *((code, mask[columns.work]) for code, mask in _work_gates(columns.works, profile)),
        *((code, mask[columns.place]) for code, mask in _place_gates(columns, profile)),
        *((code, mask[columns.party]) for code, mask in _party_gates(columns.parties, profile)),
        *((code, columns.pay < rank) for code, rank in _pay_gates(columns, profile)),
    ]
    failing.sort(key=lambda gate: _ORDER[gate[0]])
    any_ = np.zeros(len(columns), dtype=bool)
    for _, mask in failing:
        any_ |= mask
    if open_ is not None:
        any_ &= open_
    by_id = columns.by_id[any_[columns.by_id]]
    for row in by_id.tolist():
        for code, mask in failing:
            if mask[row]:
                yield Exclusion(columns.ids[row], code, _detail(code, columns, row, profile))


def _none_failing(masks: Iterator[Mask]) -> Mask | None:
    """What fails none of some gates; None when there are no gates."""
    passing: Mask | None = None
    for mask in masks:
        passing = ~mask if passing is None else passing & ~mask
    return passing


_ORDER = {code: order for order, code in enumerate(ExclusionCode)}


def _work_gates(works: Works, profile: Profile) -> Iterator[tuple[ExclusionCode, Mask]]:
    """Gates on what the work is, as masks of the combinations that fail."""
    rules = profile.rules
    accepted = (True,) if rules.require_vetted else (True, None)
    yield ExclusionCode.NOT_VETTED, works.where("vetted", lambda vetted: vetted not in accepted)
    if barred := rules.excluded_conditions:
        told = works.where("conditions", lambda conditions: not barred.isdisjoint(conditions or ()))
        unknown = works.where("conditions", lambda conditions: conditions is None)
        if "night" in barred:  # work at night may be told by the shifts alone
            at_night = works.where("shifts", lambda shifts: "night" in (shifts or ()))
            told, unknown = told | at_night, unknown & ~at_night
        yield ExclusionCode.EXCLUDED_CONDITION, told
        yield ExclusionCode.CONDITION_UNKNOWN, unknown
    if rules.min_hours is not None or rules.max_hours is not None:
        low, high = rules.min_hours or 0.0, np.inf if rules.max_hours is None else rules.max_hours
        yield ExclusionCode.HOURS, works.where("hours", lambda hours: hours is not None and not low <= hours <= high)
    if (can := rules.shifts) is not None:
        yield ExclusionCode.SHIFTS, works.where("shifts", lambda shifts: not can.issuperset(shifts or ()))
    if (spoken := profile.languages) is not None:
        yield ExclusionCode.LANGUAGE, works.where("languages", lambda asked: bool(_unspoken(asked, spoken)))
    if (held := profile.licences) is not None:
        yield ExclusionCode.LICENCE, works.where("licences", lambda asked: not held.issuperset(asked or ()))
    if profile.permit is False:
        yield ExclusionCode.PERMIT, works.where("permit_required", lambda required: required is True)


def _place_gates(columns: Columns, profile: Profile) -> Iterator[tuple[ExclusionCode, Mask]]:
    """Gates on where it is, as masks of the places that fail; the last stands for an unknown place."""
    places, rules = columns.places, profile.rules
    if rules.excluded_places:
        inside = np.zeros(len(places) + 1, dtype=bool)
        inside[places.excluded(rules.excluded_places)] = True
        yield ExclusionCode.EXCLUDED_PLACE, inside
        yield ExclusionCode.PLACE_UNKNOWN, np.arange(len(places) + 1) == len(places)
    if rules.max_travel_km is not None and profile.place is not None:
        beyond = np.arange(len(places) + 1) < len(places)
        beyond[places.within(profile.place, rules.max_travel_km)] = False
        yield ExclusionCode.TRAVEL, beyond


def _party_gates(parties: Parties, profile: Profile) -> Iterator[tuple[ExclusionCode, Mask]]:
    """Gates on whom she would work for, as masks of the parties that fail."""
    rules = profile.rules
    if rules.excluded_employers:
        yield ExclusionCode.EXCLUDED_EMPLOYER, ~_without_barred(parties, profile, np.ones(len(parties), dtype=bool))
        yield ExclusionCode.EMPLOYER_UNKNOWN, parties.employer_unknown
        # Whoever is not known to hire for itself may send her to anyone.
        yield ExclusionCode.END_CLIENT_UNKNOWN, parties.client_unknown
    if rules.excluded_sectors:
        keys = [parties.keys.find(fold(sector)) for sector in rules.excluded_sectors]
        barred = [key for key in keys if key]
        yield ExclusionCode.EXCLUDED_SECTOR, np.isin(parties.key, barred)[parties.sector]
        yield ExclusionCode.SECTOR_UNKNOWN, parties.key[parties.sector] == 0


def _passing_parties(parties: Parties, profile: Profile) -> Mask | None:
    """The parties that fail no gate; not one gate after the other, for there are many parties and few are barred."""
    if profile.rules.excluded_sectors:
        return _none_failing(mask for _, mask in _party_gates(parties, profile))
    return _without_barred(parties, profile, parties.known.copy()) if profile.rules.excluded_employers else None


def _without_barred(parties: Parties, profile: Profile, mask: Mask) -> Mask:
    for key in {fold(name) for name in profile.rules.excluded_employers}:
        mask[parties.holding(key)] = False
    return mask


def _pay_gates(columns: Columns, profile: Profile) -> Iterator[tuple[ExclusionCode, int]]:
    """Gates on pay, as the rank below which it fails; unknown pay has the highest rank."""
    for code, least in (
        (ExclusionCode.BELOW_MINIMUM_WAGE, profile.rules.legal_minimum),
        (ExclusionCode.PAY_FLOOR, profile.rules.pay_floor),
    ):
        if least is not None:
            yield code, int(np.searchsorted(columns.pays, least))


def _unspoken(asked: tuple[tuple[str, str], ...] | None, spoken: Mapping[str, str]) -> list[str]:
    """The languages asked at a CEFR level above hers."""
    return [
        language
        for language, level in asked or ()
        if language not in spoken or CEFR.index(spoken[language]) < CEFR.index(level)
    ]


def unchecked(work: Works, number: int, profile: Profile) -> Iterator[str]:
    """The fields of the work without which an active limit could not be checked, as `opening.x` or `profile.x`."""
    rules = profile.rules
    if (rules.min_hours is not None or rules.max_hours is not None) and work.value(number, "hours") is None:
        yield "opening.hours_per_week"
    if rules.shifts is not None and work.value(number, "shifts") is None:
        yield "opening.shifts"
    for field, hers in (("languages", profile.languages), ("licences", profile.licences)):
        asked = work.value(number, field)
        if asked and hers is None:
            yield f"profile.{field}"
        if asked is None and hers is not None:
            yield f"opening.{field}"
    required = work.value(number, "permit_required")
    if required and profile.permit is None:
        yield "profile.permit"
    if required is None and profile.permit is False:
        yield "opening.permit_required"


def _detail(code: ExclusionCode, columns: Columns, row: int, profile: Profile) -> dict[str, Any]:
    """The plain values that the sentence about a rejection needs."""
    rules, place = profile.rules, columns.places[int(columns.place[row])]
    employer, group, client, _agency, sector = columns.parties.told(int(columns.party[row]))
    work = dict(zip(columns.works.FIELDS, columns.works.told(int(columns.work[row])), strict=True))
    match code:
        case ExclusionCode.EXCLUDED_PLACE:
            return {"place": place.code if place else ""}
        case ExclusionCode.EXCLUDED_EMPLOYER:
            barred = {fold(name) for name in rules.excluded_employers}
            parties = {"employer": employer, "group": group, "end_client": client}
            return {role: name for role, name in parties.items() if name and fold(name) in barred}
        case ExclusionCode.END_CLIENT_UNKNOWN:
            return {"employer": employer or None}
        case ExclusionCode.EXCLUDED_SECTOR:
            return {"sector": sector}
        case ExclusionCode.EXCLUDED_CONDITION:
            told = {*(work["conditions"] or ()), *(work["shifts"] or ())}
            return {"conditions": sorted(told & rules.excluded_conditions)}
        case ExclusionCode.CONDITION_UNKNOWN:
            return {"conditions": sorted(rules.excluded_conditions)}
        case ExclusionCode.BELOW_MINIMUM_WAGE:
            return {"pay_per_hour": _pay(columns, row), "legal_minimum": rules.legal_minimum}
        case ExclusionCode.PAY_FLOOR:
            return {"pay_per_hour": _pay(columns, row), "pay_floor": rules.pay_floor}
        case ExclusionCode.TRAVEL:
            return {"km": _km(columns, row, profile), "max_travel_km": rules.max_travel_km}
        case ExclusionCode.HOURS:
            return {"hours": work["hours"], "min_hours": rules.min_hours, "max_hours": rules.max_hours}
        case ExclusionCode.SHIFTS:
            return {"shifts": sorted({*(work["shifts"] or ())} - (rules.shifts or frozenset()))}
        case ExclusionCode.LANGUAGE:
            above = _unspoken(work["languages"], profile.languages or {})
            return {"languages": {language: level for language, level in work["languages"] if language in above}}
        case ExclusionCode.LICENCE:
            return {"licences": sorted({*(work["licences"] or ())} - (profile.licences or frozenset()))}
        case _:
            return {}


def _pay(columns: Columns, row: int) -> float:
    return float(columns.pays[columns.pay[row]])


def _km(columns: Columns, row: int, profile: Profile) -> float | None:
    if profile.place is None:
        return None
    return round(float(columns.places.kilometres(profile.place, np.array([columns.place[row]]))[0]), 1)
