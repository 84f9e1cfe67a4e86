"""The slow truth, one pair at a time and written apart from the library: who may see what, and what it scores."""

from __future__ import annotations

from functools import cache
from math import acos, cos, exp, log, radians, sin, sqrt

from matching import Opening, Profile
from matching.text import fold, stems, tokens
from matching.types import CEFR

WEIGHTS = {"essential": 0.40, "optional": 0.10, "occupation": 0.15, "wish": 0.15, "text": 0.12, "distance": 0.08}


def km(one, other) -> float:
    """The spherical law of cosines, not the haversine of the library."""
    a, b = radians(one.latitude), radians(other.latitude)
    angle = sin(a) * sin(b) + cos(a) * cos(b) * cos(radians(one.longitude - other.longitude))
    return 6371.0088 * acos(max(-1.0, min(1.0, angle)))


def broken_rules(p: Profile, o: Opening) -> set[str]:
    r, broken = p.rules, set()
    if o.vetted is False or (r.require_vetted and o.vetted is None):
        broken.add("not_vetted")
    if r.excluded_places:
        if not o.place:
            broken.add("place_unknown")
        for zone in r.excluded_places if o.place else ():
            if km(zone.place, o.place) <= zone.radius_km + 1e-4:
                broken.add("excluded_place")
            if zone.place.code and zone.place.code == o.place.code:
                broken.add("excluded_place")
    if r.excluded_employers:
        barred = [fold(e) for e in r.excluded_employers]
        if o.employer is None:
            broken.add("employer_unknown")
        if o.end_client is None and o.agency in (True, None):
            broken.add("end_client_unknown")
        for party in (o.employer, o.employer_group, o.end_client):
            if party is not None and fold(party) in barred:
                broken.add("excluded_employer")
    if r.excluded_sectors:
        if o.sector is None:
            broken.add("sector_unknown")
        elif o.sector in r.excluded_sectors:
            broken.add("excluded_sector")
    if r.excluded_conditions:
        night = "night" in r.excluded_conditions and "night" in (o.shifts or set())
        if night or (o.conditions and o.conditions & r.excluded_conditions):
            broken.add("excluded_condition")
        if o.conditions is None and not night:
            broken.add("condition_unknown")
    if r.max_travel_km is not None and o.place and p.place and km(o.place, p.place) > r.max_travel_km:
        broken.add("travel")
    if o.hours_per_week is not None:
        if r.min_hours is not None and o.hours_per_week < r.min_hours:
            broken.add("hours")
        if r.max_hours is not None and o.hours_per_week > r.max_hours:
            broken.add("hours")
    if r.shifts is not None and o.shifts is not None and any(shift not in r.shifts for shift in o.shifts):
        broken.add("shifts")
    if o.pay_per_hour is not None:
        if r.pay_floor is not None and o.pay_per_hour < r.pay_floor:
            broken.add("pay_floor")
        if r.legal_minimum is not None and o.pay_per_hour < r.legal_minimum:
            broken.add("below_minimum_wage")
    for language, asked in (o.languages or {}).items() if p.languages is not None else ():
        if language not in p.languages or CEFR.index(p.languages[language]) < CEFR.index(asked):
            broken.add("language")
    if p.licences is not None and any(licence not in p.licences for licence in o.licences or ()):
        broken.add("licence")
    if p.permit is False and o.permit_required:
        broken.add("permit")
    return broken


def credit(held, need, taxonomy) -> float:
    """What one held skill is worth for one requirement."""
    best = 0.0
    if held.skill and need.skill:
        h, n = taxonomy.concepts.get(held.skill), taxonomy.concepts.get(need.skill)
        if held.skill == need.skill:
            best = 1.0
        elif h and n:
            if need.skill in h.broader:
                best = 0.8
            elif held.skill in n.broader:
                best = 0.5
            elif need.skill in h.related:
                best = 0.4
            elif set(h.broader) & set(n.broader):
                best = 0.3
    mine, theirs = set(stems(held.phrase)), set(stems(need.phrase))
    if mine and theirs:
        cosine = len(mine & theirs) / sqrt(len(mine) * len(theirs))
        if mine == theirs:
            best = 1.0
        elif cosine >= 0.5 and not (held.skill and need.skill):
            best = max(best, 0.6 * cosine)
    if held.level is None:
        return best
    return best * min(1.0, held.level / need.level) if need.level else best * (held.level > 0)


