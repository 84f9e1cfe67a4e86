"""Signs of exploitation in an opening: phrases from fixtures/red_flags.json, and what its figures and gaps say.

A sign means "ask", not "proof": published work found at least one in nearly every advert. Groups and severities follow
the ILO indicators of forced labour; only fees paid by workers, retained documents, withheld wages and debt stop an
opening. Screening never publishes anything.
"""

import datetime as dt
import json
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import accumulate
from typing import Literal

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from backend.skills.codes import Currency, PayPeriod
from matching.text import fold

from .minimum_wage import WEEKS_PER_MONTH, minimum_wage_row
from .models import Opening

Severity = Literal["high", "medium", "low"]
Verdict = Literal["clear", "warn", "hold", "stop"]

FULL_TIME = Decimal(40)
LONGEST_WEEK = 48  # 40 hours and 8 of overtime, Labour Law art. 53
NEGATION_REACH = 3
# A negation before one of these does not reach the words after it: "bez iskustva, depozit 100 evra".
_CLAUSE_END = re.compile(r"[.,;:!?()•\-–—]+$")
_CLAUSE_START = re.compile(r"^[(•\-–—]")


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing found: the group it belongs to and the words of the opening that show it."""

    code: str
    severity: Severity
    hard_stop: bool
    phrase: str

    @property
    def label(self) -> str:
        """What the sign is called, in the active language."""
        return sign_label(self.code)


@dataclass(frozen=True, slots=True)
class Screening:
    """All signs of one opening and what they add up to."""

    signs: tuple[Sign, ...]

    @property
    def verdict(self) -> Verdict:
        """`stop`: cannot be published. `hold`: one high, two medium, or a medium and a low sign. `warn`: any other."""
        severities = [sign.severity for sign in self.signs]
        if any(sign.hard_stop for sign in self.signs):
            return "stop"
        if "high" in severities or severities.count("medium") > 1 or {"medium", "low"} <= set(severities):
            return "hold"
        return "warn" if severities else "clear"


@dataclass(frozen=True, slots=True)
class _Group:
    code: str
    severity: Severity
    hard_stop: bool
    labels: dict[str, str]
    patterns: dict[str, re.Pattern[str]]  # by language, as negations differ


@dataclass(frozen=True, slots=True)
class _Fixture:
    """The phrase groups and the negations of each language, compiled once."""

    groups: tuple[_Group, ...]
    negations: dict[str, re.Pattern[str]]


@dataclass(frozen=True, slots=True)
class _Words:
    """A text word by word: as written, folded, where each starts in the joined line, whether a clause ends there."""

    written: list[str]
    folded: list[str]
    starts: list[int]
    ends_clause: list[bool]

    @property
    def line(self) -> str:
        return " ".join(self.folded)

    def at(self, position: int) -> int:
        """The number of the word that covers a position of the line."""
        return sum(start <= position for start in self.starts) - 1


def screen(text: str) -> list[Sign]:
    """The signs that the words of a text show, one for each group, in the order of the fixture.

    Either script and any spelling is read alike. A phrase negated within three words before it ("bez depozita") is no
    sign, as long as no clause ends between the two.
    """
    words = _words(text)
    signs = []
    for group in _fixture().groups:
        if phrase := _first_match(words, group):
            signs.append(Sign(group.code, group.severity, group.hard_stop, phrase[:200]))
    return signs


def screen_opening(opening: Opening, *, on: dt.date) -> Screening:
    """The signs in an opening's words, its pay and hours, and in what it does not say."""
    phrases = [asked.phrase for asked in opening.requirements.all()]
    text = "\n".join([opening.title, opening.description, *phrases])
    return Screening((*screen(text), *_computed(opening, on)))


