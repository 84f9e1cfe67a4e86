"""From spells and contacts in the database to episodes of employment, as `retention` reads them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pandas as pd
from django.db.models import F, QuerySet

from backend.beneficiaries.models import Beneficiary
from backend.employers.minimum_wage import WEEKS_PER_MONTH, minimum_wage

from .models import EmploymentSpell, FollowUp

GAP_DAYS = 30
"""Days without work that break employment; shorter interruptions count as employed (Serbian Labour Law, art. 37)."""

FULL_TIME = Decimal(40)
Minimum = Callable[[str, dt.date], Decimal | None]

COLUMNS = {
    "person": "str",
    "number": "int64",
    "started_on": "datetime64[s]",
    "last_on": "datetime64[s]",
    "is_ended": "bool",
    "verified_on": "datetime64[s]",
    "ended_known_on": "datetime64[s]",
    "is_estimated": "bool",
    "same_until": "datetime64[s]",
    "left_first": "bool",
    "reason": "str",
    "is_subsidised": "bool",
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Work known from a day to a day at one employer; `known_on` is when its end was known, None while it runs."""

    started_on: dt.date
    last_on: dt.date
    verified_on: dt.date
    employer: str
    known_on: dt.date | None = None
    is_estimated: bool = False
    reason: str = ""
    is_subsidised: bool = False
    is_qualifying: bool = False


@dataclass(frozen=True, slots=True)
class Contact:
    """A follow-up that found her working elsewhere, or not working."""

    on: dt.date
    works: bool


def episodes(beneficiaries: QuerySet[Beneficiary], *, gap_days: int = GAP_DAYS) -> pd.DataFrame:
    """Episodes from each person's first qualifying placement on; the columns are described in `retention`.

    A placement qualifies by a written contract and pay not known to be below the minimum of that day; once it has
    begun, any paid work counts as employment (Labour Force Survey).
    """
    contacts = _contacts(beneficiaries)
    spells: dict[Any, list[EmploymentSpell]] = defaultdict(list)
    # Work that she had before she came is not a placement.
    placed = EmploymentSpell.objects.filter(beneficiary__in=beneficiaries, started_on__gte=F("beneficiary__entered_on"))
    for spell in placed.order_by("beneficiary", "started_on"):
        spells[spell.beneficiary_id].append(spell)
    return _frame(
        (str(person), merge(stretches(hers, contacts[person]), gap_days=gap_days)) for person, hers in spells.items()
    )


def episodes_after_introduction(beneficiaries: QuerySet[Beneficiary], *, gap_days: int = GAP_DAYS) -> pd.DataFrame:
    """As `episodes`, but from the work that each introduction led to; `person` is the introduction's id.

    Work that does not qualify as a placement has none.
    """
    contacts = _contacts(beneficiaries)
    spells: dict[Any, list[EmploymentSpell]] = defaultdict(list)
    for spell in EmploymentSpell.objects.filter(beneficiary__in=beneficiaries).order_by("beneficiary", "started_on"):
        spells[spell.beneficiary_id].append(spell)
    found = []
    for person, hers in spells.items():
        for number, spell in enumerate(hers):
            if spell.introduction_id is not None:
                since = merge(stretches(hers[number:], contacts[person]), gap_days=gap_days)
                led_there = bool(since) and since[0]["started_on"] == spell.started_on
                found.append((str(spell.introduction_id), since if led_there else []))
    return _frame(found)


def stretches(
    spells: Iterable[EmploymentSpell], contacts: Iterable[Contact], *, minimum: Minimum = minimum_wage
) -> list[Stretch]:
    """What is known of one person's work, by day.

    Running work that a later contact contradicts ends midway between the last day verified and that contact; a contact
    that finds her working elsewhere is a stretch of its own.
    """
    spells = sorted(spells, key=lambda spell: spell.started_on)
    contacts = sorted(contacts, key=lambda contact: contact.on)
    found = [_of_spell(spell, contacts, minimum) for spell in spells]
    for contact in contacts:
        if contact.works and not any(known.started_on <= contact.on <= known.last_on for known in found):
            until = min((spell.started_on for spell in spells if spell.started_on > contact.on), default=dt.date.max)
            found.append(_of_contact(contact, [later for later in contacts if later.on < until]))
    return sorted(found, key=lambda stretch: stretch.started_on)


