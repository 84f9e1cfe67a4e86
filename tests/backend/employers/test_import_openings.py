"""What an import does to the database."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command

from backend.accounts.models import User
from backend.audit.models import Event
from backend.employers.models import Employer, Opening, Requirement
from backend.employers.services import (
    ImportReport,
    close_opening,
    correct_employer,
    import_openings,
    review_opening,
    revise_opening,
    vet_employer,
)
from backend.skills.services import load_taxonomy
from tests.conftest import Cast
from tests.factories import CountryFactory, EmployerFactory, MunicipalityFactory, clear

POSTING: dict[str, Any] = {
    "@type": "JobPosting",
    "identifier": "K-1",
    "title": "Kuvarica",
    "description": "Priprema obroka.",
    "hiringOrganization": {"name": "Kuhinja", "taxID": "100002887"},
    "jobLocation": {"address": {"addressLocality": "Novi Sad"}},
    "baseSalary": {"currency": "RSD", "value": 80_000},
    "datePosted": "2026-10-20",
    "validThrough": "2026-12-31",
}


@pytest.fixture(autouse=True)
def _place(db: None) -> None:
    MunicipalityFactory()


def load(actor: User, today: dt.date, *rows: dict[str, Any] | str, name: str = "file") -> ImportReport:
    content = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
    return import_openings(actor=actor, name=name, content=content.encode(), on=today)


def outcomes(report: ImportReport) -> list[str]:
    return [row.outcome for row in report.rows]


def test_an_opening_arrives_waiting_for_vetting_with_its_employer(cast: Cast, today: dt.date):
    report = load(cast.counsellor, today, POSTING)
    assert (report.added, report.changed, report.unchanged, report.refused) == (1, 0, 0, 0)
    opening = Opening.objects.get()
    assert report.rows[0].opening == opening
    assert (opening.status, opening.source, opening.source_key) == ("submitted", "import", "K-1")
    assert opening.employer.status == Employer.Status.REGISTERED
    assert opening.employer.programme == cast.programme
    assert opening.municipality is not None
    assert not Opening.objects.open(on=today).exists()
    assert Event.objects.get(act="import_openings").detail["added"] == 1
    assert Event.objects.get(act="import_opening").object_id == str(opening.pk)


def test_the_same_file_again_adds_nothing(cast: Cast, today: dt.date):
    csv = ["title;employer;mesto;rok", "Kuvarica;Kuhinja;Novi Sad;31.12.2026.", "Konobarica;Kuhinja;Novi Sad;"]
    for rows in ([POSTING], csv):
        first = load(cast.lead, today, *rows)
        assert set(outcomes(first)) == {"added"}
        count = Opening.objects.count()
        again = load(cast.counsellor, today + dt.timedelta(days=3), *rows)
        assert set(outcomes(again)) == {"unchanged"}
        assert [row.opening for row in again.rows] == [row.opening for row in first.rows]
        assert Opening.objects.count() == count


def test_the_same_row_twice_in_a_file_is_taken_once(cast: Cast, today: dt.date):
    report = load(cast.lead, today, "title,employer", "Kuvarica,Kuhinja", "Kuvarica,Kuhinja")
    assert outcomes(report) == ["added", "unchanged"]
    other = {**POSTING, "title": "Konobarica"}
    assert outcomes(load(cast.lead, today, POSTING, other)) == ["added", "refused"]


def test_an_edit_made_here_survives_the_same_file(cast: Cast, today: dt.date):
    opening = load(cast.lead, today, POSTING).rows[0].opening
    assert opening is not None
    revise_opening(actor=cast.counsellor, opening=opening, on=today, title="Kuvarica u vrtiću")
    assert outcomes(load(cast.lead, today, POSTING)) == ["unchanged"]
    opening.refresh_from_db()
    assert opening.title == "Kuvarica u vrtiću"


def test_changed_content_revises_the_opening_and_reopens_vetting(cast: Cast, today: dt.date):
    opening = load(cast.lead, today, POSTING).rows[0].opening
    assert opening is not None
    employer = correct_employer(actor=cast.lead, employer=opening.employer, registry_number="17162543")
    clear(employer, by=cast.counsellor, and_by=cast.lead, on=today)
    review_opening(actor=cast.lead, opening=opening, outcome="published", content_hash=opening.content_hash, on=today)
    longer = {**POSTING, "validThrough": "2027-01-31"}
    assert outcomes(load(cast.lead, today, longer)) == ["changed"]
    opening.refresh_from_db()
    assert (opening.status, opening.valid_through) == ("published", dt.date(2027, 1, 31))
    assert outcomes(load(cast.lead, today, {**longer, "description": "Nešto drugo."})) == ["changed"]
    opening.refresh_from_db()
    assert (opening.status, opening.description) == ("submitted", "Nešto drugo.")
    assert Opening.objects.count() == 1


def test_a_refused_opening_that_changed_waits_again_and_a_closed_one_stays_closed(cast: Cast, today: dt.date):
    opening = load(cast.lead, today, POSTING).rows[0].opening
    assert opening is not None
    review_opening(
        actor=cast.lead, opening=opening, outcome="refused", note="n", content_hash=opening.content_hash, on=today
    )
    assert outcomes(load(cast.lead, today, POSTING)) == ["unchanged"]
    assert outcomes(load(cast.lead, today, {**POSTING, "title": "Pomoćna kuvarica"})) == ["changed"]
    opening.refresh_from_db()
    assert opening.status == "submitted"
    close_opening(actor=cast.lead, opening=opening, on=today)
    assert outcomes(load(cast.lead, today, {**POSTING, "title": "Treća"})) == ["refused"]
    opening.refresh_from_db()
    assert (opening.status, opening.title) == ("closed", "Pomoćna kuvarica")


REFUSALS: list[tuple[dict[str, Any], str]] = [
    ({"title": ""}, "title"),
    ({"title": "x" * 201}, "title"),
    ({"jobLocation": {"address": {"addressLocality": "Atlantis"}}}, "municipality"),
    ({"jobLocation": {"address": {"addressLocality": "Novi Sad", "addressCountry": "Narnia"}}}, "country"),
    ({"jobLocation": {"address": {"addressLocality": "Novi Sad", "addressCountry": "BA"}}}, "municipality"),
    ({"baseSalary": "lots"}, "pay_from"),
    ({"baseSalary": -5}, "pay_from"),
    ({"baseSalary": {"value": {"minValue": 2, "maxValue": 1}}}, "pay_to"),
    ({"baseSalary": {"currency": "XYZ", "value": 1}}, "currency"),
    ({"datePosted": "soon"}, "posted_on"),
    ({"validThrough": "2026-10-19"}, "valid_through"),
    ({"workHours": "100 h"}, "hours_per_week"),
    ({"totalJobOpenings": 0}, "positions"),
    ({"hiringOrganization": None}, "employer"),
    ({"hiringOrganization": {"name": "\x00"}}, "employer"),
    ({"hiringOrganization": {"name": "Firma", "taxID": "12"}}, "tax_number"),
    ({"hiringOrganization": {"name": "x" * 201}}, "employer"),
]


@pytest.mark.parametrize(("change", "field"), REFUSALS)
def test_a_bad_row_is_refused_with_the_field_and_the_others_are_taken(
    cast: Cast, today: dt.date, change: dict[str, Any], field: str
):
    CountryFactory(code="BA", name="Bosna i Hercegovina", name_en="Bosnia and Herzegovina")
    employers = Employer.objects.count()
    bad = {**POSTING, "hiringOrganization": {"name": "Loša firma"}, "identifier": "K-2", **change}
    report = load(cast.lead, today, POSTING, bad, {**POSTING, "identifier": "K-3", "title": "Konobarica"})
    assert outcomes(report) == ["added", "refused", "added"]
    assert [name for name, _reason in report.rows[1].errors] == [field]
    assert all(reason for _name, reason in report.rows[1].errors)
    assert report.rows[1].opening is None
    assert Opening.objects.count() == 2
    assert Employer.objects.count() == employers + 1  # nothing of the refused row stays


def test_all_that_is_wrong_with_a_row_is_told_at_once(cast: Cast, today: dt.date):
    (row,) = load(cast.lead, today, "title;employer;mesto;plata;rok", ";F;Atlantis;puno;juče").rows
    assert {name for name, _reason in row.errors} == {"title", "municipality", "pay_from", "valid_through"}


@pytest.mark.parametrize(
    "text", ["\x00", "a\x00b", "\x1b[31m", "\ud800", "😀" * 50, "=1+1", "<script>", "'; DROP TABLE", "\u202e", "\uffff"]
)
def test_strange_characters_are_cleaned_or_kept_but_never_break(cast: Cast, today: dt.date, text: str):
    report = load(
        cast.lead,
        today,
        {
            **POSTING,
            "title": f"Kuvarica {text}",
            "description": text,
            "identifier": text,
            "skills": [text],
            "occupationalCategory": text,
            "hiringOrganization": {"name": f"Firma {text}"},
        },
    )
    assert outcomes(report) == ["added"]
    opening = Opening.objects.get()
    assert "\x00" not in opening.title + opening.description + opening.source_key


def test_a_file_that_cannot_be_read_leaves_nothing(cast: Cast, today: dt.date):
    events = Event.objects.count()
    with pytest.raises(ValidationError) as refusal:
        load(cast.lead, today, "not a table")
    assert list(refusal.value.message_dict) == ["file"]
    assert Event.objects.count() == events


def test_phrases_and_titles_are_linked_where_they_are_sure(cast: Cast, today: dt.date):
    load_taxonomy(settings.FIXTURES_DIR / "taxonomy.json")
    posting = {**POSTING, "title": "Krojačica", "skills": "šivenje na mašini, dobra volja"}
    assert outcomes(load(cast.lead, today, posting)) == ["added"]
    opening = Opening.objects.get()
    assert opening.occupation is not None
    assert opening.occupation.preferred_labels["en"] == "tailor"
    linked, unlinked = Requirement.objects.order_by("phrase").reverse()
    assert linked.skill is not None
    assert linked.skill.preferred_labels["sr"] == "šivenje na mašini"
    assert (unlinked.skill, unlinked.phrase) == (None, "dobra volja")


def test_pay_is_in_the_money_of_the_place_unless_told(cast: Cast, today: dt.date):
    MunicipalityFactory(code="BA-x", name="Tuzla", country=CountryFactory(code="BA", name="BiH", name_en="Bosnia"))
    load(cast.lead, today, "title;employer;mesto;plata;valuta", "A;F;Tuzla;1.200;", "B;F;Tuzla;600;EUR", "C;F;;1;")
    assert set(Opening.objects.values_list("title", "currency")) == {("A", "BAM"), ("B", "EUR"), ("C", "RSD")}


def test_employers_are_known_by_number_then_by_name(cast: Cast, today: dt.date):
    numbered = EmployerFactory(programme=cast.programme, name="Firma", name_folded="firma", tax_number="123456789")
    plain = EmployerFactory(programme=cast.programme, name="Druga", name_folded="druga", tax_number="")
    rows = ["A;Bilo šta;123456789", "B;FIRMA;", "C;druga;", "D;Druga;987654321", "E;Firma;111111111", "F;Nova;"]
    report = load(cast.lead, today, "title;employer;pib", *rows, "G;Nova;")
    employers = {row.title: row.opening.employer for row in report.rows if row.opening}
    assert employers["A"] == employers["B"] == numbered
    assert employers["C"] == employers["D"] == plain
    assert employers["E"] not in (numbered, plain)
    assert employers["F"] == employers["G"]


def test_a_name_that_two_employers_share_needs_the_number(cast: Cast, today: dt.date):
    for _twice in range(2):
        EmployerFactory(programme=cast.programme, name="Firma", name_folded="firma")
    (row,) = load(cast.lead, today, "title;employer", "A;Firma").rows
    assert [name for name, _reason in row.errors] == ["employer"]


@pytest.mark.parametrize("outcome", ["refused", "suspended"])
def test_a_banned_employer_imports_nothing(cast: Cast, today: dt.date, outcome: str):
    vet_employer(actor=cast.lead, employer=cast.employer, outcome=outcome, note="n", on=today)
    row = f"A;{cast.employer.name};{cast.employer.tax_number}"
    (report,) = load(cast.lead, today, "title;employer;pib", row, f"B;{cast.employer.name};").rows[:1]
    assert [name for name, _reason in report.errors] == ["employer"]
    assert not Opening.objects.exists()


def test_an_employer_imports_for_itself_only(cast: Cast, other_cast: Cast, today: dt.date):
    neighbour = EmployerFactory(programme=cast.programme, name="Sused", name_folded="sused")
    rows = ["A;;", f"B;{cast.employer.name};", f"C;;{cast.employer.tax_number}", "D;Sused;", "E;Neka nova;"]
    report = load(cast.employer_user, today, "title;employer;pib", *rows, f"F;;{neighbour.tax_number}")
    assert outcomes(report) == ["added", "added", "added", "refused", "refused", "refused"]
    assert set(Opening.objects.values_list("employer", flat=True)) == {cast.employer.pk}
    assert not Employer.objects.filter(name="Neka nova").exists()


def test_programmes_do_not_meet_in_an_import(cast: Cast, other_cast: Cast, today: dt.date):
    load(cast.lead, today, POSTING)
    assert outcomes(load(other_cast.lead, today, POSTING)) == ["added"]
    assert Employer.objects.filter(tax_number="100002887").count() == 2
    assert set(Opening.objects.values_list("employer__programme", flat=True)) == {
        cast.programme.pk,
        other_cast.programme.pk,
    }


def test_who_may_not_import(cast: Cast, today: dt.date):
    with pytest.raises(PermissionDenied):
        load(cast.administrator, today, POSTING)
    assert not Opening.objects.exists()


def test_the_command_reports_row_by_row(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "openings.csv"
    file.write_text("title;employer;mesto;boja\nKuvarica;F;Novi Sad;\nKonobarica;F;Atlantis;\n", encoding="utf-8")
    call_command("import_openings", str(file))
    printed = capsys.readouterr().out
    assert "1 added, 0 changed, 0 unchanged, 1 refused" in printed
    assert "municipality" in printed
    assert "boja" in printed
    assert Event.objects.get(act="import_openings").actor == cast.lead
    call_command("import_openings", str(file), "--as", cast.counsellor.email)
    assert "1 unchanged, 1 refused" in capsys.readouterr().out


def test_the_command_refuses_in_words(cast: Cast, tmp_path: Path):
    file = tmp_path / "openings.csv"
    with pytest.raises(CommandError):
        call_command("import_openings", str(file))
    file.write_bytes(b"\x89PNG")
    for arguments in ([], ["--as", "nobody@example.org"], ["--as", cast.administrator.email]):
        with pytest.raises(CommandError):
            call_command("import_openings", str(file), *arguments)
    User.objects.get(pk=cast.lead.pk).memberships.update(ended_on="2026-01-01")
    with pytest.raises(CommandError, match="--as"):
        call_command("import_openings", str(file))
