"""One programme as frames, as it stood at the end of a quarter: the only place where reports touch single people."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd
from django.db.models import Exists, OuterRef, QuerySet

from backend.accounts.models import Organisation
from backend.beneficiaries.models import Beneficiary
from backend.matches.models import Introduction, Match
from backend.outcomes.independence import DOMAINS
from backend.outcomes.models import Assessment, EmploymentSpell, FollowUp, WarningFlag
from backend.outcomes.retention import durations
from backend.outcomes.spells import Facts, facts
from backend.trainings.models import Enrolment

from .indicators import said_conditions
from .models import Grant
from .quarters import Quarter

UNKNOWN, NONE = "unknown", "none"
SAID = "said_"
"""Before the names of columns that say whether a file says something matching would use."""


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames of people who entered by the end of the quarter; `person` is the row's key as text.

    people       by person: entered_on, cohort (year of entry), municipality, counsellor, status, grant, is_matched,
                 introduced_on, said_…
    facts        what is known of their work; episodes: as `retention` describes them, from all of it
    placements   by person placed: durations of `retention`, and the groups she is counted under
    completions  person, course, ended_on: courses she completed; left_on: by person the day she left the last one
    assessments  as `independence` describes them
    red_flags    person, raised_on, resolved_on
    follow_ups   contacts due in the quarter: day, counsellor, outcome
    flags        warning flags raised in the quarter: severity, outcome
    introductions shared with employers so far: employer, outcome
    """

    quarter: Quarter
    people: pd.DataFrame
    facts: Facts
    placements: pd.DataFrame
    completions: pd.DataFrame
    left_on: pd.Series
    assessments: pd.DataFrame
    red_flags: pd.DataFrame
    follow_ups: pd.DataFrame
    flags: pd.DataFrame
    introductions: pd.DataFrame

    @property
    def episodes(self) -> pd.DataFrame:
        return self.facts.episodes

    @property
    def cutoff(self) -> dt.date:
        return self.quarter.ends_on


def read(programme: Organisation, quarter: Quarter) -> Frames:
    """Everything that the catalogue counts, in a fixed number of queries."""
    end = quarter.ends_on
    everybody = Beneficiary.objects.filter(organisation=programme, entered_on__lte=end)
    people, work = _people(everybody, programme, end), facts(everybody)
    spells = _frame(
        _spells(everybody, end).values_list("beneficiary", "started_on", "employer__sector", "employer__name"),
        ["person", "started_on", "sector", "firm"],
    )
    completions, left_on = _trainings(everybody, end)
    return Frames(
        quarter=quarter,
        people=people,
        facts=work,
        placements=_placements(people, work.episodes, planned_contacts(everybody), spells, completions, end),
        completions=completions,
        left_on=left_on,
        assessments=_assessments(everybody, end),
        red_flags=_red_flags(everybody, end),
        follow_ups=_follow_ups(everybody, quarter),
        flags=_flags(everybody, quarter),
        introductions=_introductions(everybody, end),
    )


def _people(everybody: QuerySet[Beneficiary], programme: Organisation, end: dt.date) -> pd.DataFrame:
    matches = Match.objects.filter(beneficiary=OuterRef("pk"), created_at__date__lte=end)
    said = {f"{SAID}{code}": condition for code, condition in said_conditions().items()}
    rows = everybody.annotate(is_matched=Exists(matches), **said).values_list(
        "pk", "entered_on", "municipality__name", "counsellor__name", "status", "is_matched", *said
    )
    people = _frame(rows, ["person", "entered_on", "municipality", "counsellor", "status", "is_matched", *said])
    people["person"] = people["person"].astype("str")
    people = people.set_index("person")
    people["entered_on"] = people["entered_on"].astype("datetime64[s]")
    people["municipality"] = people["municipality"].fillna(UNKNOWN)
    people["cohort"] = people["entered_on"].dt.year.astype("str")
    people["grant"] = NONE
    for grant in Grant.objects.filter(programme=programme).order_by("starts_on"):
        is_paid = people["entered_on"].between(pd.Timestamp(grant.starts_on), pd.Timestamp(grant.ends_on))
        people.loc[is_paid, "grant"] = grant.name
    shared = Introduction.objects.filter(match__beneficiary__in=everybody, shared_at__date__lte=end)
    first = _frame(shared.order_by("shared_at").values_list("match__beneficiary", "shared_at"), ["person", "at"])
    first["person"] = first["person"].astype("str")
    days = pd.to_datetime(first["at"], utc=True).dt.tz_localize(None).dt.normalize().astype("datetime64[s]")
    people["introduced_on"] = days.groupby(first["person"]).min().reindex(people.index)
    return people


