"""What the synthetic programme is made from: word lists, and the places and the taxonomy in the database."""

import json
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from backend.places.models import Municipality
from backend.skills.models import Occupation, OccupationLabel, OccupationSkill, Skill

from .draws import Draws

T = TypeVar("T")


@dataclass(frozen=True)
class Family:
    """Kinds of work that the same employers offer, with the words of their adverts."""

    code: str
    words: dict[str, Any]

    def __hash__(self) -> int:
        return hash(self.code)


@dataclass(frozen=True)
class Trade:
    """An occupation with what it takes, and the titles it goes by."""

    occupation: Occupation
    family: Family
    titles_sr: tuple[str, ...]
    titles_en: tuple[str, ...]
    essential: tuple[Skill, ...]
    optional: tuple[Skill, ...]

    def __hash__(self) -> int:
        return hash(self.occupation.pk)


@dataclass(frozen=True)
class Reference:
    """Towns and families of work with their weights, trades by family, and words."""

    words: dict[str, Any]
    courses: list[dict[str, Any]]
    towns: dict[Municipality, float]
    families: dict[Family, float]
    trades: dict[Family, list[Trade]]

    def narrowed(self, scale: float) -> "Reference":
        """The largest towns and families only, so that a small programme has as much to choose from as a large one."""
        return replace(
            self,
            towns=_largest(self.towns, max(2, round(len(self.towns) * (scale if scale >= 1 else scale / 2)))),
            families=_largest(self.families, max(5, round(len(self.families) * scale))),
        )

    def pick_trade(self, draws: Draws, family: Family | None = None) -> Trade:
        """A trade of the family, or of any: those named first there are the most common."""
        trades = self.trades[family or draws.weighted(self.families)]
        return draws.choices(trades, [1 / (place + 1) for place in range(len(trades))])[0]

    def trade(self, isco: str) -> Trade:
        """The first trade of a unit group."""
        return next(t for trades in self.trades.values() for t in trades if t.occupation.isco == isco)


def read_reference() -> Reference:
    """Read fixtures/demo and what `load_reference` put into the database.

    Raises ImproperlyConfigured where the reference data has not been loaded.
    """
    words = _read("words.json")
    towns = {
        town: float(words["towns"][town.name])
        for town in Municipality.objects.filter(country="RS", name__in=words["towns"]).order_by("code")
    }
    trades = _trades([Family(family["code"], family) for family in _read("families.json")["families"]])
    if not towns or not trades:
        raise ImproperlyConfigured("Run `manage.py load_reference` first: there are no places or no occupations.")
    return Reference(
        words=words,
        courses=_read("courses.json")["courses"],
        towns=towns,
        families={family: float(family.words["weight"]) for family in trades},
        trades=trades,
    )


def _largest(weights: dict[T, float], count: int) -> dict[T, float]:
    kept = sorted(weights, key=lambda key: -weights[key])[:count]
    return {key: weight for key, weight in weights.items() if key in kept}


def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((settings.FIXTURES_DIR / "demo" / name).read_text(encoding="utf-8"))
    return content


def _trades(families: list[Family]) -> dict[Family, list[Trade]]:
    """The occupations with a Serbian label, by the family that their ISCO group is filed under.

    Only those of the built-in taxonomy: a full ESCO beside it must not change what one seed makes.
    """
    by_isco = {isco: family for family in families for isco in family.words["isco"]}
    skills: defaultdict[Any, dict[bool, list[Skill]]] = defaultdict(lambda: {True: [], False: []})
    rows = OccupationSkill.objects.filter(occupation__isco__in=by_isco, skill__preferred_labels__has_key="sr")
    for row in rows.select_related("skill").order_by("skill__uri"):
        skills[row.occupation_id][row.is_essential].append(row.skill)
    titles: defaultdict[Any, dict[str, list[str]]] = defaultdict(lambda: {"sr": [], "en": []})
    labels = OccupationLabel.objects.filter(occupation__isco__in=by_isco, language__in=("sr", "en"))
    for label in labels.order_by("kind", "text"):
        titles[label.occupation_id][label.language].append(label.text)
    trades: defaultdict[Family, list[Trade]] = defaultdict(list)
    for occupation in Occupation.objects.filter(isco__in=by_isco, preferred_labels__has_key="sr").order_by("uri"):
        if len(skills[occupation.pk][True]) < 3 or not titles[occupation.pk]["en"]:
            continue
        family = by_isco[occupation.isco]
        trades[family].append(
            Trade(
                occupation=occupation,
                family=family,
                titles_sr=tuple(titles[occupation.pk]["sr"]),
                titles_en=tuple(titles[occupation.pk]["en"]),
                essential=tuple(skills[occupation.pk][True]),
                optional=tuple(skills[occupation.pk][False]),
            )
        )
    for family, found in trades.items():
        found.sort(key=lambda trade: family.words["isco"].index(trade.occupation.isco))
    return dict(trades)
