"""What goes into a ranking and what comes out: frozen values, checked when made.

Nothing here can hold sex, age, nationality or history: what is not a field cannot be passed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

CEFR = ("A1", "A2", "B1", "B2", "C1", "C2")
CONDITIONS = frozenset({"live_in", "night", "isolated", "cash"})
LEVELS = range(5)  # 0 none, 1 with help, 2 routine alone, 3 non-routine, 4 can train others


class InvalidValue(ValueError):
    """A value that cannot be used; the message names the field and the reason."""


class ReasonCode(StrEnum):
    """Why an opening scores as it does: the components of the score, and what outcomes taught beside them."""

    ESSENTIAL_SKILLS = "essential_skills"
    OPTIONAL_SKILLS = "optional_skills"
    OCCUPATION = "occupation"
    WISH = "wish"
    DISTANCE = "distance"
    TEXT = "text"
    EXPERIENCE = "experience"  # how openings like it worked out; the one reason that may count against it


class ExclusionCode(StrEnum):
    """Why an opening is not shown to a person; `*_unknown` is a safety rule that could not be checked."""

    NOT_VETTED = "not_vetted"
    EXCLUDED_PLACE = "excluded_place"
    PLACE_UNKNOWN = "place_unknown"
    EXCLUDED_EMPLOYER = "excluded_employer"
    EMPLOYER_UNKNOWN = "employer_unknown"
    END_CLIENT_UNKNOWN = "end_client_unknown"
    EXCLUDED_SECTOR = "excluded_sector"
    SECTOR_UNKNOWN = "sector_unknown"
    EXCLUDED_CONDITION = "excluded_condition"
    CONDITION_UNKNOWN = "condition_unknown"
    BELOW_MINIMUM_WAGE = "below_minimum_wage"
    PAY_FLOOR = "pay_floor"
    TRAVEL = "travel"
    HOURS = "hours"
    SHIFTS = "shifts"
    LANGUAGE = "language"
    LICENCE = "licence"
    PERMIT = "permit"


SAFETY_CODES = frozenset(
    {
        ExclusionCode.EXCLUDED_PLACE, ExclusionCode.PLACE_UNKNOWN,
        ExclusionCode.EXCLUDED_EMPLOYER, ExclusionCode.EMPLOYER_UNKNOWN, ExclusionCode.END_CLIENT_UNKNOWN,
        ExclusionCode.EXCLUDED_SECTOR, ExclusionCode.SECTOR_UNKNOWN,
        ExclusionCode.EXCLUDED_CONDITION, ExclusionCode.CONDITION_UNKNOWN,
    }
)  # fmt: skip
"""The codes of a person's own safety rules."""


class GapCode(StrEnum):
    """What stands between a person and a requirement."""

    MISSING = "missing"  # nothing she holds counts for it
    RELATED = "related"  # something near it counts in part
    LEVEL = "level"  # she holds it below the level asked


def _finite(name: str, value: float | None, low: float, high: float = math.inf) -> None:
    if value is not None and not (isinstance(value, int | float) and low <= value <= high and math.isfinite(value)):
        wanted = f"between {low:g} and {high:g}" if math.isfinite(high) else f"a number of at least {low:g}"
        raise InvalidValue(f"{name}: {value!r} is not {wanted}")


def _level(value: int | None) -> None:
    if value is not None and value not in LEVELS:
        raise InvalidValue(f"level: {value!r} is not between 0 and 4")


