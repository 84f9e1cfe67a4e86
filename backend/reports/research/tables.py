"""From a programme's rows to the tables, as the programme stood at the end of a quarter."""

import datetime as dt
import secrets
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd
from django.db.models import QuerySet

from backend.accounts.models import Organisation
from backend.beneficiaries.models import Beneficiary, Identity
from backend.employers.minimum_wage import WEEKS_PER_MONTH, minimum_wage
from backend.outcomes.independence import DOMAINS, index
from backend.outcomes.models import FOLLOW_UP_DAYS, Assessment, EmploymentSpell, FollowUp
from backend.outcomes.retention import COMPETING_REASONS, WINDOW_AFTER, YES, known_at, last_asked
from backend.outcomes.spells import FULL_TIME, Facts, facts
from backend.places.regions import region_of
from backend.skills.codes import CEFR, Language

from ..evaluation_set import AGE_BANDS, age_band
from ..frames import planned_contacts
from ..quarters import Quarter
from ..training_set import consenting
from .anonymity import ANY, Ladder, anonymise, merge_rare, nothing

UNKNOWN = "unknown"
YOUNG = frozenset(band for below, band in AGE_BANDS if below <= 35)
LADDERS: dict[str, Ladder] = {
    "age_band": (
        str,
        lambda band: band if band == UNKNOWN else "under 35" if band in YOUNG else "35 and over",
        nothing,
    ),
    "region": (str, lambda region: f"{region[:3]}x" if region.startswith("RS") else region, nothing),
    "language": (str, nothing),
    "entered": (str, lambda quarter: quarter[:4], nothing),
}
"""How each description is generalised; see `dictionary` for what the steps mean."""

