"""Plain JSON objects to and from the types, with the field and the reason when a value does not fit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from matching.types import HeldSkill, InvalidValue, Opening, Place, Profile, Requirement, Rules, Zone

Read = Callable[[str, Any], Any]


def plain(value: Any) -> Any:
    """A value of the types as JSON has it; sets are sorted, what is unknown or empty is left out of objects."""
    if is_dataclass(value):
        members = {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        return {name: member for name, member in members.items() if member is not None}
    if isinstance(value, Mapping):
        return {key: plain(member) for key, member in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, list | tuple):
        return [plain(member) for member in value]
    return value


def opening_from(record: object, known: Collection[str] = ()) -> Opening:
    """An opening from a JSON object; a skill given as text is a concept id when `known`, else a phrase."""
    return Opening(**_read("", record, {**OPENING, "skills": _skills(Requirement, REQUIREMENT, known)}))


def profile_from(record: object, known: Collection[str] = ()) -> Profile:
    """A profile from a JSON object; a skill given as text is a concept id when `known`, else a phrase."""
    return Profile(**_read("", record, {**PROFILE, "skills": _skills(HeldSkill, HELD, known)}))


def unknown_keys(record: object, kind: type[Opening] | type[Profile]) -> set[str]:
    """The keys of a JSON object that are no fields and will not be read."""
    return set(record) - {field.name for field in fields(kind)} if isinstance(record, Mapping) else set()


def _read(where: str, record: object, readers: Mapping[str, Read]) -> dict[str, Any]:
    if not isinstance(record, Mapping):
        raise InvalidValue(f"{where or 'line'}: {record!r:.60} is not an object")
    prefix = f"{where}." if where else ""
    values = {name: read(prefix + name, record[name]) for name, read in readers.items() if record.get(name) is not None}
    if where == "" and "id" not in values:
        raise InvalidValue("id: is missing")
    return values


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidValue(f"{name}: {value!r:.60} is not text")
    return value


def _identity(name: str, value: Any) -> str:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(name, value)


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidValue(f"{name}: {value!r:.60} is not a number")
    return value


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidValue(f"{name}: {value!r:.60} is not a whole number")
    return value


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidValue(f"{name}: {value!r:.60} is not true or false")
    return value


def _list(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise InvalidValue(f"{name}: {value!r:.60} is not a list")
    return value


def _texts(name: str, value: Any) -> tuple[str, ...]:
    return tuple(_text(name, member) for member in _list(name, value))


def _set(name: str, value: Any) -> frozenset[str]:
    return frozenset(_texts(name, value))


def _mapping(name: str, value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise InvalidValue(f"{name}: {value!r:.60} is not an object of language and CEFR level")
    return {key: _text(f"{name}.{key}", member) for key, member in value.items()}


def _object(kind: Callable[..., Any], readers: Mapping[str, Read], required: tuple[str, ...] = ()) -> Read:
    def read(name: str, value: Any) -> Any:
        values = _read(name, value, readers)
        for key in required:
            if key not in values:
                raise InvalidValue(f"{name}.{key}: is missing")
        return kind(**values)

    return read


def _skills(kind: Callable[..., Any], readers: Mapping[str, Read], known: Collection[str]) -> Read:
    one = _object(kind, readers)

    def read(name: str, value: Any) -> tuple[Any, ...]:
        return tuple(
            (kind(skill=member) if member in known else kind(phrase=member))
            if isinstance(member, str)
            else one(f"{name}[{i}]", member)
            for i, member in enumerate(_list(name, value))
        )

    return read


REQUIREMENT: Mapping[str, Read] = {"skill": _text, "phrase": _text, "essential": _flag, "level": _whole}
HELD: Mapping[str, Read] = {"skill": _text, "phrase": _text, "level": _whole}
_place = _object(Place, {"latitude": _number, "longitude": _number, "code": _text}, ("latitude", "longitude"))
_zone = _object(Zone, {"place": _place, "radius_km": _number}, ("place", "radius_km"))


def _zones(name: str, value: Any) -> tuple[Zone, ...]:
    return tuple(_zone(f"{name}[{i}]", member) for i, member in enumerate(_list(name, value)))


RULES: Mapping[str, Read] = {
    "excluded_places": _zones,
    **dict.fromkeys(("excluded_employers", "excluded_sectors", "excluded_conditions", "shifts"), _set),
    **dict.fromkeys(("max_travel_km", "min_hours", "max_hours", "pay_floor", "legal_minimum"), _number),
    "require_vetted": _flag,
}
OPENING: Mapping[str, Read] = {
    "id": _identity,
    **dict.fromkeys(("title", "text", "occupation", "employer", "employer_group", "end_client", "sector"), _text),
    **dict.fromkeys(("agency", "permit_required", "vetted"), _flag),
    **dict.fromkeys(("hours_per_week", "pay_per_hour"), _number),
    **dict.fromkeys(("shifts", "conditions", "licences"), _set),
    "place": _place,
    "languages": _mapping,
    "exposure": _whole,
}
PROFILE: Mapping[str, Read] = {
    "id": _identity,
    **dict.fromkeys(("title", "text", "occupation"), _text),
    "occupations": _texts,
    "place": _place,
    "languages": _mapping,
    "licences": _set,
    "permit": _flag,
    "rules": _object(Rules, RULES),
}
