"""Employers: who they are, whom to talk to, and how they were vetted."""

import datetime as dt
from dataclasses import dataclass, field

from backend.accounts.models import Membership, Organisation, User
from backend.employers.models import Contact, Employer, Vetting
from matching.text import fold

from .draws import Draws, days
from .reference import Family, Reference
from .rows import Rows
from .staff import Accounts, Staff

CLEARED_FOR = 365
"""Days that a clearance holds."""


@dataclass
class Firm:
    """An employer as the simulation knows it."""

    row: Employer
    family: Family
    untidy: bool
    """Its adverts arrive by import, with gaps and typing errors."""
    answers: float
    """How often it answers an introduction."""
    pull: float = 0.0
    """How much sooner a counsellor turns to it than to others."""
    cleared_from: dt.date | None = None
    cleared_until: dt.date | None = None
    user: User | None = None
    end_clients: list["Firm"] = field(default_factory=list)


def make_firms(
    draws: Draws,
    reference: Reference,
    rows: Rows,
    accounts: Accounts,
    staff: Staff,
    *,
    count: int,
    portal: list[str],
    since: dt.date,
    on: dt.date,
) -> list[Firm]:
    """So many employers; the first ones use the portal, sign in with the `portal` addresses and stay cleared."""
    names: set[str] = set()
    numbers: set[str] = set()
    firms: list[Firm] = []
    largest = sorted(reference.families, key=lambda family: -reference.families[family])
    # Chance alone might leave one of these out.
    sure = {count - 1 - place: fate for place, fate in enumerate(FATES) if count > 2 * len(FATES)}
    for number in range(count):
        signs_in = number < len(portal)
        family = largest[number % len(largest)] if signs_in else draws.weighted(reference.families)
        name = _name(draws, reference, family, names)
        # Everybody who signs in was cleared long ago; of the others some wait, were refused, lapsed or misbehaved.
        fate = "cleared" if signs_in else sure.get(number) or draws.weighted(FATES)
        known_from = since + days(draws.randint(0, 30)) if number < count * 0.6 else draws.day(since, on - days(120))
        row = Employer(
            id=draws.uuid(),
            programme=staff.organisation,
            name=name,
            name_folded=fold(name),
            tax_number="" if fate != "cleared" and draws.chance(0.4) else _tax_number(draws, numbers),
            registry_number=f"{draws.randrange(10**8):08d}" if draws.chance(0.6) else "",
            sector=draws.choice(family.words["sectors"]) if signs_in or draws.chance(0.9) else "",
            municipality=draws.weighted(reference.towns) if signs_in or draws.chance(0.95) else None,
            is_agency=not signs_in and family.code in ("warehouse", "production") and draws.chance(0.25),
            created_at=draws.instant(known_from),
        )
        firm = Firm(row, family, untidy=not signs_in and draws.chance(0.6), answers=_answers(draws))
        firm.pull = 0.0 if firm.answers else -0.2
        if signs_in:
            firm.answers, firm.pull = 0.9, 0.15 if number else 0.3
        rows.add(row)
        rows.extend(_vet(draws, reference, staff, firm, fate, known_from, on))
        if signs_in:
            organisation = accounts.organisation(name, Organisation.Kind.EMPLOYER, known_from)
            firm.user = accounts.member(organisation, Membership.Role.EMPLOYER, portal[number], known_from)
            row.organisation = organisation
        if number == 0:
            row.municipality = max(reference.towns, key=lambda town: reference.towns[town])
        rows.extend(_contacts(draws, reference, firm))
        firms.append(firm)
    for firm in firms:
        if firm.row.is_agency:
            firm.end_clients = draws.some([other for other in firms if not other.row.is_agency], 1, 3)
    # A small group of owners: a rule against the parent covers its daughters.
    for daughter in firms[len(portal) :: 9]:
        owner = draws.choice(firms)
        if owner is not daughter and owner.row.parent is None:
            daughter.row.parent = owner.row
    return firms


FATES = {"cleared": 0.78, "lapsed": 0.07, "waiting": 0.08, "refused": 0.03, "suspended": 0.04}


def _answers(draws: Draws) -> float:
    """Some never answer; the others mostly do."""
    return 0.0 if draws.chance(0.15) else draws.uniform(0.55, 0.97)


def _name(draws: Draws, reference: Reference, family: Family, taken: set[str]) -> str:
    words = reference.words
    for attempt in range(1000):
        head, core = draws.choice(family.words["heads"]), draws.choice(words["company_cores"])
        series = f" {attempt // 20 + 1}" if attempt >= 20 else ""
        name = f"{head} {core}{series} {draws.choice(words['company_forms'])}"
        if fold(name) not in taken:
            taken.add(fold(name))
            return name
    raise RuntimeError("The word lists are too short for so many employers.")


def _tax_number(draws: Draws, taken: set[str]) -> str:
    """Nine digits whose control digit (ISO 7064, MOD 11,10) is wrong, so that no real company can have them."""
    while True:
        digits = f"{draws.randint(10_000_000, 19_999_999)}"
        rest = 10
        for digit in digits:
            rest = (((rest + int(digit)) % 10 or 10) * 2) % 11
        number = f"{digits}{((11 - rest) % 10 + 1) % 10}"
        if number not in taken:
            taken.add(number)
            return number


def _vet(
    draws: Draws, reference: Reference, staff: Staff, firm: Firm, fate: str, known_from: dt.date, on: dt.date
) -> list[Vetting]:
    """The history of decisions, and on the firm what came of it."""
    row = firm.row
    vettings: list[Vetting] = []

    def decide(outcome: str, day: dt.date) -> None:
        vettings.append(
            Vetting(
                id=draws.uuid(),
                employer=row,
                outcome=outcome,
                note=draws.choice(reference.words["vetting_notes"][outcome]),
                proposed_by=staff.counsellors[0] if outcome == "cleared" else None,
                decided_by=staff.lead,
                decided_on=day,
                expires_on=day + days(CLEARED_FOR) if outcome == "cleared" else None,
                created_at=draws.instant(day),
            )
        )
        row.status = Employer.Status(outcome)

    if fate == "waiting":
        return vettings
    day = known_from + days(draws.randint(2, 12))
    if fate == "refused":
        decide("refused", day)
        return vettings
    firm.cleared_from = day
    stopped_on = draws.day(day + days(60), on - days(40)) if fate == "suspended" else None
    while day <= (stopped_on or on):
        if fate == "lapsed" and vettings and day + days(CLEARED_FOR) >= on:
            break
        decide("cleared", day)
        row.cleared_until = firm.cleared_until = day + days(CLEARED_FOR)
        # Renewed some weeks before it runs out.
        day = firm.cleared_until - days(draws.randint(5, 40))
    if stopped_on:
        decide("suspended", stopped_on)
        firm.cleared_until = stopped_on - days(1)
    return vettings


def _contacts(draws: Draws, reference: Reference, firm: Firm) -> list[Contact]:
    words = reference.words
    contacts: list[Contact] = []
    for number in range(1 if firm.user or draws.chance(0.7) else 2):
        name = f"{draws.choice(words['first_names'])} {draws.choice(words['surnames'])}"
        user = firm.user if number == 0 else None
        contacts.append(
            Contact(
                id=draws.uuid(),
                employer=firm.row,
                user=user,
                name=user.name if user else name,
                job_title=draws.choice(words["contact_titles"]) if draws.chance(0.8) else "",
                email=user.email if user else f"kontakt{draws.randint(1, 10**6)}@firma.example",
                created_at=firm.row.created_at,
            )
        )
    return contacts
