"""The door to `matching`: profiles and openings as it knows them, one index per programme, rankings.

Concept ids there are our URIs, other ids our primary keys as text. All pay is net RSD per hour: what is paid in another
currency is unknown to the gates and named as missing.
"""

import datetime as dt
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from threading import Lock
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

import matching
from backend.audit.models import Event
from backend.beneficiaries.models import Beneficiary, HeldSkill, SafetyRule, Wishes
from backend.employers.minimum_wage import WEEKS_PER_MONTH, minimum_wage
from backend.employers.models import Employer, Opening, Requirement
from backend.places.models import Municipality
from backend.skills.codes import Importance, PayPeriod, Shift
from backend.skills.linking import linker
from matching.records import plain
from matching.types import Exclusion, ExclusionCode, Gap, GapCode, Place, Ranked, Rules, Zone
from matching.types import HeldSkill as Held
from matching.types import Requirement as Asked

from .models import Introduction, Match

__all__ = [
    "Gap",
    "Ranked",
    "Ranking",
    "exclusions_of",
    "group_of",
    "lane_of",
    "opening_of",
    "profile_of",
    "rank",
    "signature",
]

FULL_TIME = Decimal(40)
"""Hours per week that monthly pay is for when an opening does not say (Labour Law, art. 50)."""

