"""Small random worlds: a taxonomy, openings and people, with holes in the data as real ones have."""

from __future__ import annotations

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
        {"id": "baker", "kind": "occupation", "labels": ["pekar/pekarka"], "isco": "7512"},
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

maybe = lambda strategy: st.none() | strategy  # noqa: E731
names = st.sampled_from(("Alfa", "Бета", "gama", "Delta d.o.o."))
shift_sets = st.frozensets(st.sampled_from(("day", "evening", "night")))
level = maybe(st.integers(0, 4))
languages = st.dictionaries(st.sampled_from(("sr", "en", "sq")), st.sampled_from(CEFR), max_size=2)
licences = st.frozensets(st.sampled_from(("B", "C", "sanitary")), max_size=2)
words = st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join)
skill_ids = st.sampled_from((*SKILLS, "unknown"))
phrases = st.sampled_from(("šivenje", "шивење", "pranje veša", "pranje i peglanje veša", "😀", "rad s ljudima"))


def skills(kind):
    by_id = st.builds(kind, skill=skill_ids, level=level)
    by_phrase = st.builds(kind, phrase=phrases, level=level)
    return st.lists(by_id | by_phrase, max_size=5).map(tuple)


@st.composite
def requirements(draw):
    asked = draw(skills(Requirement))
    return tuple(Requirement(r.skill, r.phrase, draw(st.booleans()), r.level) for r in asked)


opening = st.builds(
    Opening,
    id=st.uuids().map(str),
    title=words,
    text=words,
    skills=requirements(),
    occupation=maybe(st.sampled_from(OCCUPATIONS)),
    employer=maybe(names),
    employer_group=maybe(names),
    end_client=maybe(names),
    agency=maybe(st.booleans()),
    sector=maybe(st.sampled_from(("hotels", "textile"))),
    place=maybe(st.sampled_from(PLACES)),
    hours_per_week=maybe(st.sampled_from((10.0, 20.0, 40.0, 60.0))),
    shifts=maybe(shift_sets),
    conditions=maybe(st.frozensets(st.sampled_from(sorted(CONDITIONS)))),
    pay_per_hour=maybe(st.sampled_from((200.0, 337.0, 500.0))),
    languages=maybe(languages),
    licences=maybe(licences),
    permit_required=maybe(st.booleans()),
    vetted=maybe(st.booleans()),
    exposure=st.integers(0, 2),
)
openings = st.lists(opening, max_size=12, unique_by=lambda o: o.id)
rules = st.builds(
    Rules,
    excluded_places=st.lists(
        st.builds(Zone, place=st.sampled_from(PLACES), radius_km=st.sampled_from((0.0, 5.0, 100.0))), max_size=2
    ).map(tuple),
    excluded_employers=st.frozensets(st.sampled_from(("ALFA", "Beta", "other")), max_size=2),
    excluded_sectors=st.frozensets(st.just("hotels")),
    excluded_conditions=st.frozensets(st.sampled_from(sorted(CONDITIONS)), max_size=2),
    max_travel_km=maybe(st.sampled_from((1.0, 80.0, 300.0))),
    shifts=maybe(shift_sets),
    min_hours=maybe(st.just(20.0)),
    max_hours=maybe(st.just(40.0)),
    pay_floor=maybe(st.just(337.0)),
    legal_minimum=maybe(st.just(300.0)),
    require_vetted=st.booleans(),
)
free_rules = st.just(Rules())


def profiles(with_rules):
    return st.builds(
        Profile,
        id=st.just("p"),
        title=words,
        text=words,
        skills=skills(HeldSkill),
        occupation=maybe(st.sampled_from(OCCUPATIONS)),
        occupations=st.lists(st.sampled_from(OCCUPATIONS), max_size=2).map(tuple),
        place=maybe(st.sampled_from(PLACES)),
        languages=maybe(languages),
        licences=maybe(licences),
        permit=maybe(st.booleans()),
        rules=with_rules,
    )


def index_of(some: list[Opening], linked: bool = True) -> OpeningIndex:
    return OpeningIndex.build(some, linker=LINKER if linked else None)
