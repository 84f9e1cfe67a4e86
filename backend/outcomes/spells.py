"""What the database knows of people's work: spells and contacts as the facts that `episodes` reads."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import pandas as pd
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from backend.beneficiaries.models import Beneficiary
from backend.employers.minimum_wage import WEEKS_PER_MONTH, minimum_wage

from .episodes import GAP_DAYS, episodes_of
from .models import EmploymentSpell, FollowUp

__all__ = [
    "FULL_TIME",
    "GAP_DAYS",
    "Facts",
    "episodes",
    "facts",
    "facts_after_introduction",
    "pays_enough",
    "qualifies",
]

FULL_TIME = Decimal(40)

SPELLS = {
    "person": "str",
    "spell": "int64",
    "started_on": "datetime64[s]",
    "recorded_on": "datetime64[s]",
    "ended_on": "datetime64[s]",
    "end_recorded_on": "datetime64[s]",
    "reason": "str",
    "employer": "str",
    "verified_on": "datetime64[s]",
    "is_subsidised": "bool",
    "is_qualifying": "bool",
    "pay": "object",
    "hours": "object",
    "introduction": "str",
}
CONTACTS = {
    "person": "str",
    "on": "datetime64[s]",
    "known_on": "datetime64[s]",
    "kind": "str",
    "spell": "int64",
}
KINDS = {
    FollowUp.Status.SAME_EMPLOYER: "same",
    FollowUp.Status.CHANGED_EMPLOYER: "elsewhere",
    FollowUp.Status.NOT_EMPLOYED: "none",
}


@dataclass(frozen=True)
class Facts:
    """Frames of spells and of contacts, as `episodes` describes them.

    Spells have besides: pay (net a month) and hours (a week), and introduction (its id, or nothing).
    """

    spells: pd.DataFrame
    contacts: pd.DataFrame

    @cached_property
    def episodes(self) -> pd.DataFrame:
        """From everything that is known."""
        return episodes_of(self.spells, self.contacts)

    def known_by(self, days: pd.Series) -> pd.DataFrame:
        """Episodes from what was known by a day, which `days` gives by person."""
        return episodes_of(self.spells, self.contacts, days)

    def since(self, groups: pd.DataFrame) -> "Facts":
        """The same from a day on, for each row of `groups` (group, person, since); the group stands for the person.

        Of earlier jobs nothing is left but the contacts.
        """
        spells = groups.merge(self.spells, on="person")
        spells = spells[spells["started_on"] >= spells["since"]].reset_index(drop=True)
        contacts = groups[["group", "person"]].merge(self.contacts, on="person")
        # A job that is in several groups is another one in each.
        new = spells[["group", "spell"]].assign(new=range(len(spells)))
        contacts = contacts.merge(new, on=["group", "spell"], how="left")
        return Facts(
            spells.assign(person=spells["group"], spell=new["new"])[list(SPELLS)].astype(SPELLS),
            contacts.assign(person=contacts["group"], spell=contacts["new"].fillna(-1))[list(CONTACTS)].astype(
                CONTACTS
            ),
        )


def episodes(beneficiaries: QuerySet[Beneficiary]) -> pd.DataFrame:
    """Episodes of these people from everything that is known, as `retention` describes them."""
    return facts(beneficiaries).episodes


def facts(beneficiaries: QuerySet[Beneficiary]) -> Facts:
    """What is known of their work since they entered: what a person had before she came is not a placement.

    A placement qualifies by a written contract and pay not known to be below the minimum of that day; once it has
    begun, any paid work counts as employment (Labour Force Survey).
    """
    return _facts(beneficiaries, Q(started_on__gte=F("beneficiary__entered_on")))


def facts_after_introduction(beneficiaries: QuerySet[Beneficiary]) -> Facts:
    """As `facts`, but from the work that each introduction led to; `person` is the introduction's id."""
    everything = _facts(beneficiaries, Q())
    led = everything.spells[everything.spells["introduction"] != ""]
    groups = led[["introduction", "person", "started_on"]]
    return everything.since(groups.rename(columns={"introduction": "group", "started_on": "since"}))


def _facts(beneficiaries: QuerySet[Beneficiary], counted: Q) -> Facts:
    # Where nobody noted when a job or its end became known, it was known on its day.
    work = EmploymentSpell.objects.filter(counted, beneficiary__in=beneficiaries).values_list(
        "beneficiary", "pk", "started_on", Coalesce("recorded_on", "started_on"), "ended_on",
        Coalesce("end_recorded_on", "ended_on"), "end_reason", "employer", "verified_on", "is_subsidised", "is_written",
        "net_pay_per_month", "hours_per_week", "introduction",
    )  # fmt: skip
    rows = list(work.order_by("beneficiary", "started_on"))
    number = {row[1]: at for at, row in enumerate(rows)}
    spells = pd.DataFrame(
        [
            (
                str(person), at, started_on, recorded_on, ended_on, end_recorded_on, reason, str(employer or pk),
                verified_on, is_subsidised, qualifies(is_written, pay, hours, started_on), pay, hours,
                str(introduction or ""),
            )
            for at, (
                person, pk, started_on, recorded_on, ended_on, end_recorded_on, reason, employer, verified_on,
                is_subsidised, is_written, pay, hours, introduction,
            ) in enumerate(rows)
        ],
        columns=list(SPELLS),
    )  # fmt: skip
    return Facts(spells.astype(SPELLS), _contacts(beneficiaries, number))


def _contacts(beneficiaries: QuerySet[Beneficiary], number: dict[object, int]) -> pd.DataFrame:
    """What follow-ups found, and what employers said who were asked; an employer's no ends nothing."""
    says_yes = Q(employer_says=FollowUp.Word.WORKS, employer_said_on__isnull=False)
    told = FollowUp.objects.filter(~Q(status="") | says_yes, spell__beneficiary__in=beneficiaries).values_list(
        "spell__beneficiary", "spell", "status", "contacted_on", Coalesce("recorded_on", "contacted_on"),
        "employer_says", "employer_said_on",
    )  # fmt: skip
    rows = []
    for person, spell, status, contacted_on, recorded_on, says, said_on in told:
        about = number.get(spell, -1)
        if status:
            rows.append((str(person), contacted_on, recorded_on, KINDS[FollowUp.Status(status)], about))
        if says == FollowUp.Word.WORKS and said_on is not None:
            rows.append((str(person), said_on, said_on, "same", about))
    return pd.DataFrame(rows, columns=list(CONTACTS)).astype(CONTACTS)


def qualifies(is_written: bool, pay: Decimal | None, hours: Decimal | None, started_on: dt.date) -> bool:
    """Whether work is a placement: a written contract, and pay not known to be below the minimum of its first day."""
    return is_written and pays_enough(pay, hours, started_on) is not False


def pays_enough(pay: Decimal | None, hours: Decimal | None, on: dt.date) -> bool | None:
    """Whether net pay a month is at or above the minimum of a day for the hours a week; None where it is not known."""
    lowest = minimum_wage("RS", on)
    if pay is None or lowest is None:
        return None
    # Money is compared to the dinar: a monthly minimum is the hourly one rounded over 174 hours.
    return round(pay) >= round(lowest * (hours or FULL_TIME) * WEEKS_PER_MONTH)
