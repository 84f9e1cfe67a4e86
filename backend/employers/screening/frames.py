"""Frames: kinds of words that make a sign when they stand together, in whatever order and with whatever between them.

"Pre polaska svaka radnica izmiruje 80 evra" and "80 evra se uplaćuje pre polaska" are one frame: somebody pays, an
amount, before the work. fixtures/red_flags.json writes it `pays + amount + before - boss_pays`: the kinds after a
minus take the sign back when they stand among the words of the others.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from .words import Words, starts

# How many words a frame may span, and how many beside them are looked at for what takes it back.
SPAN, MARGIN = 18, 4

Hit = tuple[int, int]
"""The first and the last word that a pattern covers."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sign was found: the words that make it, in their order, and which of them a negation could deny."""

    hits: list[Hit]
    deniable: list[bool]


@dataclass(frozen=True, slots=True)
class Frame:
    """The kinds of words that must stand together, and those that take them back."""

    members: tuple[re.Pattern[str], ...]
    deniable: tuple[bool, ...]
    """By member: whether a negation before it denies the sign; one before a word of time ("dok", "until") does not."""
    beside: tuple[re.Pattern[str], ...]
    """What takes the sign back among its words or next to them (written `-`)."""
    anywhere: tuple[re.Pattern[str], ...]
    """What takes the sign back anywhere in its sentences (written `--`)."""
    sentences: int
    """How many sentences it may run over: one, or two that follow each other (written `++`)."""

    def find(self, reading: "Reading") -> Iterator[Place]:
        """The closest places where all members stand together."""
        events = sorted((hit, number) for number, member in enumerate(self.members) for hit in reading.hits(member))
        latest: dict[int, Hit] = {}
        for hit, number in events:
            latest[number] = hit
            if len(latest) == len(self.members):
                together = sorted((hit, self.deniable[number]) for number, hit in latest.items())
                hits = [hit for hit, _ in together]
                if reading.stand_together(hits, self.sentences) and not self._is_taken_back(reading, hits):
                    yield Place(hits, [deniable for _, deniable in together])

    def _is_taken_back(self, reading: "Reading", hits: list[Hit]) -> bool:
        return any(
            first <= hit[0] and hit[1] <= last
            for kinds, margin in ((self.beside, MARGIN), (self.anywhere, len(reading.begins)))
            for first, last in [reading.around(hits, margin)]
            for kind in kinds
            for hit in reading.hits(kind)
            if not any(member[0] <= hit[0] and hit[1] <= member[1] for member in hits)
        )


@dataclass(slots=True)
class Reading:
    """One reading of a text's words, as the line that patterns are searched in."""

    words: Words
    line: str
    begins: list[int]
    _hits: dict[str, list[Hit]] = field(default_factory=dict)

    def hits(self, pattern: re.Pattern[str]) -> list[Hit]:
        """Where a pattern stands, in word numbers."""
        if pattern.pattern not in self._hits:
            self._hits[pattern.pattern] = [
                (self._word_at(found.start()), self._word_at(max(found.start(), found.end() - 1)))
                for found in pattern.finditer(self.line)
            ]
        return self._hits[pattern.pattern]

    def stand_together(self, hits: list[Hit], sentences: int) -> bool:
        """Whether the hits share no word, are close, and are within so many sentences."""
        first, last = hits[0][0], max(hit[1] for hit in hits)
        sentence = self.words.sentence
        return (
            last - first < SPAN
            and sentence[last] - sentence[first] < sentences
            and all(before[1] < after[0] for before, after in pairwise(hits))
        )

    def around(self, hits: list[Hit], margin: int) -> Hit:
        """The words from the first hit to the last and so many beside them, in the same sentences."""
        first, last = hits[0][0], hits[-1][1]
        sentence = self.words.sentence
        return (
            max(first - margin, bisect_left(sentence, sentence[first])),
            min(last + margin, bisect_right(sentence, sentence[last]) - 1),
        )

    def _word_at(self, position: int) -> int:
        return bisect_right(self.begins, position) - 1


def readings(words: Words) -> list[Reading]:
    """Each way to read the words of a text."""
    return [Reading(words, " ".join(reading), starts(reading)) for reading in words.readings]


def frame(text: str, kind: Callable[[str], re.Pattern[str]]) -> Frame:
    """The frame that a fixture's line says; `kind` gives the pattern of a kind's name."""
    signed = re.findall(r"(\+\+?|--?) (\w+)", f"+ {text}")
    members = [name for sign, name in signed if sign[0] == "+"]
    return Frame(
        members=tuple(kind(name) for name in members),
        deniable=tuple(not name.startswith("when_") for name in members),
        beside=tuple(kind(name) for sign, name in signed if sign == "-"),
        anywhere=tuple(kind(name) for sign, name in signed if sign == "--"),
        sentences=2 if "++" in text else 1,
    )


def kind_pattern(forms: list[str]) -> str:
    """The pattern of a kind's forms.

    `*` is any ending, `a/b` either word, `(a)` a word that may be missing, `...` up to three words, `<name>` a pattern
    from the fixture's `words`.
    """
    longest_first = sorted(forms, key=lambda form: -len(form.split()))
    return rf"(?<!\w)(?:{'|'.join(_form_pattern(form) for form in longest_first)})(?!\w)"


def _form_pattern(form: str) -> str:
    """A form's words, each with the blank that follows it; those that may be missing at the end with the one before."""
    pattern = ""
    tokens = form.split()
    for number, token in enumerate(tokens, start=1):
        if token == "...":  # noqa: S105 - a gap, not a secret
            pattern += "(?:<w>){0,3}?"
        elif not token.startswith("("):
            pattern += f"(?:{_either(token)}) "
        elif number < len(tokens):
            pattern += f"(?:(?:{_either(token[1:-1])}) )?"
        else:
            return f"{pattern.removesuffix(' ')}(?: (?:{_either(token[1:-1])}))?"
    return pattern.removesuffix(" ")


def _either(token: str) -> str:
    return re.sub(r"\\\*", r"\\w*", "|".join(part if part[0] == "<" else re.escape(part) for part in token.split("/")))
