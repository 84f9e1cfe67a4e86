"""A file is no way around the screening: what comes in by it is screened as it comes, and held like anything else."""

import datetime as dt
import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from backend.audit.models import Event
from backend.employers.models import Employer, Opening
from backend.employers.services import imports, review_opening
from backend.employers.services.imports import RowReport
from tests.backend.web.conftest import SignIn, sign_in
from tests.conftest import Cast
from tests.factories import MunicipalityFactory

from .test_import_openings import POSTING, load

__all__ = ["sign_in"]  # a fixture

STOPS = {
    "sr-latn": "Pre dolaska uplaćuje se depozit od 100 evra.",
    "sr-cyrl": "Пре доласка уплаћује се депозит од 100 евра.",
    "en": "We keep your passport in the office until the contract ends.",
}
HOLDS = {
    "sr-latn": "Traže se zgodne devojke za rad u klubu, iskustvo nije bitno.",
    "sr-cyrl": "Тражимо атрактивне девојке за рад у ноћном клубу.",
    "en": "Attractive girls wanted for a night club abroad.",
}


@pytest.fixture(autouse=True)
def _place(db: None) -> None:
    MunicipalityFactory()


def row(description: str, **more: Any) -> dict[str, Any]:
    return POSTING | {"description": description} | more


def taken(cast: Cast, today: dt.date, description: str) -> RowReport:
    [report] = load(cast.counsellor, today, row(description)).rows
    assert report.opening is not None
    Employer.objects.filter(pk=report.opening.employer_id).update(
        status="cleared", cleared_until=today + dt.timedelta(days=300)
    )
    report.opening.refresh_from_db()
    return report


def publish(cast: Cast, today: dt.date, opening: Opening, enquiry: str = "") -> None:
    given = {"outcome": "published", "content_hash": opening.content_hash, "enquiry": enquiry, "on": today}
    review_opening(actor=cast.lead, opening=opening, **given)


@pytest.mark.parametrize("language", STOPS)
def test_a_hard_stop_is_stopped_as_it_comes_in(cast: Cast, today: dt.date, language: str) -> None:
    report = taken(cast, today, STOPS[language])
    assert (report.outcome, report.verdict) == ("added", "stop")
    assert Event.objects.get(act="import_opening").detail["verdict"] == "stop"
    opening = report.opening
    assert opening is not None
    assert opening.status == "submitted"
    assert not Opening.objects.open(on=today).exists()
    with pytest.raises(ValidationError, match="outcome"):
        publish(cast, today, opening, enquiry="Zvali smo ih.")
    assert not Opening.objects.open(on=today).exists()


@pytest.mark.parametrize("language", HOLDS)
def test_what_is_held_needs_an_enquiry(cast: Cast, today: dt.date, language: str) -> None:
    report = taken(cast, today, HOLDS[language])
    assert report.verdict == "hold"
    assert report.opening is not None
    with pytest.raises(ValidationError, match="enquiry"):
        publish(cast, today, report.opening)
    publish(cast, today, report.opening, enquiry="Zvali smo ih: stan je u gradu, a kartu plaćaju oni.")
    assert Opening.objects.open(on=today).exists()


def test_a_published_opening_is_screened_anew_when_a_file_changes_it(cast: Cast, today: dt.date) -> None:
    report = taken(cast, today, "Priprema obroka.")
    assert report.opening is not None
    publish(cast, today, report.opening)
    assert Opening.objects.open(on=today).exists()
    [again] = load(cast.counsellor, today, row(STOPS["sr-latn"])).rows
    assert (again.outcome, again.verdict) == ("changed", "stop")
    assert not Opening.objects.open(on=today).exists()
    [same] = load(cast.counsellor, today, row(STOPS["sr-latn"])).rows
    assert (same.outcome, same.verdict) == ("unchanged", None)


@pytest.mark.parametrize("desk", ["counsellor", "employer_user"])
def test_the_verdict_is_shown_to_the_programme_and_not_to_the_employer(cast: Cast, sign_in: SignIn, desk: str) -> None:
    Employer.objects.filter(pk=cast.employer.pk).update(name="Kuhinja", name_folded="kuhinja", tax_number="100002887")
    file = SimpleUploadedFile("a.jsonl", json.dumps(row(STOPS["sr-latn"])).encode())
    name = "web:import_openings" if desk == "counsellor" else "web:portal_import"
    page = sign_in(getattr(cast, desk)).post(reverse(name), {"file": file}).text
    assert Opening.objects.filter(source="import").count() == 1
    assert ("can only be refused" in page) == (desk == "counsellor")


def test_an_import_that_did_not_screen_would_be_noticed(
    cast: Cast, today: dt.date, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control."""
    monkeypatch.setattr(imports, "keep_verdict", lambda *_given, **_more: "clear")
    [report] = load(cast.counsellor, today, row(STOPS["en"])).rows
    assert report.verdict == "clear"
