"""A synthetic labour market of any size: as arrays for the rivals, as `Opening` and `Profile` for us.

An opening asks for 5 to 15 skills of 14,000 and has a title of 2 to 8 words of 20,000, both with Zipf's weights (the
skill of rank r stands 1/r as often as the first). Municipalities lie scattered over a country of 400 km; the number of
openings in each falls by Zipf's law too. Made in tiles of 100,000 with a seed each, so a larger world begins with the
smaller one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matching import Opening, Profile, storage
from matching.types import HeldSkill, Place, Requirement, Rules, Zone

SKILLS, WORDS, PLACES, TILE = 14_000, 20_000, 200, 100_000
OPENINGS_PER_EMPLOYER = 8
SHIFTS = (frozenset({"day"}), frozenset({"day", "evening"}), frozenset({"night"}), None)
SHIFT_CHANCES = (0.55, 0.25, 0.12, 0.08)
CONDITIONS = (frozenset[str](), frozenset({"live_in"}), frozenset({"night"}), None)
CONDITION_CHANCES = (0.86, 0.05, 0.06, 0.03)
HOURS = (20.0, 40.0, 48.0)
HOURS_CHANCES = (0.2, 0.65, 0.15)
LANGUAGES = ({"sr": "B1"}, {"sr": "C1"}, {"sr": "B1", "en": "B2"}, {})
LANGUAGE_CHANCES = (0.6, 0.15, 0.1, 0.15)
VETTED = 0.95
AGENCIES = 0.1
CONSONANTS = ("b", "d", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "pr", "st")
SYLLABLES = [consonant + vowel for consonant in CONSONANTS for vowel in "aeiou"]


@dataclass(frozen=True)
class World:
    """Openings as arrays: `skills[skill_offsets[i] : skill_offsets[i + 1]]` are those of opening i, words alike."""

    skill_offsets: NDArray[np.int64]
    skills: NDArray[np.int16]
    essential: NDArray[np.bool_]
    word_offsets: NDArray[np.int64]
    words: NDArray[np.int16]
    place: NDArray[np.int16]
    latitudes: NDArray[np.float64]  # of the places
    longitudes: NDArray[np.float64]
    employer: NDArray[np.int32]
    agency: NDArray[np.bool_]
    shifts: NDArray[np.int8]  # positions in SHIFTS, and so on
    conditions: NDArray[np.int8]
    hours: NDArray[np.int8]
    languages: NDArray[np.int8]
    pay: NDArray[np.float32]
    vetted: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.place)

    @property
    def client(self) -> NDArray[np.int32]:
        """The employer where an agency sends; -1 where the employer hires for itself."""
        return np.where(self.agency, self.employer // 2, -1).astype(np.int32)

    def counts(self) -> sparse.csr_array:
        """Openings x (skills, then words): 1 where an opening has it."""
        sizes = np.diff(self.skill_offsets) + np.diff(self.word_offsets)
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        columns = np.empty(offsets[-1], dtype=np.int32)
        for starts, values, shift in (
            (offsets[:-1], (self.skill_offsets, self.skills), 0),
            (offsets[:-1] + np.diff(self.skill_offsets), (self.word_offsets, self.words), SKILLS),
        ):
            inner, found = values
            at = np.repeat(starts - inner[:-1], np.diff(inner)) + np.arange(inner[-1])
            columns[at] = found.astype(np.int32) + shift
        ones = np.ones(len(columns), dtype=np.float32)
        matrix = sparse.csr_array((ones, columns, offsets), shape=(len(self), SKILLS + WORDS))
        matrix.sort_indices()
        return matrix


@dataclass(frozen=True)
class Person:
    """What a rival needs to know of a profile."""

    skills: list[int]
    words: list[int]
    place: int
    travel_km: float
    zone: int
    employers: tuple[int, ...]
    pay_floor: float


def word(number: int) -> str:
    """A pronounceable word for a number, each its own."""
    parts = []
    number += len(SYLLABLES)
    while number:
        number, rest = divmod(number, len(SYLLABLES))
        parts.append(SYLLABLES[rest])
    return "".join(parts)


def make_world(size: int, countries: int = 1) -> World:
    """The world of `size` openings; with several countries each tile lies in the next of them, far from the others."""
    tiles = [_tile(number, min(TILE, size - number * TILE), countries) for number in range(-(-size // TILE))]
    latitudes, longitudes = _places(countries)

    def joined(name: str) -> NDArray[np.generic]:
        return np.concatenate([tile[name] for tile in tiles])

    def offsets(name: str) -> NDArray[np.int64]:
        return np.concatenate([[0], np.cumsum(joined(name), dtype=np.int64)])

    names = (
        "skills", "essential", "words", "place", "employer", "agency", "shifts", "conditions", "hours", "languages",
        "pay", "vetted",
    )  # fmt: skip
    return World(
        skill_offsets=offsets("skill_counts"),
        word_offsets=offsets("word_counts"),
        latitudes=latitudes,
        longitudes=longitudes,
        **{name: joined(name) for name in names},  # type: ignore[arg-type]
    )


def save(world: World, path: Path) -> None:
    """Keep a world for the processes of a run, which map it."""
    storage.write(path, {field.name: getattr(world, field.name) for field in fields(world)}, {})


def load(path: Path) -> World:
    """A world that `save` kept."""
    return World(**storage.read(path).arrays)  # type: ignore[arg-type]


def openings(world: World, start: int = 0, stop: int | None = None) -> Iterator[Opening]:
    """Opening objects one after the other, ids `o00000000` on."""
    for row in range(start, len(world) if stop is None else stop):
        needed = slice(world.skill_offsets[row], world.skill_offsets[row + 1])
        words = world.words[world.word_offsets[row] : world.word_offsets[row + 1]].tolist()
        place = int(world.place[row])
        agency = bool(world.agency[row])
        yield Opening(
            id=f"o{row:08}",
            title=" ".join(map(word, words)),
            skills=tuple(
                Requirement(skill=f"skill/{skill}", essential=must)
                for skill, must in zip(world.skills[needed].tolist(), world.essential[needed].tolist(), strict=True)
            ),
            employer=f"employer/{world.employer[row]}",
            end_client=f"employer/{world.employer[row] // 2}" if agency else None,
            agency=agency,
            place=Place(float(world.latitudes[place]), float(world.longitudes[place]), f"place/{place}"),
            hours_per_week=HOURS[world.hours[row]],
            shifts=SHIFTS[world.shifts[row]],
            conditions=CONDITIONS[world.conditions[row]],
            pay_per_hour=float(world.pay[row]),
            languages=LANGUAGES[world.languages[row]],
            vetted=bool(world.vetted[row]),
        )


def people(count: int, seed: int = 0) -> list[Person]:
    """People of the first country: ten skills, four words, a way of 20 to 60 km, a zone and two employers to avoid."""
    rng = np.random.default_rng([seed, 1])
    skills, skill_counts = _distinct(rng, count, SKILLS, 10, 10)
    words, word_counts = _distinct(rng, count, WORDS, 4, 4)
    own = np.split(skills, np.cumsum(skill_counts)[:-1]), np.split(words, np.cumsum(word_counts)[:-1])
    places = zipf(rng, PLACES, (count, 2))
    return [
        Person(
            skills=sorted(own[0][number].tolist()),
            words=sorted(own[1][number].tolist()),
            place=int(places[number, 0]),
            travel_km=float(rng.choice((20.0, 30.0, 40.0, 60.0))),
            zone=int(places[number, 1]),
            employers=(int(rng.integers(1000)), int(rng.integers(1000))),
            pay_floor=float(rng.choice((337.0, 400.0))),
        )
        for number in range(count)
    ]


ZONE_KM, MAX_HOURS = 10.0, 40.0
CAN_DO = frozenset({"day", "evening"})
SPEAKS = {"sr": "C1"}


def profile(person: Person, number: int, gated: bool = True) -> Profile:
    """The same person as a `Profile`; without gates she has neither rules nor place."""
    latitudes, longitudes = _places(1)

    def at(place: int) -> Place:
        return Place(float(latitudes[place]), float(longitudes[place]), f"place/{place}")

    rules = Rules(
        excluded_places=(Zone(at(person.zone), ZONE_KM),),
        excluded_employers=frozenset(f"employer/{employer}" for employer in person.employers),
        excluded_conditions=frozenset({"live_in"}),
        max_travel_km=person.travel_km,
        shifts=CAN_DO,
        max_hours=MAX_HOURS,
        pay_floor=person.pay_floor,
        require_vetted=True,
    )
    return Profile(
        id=f"p{number}",
        title=" ".join(map(word, person.words)),
        skills=tuple(HeldSkill(f"skill/{skill}") for skill in person.skills),
        place=at(person.place) if gated else None,
        languages=SPEAKS if gated else None,
        rules=rules if gated else Rules(),
    )


def _places(countries: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coordinates of the places of all countries, which lie 10 degrees apart."""
    rng = np.random.default_rng([2, PLACES])
    latitude, longitude = rng.uniform(42.3, 46.1, PLACES), rng.uniform(18.9, 22.9, PLACES)
    shifts = np.arange(countries)
    latitudes = (latitude - shifts[:, None] // 8 * 10).ravel()
    return latitudes, (longitude + shifts[:, None] % 8 * 10).ravel()


def _tile(number: int, size: int, countries: int) -> dict[str, NDArray[np.generic]]:
    rng = np.random.default_rng([0, number])
    skills, skill_counts = _distinct(rng, TILE, SKILLS, 5, 15)
    words, word_counts = _distinct(rng, TILE, WORDS, 2, 8)
    made: dict[str, NDArray[np.generic]] = {
        "place": (zipf(rng, PLACES, TILE) + number % countries * PLACES).astype(np.int16),
        "employer": (rng.integers(TILE // OPENINGS_PER_EMPLOYER, size=TILE) + number * TILE // 8).astype(np.int32),
        "agency": rng.random(TILE) < AGENCIES,
        "shifts": rng.choice(len(SHIFTS), TILE, p=SHIFT_CHANCES).astype(np.int8),
        "conditions": rng.choice(len(CONDITIONS), TILE, p=CONDITION_CHANCES).astype(np.int8),
        "hours": rng.choice(len(HOURS), TILE, p=HOURS_CHANCES).astype(np.int8),
        "languages": rng.choice(len(LANGUAGES), TILE, p=LANGUAGE_CHANCES).astype(np.int8),
        "pay": (rng.lognormal(6.2, 0.25, TILE).clip(250, 2000) // 5 * 5).astype(np.float32),
        "vetted": rng.random(TILE) < VETTED,
        "skill_counts": skill_counts,
        "word_counts": word_counts,
    }
    kept = {name: array[:size] for name, array in made.items()}
    kept["skills"] = skills[: skill_counts[:size].sum()]
    kept["essential"] = (rng.random(len(skills)) < 0.6)[: len(kept["skills"])]
    kept["words"] = words[: word_counts[:size].sum()]
    return kept


def zipf(rng: np.random.Generator, size: int, shape: int | tuple[int, ...]) -> NDArray[np.int16]:
    """Numbers below size, the first the most frequent: number r with weight 1 / (r + 1)."""
    share = np.cumsum(1 / np.arange(1, size + 1))
    return np.searchsorted(share / share[-1], rng.random(shape), side="right").clip(max=size - 1).astype(np.int16)


def _distinct(
    rng: np.random.Generator, rows: int, size: int, low: int, high: int
) -> tuple[NDArray[np.int16], NDArray[np.int64]]:
    """For each row `low` to `high` distinct numbers by Zipf's law (all rows in one array), and how many."""
    drawn = zipf(rng, size, (rows, 2 * high))
    order = np.argsort(drawn, axis=1, kind="stable")
    ascending = np.take_along_axis(drawn, order, axis=1)
    again = np.zeros(drawn.shape, dtype=bool)
    np.put_along_axis(again, order[:, 1:], ascending[:, 1:] == ascending[:, :-1], axis=1)
    wanted = rng.integers(low, high + 1, rows)
    kept = ~again & (np.cumsum(~again, axis=1) <= wanted[:, None])
    return drawn[kept], kept.sum(axis=1)