def sign_label(code: str) -> str:
    """What a group of signs is called, in the active language."""
    computed = {
        "below_minimum_wage": _("pay below the legal minimum"),
        "long_hours": _("more than 48 hours a week"),
        "no_tax_number": _("employer without a tax number"),
        "no_wage": _("pay is not said"),
        "no_place": _("place of work is not said"),
    }
    if code in computed:
        return computed[code]
    labels = next((group.labels for group in _fixture().groups if group.code == code), {})
    return labels.get((get_language() or "sr")[:2]) or labels.get("en") or code


def _computed(opening: Opening, on: dt.date) -> list[Sign]:
    signs = []
    if shortfall := _below_minimum(opening, on):
        signs.append(Sign("below_minimum_wage", "high", False, shortfall))
    if opening.hours_per_week is not None and opening.hours_per_week > LONGEST_WEEK:
        signs.append(Sign("long_hours", "medium", False, f"{opening.hours_per_week.normalize():f} h"))
    if not opening.employer.tax_number:
        signs.append(Sign("no_tax_number", "low", False, ""))
    if opening.pay_from is None and opening.pay_to is None:
        signs.append(Sign("no_wage", "low", False, ""))
    if opening.municipality is None:
        signs.append(Sign("no_place", "low", False, ""))
    return signs


def _below_minimum(opening: Opening, on: dt.date) -> str:
    """The promised and the legal hourly pay if the first is less, else nothing."""
    pay = opening.pay_from if opening.pay_from is not None else opening.pay_to
    if pay is None:
        return ""
    country = opening.municipality.country_id if opening.municipality else ""
    if not country and opening.currency == Currency.RSD:
        country = "RS"
    minimum = minimum_wage_row(country, on)
    if minimum is None or minimum.currency != opening.currency:
        return ""
    if opening.pay_period == PayPeriod.MONTH:
        pay /= (opening.hours_per_week or FULL_TIME) * WEEKS_PER_MONTH
    if pay >= minimum.net_per_hour:
        return ""
    return f"{pay:.0f} < {minimum.net_per_hour:.0f} {minimum.currency}/h"


def _words(text: str) -> _Words:
    # Invisible characters between letters would hide a word from the patterns.
    text = "".join(char for char in text if unicodedata.category(char) != "Cf")
    written, folded, ends_clause = [], [], []
    for line in map(str.split, text.splitlines()):
        for number, word in enumerate(line, start=1):
            if plain := fold(word):
                written.append(word)
                folded.append(plain)
                ends_clause.append(number == len(line) or bool(_CLAUSE_END.search(word)))
    starts = list(accumulate((len(plain) + 1 for plain in folded), initial=0))[:-1]
    return _Words(written, folded, starts, ends_clause)


def _first_match(words: _Words, group: _Group) -> str:
    """The first words that show a group without being negated, as they were written; else nothing."""
    for language, pattern in group.patterns.items():
        for found in pattern.finditer(words.line):
            first, last = words.at(found.start()), words.at(max(found.start(), found.end() - 1))
            if found.group() and not _fixture().negations[language].search(_before(words, first)):
                return " ".join(words.written[first : last + 1])
    return ""


def _before(words: _Words, first: int) -> str:
    """The words of the same clause just before a word, as far as a negation reaches."""
    start = first
    while start > max(first - NEGATION_REACH, 0):
        if words.ends_clause[start - 1] or _CLAUSE_START.match(words.written[start]):
            break
        start -= 1
    return " ".join(words.folded[start:first])


@cache
def _fixture() -> _Fixture:
    content = json.loads((settings.FIXTURES_DIR / "red_flags.json").read_text(encoding="utf-8"))
    groups = tuple(
        _Group(
            code=group["code"],
            severity=group["severity"],
            hard_stop=group["hard_stop"],
            labels=group["label"],
            patterns={
                language: re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
                for language, patterns in group["patterns"].items()
            },
        )
        for group in content["groups"]
    )
    negations = {
        language: re.compile(rf"\b(?:{'|'.join(map(re.escape, forms))})\b")
        for language, forms in content["negations"].items()
    }
    return _Fixture(groups, negations)