def _identified(value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise InvalidValue(f"id: {value!r} is not text")


def _languages(value: Mapping[str, str] | None) -> None:
    for language, level in (value or {}).items():
        if level not in CEFR:
            raise InvalidValue(f"languages: {language} {level!r} is none of {', '.join(CEFR)}")


def _conditions(name: str, value: frozenset[str] | None) -> None:
    # A misspelled condition would silently exclude nothing.
    if unknown := (value or frozenset()) - CONDITIONS:
        raise InvalidValue(f"{name}: {', '.join(sorted(unknown))} is none of {', '.join(sorted(CONDITIONS))}")


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the earth in degrees; `code` names the municipality."""

    latitude: float
    longitude: float
    code: str = ""

    def __post_init__(self) -> None:
        for name, value, limit in (("latitude", self.latitude, 90.0), ("longitude", self.longitude, 180.0)):
            _finite(name, value, -limit, limit)


@dataclass(frozen=True, slots=True)
class Zone:
    """All within `radius_km` of a place, and all with the same place code."""

    place: Place
    radius_km: float

    def __post_init__(self) -> None:
        _finite("radius_km", self.radius_km, 0)


@dataclass(frozen=True, slots=True)
class Requirement:
    """A skill an opening asks for, by concept id, by phrase or by both; level 0 (none) to 4 (can train others)."""

    skill: str | None = None
    phrase: str = ""
    essential: bool = True
    level: int | None = None

    def __post_init__(self) -> None:
        _level(self.level)


@dataclass(frozen=True, slots=True)
class HeldSkill:
    """A skill a person has, by concept id, by phrase or by both; level 0 (none) to 4 (can train others)."""

    skill: str | None = None
    phrase: str = ""
    level: int | None = None

    def __post_init__(self) -> None:
        _level(self.level)


@dataclass(frozen=True, slots=True)
class Opening:
    """A job. None means unknown, an empty set means known to be none.

    `agency=False` says that the employer is also whom she would work for; otherwise `end_client` does. `shifts` are
    all those the job includes. `languages` maps a code to the CEFR level asked. Pay is net per hour in the currency
    of the rules. `vetted=False` is a known refusal or a change since vetting. `exposure` counts how often the opening
    was shown.
    """

    id: str
    title: str = ""
    text: str = ""
    skills: tuple[Requirement, ...] = ()
    occupation: str | None = None
    employer: str | None = None
    employer_group: str | None = None
    end_client: str | None = None
    agency: bool | None = None
    sector: str | None = None
    place: Place | None = None
    hours_per_week: float | None = None
    shifts: frozenset[str] | None = None
    conditions: frozenset[str] | None = None
    pay_per_hour: float | None = None
    languages: Mapping[str, str] | None = None
    licences: frozenset[str] | None = None
    permit_required: bool | None = None
    vetted: bool | None = None
    exposure: int = 0

    def __post_init__(self) -> None:
        _identified(self.id)
        _finite("hours_per_week", self.hours_per_week, 0, 168)
        _finite("pay_per_hour", self.pay_per_hour, 0)
        _finite("exposure", self.exposure, 0)
        _conditions("conditions", self.conditions)
        _languages(self.languages)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a person must not be shown. The `excluded_*` rules fail closed: what is unknown counts as excluded.

    `excluded_employers` holds ids of employers and of groups; the caller closes it over ownership. `shifts` are those
    she can do. Distances in km, hours per week, pay per hour. The limits (travel, hours, shifts, pay) let an opening
    pass whose data is unknown, and name what was missing. With `require_vetted` only `vetted=True` passes.
    """

    excluded_places: tuple[Zone, ...] = ()
    excluded_employers: frozenset[str] = frozenset()
    excluded_sectors: frozenset[str] = frozenset()
    excluded_conditions: frozenset[str] = frozenset()
    max_travel_km: float | None = None
    shifts: frozenset[str] | None = None
    min_hours: float | None = None
    max_hours: float | None = None
    pay_floor: float | None = None
    legal_minimum: float | None = None
    require_vetted: bool = False

    def __post_init__(self) -> None:
        for name in ("max_travel_km", "min_hours", "max_hours", "pay_floor", "legal_minimum"):
            _finite(name, getattr(self, name), 0)
        _conditions("excluded_conditions", self.excluded_conditions)


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as far as matching may know her. `occupation` is what she did, `occupations` are those she wishes for.

    `languages` maps a code to her CEFR level; `licences` and `languages` of None are unknown, empty ones known none.
    """

    id: str
    title: str = ""
    text: str = ""
    skills: tuple[HeldSkill, ...] = ()
    occupation: str | None = None
    occupations: tuple[str, ...] = ()
    place: Place | None = None
    languages: Mapping[str, str] | None = None
    licences: frozenset[str] | None = None
    permit: bool | None = None
    rules: Rules = field(default_factory=Rules)

    def __post_init__(self) -> None:
        _identified(self.id)
        _languages(self.languages)


@dataclass(frozen=True, slots=True)
class Link:
    """A concept that a phrase may mean; score 0 to 1, where 1 is the very label."""

    concept_id: str
    label: str
    score: float


@dataclass(frozen=True, slots=True)
class Reason:
    """One component of a score; `detail` holds the plain values its sentence needs."""

    code: ReasonCode
    contribution: float
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Gap:
    """A requirement that is not met in full."""

    code: GapCode
    skill: str | None
    phrase: str
    essential: bool
    held_level: int | None
    needed_level: int | None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A rule that keeps an opening from a person."""

    opening_id: str
    code: ExclusionCode
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ranked:
    """An opening with its score, 0 to 1, the reasons that sum to it exactly, the gaps and the data that was missing."""

    opening_id: str
    score: float
    reasons: tuple[Reason, ...]
    gaps: tuple[Gap, ...]
    missing: tuple[str, ...]