def grams(text: str) -> list[str]:
    return [f" {w} "[i : i + 4] for w in tokens(text) for i in range(max(len(w) + 2 - 3, 0))]


@cache
def counted(title: str, text: str) -> dict[str, float]:
    counts: dict[str, float] = {}
    for term, n in (
        [(s, 1) for s in stems(text)] + [(s, 3) for s in stems(title)] + [("~" + g, 1) for g in grams(title)]
    ):
        counts[term] = counts.get(term, 0) + n
    return counts


def document(o: Opening) -> dict[str, float]:
    return counted(o.title, " ".join([o.text, *(need.phrase for need in o.skills)]))


def values(p: Profile, o: Opening, everything: list[Opening], taxonomy) -> dict[str, float | None]:
    """Component values of a pair; requirements and skills must be linked already (ids or phrases that link nowhere)."""
    asked = {(n.skill or "", frozenset(stems(n.phrase)), n.level or 0): n for n in o.skills}
    asked = {key: n for key, n in asked.items() if key[0] or key[1]}
    must = {key for n in o.skills if n.essential for key in [(n.skill or "", frozenset(stems(n.phrase)), n.level or 0)]}
    worth = {key: max((credit(h, n, taxonomy) for h in p.skills), default=0.0) for key, n in asked.items()}
    essential = [worth[key] for key in asked if key in must]
    optional = [worth[key] for key in asked if key not in must]
    result: dict[str, float | None] = dict.fromkeys(WEIGHTS)
    if essential:
        mean = exp(sum(log(0.05 + 0.95 * c) for c in essential) / len(essential))
        result["essential"] = (mean - 0.05) / 0.95
    if optional:
        result["optional"] = sum(optional) / len(optional)
    if o.occupation and p.occupation:
        result["occupation"] = near(p.occupation, o.occupation, taxonomy)
    if o.occupation and p.occupations:
        result["wish"] = max(near(wish, o.occupation, taxonomy) for wish in p.occupations)
    if p.place and o.place:
        result["distance"] = 0.5 ** (km(p.place, o.place) / 15)
    documents = [document(other) for other in everything]

    def vector(counts):
        return {
            t: (1 + log(n)) * (log((1 + len(documents)) / (1 + sum(t in d for d in documents))) + 1)
            for t, n in counts.items()
        }

    mine, theirs = vector(counted(p.title, p.text)), vector(document(o))
    if mine and theirs:
        lengths = sqrt(sum(w * w for w in mine.values()) * sum(w * w for w in theirs.values()))
        result["text"] = sum(w * theirs.get(t, 0) for t, w in mine.items()) / lengths
    return result


def near(one: str, other: str, taxonomy) -> float:
    if one == other:
        return 1.0
    a, b = taxonomy.concepts.get(one), taxonomy.concepts.get(other)
    if not (a and b and a.isco and b.isco):
        return 0.0
    shared = 0
    while shared < 4 and a.isco[shared] == b.isco[shared]:
        shared += 1
    return {0: 0.0, 1: 0.05, 2: 0.2, 3: 0.4, 4: 0.7}[shared]


def score(p: Profile, o: Opening, everything: list[Opening], taxonomy) -> float:
    present = {name: value for name, value in values(p, o, everything, taxonomy).items() if value is not None}
    total = sum(WEIGHTS[name] for name in present)
    return sum(WEIGHTS[name] * value for name, value in present.items()) / total if total else 0.0
