"""What `python -m matching evaluate` measures a programme on: openings, profiles and what became of them.

People and judgements are those of `training_set.shown_matches`: who consents to anonymous statistics, and matches whose
outcome is settled. Everything stands under its pseudonyms, and holds what matching may see and no more. The groups
stand beside the judgements, as coarse as a comparison needs, and never in a profile.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from backend.accounts.models import Organisation
from backend.beneficiaries.models import Beneficiary, Identity
from backend.employers.models import Opening
from backend.matches.adapter import opening_of, profile_of
from backend.skills.codes import CEFR
from backend.skills.linking import taxonomy
from matching import Opening as Advertised
from matching import Profile
from matching.model import GAINS
from matching.records import plain

from .training_set import pseudonym, shown_matches

AGE_BANDS = ((25, "under 25"), (35, "25-34"), (45, "35-44"), (55, "45-54"))
OLDEST_BAND = "55 and over"

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """Plain records, one a line of a JSON Lines file."""

    openings: list[Record]
    profiles: list[Record]
    judged: list[Record]
    concepts: list[Record]


def evaluation_set(programme: Organisation, on: dt.date) -> EvaluationSet:
    """The programme as it stands on a day: all openings it ever had, and everybody of whom a judgement is known."""
    shown = shown_matches(programme, on)
    judged_people = set(shown["person"])
    people = {
        key: person
        for person in Beneficiary.objects.filter(organisation=programme).order_by("pk")
        if (key := pseudonym(person.pk)) in judged_people
    }
    openings = Opening.objects.filter(employer__programme=programme).select_related(
        "employer", "end_client", "municipality", "occupation"
    )
    groups = {key: _groups(person, on) for key, person in people.items()}
    return EvaluationSet(
        openings=_by_id(plain(_unnamed_opening(opening_of(row, on))) for row in openings),
        profiles=_by_id(plain(_unnamed_profile(profile_of(person, on))) for person in people.values()),
        judged=[
            {"profile_id": person, "opening_id": opening, "gain": GAINS[outcome], **groups[person]}
            for person, opening, outcome in sorted(
                zip(shown["person"], shown["opening"], shown["outcome"], strict=True)
            )
        ],
        concepts=_by_id(taxonomy().to_concepts()),
    )


def _unnamed_opening(opening: Advertised) -> Advertised:
    return replace(
        opening,
        id=pseudonym(opening.id),
        employer=opening.employer and pseudonym(opening.employer),
        employer_group=opening.employer_group and pseudonym(opening.employer_group),
        end_client=opening.end_client and pseudonym(opening.end_client),
    )


def _unnamed_profile(profile: Profile) -> Profile:
    rules = replace(
        profile.rules,
        excluded_employers=frozenset(map(pseudonym, profile.rules.excluded_employers)),
        # The minimum wage rises every year: openings that were lawful when she was shown them are below today's.
        legal_minimum=None,
    )
    return replace(profile, id=pseudonym(profile.id), rules=rules)


def _groups(person: Beneficiary, on: dt.date) -> dict[str, str]:
    """Where she lives, the language she speaks best and her age in bands; what is not known is left out."""
    levels = CEFR.values
    spoken = sorted(person.languages.values_list("language", "spoken"), key=lambda one: (-levels.index(one[1]), one[0]))
    identity = Identity.objects.filter(beneficiary=person).first()
    born = identity.birth_date if identity else None
    found = {
        "municipality": person.municipality.name if person.municipality else "",
        "language": spoken[0][0] if spoken else "",
        "age_band": age_band(born, on) if born else "",
    }
    return {column: value for column, value in found.items() if value}


def age_band(born: dt.date, on: dt.date) -> str:
    """The band that her age on a day falls into."""
    age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    return next((band for below, band in AGE_BANDS if age < below), OLDEST_BAND)


def _by_id(records: Iterable[Record]) -> list[Record]:
    return sorted(records, key=lambda record: str(record["id"]))