CONDITIONS = ("live_in", "night", "isolated", "cash")


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best openings for a person, everything kept from her, and the ids of all that were looked at."""

    ranked: list[Ranked]
    exclusions: list[Exclusion]
    open_ids: frozenset[str]

    @property
    def considered(self) -> int:
        return len(self.open_ids)


def rank(beneficiary: Beneficiary, on: dt.date, k: int = 50) -> Ranking:
    """The k best open openings of her programme, best first, with reasons, and the excluded ones with their rules."""
    indexed = _indexes.get(beneficiary.organisation_id, on)
    profile = profile_of(beneficiary, on)
    return Ranking(
        ranked=indexed.index.rank(profile, k),
        exclusions=[_named(exclusion, indexed.unsaid) for exclusion in indexed.index.excluded(profile)],
        open_ids=indexed.ids,
    )


def signature(beneficiary: Beneficiary, on: dt.date) -> str:
    """What a ranking depends on, as one hash: it changes with her profile, her limits and the open openings."""
    content = [plain(profile_of(beneficiary, on)), [str(part) for part in _version(beneficiary.organisation_id, on)]]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def exclusions_of(beneficiary: Beneficiary, opening: Opening, on: dt.date) -> list[Exclusion]:
    """The rules that keep one opening from her, from both as they stand in the database and not from the index."""
    unsaid = {str(opening.pk): _unsaid(opening)}
    index = matching.OpeningIndex.build([opening_of(opening, on)])
    return [_named(exclusion, unsaid) for exclusion in index.excluded(profile_of(beneficiary, on))]


def lane_of(ranked: Ranked) -> str:
    """Now: every must-have is met. With support: at most one is wholly missing. Later: the rest."""
    essential = [gap.code for gap in ranked.gaps if gap.essential]
    if not essential:
        return Match.Lane.NOW
    return Match.Lane.WITH_SUPPORT if essential.count(GapCode.MISSING) <= 1 else Match.Lane.LATER


# -- people -------------------------------------------------------------------------------------------------------


def profile_of(beneficiary: Beneficiary, on: dt.date) -> matching.Profile:
    """What matching may know of a person: skills, wishes, limits and rules; never who she is or what happened."""
    wishes = Wishes.objects.filter(beneficiary=beneficiary).prefetch_related("occupations").first()
    experiences = list(beneficiary.experiences.select_related("occupation").order_by("-years", "title"))
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
        place=_place(beneficiary.municipality),
        # No language at all means that nobody has asked yet.
        languages=dict(beneficiary.languages.values_list("language", "spoken")) or None,
        licences=frozenset(beneficiary.licences),
        permit={Beneficiary.Permit.NONE.value: False, Beneficiary.Permit.UNKNOWN.value: None}.get(
            beneficiary.permit, True
        ),
        rules=_rules(beneficiary, wishes or Wishes(), on),
    )


def _rules(beneficiary: Beneficiary, wishes: Wishes, on: dt.date) -> Rules:
    rules = list(beneficiary.safety_rules.filter(lifted_on__isnull=True).select_related("municipality").order_by("pk"))
    by_kind: dict[str, list[SafetyRule]] = {kind: [] for kind in SafetyRule.Kind.values}
    for rule in rules:
        by_kind[rule.kind].append(rule)
    barred = {rule.employer_id for rule in by_kind["employer"] if rule.employer_id}
    minimum = minimum_wage("RS", on)
    return Rules(
        excluded_places=tuple(
            Zone(place, rule.radius_km or 0) for rule in by_kind["place"] if (place := _place(rule.municipality))
        ),
        excluded_employers=_closure(beneficiary.organisation_id, barred),
        excluded_sectors=frozenset(rule.sector for rule in by_kind["sector"]),
        excluded_conditions=frozenset(rule.condition for rule in by_kind["condition"]),
        max_travel_km=wishes.max_travel_km,
        shifts=None if wishes.shifts is None else frozenset(wishes.shifts),
        min_hours=wishes.min_hours,
        max_hours=wishes.max_hours,
        pay_floor=_float(wishes.min_pay_per_hour),
        legal_minimum=_float(minimum),
        require_vetted=True,
    )


def group_of(employer: Employer) -> frozenset[UUID]:
    """The employer, its owners, and all that they own, within one programme."""
    roots = _roots(employer.programme_id)
    return frozenset(pk for pk, root in roots.items() if root == roots[employer.pk])


def _closure(programme_id: UUID, barred: set[UUID]) -> frozenset[str]:
    """Ids of the barred employers and of everybody in their groups, so that end clients are caught too."""
    if not barred:
        return frozenset()
    roots = _roots(programme_id)
    barred_roots = {roots[pk] for pk in barred if pk in roots}
    return frozenset(str(pk) for pk, root in roots.items() if root in barred_roots)


def _roots(programme_id: UUID) -> dict[UUID, UUID]:
    """For each employer of a programme the owner at the top; of owners in a circle the smallest id."""
    parents = dict(Employer.objects.filter(programme=programme_id).values_list("pk", "parent_id"))

    def root(pk: UUID) -> UUID:
        chain = [pk]
        while (above := parents.get(chain[-1])) is not None:
            if above in chain:
                return min(chain[chain.index(above) :])
            chain.append(above)
        return chain[-1]

    return {pk: root(pk) for pk in parents}


# -- openings -----------------------------------------------------------------------------------------------------


def opening_of(opening: Opening, on: dt.date) -> matching.Opening:
    """An opening as matching knows it, on a day."""
    asked = _asked(Requirement.objects.filter(opening=opening)).get(opening.pk, ())
    return _opening(opening, on, _roots(opening.employer.programme_id), asked)


def _opening(
    opening: Opening, on: dt.date, roots: Mapping[UUID, UUID], asked: tuple[Asked, ...], exposure: int = 0
) -> matching.Opening:
    employer = opening.employer
    works_for = opening.end_client or (None if employer.is_agency else employer)
    is_cleared = (
        employer.status == Employer.Status.CLEARED
        and employer.cleared_until is not None
        and employer.cleared_until >= on
    )
    return matching.Opening(
        id=str(opening.pk),
        title=opening.title,
        text=opening.description,
        skills=asked,
        occupation=opening.occupation.uri if opening.occupation else None,
        employer=str(employer.pk),
        employer_group=str(roots[employer.pk]),
        end_client=str(opening.end_client_id) if opening.end_client_id else None,
        agency=employer.is_agency,
        sector=(works_for.sector if works_for else "") or None,
        place=_place(opening.municipality),
        hours_per_week=_float(opening.hours_per_week),
        shifts=None if opening.shifts is None else frozenset(opening.shifts),
        # A condition that the opening is silent about counts as present: the gates fail closed, one by one.
        conditions=frozenset(name for name in CONDITIONS if getattr(opening, name)) | _unsaid(opening),
        pay_per_hour=_pay_per_hour(opening),
        languages=dict(opening.languages),
        licences=frozenset(opening.licences),
        permit_required=True,  # all work here is legal work
        vetted=opening.is_vetted and is_cleared,
        exposure=exposure,
    )


def _unsaid(opening: Opening) -> frozenset[str]:
    """Conditions that nobody has said anything about; shifts that are told also tell of night work."""
    unsaid = {name for name in CONDITIONS if getattr(opening, name) is None}
    if opening.shifts is not None and Shift.NIGHT not in opening.shifts:
        unsaid.discard("night")
    return frozenset(unsaid)


def _named(exclusion: Exclusion, unsaid: Mapping[str, frozenset[str]]) -> Exclusion:
    """The same exclusion, honest about what was only assumed: `condition_unknown` where the opening is silent."""
    if exclusion.code is not ExclusionCode.EXCLUDED_CONDITION:
        return exclusion
    if set(exclusion.detail["conditions"]) <= unsaid[exclusion.opening_id]:
        return replace(exclusion, code=ExclusionCode.CONDITION_UNKNOWN)
    return exclusion


def _asked(requirements: QuerySet[Requirement]) -> dict[UUID, tuple[Asked, ...]]:
    """What each opening asks for, in one query and without a model instance per line."""
    asked: dict[UUID, list[Asked]] = defaultdict(list)
    lines = requirements.order_by("created_at", "pk")
    for opening_id, uri, phrase, importance, level in lines.values_list(
        "opening", "skill__uri", "phrase", "importance", "level"
    ):
        asked[opening_id].append(Asked(uri, phrase, importance == Importance.ESSENTIAL, level))
    return {opening_id: tuple(needs) for opening_id, needs in asked.items()}


def _pay_per_hour(opening: Opening) -> float | None:
    """Net RSD per hour: the lower end, or the upper where only that is said.

    A month is 4.35 weeks, so full time is the 174 hours that the minimum wage is quoted for.
    """
    pay = opening.pay_from if opening.pay_from is not None else opening.pay_to
    if pay is None or opening.currency != "RSD":
        return None
    if opening.pay_period == PayPeriod.HOUR:
        return float(pay)
    return float(pay / ((opening.hours_per_week or FULL_TIME) * WEEKS_PER_MONTH))


def _place(municipality: Municipality | None) -> Place | None:
    if municipality is None:
        return None
    return Place(municipality.latitude, municipality.longitude, municipality.code)


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


# -- the index ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Indexed:
    """An index with the state of the database that it was built from."""

    version: tuple[Any, ...]
    index: matching.OpeningIndex
    ids: frozenset[str]
    unsaid: Mapping[str, frozenset[str]]


class _Indexes:
    """One index of open openings per programme, kept in this process while nothing has changed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._by_programme: dict[UUID, _Indexed] = {}

    def get(self, programme_id: UUID, on: dt.date) -> _Indexed:
        current = linker()
        with self._lock:
            version = (*_version(programme_id, on), current)
            indexed = self._by_programme.get(programme_id)
            if indexed is None or indexed.version != version:
                indexed = _build(programme_id, on, version, current)
                self._by_programme[programme_id] = indexed
            return indexed


