"""From what a row says to the fields of an opening: text becomes numbers, dates and choices, or a reason why not."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from backend.employers.numbers import normal_tax_number
from backend.skills.codes import CEFR, Contract, Language, Licence, PayPeriod, Shift
from matching.text import fold

from .rows import SourceRow, clean_text

MAX_SKILLS = 60
PHRASE_LIMIT = 200
_YEARS = range(2000, 2101)
_LARGEST = Decimal(10) ** 9

_BOOLEANS = {
    **dict.fromkeys(("yes", "true", "1", "da", "x", "jeste"), True),
    **dict.fromkeys(("no", "false", "0", "ne", "nije"), False),
}
_CONTRACTS = {
    "neodredjeno": Contract.PERMANENT,
    "neodredjeno vreme": Contract.PERMANENT,
    "na neodredjeno": Contract.PERMANENT,
    "odredjeno": Contract.FIXED_TERM,
    "odredjeno vreme": Contract.FIXED_TERM,
    "na odredjeno": Contract.FIXED_TERM,
    "agencijski": Contract.AGENCY,
    "preko agencije": Contract.AGENCY,
    "samozaposljavanje": Contract.SELF_EMPLOYED,
    "privremeni i povremeni poslovi": Contract.SEASONAL,
    "pp": Contract.SEASONAL,
    "sezonski": Contract.SEASONAL,
    "ugovor o delu": Contract.SERVICE,
    "strucno osposobljavanje": Contract.TRAINING,
}
_SHIFTS = {
    "prva": Shift.MORNING,
    "prepodne": Shift.MORNING,
    "jutarnja": Shift.MORNING,
    "druga": Shift.AFTERNOON,
    "popodne": Shift.AFTERNOON,
    "popodnevna": Shift.AFTERNOON,
    "treca": Shift.NIGHT,
    "nocna": Shift.NIGHT,
    "vikend": Shift.WEEKEND,
    "dvokratno": Shift.SPLIT,
}
_LICENCES = {
    "b": Licence.DRIVING_B,
    "b kategorija": Licence.DRIVING_B,
    "c": Licence.DRIVING_C,
    "c kategorija": Licence.DRIVING_C,
    "viljuskar": Licence.FORKLIFT,
    "sanitarna knjizica": Licence.SANITARY,
    "haccp": Licence.HACCP,
}
# Pay comes by the hour or the month; weeks and years are turned into months.
_PERIODS: dict[str, tuple[str, Decimal]] = {
    **dict.fromkeys(("hour", "hur", "h", "sat", "satnica"), (PayPeriod.HOUR, Decimal(1))),
    **dict.fromkeys(("month", "mon", "mesec", "mesecno"), (PayPeriod.MONTH, Decimal(1))),
    **dict.fromkeys(("year", "ann", "annual", "godina", "godisnje"), (PayPeriod.MONTH, Decimal(1) / 12)),
    **dict.fromkeys(("week", "wee", "nedelja", "nedeljno"), (PayPeriod.MONTH, Decimal(52) / 12)),
}


@dataclass(slots=True)
class OpeningFields:
    """A row understood: `fields` are an opening's own, the rest are words that the database has to answer."""

    fields: dict[str, Any] = field(default_factory=dict)
    employer: str = ""
    tax_number: str = ""
    municipality: str = ""
    country: str = ""
    occupation: str = ""
    skills: list[str] = field(default_factory=list)
    optional_skills: list[str] = field(default_factory=list)
    identifier: str = ""
    source_hash: str = ""

    @property
    def key(self) -> str:
        """What the row is known by when it comes again; without a key of its own, all it says."""
        return self.identifier or f"row:{self.source_hash}"


def parse_row(row: SourceRow) -> OpeningFields:
    """The fields of a row; what cannot be understood is added to `row.errors`, by column."""
    found: dict[str, Any] = {}
    for column, value in row.values.items():
        try:
            found[column] = _PARSERS[column](value)
        except ValueError as error:
            row.errors.append((column, str(error)))
    if not found.get("title") and not any(column == "title" for column, _reason in row.errors):
        row.errors.append(("title", _("The title is missing.")))
    if "pay_period" in found:
        found["pay_period"], factor = found["pay_period"]
        for column in ("pay_from", "pay_to"):
            if column in found:
                found[column] = (found[column] * factor).quantize(Decimal("0.01"))
    words = {name: found.pop(name) for name in _WORDS if name in found}
    return OpeningFields(fields=found, source_hash=_hash(row.values), **words)


