"""Openings over the years: posted by the portal or imported with gaps and errors, vetted, expired, closed."""

import datetime as dt
from dataclasses import asdict, dataclass
from decimal import ROUND_CEILING, Decimal

from backend.employers.content import content_hash
from backend.employers.minimum_wage import WEEKS_PER_MONTH, minimum_wage
from backend.employers.models import Opening, OpeningReview, Requirement
from backend.employers.screening import screen
from backend.skills.codes import Contract, Importance, PayPeriod

from .adverts import advert_text, advert_title, in_cyrillic, mistyped
from .draws import Draws, days
from .firms import Firm
from .reference import Reference, Trade
from .rows import Rows
from .staff import Staff

VALID_FOR = 60
# For days before the first row of fixtures/minimum_wages.csv.
EARLIEST_WAGE = Decimal(230)

# What becomes of an opening whose employer was cleared when it was posted.
FATES = {"open": 0.205, "past": 0.655, "submitted": 0.05, "refused": 0.035, "draft": 0.025, "paused": 0.03}


@dataclass
class Vacancy:
    """An opening as the simulation knows it."""

    row: Opening
    firm: Firm
    trade: Trade
    asked: list[Requirement]
    open_from: dt.date
    """The day it was published."""
    open_until: dt.date
    """The last day on which it takes candidates."""
    taken: int = 0


def make_openings(
    draws: Draws,
    reference: Reference,
    rows: Rows,
    staff: Staff,
    firms: list[Firm],
    *,
    count: int,
    since: dt.date,
    on: dt.date,
) -> list[Vacancy]:
    """So many openings; returns those that were published at some time."""
    vacancies: list[Vacancy] = []
    fates = [fate for fate, share in FATES.items() for _ in range(round(share * count))]
    fates = (fates + ["past"] * count)[:count]
    for number, fate in enumerate(fates):
        posted_on = _posted_on(draws, fate, since, on)
        firm = _firm(draws, firms, number, fate, posted_on, on)
        trade = reference.pick_trade(draws, firm.family)
        # Many are renewed once or twice.
        valid_for = draws.choice((30, 45, VALID_FOR, VALID_FOR, 2 * VALID_FOR, 3 * VALID_FOR))
        valid_through = posted_on + days(valid_for)
        if fate == "past":
            valid_through = min(valid_through, on - days(draws.randint(1, 60)))
        if fate in ("open", "paused"):
            valid_through = max(valid_through, on + days(draws.randint(0, 40)))
        if fate == "open" and number % 6 == 1:
            valid_through = on + days(draws.randint(1, 6))
        row = Opening(
            id=draws.uuid(),
            employer=firm.row,
            positions=draws.weighted({1: 5, 2: 3, 3: 2, 5: 1, 10: 0.3}),
            posted_on=posted_on,
            valid_through=valid_through,
            status=Opening.Status.DRAFT,
            created_at=draws.instant(posted_on),
        )
        asked = _fill(draws, reference, firm, trade, row)
        if fate == "refused" or (fate == "submitted" and draws.chance(0.3)):
            row.description += " " + draws.choice(reference.words["red_sentences"])
        row.content_hash = content_hash(row, asked)
        rows.add(row)
        rows.extend(asked)
        if fate == "draft":
            continue
        row.status = Opening.Status.SUBMITTED
        if fate == "submitted":
            continue
        reviewed_on = min(on, posted_on + days(draws.randint(0, 4)))
        rows.add(_review(draws, reference, staff, row, reviewed_on, refused=fate == "refused"))
        if fate == "refused":
            row.status = Opening.Status.REFUSED
            continue
        row.vetted_hash = row.content_hash
        row.status = {"paused": Opening.Status.PAUSED}.get(fate, Opening.Status.PUBLISHED)
        until = valid_through
        if fate == "past" and draws.chance(0.35):
            row.status = Opening.Status.CLOSED
            until = draws.day(min(on, reviewed_on + days(15)), min(on, valid_through))
        elif fate == "paused":
            until = on - days(draws.randint(1, 9))
        if firm.cleared_until:
            until = min(until, firm.cleared_until)
        vacancies.append(Vacancy(row, firm, trade, asked, reviewed_on, until))
    return vacancies


def wage(day: dt.date) -> Decimal:
    """The net minimum per hour in Serbia on that day."""
    return minimum_wage("RS", day) or EARLIEST_WAGE


def _posted_on(draws: Draws, fate: str, since: dt.date, on: dt.date) -> dt.date:
    if fate in ("open", "paused"):
        return on - days(draws.randint(4, 50))
    if fate in ("draft", "submitted"):
        return on - days(draws.randint(0, 12))
    return draws.day(since + days(45), on - days(VALID_FOR + 3))


def _firm(draws: Draws, firms: list[Firm], number: int, fate: str, posted_on: dt.date, on: dt.date) -> Firm:
    """An employer that may post on that day; the one with the documented sign-in has the most."""
    if fate in ("draft", "submitted"):
        candidates = firms
    else:
        end = on if fate in ("open", "paused") else posted_on + days(8)
        candidates = [
            firm for firm in firms
            if firm.cleared_from and firm.cleared_until and firm.cleared_from <= posted_on
            and firm.cleared_until >= end and (fate != "open" or firm.row.status == "cleared")
        ]  # fmt: skip
    month = posted_on.month
    in_season = [firm for firm in candidates if month in firm.family.words.get("season", range(1, 13))]
    candidates = in_season or candidates or firms[:1]
    if number % 12 == 0 and firms[0] in candidates:
        return firms[0]
    return draws.choices(candidates, [2.0 if firm.user else 1.0 for firm in candidates])[0]