HOURS_BANDS = ((20, "under 20"), (35, "20-34"))
PAY_BANDS = ((Decimal("1.0"), "below"), (Decimal("1.1"), "1.0-1.1"), (Decimal("1.5"), "1.1-1.5"))
STEP = 30
HORIZONS = (90, 180, 365)
FOLLOW_UP_COLUMNS = ["person", "spell", "day", "contact", "days_late", "work", "evidence", "paid_on_time"]
ABOUT_WORK = ("employer", "sector", "contract", "hours", "pay", "subsidised", "evidence")


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables by name, every person under a name that was drawn for this export alone."""

    k: int
    persons: pd.DataFrame
    spells: pd.DataFrame
    follow_ups: pd.DataFrame
    assessments: pd.DataFrame

    @property
    def named(self) -> dict[str, pd.DataFrame]:
        return {name: getattr(self, name) for name in ("persons", "spells", "follow_ups", "assessments")}

    @property
    def undescribed(self) -> int:
        """How many people had to be left without any description."""
        return int((self.persons[list(LADDERS)] == ANY).all(axis=1).sum())


def tables_of(programme: Organisation, quarter: Quarter, on: dt.date, k: int) -> Tables:
    """Everybody who had entered by the end of the quarter and consents on this day; TooFew below k."""
    end = quarter.ends_on
    people = consenting(programme, on).filter(entered_on__lte=end, erased_at__isnull=True)
    told = _described(people)
    described = anonymise(told, LADDERS, k)
    names, entered = told["name"], told["entered_on"]
    work = at_cutoff(facts(people), end, planned_contacts(people))
    return Tables(
        k=k,
        persons=described.assign(person=names)[["person", *LADDERS]].sort_values("person", ignore_index=True),
        spells=_named(_spells(people, work, entered, k), names),
        follow_ups=_named(_follow_ups(people, work, end, k), names),
        assessments=_named(_assessments(people, entered, end), names),
    )


def _described(people: QuerySet[Beneficiary]) -> pd.DataFrame:
    """By person: a new name, the day of entry, and the description at its finest."""
    born = {one.beneficiary_id: one.birth_date for one in Identity.objects.filter(beneficiary__in=people)}
    rows = {}
    for person in people.select_related("municipality").prefetch_related("languages"):
        birth, levels = born.get(person.pk), CEFR.values
        spoken = {one.language: levels.index(one.spoken) for one in person.languages.all()}
        speaks_serbian = spoken.get(Language.SERBIAN, -1) >= max(spoken.values(), default=0)
        rows[str(person.pk)] = {
            "name": secrets.token_hex(6),
            "entered_on": pd.Timestamp(person.entered_on),
            "age_band": age_band(birth, person.entered_on) if birth else UNKNOWN,
            "region": region_of(person.municipality) if person.municipality else UNKNOWN,
            "language": ("Serbian" if speaks_serbian else "another") if spoken else UNKNOWN,
            "entered": str(Quarter.of(person.entered_on)),
        }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["name", "entered_on", *LADDERS])


def at_cutoff(known: Facts, end: dt.date, planned: pd.Series | None = None) -> pd.DataFrame:
    """Episodes as they stood at the cut-off, in days: what is known to have happened later has not happened yet.

    With what `dictionary` says was known of each horizon that was due.
    """
    cutoff, work = pd.Timestamp(end), known.episodes
    work = work[work["started_on"] <= cutoff].reset_index(drop=True)
    is_ended = work["is_ended"] & (work["last_on"] <= cutoff)
    left = work["left_first"] & (work["same_until"] <= cutoff)
    ends = {name: work[name].where(work[name] <= cutoff, cutoff) for name in ("last_on", "verified_on", "same_until")}
    asked = last_asked(planned, end).reindex(work["person"]).set_axis(work.index)
    is_lost = (work["number"] == 0) & ~is_ended & (ends["last_on"] < asked)
    work = work.assign(
        **ends, is_ended=is_ended, left_first=left, is_estimated=work["is_estimated"] & is_ended, is_lost=is_lost,
        **_horizons(known, work, end),
    )  # fmt: skip
    return _in_days(work, (cutoff - work["started_on"]).dt.days)


def _horizons(known: Facts, work: pd.DataFrame, end: dt.date) -> dict[str, pd.Series]:
    """What was known of each horizon that is due, on the rows of first placements."""
    found: dict[str, pd.Series] = {}
    people = work["person"]
    for day in HORIZONS:
        told = known_at(known, day, end)
        told = told[told["is_due"]].reindex(people).set_axis(work.index)
        told = told.where(work["number"] == 0)
        found[f"seen_{day}"] = told["was_seen"].eq(True)
        found[f"ended_{day}"] = (told["ended_on"] - work["started_on"]).dt.days.astype("Int64")
        found[f"same_{day}"] = told["is_same"].eq(True) & (told["employed"] == YES)
    return found


def _in_days(work: pd.DataFrame, observed: pd.Series) -> pd.DataFrame:
    """Days since each began. What is known up to the cut-off would tell its date: it is known up to a step before.

    Steps are every 30 days, contact days, and days on which a curve falls: no figure of a report changes by them.
    """
    days = {
        new: (work[old] - work["started_on"]).dt.days.astype("Int64")
        for new, old in (
            ("last_day", "last_on"),
            ("verified_day", "verified_on"),
            ("same_employer_day", "same_until"),
        )
    }
    due = np.array((0, *FOLLOW_UP_DAYS))
    followed = due[np.searchsorted(due, observed - WINDOW_AFTER, side="right") - 1]
    work = work.assign(**days, followed_for=np.where(observed < WINDOW_AFTER, 0, followed))
    falls = [
        work.loc[work["is_ended"] | work["is_lost"], "last_day"], work.loc[work["left_first"], "same_employer_day"],
        range(0, int(observed.max()) + 1 if len(observed) else 1, STEP), FOLLOW_UP_DAYS,
    ]  # fmt: skip
    steps = np.unique(np.concatenate([np.asarray(one, dtype=int) for one in falls]))
    seen = pd.Series(steps[np.searchsorted(steps, observed, side="right") - 1], work.index, dtype="Int64")
    happened = {"last_day": work["is_ended"], "same_employer_day": work["left_first"], "verified_day": work["is_ended"]}
    return work.assign(
        **{name: work[name].where(is_over | (work[name] < observed), seen) for name, is_over in happened.items()}
    )


def _spells(people: QuerySet[Beneficiary], work: pd.DataFrame, entered: pd.Series, k: int) -> pd.DataFrame:
    began = {(str(spell.beneficiary_id), spell.started_on): spell for spell in _rows(people)}
    found = [began.get((person, day.date())) for person, day in zip(work["person"], work["started_on"], strict=True)]
    about = pd.DataFrame([_about(spell) for spell in found], columns=list(ABOUT_WORK), index=work.index, dtype="str")
    firms = {firm: secrets.token_hex(4) for firm in about["employer"].unique() if firm != UNKNOWN}
    about["employer"] = about["employer"].map(firms).fillna(UNKNOWN)
    about = about.apply(lambda column: merge_rare(column, work["person"], k))
    ends = work["reason"].isin(COMPETING_REASONS).map({True: "competing", False: "work"})[work["is_ended"]]
    columns = [
        "person", "number", "started_day", "last_day", "is_ended", "end", "is_estimated", "verified_day",
        "same_employer_day", "left_first_employer", "followed_for", "is_lost",
        *(f"{what}_{day}" for day in HORIZONS for what in ("seen", "ended", "same")), *ABOUT_WORK,
    ]  # fmt: skip
    return work.assign(
        started_day=(work["started_on"] - entered.reindex(work["person"]).to_numpy()).dt.days,
        left_first_employer=work["left_first"],
        end=merge_rare(ends, work.loc[ends.index, "person"], k).reindex(work.index).fillna(""),
        **about,
    )[columns]


def _rows(people: QuerySet[Beneficiary]) -> QuerySet[EmploymentSpell]:
    return EmploymentSpell.objects.filter(beneficiary__in=people).select_related("employer").order_by("-created_at")


def _about(spell: EmploymentSpell | None) -> list[str]:
    """What `ABOUT_WORK` says of a spell; of work that only a contact told of, nothing is known."""
    if spell is None:
        return [UNKNOWN] * len(ABOUT_WORK)
    hours = spell.hours_per_week
    lowest = minimum_wage("RS", spell.started_on)
    pay = UNKNOWN
    if spell.net_pay_per_month is not None and lowest:
        # To the dinar, as in `outcomes.spells.pays_enough`.
        times = round(spell.net_pay_per_month) / round(lowest * (hours or FULL_TIME) * WEEKS_PER_MONTH)
        pay = next((band for below, band in PAY_BANDS if times < below), "1.5 and over")
    return [
        str(spell.employer_id or UNKNOWN),
        (spell.employer.sector if spell.employer else "") or UNKNOWN,
        spell.contract,
        UNKNOWN if hours is None else next((band for below, band in HOURS_BANDS if hours < below), "35 and over"),
        pay,
        "yes" if spell.is_subsidised else "no",
        spell.evidence,
    ]


def _follow_ups(people: QuerySet[Beneficiary], work: pd.DataFrame, end: dt.date, k: int) -> pd.DataFrame:
    """Contacts whose window had closed by the cut-off, of the stretches that `work` has."""
    due = FollowUp.objects.filter(
        spell__beneficiary__in=people, due_on__lte=end - dt.timedelta(days=WINDOW_AFTER)
    ).order_by("spell__started_on", "day")
    names = ["person", "began", "day", "due_on", "result", "work", "contacted_on", "evidence", "paid"]
    told = pd.DataFrame(
        list(due.values_list(
            "spell__beneficiary", "spell__started_on", "day", "due_on", "result", "status", "contacted_on", "evidence",
            "pay_on_time",
        )), columns=names,
    ).astype({"person": "str"})  # fmt: skip
    for name in ("began", "due_on", "contacted_on"):
        told[name] = told[name].astype("datetime64[s]")
    starts = work[["person", "number", "started_on"]].sort_values("started_on")
    told = pd.merge_asof(told.sort_values("began"), starts, left_on="began", right_on="started_on", by="person")
    told = told[told["number"].notna()].reset_index(drop=True)
    is_made = (told["result"] != "") & (told["contacted_on"] <= pd.Timestamp(end))
    is_known = is_made & told["result"].isin(FollowUp.KNOWN)
    coded = {
        "contact": pd.Series(np.select([is_known, is_made], ["made", "missed"], "open"), told.index, dtype="str"),
        "work": told["work"].where(is_known, ""),
        "evidence": told["evidence"].where(is_known, ""),
        "paid_on_time": told["paid"].map({True: "yes", False: "no"}).fillna("").where(is_known, ""),
    }
    late = (told["contacted_on"] - told["due_on"]).dt.days.astype("Int64")
    return told.assign(
        **{name: merge_rare(values.astype("str"), told["person"], k) for name, values in coded.items()},
        spell=told["number"].astype("int64"),
        days_late=late.where(is_made),
    )[FOLLOW_UP_COLUMNS].sort_values(["spell", "day"])


def _assessments(people: QuerySet[Beneficiary], entered: pd.Series, end: dt.date) -> pd.DataFrame:
    rows = Assessment.objects.filter(beneficiary__in=people, assessed_on__lte=end).order_by("assessed_on")
    names = ["person", "assessed_on", *DOMAINS]
    told = pd.DataFrame(list(rows.values_list("beneficiary", *names[1:])), columns=names).astype({"person": "str"})
    assessed = told["assessed_on"].astype("datetime64[s]")
    return pd.DataFrame(
        {
            "person": told["person"],
            "day": (assessed - entered.reindex(told["person"]).to_numpy()).dt.days,
            "index": index(told).round(2),
            "domains": told[DOMAINS].notna().sum(axis=1),
        }
    )


def _named(told: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Rows under the drawn names, and in their order."""
    told = told.assign(person=told["person"].map(names))
    return told.sort_values("person", kind="stable", ignore_index=True)
