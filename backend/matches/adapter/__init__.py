"""The door to `matching`: profiles and openings as it knows them, one index per programme, rankings.

Concept ids there are our URIs, other ids our primary keys as text. All pay is net RSD per hour: what is paid in another
currency is unknown to the gates and named as missing.
"""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any

import matching
from backend.beneficiaries.models import Beneficiary
from backend.employers.models import Opening
from matching.records import plain
from matching.types import SAFETY_CODES, Exclusion, Gap, GapCode, Ranked

from ..models import Match
from .index import indexes, version_of
from .learning import rankers
from .openings import group_of, named, opening_of, unsaid_by
from .people import profile_of

__all__ = [
    "Gap",
    "Ranked",
    "Ranking",
    "exclusions_of",
    "group_of",
    "is_barred",
    "lane_of",
    "opening_of",
    "profile_of",
    "rank",
    "signature",
]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best openings for a person, everything kept from her, the ids of all that were looked at, its `signature`."""

    ranked: list[Ranked]
    exclusions: list[Exclusion]
    open_ids: frozenset[str]
    signature: str

    @property
    def considered(self) -> int:
        return len(self.open_ids)


def rank(beneficiary: Beneficiary, on: dt.date, k: int = 50) -> Ranking:
    """The k best open openings of her programme, best first, with reasons, and the excluded ones with their rules."""
    indexed = indexes.get(beneficiary.organisation_id, on)
    profile = profile_of(beneficiary, on)
    learned, ranker = rankers.get(beneficiary.organisation_id)
    return Ranking(
        ranked=indexed.index.rank(profile, k, ranker=ranker),
        exclusions=[named(exclusion, indexed.unsaid) for exclusion in indexed.index.excluded(profile)],
        open_ids=indexed.ids,
        signature=_signature(profile, (*indexed.version, learned)),
    )


def signature(beneficiary: Beneficiary, on: dt.date) -> str:
    """What a ranking depends on, as one hash: her profile, her limits, the open openings and what was learned."""
    learned, _ranker = rankers.get(beneficiary.organisation_id)
    return _signature(profile_of(beneficiary, on), (*version_of(beneficiary.organisation_id, on), learned))


def _signature(profile: matching.Profile, version: tuple[Any, ...]) -> str:
    content = json.dumps([plain(profile), [str(part) for part in version]], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def exclusions_of(beneficiary: Beneficiary, opening: Opening, on: dt.date) -> list[Exclusion]:
    """The rules that keep one opening from her, from both as they stand in the database and not from the index."""
    unsaid = {str(opening.pk): unsaid_by(opening)}
    index = matching.OpeningIndex.build([opening_of(opening, on)])
    return [named(exclusion, unsaid) for exclusion in index.excluded(profile_of(beneficiary, on))]


def is_barred(beneficiary: Beneficiary, opening: Opening, on: dt.date) -> bool:
    """Whether one of her safety rules keeps the opening from her, whatever else does."""
    return any(exclusion.code in SAFETY_CODES for exclusion in exclusions_of(beneficiary, opening, on))


def lane_of(ranked: Ranked) -> str:
    """Now: every must-have is met. With support: at most one is wholly missing. Later: the rest."""
    essential = [gap.code for gap in ranked.gaps if gap.essential]
    if not essential:
        return Match.Lane.NOW
    return Match.Lane.WITH_SUPPORT if essential.count(GapCode.MISSING) <= 1 else Match.Lane.LATER