def _hash(values: dict[str, Any]) -> str:
    content = json.dumps(values, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(content.encode()).hexdigest()


def _text(limit: int) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        text = clean_text(str(value))
        if len(text) > limit:
            raise ValueError(_("At most %(limit)d characters.") % {"limit": limit})
        return text

    return parse


def _one_line(limit: int) -> Callable[[Any], str]:
    return lambda value: " ".join(_text(limit)(value).split())


def _number(value: Any) -> Decimal:
    """65000, 65.000, 65 000,50, 1,234.5: the last mark is the decimal one unless three digits follow each mark."""
    text = re.sub(r"[\s\u00a0\u202f']", "", str(value))
    if len(text) > 40:
        raise ValueError(_("This is not a possible number."))
    if not isinstance(value, int | float) and not re.fullmatch(r"[+-]?\d+(?:[.,]\d+)*", text, re.ASCII):
        raise ValueError(_("This is not a number."))
    if isinstance(value, str):
        if re.fullmatch(r"[+-]?\d{1,3}([.,])\d{3}(?:\1\d{3})*", text, re.ASCII):
            text = re.sub(r"[.,]", "", text)
        else:
            whole, mark, decimals = text.replace(",", ".").rpartition(".")
            text = f"{whole.replace('.', '')}{mark}{decimals}"
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(_("This is not a number.")) from error
    if not number.is_finite() or abs(number) >= _LARGEST:
        raise ValueError(_("This is not a possible number."))
    return number


def _rounded(places: str) -> Callable[[Any], Decimal]:
    return lambda value: _number(value).quantize(Decimal(places))


def _integer(value: Any) -> int:
    number = _number(value)
    if number != number.to_integral_value():
        raise ValueError(_("This is not a whole number."))
    return int(number)


def _date(value: Any) -> dt.date:
    if isinstance(value, dt.datetime):
        day = value.date()
    elif isinstance(value, dt.date):
        day = value
    else:
        text = str(value).strip()
        try:
            if match := re.fullmatch(r"(\d{1,2})[./]\s?(\d{1,2})[./]\s?(\d{4})\.?", text, re.ASCII):
                day = dt.date(int(match[3]), int(match[2]), int(match[1]))
            else:
                day = dt.datetime.fromisoformat(text).date()
        except ValueError as error:
            raise ValueError(_("This is not a date. Write 2026-11-02 or 2.11.2026.")) from error
    if day.year not in _YEARS:
        raise ValueError(_("This is not a possible date."))
    return day


def _boolean(value: Any) -> bool:
    found = _BOOLEANS.get(fold(str(value)).removesuffix(".0"))
    if found is None:
        raise ValueError(_("Write yes or no."))
    return found


def _choice(codes: list[str], names: dict[str, Any]) -> Callable[[Any], str]:
    """A code of ours, or one of its other names."""

    def parse(value: Any) -> str:
        name = fold(str(value))
        code = names.get(name, name.replace(" ", "_"))
        if code not in codes:
            raise ValueError(_("This is not a choice: %(value)s.") % {"value": str(value)[:60]})
        return str(code)

    return parse


def _choices(one: Callable[[Any], str]) -> Callable[[Any], list[str]]:
    return lambda value: [one(part) for part in _parts(value)]


def _languages(value: Any) -> dict[str, str]:
    """`en:B1, de A2`; a language without a level is asked at A1."""
    found = {}
    for part in _parts(value):
        code, _space, level = re.sub(r"[:\s]+", " ", part).partition(" ")
        code, level = code.lower(), level.upper() or CEFR.A1
        if code not in Language.values or level not in CEFR.values:
            raise ValueError(
                _("Write a language and its level, such as en:B1. Not understood: %(part)s.") % {"part": part[:60]}
            )
        found[code] = str(level)
    return found


def _pay_period(value: Any) -> tuple[str, Decimal]:
    period = _PERIODS.get(fold(str(value)).removeprefix("per ").removesuffix("ly"))
    if period is None:
        raise ValueError(_("Pay is per hour, week, month or year."))
    return period


def _tax_number(value: Any) -> str:
    text = normal_tax_number(f"{value:.0f}" if isinstance(value, float) else clean_text(str(value)))
    if not re.fullmatch(r"\d{9}", text, re.ASCII):
        raise ValueError(_("Nine digits."))
    return text


def _identifier(value: Any) -> str:
    """The row's own key; one too long for its column is kept as its hash."""
    text = clean_text(str(value))
    return text if len(text) <= PHRASE_LIMIT else hashlib.sha256(text.encode()).hexdigest()


def _phrases(value: Any) -> list[str]:
    """Single skills out of a list or of words between commas, semicolons, bullets and lines."""
    found = dict.fromkeys(" ".join(part.split()) for part in _parts(value))
    if len(found) > MAX_SKILLS:
        raise ValueError(_("At most %(limit)d skills.") % {"limit": MAX_SKILLS})
    if any(len(phrase) > PHRASE_LIMIT for phrase in found):
        raise ValueError(
            _("One skill has at most %(limit)d characters. Separate them by commas.") % {"limit": PHRASE_LIMIT}
        )
    return list(found)


def _parts(value: Any) -> list[str]:
    texts = value if isinstance(value, list) else [value]
    return [
        part for text in texts for raw in re.split(r"[,;•\n|]", clean_text(str(text))) if (part := raw.strip(" \t-–."))
    ]


_WORDS = (
    "employer",
    "tax_number",
    "municipality",
    "country",
    "occupation",
    "skills",
    "optional_skills",
    "identifier",
)
_PARSERS: dict[str, Callable[[Any], Any]] = {
    "title": _one_line(200),
    "description": _text(20_000),
    "employer": _one_line(200),
    "tax_number": _tax_number,
    "municipality": _one_line(200),
    "country": _one_line(80),
    "positions": _integer,
    "contract": _choice(Contract.values, _CONTRACTS),
    "hours_per_week": _rounded("0.1"),
    "shifts": _choices(_choice(Shift.values, _SHIFTS)),
    "pay_from": _rounded("0.01"),
    "pay_to": _rounded("0.01"),
    "pay_period": _pay_period,
    "currency": lambda value: _text(3)(value).upper(),
    "live_in": _boolean,
    "night": _boolean,
    "isolated": _boolean,
    "cash": _boolean,
    "languages": _languages,
    "licences": _choices(_choice(Licence.values, _LICENCES)),
    "posted_on": _date,
    "valid_through": _date,
    "skills": _phrases,
    "optional_skills": _phrases,
    "occupation": _one_line(200),
    "identifier": _identifier,
}