_indexes = _Indexes()


def _open(programme_id: UUID, on: dt.date) -> QuerySet[Opening]:
    return Opening.objects.open(on=on).filter(employer__programme=programme_id)


def _version(programme_id: UUID, on: dt.date) -> tuple[Any, ...]:
    """What tells one state of the open openings from another in three cheap queries.

    Every act on an opening or employer writes an audit event, so their number and the last of them say whether anything
    was done; without an act the set only shrinks as days pass, and then its size says so.
    """
    events = Event.objects.filter(noun__in=["opening", "employer"])
    latest = events.order_by("-created_at", "pk").values_list("pk", flat=True).first()
    return events.count(), latest, _open(programme_id, on).count()


def _build(programme_id: UUID, on: dt.date, version: tuple[Any, ...], current: matching.Linker | None) -> _Indexed:
    roots, open_now = _roots(programme_id), _open(programme_id, on)
    asked = _asked(Requirement.objects.filter(opening__in=open_now))
    introduced = Introduction.objects.filter(match__opening__in=open_now).values_list("match__opening", flat=True)
    exposure = Counter(introduced)
    rows = list(open_now.select_related("employer", "end_client", "municipality", "occupation"))
    index = matching.OpeningIndex.build(
        (_opening(row, on, roots, asked.get(row.pk, ()), exposure[row.pk]) for row in rows), linker=current
    )
    _ = index.columns  # made here, under the lock
    return _Indexed(
        version=version,
        index=index,
        ids=frozenset(str(row.pk) for row in rows),
        unsaid={str(row.pk): _unsaid(row) for row in rows},
    )
