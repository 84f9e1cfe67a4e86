"""A person as `matching` may know her: skills, wishes, limits and rules; never who she is or what happened."""

import datetime as dt

import matching
from backend.beneficiaries.models import Beneficiary, HeldSkill, SafetyRule, Wishes, name_all
from backend.employers.minimum_wage import minimum_wage
from matching.types import HeldSkill as Held
from matching.types import Rules, Zone

from .openings import as_float, closure, place_of


def profile_of(beneficiary: Beneficiary, on: dt.date) -> matching.Profile:
    """What matching may know of a person: skills, wishes, limits and rules; never who she is or what happened."""
    wishes = Wishes.objects.filter(beneficiary=beneficiary).prefetch_related("occupations").first()
    experiences = sorted(
        beneficiary.experiences.select_related("occupation"), key=lambda line: (-line.years, line.title)
    )
    held = list(beneficiary.skills.filter(level__gt=HeldSkill.Level.NONE).select_related("skill"))
    main = experiences[0] if experiences else None
    known = next((line.occupation for line in experiences if line.occupation), None)
    words = [wishes.own_words if wishes else "", *(line.title for line in experiences)]
    return matching.Profile(
        id=str(beneficiary.pk),
        title=main.title if main else "",
        text=". ".join(word for word in words if word),
        skills=tuple(
            Held(skill=line.skill.uri, phrase=line.phrase, level=line.level)
            for line in sorted(held, key=lambda line: line.skill.uri)
        ),
        occupation=known.uri if known else None,
        occupations=tuple(sorted(wished.uri for wished in wishes.occupations.all())) if wishes else (),
        place=place_of(beneficiary.municipality),
        # No language at all means that nobody has asked yet.
        languages=dict(beneficiary.languages.values_list("language", "spoken")) or None,
        licences=frozenset(beneficiary.licences),
        permit={Beneficiary.Permit.NONE.value: False, Beneficiary.Permit.UNKNOWN.value: None}.get(
            beneficiary.permit, True
        ),
        rules=_rules(beneficiary, wishes or Wishes(), on),
    )


def _rules(beneficiary: Beneficiary, wishes: Wishes, on: dt.date) -> Rules:
    rules = name_all(beneficiary.safety_rules.filter(lifted_on__isnull=True).order_by("pk"))
    by_kind: dict[str, list[SafetyRule]] = {kind: [] for kind in SafetyRule.Kind.values}
    for rule in rules:
        by_kind[rule.kind].append(rule)
    barred = {rule.employer_id for rule in by_kind["employer"] if rule.employer_id}
    minimum = minimum_wage("RS", on)
    return Rules(
        excluded_places=tuple(
            Zone(place, rule.radius_km or 0) for rule in by_kind["place"] if (place := place_of(rule.municipality))
        ),
        excluded_employers=closure(beneficiary.organisation_id, barred),
        excluded_sectors=frozenset(rule.sector for rule in by_kind["sector"]),
        excluded_conditions=frozenset(rule.condition for rule in by_kind["condition"]),
        max_travel_km=wishes.max_travel_km,
        shifts=None if wishes.shifts is None else frozenset(wishes.shifts),
        min_hours=wishes.min_hours,
        max_hours=wishes.max_hours,
        pay_floor=as_float(wishes.min_pay_per_hour),
        legal_minimum=as_float(minimum),
        require_vetted=True,
    )