def _fill(draws: Draws, reference: Reference, firm: Firm, trade: Trade, row: Opening) -> list[Requirement]:
    """Write the fields and the text; returns what is asked for."""
    words, untidy = firm.family.words, firm.untidy

    def lost(share: float) -> bool:
        return untidy and draws.chance(share)

    row.occupation = None if lost(0.3) else trade.occupation
    row.municipality = firm.row.municipality if draws.chance(0.8) else draws.weighted(reference.towns)
    if lost(0.12):
        row.municipality = None
    row.contract = "" if lost(0.25) else draws.choice(words["contracts"])
    if firm.row.is_agency:
        row.contract = Contract.AGENCY
        if firm.end_clients and not lost(0.3):
            row.end_client = draws.choice(firm.end_clients).row
    hours = Decimal(draws.choice(words["hours"]))
    row.hours_per_week = None if lost(0.2) else hours
    shifts = draws.choice(words["shifts"])
    row.shifts = None if shifts is None or lost(0.25) else sorted(shifts)
    if not lost(0.3):
        # Pay for part of a week that does not say so would look like less than the minimum.
        _pay(draws, row, words, row.hours_per_week or Decimal(40))
    row.night = None if lost(0.3) else "night" in (shifts or ())
    row.live_in = None if lost(0.3) else firm.family.code == "farm" and draws.chance(0.3)
    row.isolated = None if lost(0.35) else firm.family.code == "farm" and draws.chance(0.2)
    row.cash = None if lost(0.35) else False
    if firm.family.code in ("serving", "digital", "support", "social") and draws.chance(0.3):
        row.languages = {"en": draws.choice(("A2", "B1", "B2"))}
    elif draws.chance(0.15):
        row.languages = {"sr": draws.choice(("A2", "B1"))}
    row.licences = sorted(_licences(draws, trade))
    language = "en" if draws.chance(0.2) else "sr"
    asked = _requirements(draws, row, trade, untidy, language)
    row.title = advert_title(draws, trade, language, row.municipality.name if row.municipality else "")
    row.description = advert_text(draws, reference, trade, row, asked, language)
    if untidy:
        row.source = draws.choice(("json", "csv", "xlsx"))
        row.source_key = f"demo-{draws.getrandbits(48):012x}"
        if language == "sr" and draws.chance(0.15):
            row.title = in_cyrillic(row.title)
        if language == "sr" and draws.chance(0.2):
            row.description = in_cyrillic(row.description)
        if draws.chance(0.15):
            row.title = mistyped(draws, row.title)
        if draws.chance(0.3):
            row.description = mistyped(draws, row.description)
    return asked


def _pay(draws: Draws, row: Opening, words: dict[str, list[float]], hours: Decimal) -> None:
    """Net pay between the family's multiples of the minimum, in round figures and never below it."""
    low, high = words["pay"]
    start = draws.uniform(low, (low + high) / 2)
    minimum = wage(row.posted_on)
    if row.contract in (Contract.SEASONAL, Contract.SERVICE) and draws.chance(0.5):
        row.pay_period = PayPeriod.HOUR
        step, base = Decimal(5), minimum
    else:
        step, base = Decimal(500), minimum * hours * WEEKS_PER_MONTH
    row.pay_from = round_up(base * Decimal(str(round(start, 3))), step)
    if draws.chance(0.8):
        row.pay_to = round_up(base * Decimal(str(round(draws.uniform(start, high), 3))), step)


def round_up(amount: Decimal, step: Decimal) -> Decimal:
    """The next multiple of the step that is not below the amount."""
    return (amount / step).to_integral_value(ROUND_CEILING) * step


def _licences(draws: Draws, trade: Trade) -> list[str]:
    isco, family = trade.occupation.isco, trade.family.code
    licences = list(trade.family.words.get("licences", {}).get(isco, ()))
    if isco == "8344":
        licences.append("forklift")
    if family in ("kitchen", "bakery", "food", "children") and draws.chance(0.25):
        licences.append("sanitary")
    return licences


def _requirements(draws: Draws, row: Opening, trade: Trade, untidy: bool, language: str) -> list[Requirement]:
    """Three to seven of the occupation's skills; careless adverts give words that nobody linked."""
    wanted = [(skill, Importance.ESSENTIAL) for skill in draws.some(trade.essential, 2, 4)]
    wanted += [(skill, Importance.OPTIONAL) for skill in draws.some(trade.optional, 1, 3)]
    requirements: list[Requirement] = []
    for skill, importance in wanted:
        phrase = str(skill.preferred_labels.get(language) or skill.preferred_labels["sr"])
        is_linked = not (untidy and draws.chance(0.25))
        requirements.append(
            Requirement(
                id=draws.uuid(),
                opening=row,
                skill=skill if is_linked else None,
                phrase=mistyped(draws, phrase) if untidy and draws.chance(0.2) else phrase,
                importance=importance,
                level=draws.choice((None, None, 1, 2, 2, 3)),
                created_at=row.created_at,
            )
        )
    return requirements


def _review(
    draws: Draws, reference: Reference, staff: Staff, row: Opening, on: dt.date, *, refused: bool
) -> OpeningReview:
    outcome = "refused" if refused else "published"
    return OpeningReview(
        id=draws.uuid(),
        opening=row,
        content_hash=row.content_hash,
        outcome=outcome,
        note=draws.choice(reference.words["review_notes"][outcome]),
        red_flags=[asdict(sign) for sign in screen(f"{row.title}\n{row.description}")],
        decided_by=staff.lead,
        decided_on=on,
        created_at=draws.instant(on),
    )
