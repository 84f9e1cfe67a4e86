"""The slow truth, one pair at a time and written apart from the library: who may see what, and what it scores."""

from __future__ import annotations

from math import acos, cos, exp, log, radians, sin, sqrt

import numpy as np

from matching import Opening, Profile
from matching.text import fold, stems
from matching.types import CEFR, Requirement
from matching.words import Vocabulary, opening_terms, profile_terms, query_vector

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
    best = taxonomy.covers(held.skill).get(need.skill, 0.0) if held.skill and need.skill else 0.0
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


def asked_by(o: Opening, taxonomy) -> tuple[Requirement, ...]:
    """What an opening asks for; one that asks for nothing would like what its occupation takes."""
    occupation = taxonomy.concepts.get(o.occupation)
    if o.skills or not occupation:
        return o.skills
    return tuple(Requirement(skill, essential=False) for skill in occupation.essential)


def values(p: Profile, o: Opening, everything: list[Opening], linker) -> dict[str, float | None]:
    """Component values of a pair; requirements and skills must be linked already (ids or phrases that link nowhere)."""
    taxonomy = linker.taxonomy
    told = [(n.skill or "", frozenset(stems(n.phrase)), n.level or 0, n) for n in asked_by(o, taxonomy)]
    asked = {key[:3]: key[3] for key in told if key[0] or key[1]}
    must = {key[:3] for key in told if key[3].essential}
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
        result["occupation"] = taxonomy.occupation_similarity(p.occupation, o.occupation)
    if o.occupation and p.occupations:
        result["wish"] = max(taxonomy.occupation_similarity(wish, o.occupation) for wish in p.occupations)
    if p.place and o.place:
        result["distance"] = 0.5 ** (km(p.place, o.place) / 15)
    result["text"] = cosine_of_words(p, o, everything, linker)
    others = {name: v for name, v in result.items() if v is not None and name not in ("optional", "distance")}
    # What only its occupation implies may help an opening and never hurts it.
    if not o.skills and result["optional"] is not None and others:
        mean = sum(v * WEIGHTS[name] for name, v in others.items()) / sum(WEIGHTS[name] for name in others)
        if result["optional"] < mean:
            result["optional"] = None
    return result


def cosine_of_words(p: Profile, o: Opening, everything: list[Opening], linker) -> float | None:
    """TF-IDF cosine, with an opening's weights in steps of 1/255 and raw weights in steps of 1/32."""
    documents = [
        {term: min(max(round(raw * 32), 1), 255) / 32 for term, raw in terms.items()}
        for terms in opening_terms(everything, linker)
    ]
    mine, theirs = profile_terms(p, linker), documents[everything.index(o)]
    if not mine or not theirs:
        return None
    n = len(documents)
    known = sorted({term for document in documents for term in document})
    idf = {term: log((1 + n) / (1 + sum(term in document for document in documents))) + 1 for term in known}
    length = sqrt(sum((raw * idf[term]) ** 2 for term, raw in theirs.items()))
    steps = {term: max(1, round(255 * raw * idf[term] / length)) for term, raw in theirs.items()}
    numbers, weights = query_vector(mine, Vocabulary(known), np.array([idf[term] for term in known]), n)
    hers = {known[number]: weight for number, weight in zip(numbers, weights, strict=True)}
    return min(1.0, sum(weight * steps.get(term, 0) for term, weight in hers.items()) / 255)


def score(p: Profile, o: Opening, everything: list[Opening], linker) -> float:
    """Distance keeps its own weight, the others share theirs."""
    present = {name: value for name, value in values(p, o, everything, linker).items() if value is not None}
    near = WEIGHTS["distance"] * present.pop("distance") if "distance" in present else None
    total = sum(WEIGHTS[name] for name in present)
    fit = sum(WEIGHTS[name] * value for name, value in present.items()) / total if total else 0.0
    return fit if near is None else near + (1 - WEIGHTS["distance"]) * fit