def _placements(
    people: pd.DataFrame,
    work: pd.DataFrame,
    planned: pd.Series,
    spells: pd.DataFrame,
    completions: pd.DataFrame,
    end: dt.date,
) -> pd.DataFrame:
    """First placements, with the groups they are counted under."""
    placed = durations(work, end, planned).set_index("person")
    spells = spells.assign(
        person=spells["person"].astype("str"), started_on=spells["started_on"].astype("datetime64[s]")
    )
    began = placed[["started_on"]].reset_index().merge(spells, on=["person", "started_on"], how="left")
    began = began.drop_duplicates("person").set_index("person")
    before = completions[completions["ended_on"] <= placed["started_on"].reindex(completions["person"]).to_numpy()]
    course = before.sort_values("ended_on").drop_duplicates("person", keep="last").set_index("person")["course"]
    first = work[work["number"] == 0].set_index("person")
    return placed.assign(
        cohort=placed["started_on"].dt.year.astype("str"),
        sector=began["sector"].replace("", None).fillna(UNKNOWN),
        employer=began["firm"].fillna(UNKNOWN),
        training=course.reindex(placed.index).fillna(NONE),
        municipality=people["municipality"].reindex(placed.index),
        grant=people["grant"].reindex(placed.index),
        subsidy=placed["is_subsidised"].map({True: "subsidised", False: "unsubsidised"}),
        reason=first["reason"].reindex(placed.index),
    )


def _trainings(everybody: QuerySet[Beneficiary], end: dt.date) -> tuple[pd.DataFrame, pd.Series]:
    rows = Enrolment.objects.filter(beneficiary__in=everybody, ended_on__lte=end).order_by("ended_on", "pk")
    left = _frame(
        rows.values_list("beneficiary", "session__course__title", "ended_on", "status"),
        ["person", "course", "ended_on", "status"],
    )
    left["person"], left["ended_on"] = left["person"].astype("str"), left["ended_on"].astype("datetime64[s]")
    completed = left[left["status"] == Enrolment.Status.COMPLETED]
    return completed.drop_duplicates(["person", "course"]), left.groupby("person")["ended_on"].max()


def _spells(everybody: QuerySet[Beneficiary], end: dt.date) -> QuerySet[EmploymentSpell]:
    return EmploymentSpell.objects.filter(beneficiary__in=everybody, started_on__lte=end).order_by("started_on")


def _assessments(everybody: QuerySet[Beneficiary], end: dt.date) -> pd.DataFrame:
    columns = ["person", "assessed_on", *DOMAINS, "needs_met", "agrees"]
    rows = Assessment.objects.filter(beneficiary__in=everybody, assessed_on__lte=end)
    told = _frame(rows.values_list("beneficiary", *columns[1:]), columns)
    told["person"], told["assessed_on"] = told["person"].astype("str"), told["assessed_on"].astype("datetime64[s]")
    return told


def _red_flags(everybody: QuerySet[Beneficiary], end: dt.date) -> pd.DataFrame:
    red = WarningFlag.objects.filter(
        beneficiary__in=everybody, severity=WarningFlag.Severity.RED, raised_on__lte=end
    ).values_list("beneficiary", "raised_on", "resolved_on")
    told = _frame(red, ["person", "raised_on", "resolved_on"])
    return told.astype({"person": "str", "raised_on": "datetime64[s]", "resolved_on": "datetime64[s]"})


def planned_contacts(everybody: QuerySet[Beneficiary]) -> pd.Series:
    """The days for which contact with each person is or was planned."""
    rows = FollowUp.objects.filter(spell__beneficiary__in=everybody).values_list("spell__beneficiary", "due_on")
    told = _frame(rows, ["person", "due_on"]).astype({"person": "str", "due_on": "datetime64[s]"})
    return told.set_index("person")["due_on"]


def _follow_ups(everybody: QuerySet[Beneficiary], quarter: Quarter) -> pd.DataFrame:
    due = FollowUp.objects.filter(
        spell__beneficiary__in=everybody, due_on__range=(quarter.starts_on, quarter.ends_on)
    ).values_list("day", "spell__beneficiary__counsellor__name", "due_on", "contacted_on", "result")
    told = _frame(due, ["day", "counsellor", "due_on", "contacted_on", "result"])
    late = (pd.to_datetime(told["contacted_on"]) - pd.to_datetime(told["due_on"])).dt.days
    told["outcome"] = "on_time"
    told.loc[late > IN_TIME, "outcome"] = "late"
    told.loc[(told["result"] != "") & ~told["result"].isin(FollowUp.KNOWN), "outcome"] = "missed"
    told.loc[told["result"] == "", "outcome"] = "open"
    return told.assign(day=told["day"].astype("str"))


IN_TIME = 7
"""Days after its day within which a contact is in time."""


def _flags(everybody: QuerySet[Beneficiary], quarter: Quarter) -> pd.DataFrame:
    raised = WarningFlag.objects.filter(
        beneficiary__in=everybody, raised_on__range=(quarter.starts_on, quarter.ends_on)
    ).values_list("severity", "due_on", "resolved_on")
    told = _frame(raised, ["severity", "due_on", "resolved_on"])
    late = pd.to_datetime(told["resolved_on"]) > pd.to_datetime(told["due_on"])
    told["outcome"] = late.map({True: "late", False: "on_time"}).where(told["resolved_on"].notna(), "open")
    return told


def _introductions(everybody: QuerySet[Beneficiary], end: dt.date) -> pd.DataFrame:
    state = Introduction.State
    shared = Introduction.objects.filter(match__beneficiary__in=everybody, shared_at__date__lte=end).values_list(
        "match__opening__employer__name", "state", "answered_at"
    )
    told = _frame(shared, ["employer", "state", "answered_at"])
    told["outcome"] = "answered"
    told.loc[told["answered_at"].isna(), "outcome"] = "waiting"
    told.loc[told["answered_at"].isna() & (told["state"] == state.LAPSED), "outcome"] = "silent"
    return told


def _frame(rows: Any, columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=columns)
