"""Small random worlds: a taxonomy, openings and people, with holes in the data as real ones have."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import strategies as st

from matching import Linker, Opening, OpeningIndex, Profile, Taxonomy
from matching.types import CEFR, CONDITIONS, HeldSkill, Place, Requirement, Rules, Zone

SKILLS = ("sew", "cut", "iron", "cook", "bake", "drive", "type")
OCCUPATIONS = ("tailor", "seamstress", "cook", "baker")
TAXONOMY = Taxonomy.from_concepts(
    [
        {"id": "textile", "kind": "group", "labels": ["tekstil"]},
        {"id": "sew", "labels": ["šivenje", "mašinsko šivenje"], "broader": ["textile"], "related": ["cut"]},
        {"id": "cut", "labels": ["krojenje"], "broader": ["textile"]},
        {"id": "iron", "labels": ["peglanje"], "broader": ["textile"]},
        {"id": "cook", "labels": ["kuvanje"]},
        {"id": "bake", "labels": ["pečenje hleba"], "broader": ["cook"]},
        {"id": "drive", "labels": ["vožnja"]},
        {"id": "type", "labels": ["kucanje"], "broader": ["type"]},
        {"id": "tailor", "kind": "occupation", "labels": ["krojač/krojačica"], "isco": "7531"},
        {"id": "seamstress", "kind": "occupation", "labels": ["šivač/šivačica"], "isco": "7533"},
        {"id": "cook-job", "kind": "occupation", "labels": ["kuvar/kuvarica"], "isco": "5120"},
        {
            "id": "baker",
            "kind": "occupation",
            "labels": ["pekar/pekarka"],
            "isco": "7512",
            "essential": ["bake", "cook"],
        },
    ]
)
LINKER = Linker(TAXONOMY)
PLACES = (
    Place(44.82, 20.46, "BG"),
    Place(45.25, 19.84, "NS"),
    Place(43.32, 21.90, "NI"),
    Place(44.80, 20.47, ""),
    Place(-33.9, 151.2, "far"),
)
WORDS = ("krojačica", "Кројач", "kuvarica", "pekar", "radnica u perionici", "čistačica", "rad noću", "hotel")

NAMES = ("Alfa", "Бета", "gama", "Delta d.o.o.")
SHIFTS = ("day", "evening", "night")
PHRASES = ("šivenje", "шивење", "pranje veša", "pranje i peglanje veša", "😀", "rad s ljudima")


class Some:
    """Random values with holes in them. A seed is drawn by hypothesis and the rest is made from it, which is faster."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def maybe(self, *values: Any, known: float = 0.7) -> Any:
        return self.rng.choice(values) if self.rng.random() < known else None

    def subset(self, values: tuple[str, ...], most: int = 9) -> frozenset[str]:
        return frozenset(self.rng.sample(sorted(values), self.rng.randint(0, min(most, len(values)))))

    def words(self) -> str:
        return " ".join(self.rng.choices(WORDS, k=self.rng.randint(0, 3)))

    def languages(self) -> dict[str, str]:
        return {language: self.rng.choice(CEFR) for language in sorted(self.subset(("sr", "en", "sq"), 2))}

    def skills(self, kind: type[Any]) -> tuple[Any, ...]:
        return tuple(self.skill(kind) for _ in range(self.rng.randint(0, 5)))

    def skill(self, kind: type[Any]) -> Any:
        level = self.maybe(0, 1, 2, 3, 4)
        essential = {"essential": self.rng.random() < 0.6} if kind is Requirement else {}
        if self.rng.random() < 0.6:
            return kind(skill=self.rng.choice((*SKILLS, "unknown")), level=level, **essential)
        return kind(phrase=self.rng.choice(PHRASES), level=level, **essential)

    def opening(self, opening_id: str) -> Opening:
        return Opening(
            id=opening_id,
            title=self.words(),
            text=self.words(),
            skills=self.skills(Requirement),
            occupation=self.maybe(*OCCUPATIONS),
            employer=self.maybe(*NAMES),
            employer_group=self.maybe(*NAMES),
            end_client=self.maybe(*NAMES),
            agency=self.maybe(True, False),
            sector=self.maybe("hotels", "textile"),
            place=self.maybe(*PLACES),
            hours_per_week=self.maybe(10.0, 20.0, 40.0, 60.0),
            shifts=self.subset(SHIFTS) if self.rng.random() < 0.7 else None,
            conditions=self.subset(tuple(CONDITIONS)) if self.rng.random() < 0.7 else None,
            pay_per_hour=self.maybe(200.0, 337.0, 500.0),
            languages=self.languages() if self.rng.random() < 0.7 else None,
            licences=self.subset(("B", "C", "sanitary"), 2) if self.rng.random() < 0.7 else None,
            permit_required=self.maybe(True, False),
            vetted=self.maybe(True, True, False),
            exposure=self.rng.randint(0, 2),
        )

    def openings(self, count: int) -> list[Opening]:
        return [self.opening(f"o{number:03}") for number in self.rng.sample(range(1000), count)]

    def rules(self) -> Rules:
        rng = self.rng

        def often(value: Any) -> Any:
            return value if rng.random() < 0.3 else None

        return Rules(
            excluded_places=tuple(
                Zone(rng.choice(PLACES), rng.choice((0.0, 5.0, 100.0))) for _ in range(rng.choice((0, 0, 1, 2)))
            ),
            excluded_employers=often(self.subset(("ALFA", "Beta", "other"), 2)) or frozenset(),
            excluded_sectors=often(frozenset({"hotels"})) or frozenset(),
            excluded_conditions=often(self.subset(tuple(CONDITIONS), 2)) or frozenset(),
            max_travel_km=often(rng.choice((1.0, 80.0, 300.0))),
            shifts=often(self.subset(SHIFTS)),
            min_hours=often(20.0),
            max_hours=often(40.0),
            pay_floor=often(337.0),
            legal_minimum=often(300.0),
            require_vetted=rng.random() < 0.3,
        )

    def profile(self, rules: Rules) -> Profile:
        return Profile(
            id="p",
            title=self.words(),
            text=self.words(),
            skills=self.skills(HeldSkill),
            occupation=self.maybe(*OCCUPATIONS),
            occupations=tuple(self.rng.choices(OCCUPATIONS, k=self.rng.randint(0, 2))),
            place=self.maybe(*PLACES),
            languages=self.languages() if self.rng.random() < 0.7 else None,
            licences=self.subset(("B", "C", "sanitary"), 2) if self.rng.random() < 0.7 else None,
            permit=self.maybe(True, False),
            rules=rules,
        )


