"""Tables for analysts: nobody stands alone, nothing names anybody, and the report's numbers come out of them."""

import csv
import datetime as dt
import io
import json
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from backend.audit.models import Event
from backend.beneficiaries.models import Beneficiary, Consent
from backend.outcomes.models import FOLLOW_UP_DAYS, Assessment, EmploymentSpell, FollowUp
from backend.outcomes.retention import durations, outcomes_at
from backend.outcomes.services import erase_person
from backend.outcomes.spells import Facts
from backend.outcomes.survival import at_days, cumulative_incidence, kaplan_meier
from backend.reports.quarters import Quarter
from backend.reports.research import TooFew, tables, tables_of
from backend.reports.research.anonymity import ANY, OTHER, anonymise, merge_rare
from backend.reports.research.tables import LADDERS, at_cutoff
from backend.reports.services import ask_for_snapshot, take_snapshot
from tests.backend.outcomes.frames import START as BEGIN
from tests.backend.outcomes.frames import contact, facts, job
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory, IdentityFactory, MunicipalityFactory

K = 11
THIRD = Quarter(2026, 3)
ENTERED = dt.date(2025, 12, 1)
START = dt.date(2026, 1, 10)
CANARIES = ("Sintetika", "Primerovi", "Tajnograd", "Firmetina", "Krojačica", "beleška", "KANARINAC", "2026-01-10")


# -- anonymity --------------------------------------------------------------------------------------------------------


def people(seed: int, number: int) -> pd.DataFrame:
    """Descriptions drawn with very uneven chances."""
    rng = np.random.default_rng(seed)
    values = {
        "age_band": ["under 25", "25-34", "35-44", "45-54", "55 and over", "unknown"],
        "region": ["RS11", "RS12", "RS21", "RS22", "abroad", "unknown"],
        "language": ["Serbian", "another", "unknown"],
        "entered": [f"{year}-Q{quarter}" for year in (2024, 2025, 2026) for quarter in (1, 2, 3, 4)],
    }
    drawn = {name: rng.choice(some, number, p=rng.dirichlet(np.full(len(some), 0.5))) for name, some in values.items()}
    return pd.DataFrame(drawn, dtype="str")


def loneliest(told: pd.DataFrame) -> int:
    """The size of the smallest crowd, by looking at every pair of rows."""
    rows = [tuple(row) for row in told.to_numpy()]
    return min(sum(one == other for other in rows) for one in rows)


@pytest.mark.parametrize("seed", range(20))
def test_every_description_belongs_to_k_people(seed: int) -> None:
    raw = people(seed, number=K + 17 * seed)
    told = anonymise(raw, LADDERS, K)
    assert loneliest(told) >= K
    # Each value is her own, or a coarser name of it.
    for column, ladder in LADDERS.items():
        for before, after in zip(raw[column], told[column], strict=True):
            assert after in {step(before) for step in ladder}


def test_untouched_descriptions_would_be_noticed() -> None:
    assert loneliest(people(3, 200)) < K


def test_columns_are_kept_where_there_are_people_enough() -> None:
    raw = pd.DataFrame(
        [("25-34", "RS11", "Serbian", "2025-Q1")] * 20 + [("45-54", "RS12", "Serbian", "2025-Q3")] * 20,
        columns=list(LADDERS),
    )
    assert anonymise(raw, LADDERS, K).equals(raw)
    with pytest.raises(TooFew):
        anonymise(raw[: K - 1], LADDERS, K)


@pytest.mark.parametrize("seed", range(10))
def test_rare_values_are_merged_until_k_people_have_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    whose = pd.Series(rng.integers(0, 60, 150).astype(str))
    raw = pd.Series(rng.choice(list("abcdef"), 150, p=rng.dirichlet(np.full(6, 0.4))))
    told = merge_rare(raw, whose, K)
    holders = {value: len({who for who, one in zip(whose, told, strict=True) if one == value}) for value in set(told)}
    assert min(holders.values()) >= K
    assert all(after in (before, OTHER) for before, after in zip(raw, told, strict=True))


# -- days instead of dates --------------------------------------------------------------------------------------------

CUTOFF = dt.date(2026, 9, 30)
GRID = sorted({*range(0, 751, 30), *FOLLOW_UP_DAYS})


