"""The phrase groups of fixtures/red_flags.json, and their search in a text."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Literal

from django.conf import settings

from .frames import Frame, Place, Reading, frame, kind_pattern, readings
from .words import Words, read

Severity = Literal["high", "medium", "low"]

# How many words of a clause are looked at for what takes a phrase back: a bare "ne" close by, "ne tražimo" from afar.
NEGATION_REACH, DENIAL_REACH, DENIED_AFTER_REACH = 3, 8, 6


@dataclass(frozen=True, slots=True)
class Group:
    """One sign of exploitation and the patterns of words that show it, by language as negations differ."""

    code: str
    severity: Severity
    hard_stop: bool
    labels: dict[str, str]
    patterns: dict[str, tuple[re.Pattern[str], ...]]
    frames: dict[str, tuple[Frame, ...]]


@dataclass(frozen=True, slots=True)
class Negation:
    """How a language takes a phrase back: just before it, from further away, or after it."""

    near: re.Pattern[str]
    far: re.Pattern[str]
    after: re.Pattern[str]

    def covers(self, words: Words, place: Place) -> bool:
        """Whether a phrase of the place is denied by words that are not themselves of the place."""
        ends = [-1, *(last for _, last in place.hits)]
        return any(
            self.near.search(words.before(first, min(NEGATION_REACH, first - end - 1)))
            or self.far.search(words.before(first, min(DENIAL_REACH, first - end - 1)))
            for (first, _), end, deniable in zip(place.hits, ends, place.deniable, strict=False)
            if deniable
        ) or bool(self.after.match(words.after(ends[-1], DENIED_AFTER_REACH)))


@dataclass(frozen=True, slots=True)
class Phrases:
    """The groups and the negations of each language, compiled once."""

    groups: tuple[Group, ...]
    negations: dict[str, Negation]

    def find(self, text: str) -> list[tuple[Group, str]]:
        """Every group that a text shows, with the first words that show it, as they were written."""
        words = read(text)
        read_as = readings(words)
        return [(group, phrase) for group in self.groups if (phrase := self._first(words, read_as, group))]

    def _first(self, words: Words, read_as: list[Reading], group: Group) -> str:
        for reading in read_as:
            for language, negation in self.negations.items():
                for place in _found(reading, group, language):
                    if not negation.covers(words, place):
                        return " ".join(words.written[place.hits[0][0] : place.hits[-1][1] + 1])
        return ""


def _found(reading: Reading, group: Group, language: str) -> Iterator[Place]:
    for pattern in group.patterns.get(language, ()):
        yield from (Place([hit], [True]) for hit in reading.hits(pattern))
    for together in group.frames.get(language, ()):
        yield from together.find(reading)


@cache
def red_flags() -> Phrases:
    """What fixtures/red_flags.json says."""
    return compiled(json.loads((settings.FIXTURES_DIR / "red_flags.json").read_text(encoding="utf-8")))


def compiled(content: dict[str, Any]) -> Phrases:
    """The phrases of a fixture, its named words put in place."""
    words, kinds = content["words"], content["kinds"]

    def pattern(language: str, text: str) -> re.Pattern[str]:
        while (named := re.sub(r"<(\w+)>", lambda name: words[language][name[1]], text)) != text:
            text = named
        return re.compile(text)

    def kind(language: str, name: str) -> re.Pattern[str]:
        return pattern(language, kind_pattern(kinds[language][name]))

    groups = tuple(
        Group(
            code=group["code"],
            severity=group["severity"],
            hard_stop=group["hard_stop"],
            labels=group["label"],
            patterns={
                language: tuple(pattern(language, text) for text in texts)
                for language, texts in group["patterns"].items()
            },
            frames={
                language: tuple(frame(text, partial(kind, language)) for text in texts)
                for language, texts in group.get("frames", {}).items()
            },
        )
        for group in content["groups"]
    )
    negations = {
        language: Negation(
            near=re.compile(rf"\b(?:{'|'.join(map(re.escape, forms))})\b"),
            far=pattern(language, rf"\b(?:{'|'.join(content['denials'][language])})"),
            after=pattern(language, rf"(?:{'|'.join(content['denied_after'][language])})"),
        )
        for language, forms in content["negations"].items()
    }
    return Phrases(groups, negations)