seeds = st.integers(0, 2**32 - 1)
opening = st.builds(lambda seed: Some(seed).opening("extra"), seeds)
openings = st.builds(lambda seed, count: Some(seed).openings(count), seeds, st.integers(0, 12))
rules = st.builds(lambda seed: Some(seed).rules(), seeds)
free_rules = st.just(Rules())


def skills(kind: type[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.builds(lambda seed: Some(seed).skills(kind), seeds)


def profiles(with_rules: st.SearchStrategy[Rules]) -> st.SearchStrategy[Profile]:
    return st.builds(lambda seed, rules: Some(seed).profile(rules), seeds, with_rules)


@contextmanager
def treated_as_large(large: bool = True) -> Iterator[None]:
    """Openings, however few, go the way of millions: postings, a base with a delta, masks of what closed."""
    with pytest.MonkeyPatch.context() as patch:
        if large:
            patch.setattr("matching.catalogue.SMALL", 2)
            patch.setattr("matching.catalogue.CLOSED_SHARE", 1.0)
            patch.setattr("matching.catalogue.EXHAUSTIVE", 0)
            patch.setattr("matching.reach.SMALL", 0)
        yield


def index_of(some: list[Opening], linked: bool = True) -> OpeningIndex:
    return OpeningIndex.build(some, linker=LINKER if linked else None)