def careers(seed: int, number: int = 120) -> Facts:
    """Lives with every awkward case: ends after the cut-off or told late, guesses, silence, better jobs, new firms."""
    rng = np.random.default_rng(seed)
    jobs, contacts = [], []
    for person in map(str, range(number)):
        started = (CUTOFF - dt.timedelta(days=int(rng.integers(-40, 900))) - BEGIN).days
        for _ in range(int(rng.integers(1, 4))):
            last = started + int(rng.exponential(200))
            is_ended, number_of = bool(rng.random() < 0.7), len(jobs)
            told = last + int(rng.choice([0, 3, 50]))
            jobs.append(
                job(
                    started, last if is_ended else None, person, employer=str(rng.integers(3)), end_recorded_on=told,
                    reason=str(rng.choice(["dismissed", "study", "better_job"])) if is_ended else "",
                )
                if is_ended
                else job(started, None, person, employer=str(rng.integers(3)))
            )  # fmt: skip
            for day in (*FOLLOW_UP_DAYS, 60, 200):
                if rng.random() < 0.5 and started + day <= last:
                    contacts.append(contact(started + day + int(rng.integers(0, 9)), "same", number_of, person))
            if rng.random() < 0.4:
                kind = str(rng.choice(["none", "elsewhere"]))
                contacts.append(contact(last + int(rng.integers(1, 60)), kind, number_of, person))
            if not is_ended:
                break
            started = last + int(rng.integers(1, 90))
    contacts = [one for one in contacts if one["on"] <= CUTOFF]
    return facts(jobs, contacts)


def planned(known: Facts) -> pd.Series:
    """Every contact day of every job."""
    jobs = known.spells
    return pd.concat([jobs.set_index("person")["started_on"] + pd.Timedelta(days=day) for day in FOLLOW_UP_DAYS])


def codes(told: pd.DataFrame, horizon: int) -> dict[str, str]:
    """The outcome at a horizon, person by person, from the columns of the table and their meaning alone."""
    found = {}
    for row in told[told["number"] == 0].to_dict("records"):
        ended = row[f"ended_{horizon}"]
        if row["followed_for"] < horizon:
            code = "not_due"
        elif row[f"seen_{horizon}"] or (not pd.isna(ended) and ended >= horizon):
            code = "same_employer" if row[f"same_{horizon}"] else "changed_employer"
        else:
            code = "unknown" if pd.isna(ended) else "left"
        found[row["person"]] = code
    return found


def differing(known: Facts, told: pd.DataFrame) -> list[str]:
    """What a report would say otherwise from the table than from the rows themselves."""
    whole = durations(known.episodes, CUTOFF, planned(known))
    first = told[told["number"] == 0]
    lost = first["is_lost"]
    causes = first["is_ended"].astype(int) + (first["is_ended"] & (first["reason"] == "study"))
    curves = {
        "survival": (
            kaplan_meier(whole["days"], whole["event"]),
            kaplan_meier(first["last_day"], first["is_ended"]),
        ),
        "if lost": (
            kaplan_meier(whole["days"], whole["event"] | whole["is_lost"]),
            kaplan_meier(first["last_day"], first["is_ended"] | lost),
        ),
        "same employer": (
            kaplan_meier(whole["days_same"], whole["event_same"]),
            kaplan_meier(first["same_employer_day"], first["left_first"]),
        ),
    }
    found = [
        name
        for name, (theirs, ours) in curves.items()
        if not np.allclose(at_days(theirs, GRID), at_days(ours, GRID), equal_nan=True)
    ]
    for day in GRID:
        ends = [
            float(incidence.loc[incidence["t"] <= day, 2].iloc[-1])
            for incidence in (
                cumulative_incidence(whole["days"], whole["cause"]),
                cumulative_incidence(first["last_day"], causes),
            )
        ]
        if not np.isclose(*ends):
            found.append(f"competing ends at {day}")
    begun = set(whole["person"])
    for day in (90, 180, 365):
        theirs = outcomes_at(known, day, CUTOFF).replace({"returned": "left", "not_employed": "left"})
        if {person: code for person, code in theirs.items() if person in begun} != codes(told, day):
            found.append(f"codes at {day}")
    return found


def as_told(known: Facts) -> pd.DataFrame:
    return at_cutoff(known, CUTOFF, planned(known))


