"""The phrase groups of fixtures/red_flags.json, and their search in a text."""

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from django.conf import settings

from .words import Words, read, starts

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


@dataclass(frozen=True, slots=True)
class Negation:
    """How a language takes a phrase back: just before it, from further away, or after it."""

    near: re.Pattern[str]
    far: re.Pattern[str]
    after: re.Pattern[str]

    def covers(self, words: Words, first: int, last: int) -> bool:
        """Whether the words from `first` to `last` are denied."""
        return bool(
            self.near.search(words.before(first, NEGATION_REACH))
            or self.far.search(words.before(first, DENIAL_REACH))
            or self.after.match(words.after(last, DENIED_AFTER_REACH))
        )


@dataclass(frozen=True, slots=True)
class Phrases:
    """The groups and the negations of each language, compiled once."""

    groups: tuple[Group, ...]
    negations: dict[str, Negation]

    def find(self, text: str) -> list[tuple[Group, str]]:
        """Every group that a text shows, with the first words that show it, as they were written."""
        words = read(text)
        return [(group, phrase) for group in self.groups if (phrase := self._first(words, group))]

    def _first(self, words: Words, group: Group) -> str:
        for reading in words.readings:
            line, begins = " ".join(reading), starts(reading)
            for language, patterns in group.patterns.items():
                for found in (match for pattern in patterns for match in pattern.finditer(line)):
                    first, last = _word_at(begins, found.start()), _word_at(begins, max(found.start(), found.end() - 1))
                    if not self.negations[language].covers(words, first, last):
                        return " ".join(words.written[first : last + 1])
        return ""


@cache
def red_flags() -> Phrases:
    """What fixtures/red_flags.json says."""
    return compiled(json.loads((settings.FIXTURES_DIR / "red_flags.json").read_text(encoding="utf-8")))


def compiled(content: dict[str, Any]) -> Phrases:
    """The phrases of a fixture, its named words put in place."""
    words = content["words"]

    def pattern(language: str, text: str) -> re.Pattern[str]:
        return re.compile(re.sub(r"<(\w+)>", lambda name: words[language][name[1]], text))

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


def _word_at(begins: list[int], position: int) -> int:
    """The number of the word that covers a position of the line."""
    return sum(begin <= position for begin in begins) - 1
