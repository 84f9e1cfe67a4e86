"""Signs of exploitation in an opening: phrases from fixtures/red_flags.json, and what its figures and gaps say.

A sign means "ask", not "proof": published work found at least one in nearly every advert. Groups and severities follow
the ILO indicators of forced labour; only fees paid by workers, retained documents, withheld wages and debt stop an
opening. Screening never publishes anything.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from backend.employers.minimum_wage import WEEKS_PER_MONTH, minimum_wage_row
from backend.employers.models import Opening
from backend.skills.codes import Currency, PayPeriod

from .phrases import Severity, red_flags
from .words import read

Verdict = Literal["clear", "warn", "hold", "stop"]

WEIGHTS = {"high": 3, "medium": 2, "low": 1}
HELD = 3
FULL_TIME = Decimal(40)
LONGEST_WEEK = 48  # 40 hours and 8 of overtime, Labour Law art. 53
# What the law says in figures. An employer is told these while writing: an honest one mends them, and nobody learns
# from them which words are looked for.
FIGURES = {"below_minimum_wage", "long_hours", "overtime"}


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
    def figures(self) -> list[Sign]:
        """The signs that an employer may read."""
        return [sign for sign in self.signs if sign.code in FIGURES]

    @property
    def verdict(self) -> Verdict:
        """`stop`: cannot be published. `hold`: a person asks first. `warn`: any sign. `clear`: none.

        Signs add up: a high one weighs 3, a medium one 2, a low one 1, and 3 together are held (one high, two medium,
        a medium and a low, three low).
        """
        if any(sign.hard_stop for sign in self.signs):
            return "stop"
        weight = sum(WEIGHTS[sign.severity] for sign in self.signs)
        return "hold" if weight >= HELD else "warn" if weight else "clear"


def screen(text: str) -> list[Sign]:
    """The signs that the words of a text show, one for each group, in the order of the fixture.

    Either script and any spelling is read alike, and so are words in disguise; that they were is a sign of its own. A
    phrase that its clause takes back ("bez depozita", "pasoš ostaje kod vas") is no sign.
    """
    signs = [
        Sign(group.code, group.severity, group.hard_stop, phrase[:200]) for group, phrase in red_flags().find(text)
    ]
    if disguised := read(text).disguised:
        signs.append(Sign("disguised", "medium", False, ", ".join(disguised)[:200]))
    return signs


def screen_opening(opening: Opening, *, on: dt.date) -> Screening:
    """The signs in an opening's words, its pay and hours, and in what it does not say."""
    phrases = [asked.phrase for asked in opening.requirements.all()]
    text = "\n".join([opening.title, opening.description, *phrases])
    return Screening((*screen(text), *_computed(opening, on)))


def sign_label(code: str) -> str:
    """What a group of signs is called, in the active language."""
    computed = {
        "disguised": _("words written so that a program misreads them"),
        "below_minimum_wage": _("pay below the legal minimum"),
        "long_hours": _("more than 48 hours a week"),
        "overtime": _("more than 40 hours a week"),
        "no_tax_number": _("employer without a tax number"),
        "no_wage": _("pay is not said"),
        "no_place": _("place of work is not said"),
    }
    if code in computed:
        return computed[code]
    labels = next((group.labels for group in red_flags().groups if group.code == code), {})
    return labels.get((get_language() or "sr")[:2]) or labels.get("en") or code


def _computed(opening: Opening, on: dt.date) -> list[Sign]:
    signs = []
    if shortfall := _below_minimum(opening, on):
        signs.append(Sign("below_minimum_wage", "high", False, shortfall))
    hours = opening.hours_per_week
    if hours is not None and hours > FULL_TIME:
        said = f"{hours.normalize():f} h"
        too_long = hours > LONGEST_WEEK
        signs.append(Sign("long_hours", "high", False, said) if too_long else Sign("overtime", "low", False, said))
    if not opening.employer.tax_number:
        signs.append(Sign("no_tax_number", "low", False, ""))
    if opening.pay_from is None and opening.pay_to is None:
        signs.append(Sign("no_wage", "low", False, ""))
    if opening.municipality is None:
        signs.append(Sign("no_place", "low", False, ""))
    return signs


def _below_minimum(opening: Opening, on: dt.date) -> str:
    """The promised and the legal hourly pay if the first is less, else nothing; unsaid hours are read as full time."""
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