@pytest.mark.parametrize("seed", range(8))
def test_days_without_dates_give_every_figure_of_a_report(seed: int) -> None:
    known = careers(seed)
    assert differing(known, as_told(known)) == []


def test_the_lives_have_every_outcome() -> None:
    known = careers(1)
    for day in (90, 180):
        found = set(outcomes_at(known, day, CUTOFF))
        assert found == {"same_employer", "changed_employer", "returned", "not_employed", "unknown", "not_due"}
    assert 5 < as_told(known)["is_lost"].sum() < 60


def test_a_coarser_observation_would_be_noticed() -> None:
    known = careers(1)
    told = as_told(known)
    running = ~told["is_ended"]
    assert differing(known, told.assign(last_day=told["last_day"].where(~running, told["last_day"] // 90 * 90)))
    assert "codes at 90" in differing(known, told.assign(seen_90=told["verified_day"] >= 76))


def test_nobodys_days_end_on_the_cut_off() -> None:
    """Else the date of her first day would be the cut-off less her days."""
    known = careers(5)
    told = as_told(known)
    observed = (pd.Timestamp(CUTOFF) - told["started_on"]).dt.days
    cut = (told["verified_day"] == observed) & ~told["is_ended"] & (observed % 30 != 0)
    falls = set(told.loc[told["is_ended"], "last_day"]) | set(told.loc[told["left_first"], "same_employer_day"])
    lost = set(told.loc[told["is_lost"], "last_day"])
    assert set(observed[cut]) <= falls | lost | set(FOLLOW_UP_DAYS)


# -- the export -------------------------------------------------------------------------------------------------------


def consent(cast: Cast, person: Beneficiary, **fields: Any) -> None:
    Consent.objects.create(
        beneficiary=person, purpose="research", text_version="1", language="sr", method="signed",
        recorded_by=cast.counsellor, given_on=ENTERED, **fields,
    )  # fmt: skip


def place(cast: Cast, number: int, *, last: int, ended: bool = False) -> list[Beneficiary]:
    """People who say everything that must not leave, placed on START and known to have worked until day `last`."""
    until = START + dt.timedelta(days=last)
    town = MunicipalityFactory(code="RS-00-x", name="Tajnograd")
    cast.employer.name, cast.employer.sector = "Firmetina", "C"
    cast.employer.save()
    placed = []
    for _ in range(number):
        person = BeneficiaryFactory(
            organisation=cast.programme, counsellor=cast.counsellor, entered_on=ENTERED, municipality=town
        )
        Beneficiary.objects.filter(pk=person.pk).update(code=f"KANARINAC-{Beneficiary.objects.count()}")
        IdentityFactory(
            beneficiary=person, first_name="Sintetika", last_name="Primerović", birth_date=dt.date(1990, 3, 1)
        )
        consent(cast, person)
        spell = EmploymentSpell.objects.create(
            beneficiary=person, employer=cast.employer, job_title="Krojačica", contract="permanent", evidence="A",
            started_on=START, ended_on=until if ended else None, end_reason="harassment" if ended else "",
            verified_on=until,
        )  # fmt: skip
        FollowUp.objects.create(
            spell=spell, day=30, due_on=START + dt.timedelta(days=30), result="reached", evidence="C",
            status="same_employer" if last >= 32 else "not_employed", contacted_on=START + dt.timedelta(days=32),
            note="beleška", recorded_by=cast.counsellor,
        )  # fmt: skip
        if last >= 90:
            FollowUp.objects.create(
                spell=spell, day=90, due_on=START + dt.timedelta(days=90), result="reached", evidence="C",
                status="same_employer", contacted_on=START + dt.timedelta(days=92), recorded_by=cast.counsellor,
            )  # fmt: skip
        Assessment.objects.create(
            beneficiary=person, assessed_on=ENTERED, assessed_by=cast.counsellor, employment=1, income=2, housing=3,
            safety=2, legal=4, finances=2,
        )  # fmt: skip
        placed.append(person)
    return placed


@pytest.fixture
def programme(cast: Cast, today: dt.date) -> Cast:
    """60 placed: 36 still at work after 90 days, 14 not, 10 unknown; one more, who does not consent; frozen."""
    place(cast, 36, last=200)
    place(cast, 14, last=50, ended=True)
    place(cast, 10, last=33)
    take_snapshot(
        snapshot=ask_for_snapshot(actor=cast.lead, programme=cast.programme, quarter=THIRD, on=today), on=today
    )
    return cast


def export(cast: Cast, folder: Path, **options: Any) -> dict[str, Any]:
    call_command("export_research", folder, actor=cast.lead.email, stdout=io.StringIO(), **options)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def leaks(files: dict[str, bytes]) -> set[str]:
    """Which canaries any byte of any file says, with what Parquet packs unpacked."""
    everything = [content.decode("utf-8", "replace") for content in files.values()]
    for name, content in files.items():
        if name.endswith(".parquet"):
            everything.append(pd.read_parquet(io.BytesIO(content)).to_csv())
    keys = [str(pk) for pk in Beneficiary.objects.values_list("pk", flat=True)]
    return {canary for canary in (*CANARIES, *keys) if any(canary in text for text in everything)}


@pytest.mark.django_db
def test_no_byte_of_the_folder_names_anybody(programme: Cast, tmp_path: Path) -> None:
    files = export(programme, tmp_path / "export")
    assert leaks(files) == set()
    assert not any(b"harassment" in content for content in files.values())


@pytest.mark.django_db
def test_a_town_in_a_table_would_be_noticed(programme: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "region_of", lambda place: place.name)
    assert leaks(export(programme, tmp_path / "export")) == {"Tajnograd"}


@pytest.mark.django_db
def test_the_reports_numbers_come_out_of_the_tables(programme: Cast, tmp_path: Path) -> None:
    files = export(programme, tmp_path / "export")
    published = json.loads(files["about.json"])["published"]
    spells = pd.read_parquet(io.BytesIO(files["spells.parquet"]))
    assert len(spells) == 60
    due = spells["followed_for"] >= 90
    known = due & (spells["seen_90"] | spells["ended_90"].notna())
    retained = known & ~(spells["ended_90"] < 90).fillna(False)
    assert (due.sum(), known.sum(), retained.sum()) == (60, 50, 36)
    assert published["retention"]["retention_90"]["numbers"] == {
        "due": 60, "known": 50, "retained": 35, "same_employer": 35,
    }  # fmt: skip
    assert published["curve"]["placed"] == 60
    # The step at day 50: 14 of the 50 at risk ended; of 60 placed that is 43, shown as 45.
    curve = at_days(kaplan_meier(spells["last_day"], spells["is_ended"]), [60])
    assert curve["survival"][0] == pytest.approx(36 / 50)
    assert next(point for point in published["curve"]["points"] if point["t"] == 60)["survival"] == 45 / 60


@pytest.mark.django_db
def test_parquet_and_csv_say_the_same_and_the_dictionary_names_every_column(programme: Cast, tmp_path: Path) -> None:
    files = export(programme, tmp_path / "export")
    rows = list(csv.DictReader(io.StringIO(files["dictionary.csv"].decode("utf-8-sig"))))
    for name in ("persons", "spells", "follow_ups", "assessments"):
        packed = pd.read_parquet(io.BytesIO(files[f"{name}.parquet"]))
        text = list(csv.reader(io.StringIO(files[f"{name}.csv"].decode("utf-8-sig"))))
        assert text[0] == list(packed.columns) == [row["column"] for row in rows if row["table"] == name]
        assert text[1:] == [
            ["" if pd.isna(cell) else str(cell) for cell in row] for row in packed.astype(object).to_numpy()
        ]
        assert len(packed)
    assert all(row["meaning"] for row in rows)


@pytest.mark.django_db
def test_only_who_consents_today_and_was_not_erased_is_in_them(programme: Cast, today: dt.date) -> None:
    def exported() -> int:
        return len(tables_of(programme.programme, THIRD, today, K).persons)

    assert exported() == 60
    consents = Consent.objects.filter(purpose="research", beneficiary__spells__isnull=False)
    withdrawn, expired, erased = consents[:3]
    Consent.objects.filter(pk=withdrawn.pk).update(withdrawn_at=timezone.now())
    Consent.objects.filter(pk=expired.pk).update(expires_on=today - dt.timedelta(days=1))
    assert exported() == 58
    erase_person(actor=programme.counsellor, beneficiary=erased.beneficiary, now=timezone.now())
    assert exported() == 57
    # Who came after the end of the quarter is not in its report either.
    late = BeneficiaryFactory(
        organisation=programme.programme, counsellor=programme.counsellor, entered_on=dt.date(2026, 10, 1)
    )
    consent(programme, late)
    assert exported() == 57


@pytest.mark.django_db
def test_every_export_draws_new_names_and_is_in_the_trail(programme: Cast, tmp_path: Path) -> None:
    first, second = (export(programme, tmp_path / name, quarter="2026-Q3") for name in ("one", "two"))
    persons = [pd.read_parquet(io.BytesIO(files["persons.parquet"])) for files in (first, second)]
    assert not set(persons[0]["person"]) & set(persons[1]["person"])
    assert stat.S_IMODE((tmp_path / "one").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "one").iterdir()} == {0o600}
    events = Event.objects.filter(act="export_research")
    assert len(events) == 2
    assert events[0].actor_id == programme.lead.pk
    assert (events[0].detail["people"], events[0].detail["k"]) == (60, 11)


REFUSED = (
    ({"actor": "nobody@example.org"}, "no user"),
    ({"actor": "counsellor"}, "only a programme lead"),
    ({"actor": "employer_user"}, "only a programme lead"),
    ({"actor": "stranger"}, "not frozen"),
    ({"quarter": "2026-3"}, "is no quarter"),
    ({"quarter": "2026-Q2"}, "not frozen"),
    ({"folder": "missing/export"}, "No such file"),
    ({"folder": "file"}, "exists"),
    ({"folder": "full"}, "not empty"),
)


@pytest.mark.django_db
def test_what_cannot_be_exported_is_refused_and_leaves_nothing(
    programme: Cast, other_cast: Cast, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "old.csv").touch()
    before = sorted(tmp_path.rglob("*"))
    emails = {name: getattr(programme, name).email for name in ("lead", "counsellor", "employer_user")}
    emails["stranger"] = other_cast.lead.email
    for options, says in REFUSED:
        actor = options.get("actor", "lead")
        folder = tmp_path / options.get("folder", "export")
        with pytest.raises(CommandError, match=says):
            call_command("export_research", folder, actor=emails.get(actor, actor), quarter=options.get("quarter"))
        assert sorted(tmp_path.rglob("*")) == before
    assert not Event.objects.filter(act="export_research").exists()


@pytest.mark.django_db
def test_an_empty_programme_and_a_small_one_are_refused(cast: Cast, today: dt.date, tmp_path: Path) -> None:
    snapshot = ask_for_snapshot(actor=cast.lead, programme=cast.programme, quarter=THIRD, on=today)
    with pytest.raises(CommandError, match="not frozen"):
        export(cast, tmp_path / "export")
    take_snapshot(snapshot=snapshot, on=today)
    for number in (0, K - 1):
        place(cast, number, last=100)
        with pytest.raises(CommandError, match="Fewer than 11"):
            export(cast, tmp_path / "export")
    place(cast, 1, last=100)
    assert len(export(cast, tmp_path / "export")) == 10


@pytest.mark.django_db
def test_a_disk_that_fails_leaves_no_table_behind(
    programme: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backend.reports.management.commands import export_research

    opened, real = [], export_research.os.open

    def fails(path: Path, *how: Any) -> int:
        opened.append(path)
        if len(opened) == 4:
            raise OSError(28, "No space left on device")
        return real(path, *how)

    monkeypatch.setattr(export_research.os, "open", fails)
    with pytest.raises(CommandError, match="No space left"):
        export(programme, tmp_path / "export")
    monkeypatch.undo()
    assert list((tmp_path / "export").iterdir()) == []
    assert not Event.objects.filter(act="export_research").exists()


@pytest.mark.django_db
def test_people_who_say_nothing_are_counted(cast: Cast, today: dt.date) -> None:
    placed = place(cast, 40, last=100)
    for person in placed[:3]:
        person.languages.create(language="rom", spoken="C2")
    for person in placed[3:]:
        person.languages.create(language="sr", spoken="C2")
        person.languages.create(language="en", spoken="B1")
    told = tables_of(cast.programme, THIRD, today, K)
    assert loneliest(told.persons[list(LADDERS)]) >= K
    assert told.undescribed == int((told.persons[list(LADDERS)] == ANY).all(axis=1).sum())
    # Three speak another language: rather than to leave eleven without a word, nobody's language is told.
    assert (set(told.persons["language"]), told.undescribed) == ({ANY}, 0)