def merge(known: list[Stretch], *, gap_days: int = GAP_DAYS) -> list[dict[str, Any]]:
    """Episodes of one person, from her first qualifying stretch on; none without one.

    Stretches merge when fewer than `gap_days` days without work lie between them, or when the earlier has no known end.
    """
    start = next((i for i, stretch in enumerate(known) if stretch.is_qualifying), len(known))
    merged: list[list[Stretch]] = []
    for stretch in known[start:]:
        before = merged[-1][-1] if merged else None
        if before and (before.known_on is None or (stretch.started_on - before.last_on).days - 1 < gap_days):
            merged[-1].append(stretch)
        else:
            merged.append([stretch])
    return [_episode(run) for run in merged]


def _contacts(beneficiaries: QuerySet[Beneficiary]) -> dict[Any, list[Contact]]:
    contacts: dict[Any, list[Contact]] = defaultdict(list)
    seen = FollowUp.objects.filter(
        spell__beneficiary__in=beneficiaries,
        status__in=[FollowUp.Status.CHANGED_EMPLOYER, FollowUp.Status.NOT_EMPLOYED],
    )
    for person, status, on in seen.values_list("spell__beneficiary", "status", "contacted_on"):
        if on is not None:
            contacts[person].append(Contact(on, status == FollowUp.Status.CHANGED_EMPLOYER))
    return contacts


def _frame(merged: Iterable[tuple[str, list[dict[str, Any]]]]) -> pd.DataFrame:
    rows = [{"person": who, "number": number, **row} for who, runs in merged for number, row in enumerate(runs)]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def _episode(run: list[Stretch]) -> dict[str, Any]:
    first, last = run[0], run[-1]
    with_first = [first]
    for stretch in run[1:]:
        if stretch.employer != first.employer:
            break
        with_first.append(stretch)
    return {
        "started_on": first.started_on,
        "last_on": last.last_on,
        "is_ended": last.known_on is not None,
        "verified_on": last.verified_on,
        "ended_known_on": last.known_on,
        "is_estimated": last.is_estimated,
        "same_until": with_first[-1].last_on,
        "left_first": len(with_first) < len(run) or last.known_on is not None,
        "reason": last.reason,
        "is_subsidised": first.is_subsidised,
    }


def _of_spell(spell: EmploymentSpell, contacts: list[Contact], minimum: Minimum) -> Stretch:
    known = Stretch(
        started_on=spell.started_on,
        last_on=spell.ended_on or spell.verified_on,
        verified_on=spell.ended_on or spell.verified_on,
        employer=str(spell.employer_id or spell.pk),
        known_on=spell.ended_on,
        reason=spell.end_reason,
        is_subsidised=spell.is_subsidised,
        is_qualifying=_qualifies(spell, minimum),
    )
    return known if spell.ended_on else _contradicted(known, contacts)


def _of_contact(contact: Contact, contacts: list[Contact]) -> Stretch:
    return _contradicted(Stretch(contact.on, contact.on, contact.on, employer="elsewhere"), contacts)


def _contradicted(running: Stretch, contacts: list[Contact]) -> Stretch:
    """The stretch, ended halfway to the first contact after it; if she worked elsewhere then, no gap is known."""
    later = next((contact for contact in contacts if contact.on > running.verified_on), None)
    if later is None:
        return running
    return replace(
        running,
        last_on=running.verified_on + (later.on - running.verified_on) // 2,
        known_on=None if later.works else later.on,
        is_estimated=True,
        reason=EmploymentSpell.EndReason.UNKNOWN,
    )


def _qualifies(spell: EmploymentSpell, minimum: Minimum) -> bool:
    return spell.is_written and is_paid_enough(spell, minimum) is not False


def is_paid_enough(spell: EmploymentSpell, minimum: Minimum = minimum_wage) -> bool | None:
    """Whether the pay is at or above the minimum of the first day worked; None where it is not known."""
    lowest = minimum("RS", spell.started_on)
    if spell.net_pay_per_month is None or lowest is None:
        return None
    # Money is compared to the dinar: a monthly minimum is the hourly one rounded over 174 hours.
    hours = (spell.hours_per_week or FULL_TIME) * WEEKS_PER_MONTH
    return round(spell.net_pay_per_month) >= round(lowest * hours)
