"""Her own record: whole, in her language, hers alone, and noted."""

import datetime as dt
import json

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied

from backend.audit.models import Event
from backend.beneficiaries.models import Beneficiary, Goal
from backend.beneficiaries.services import read_identity
from backend.core.data_classes import DataClass, data_classes_of
from backend.core.tenancy import OfPerson
from backend.outcomes.models import FollowUpDraft
from backend.reports import own_record
from backend.reports.own_record import LEFT_OUT, PARTS, Part, read_record
from backend.reports.report_files import record_json, record_pdf
from tests.backend.api.world import World, build
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory, IdentityFactory

HERS = (DataClass.C2, DataClass.C3, DataClass.C4)


@pytest.fixture
def world(cast: Cast) -> World:
    return build(cast)


def _fields(parts: tuple[Part, ...] = PARTS) -> tuple[set[str], set[str]]:
    """The fields on a person that must be told her, and those that the record tells."""
    due = {
        f"{model._meta.label}.{name}"
        for model in apps.get_models()
        if issubclass(model, OfPerson) or model is Beneficiary
        for name, each in data_classes_of(model).items()
        if each in HERS
    }
    return due, {f"{part.model._meta.label}.{name}" for part in parts for name in part.fields}


def test_every_field_on_her_is_told_or_left_out_for_a_reason() -> None:
    due, told = _fields()
    assert due - told - LEFT_OUT.keys() == set()
    assert LEFT_OUT.keys() <= due - told


def test_a_new_field_would_be_missed() -> None:
    due, told = _fields(tuple(part for part in PARTS if part.model is not Goal))
    assert due - told - LEFT_OUT.keys() == {"beneficiaries.Goal.domain", "beneficiaries.Goal.owner",
                                            "beneficiaries.Goal.text"}  # fmt: skip


def _told(cast: Cast, now: dt.datetime, language: str = "en") -> dict[str, list[dict[str, str]]]:
    told = json.loads(record_json(read_record(
        actor=cast.counsellor, beneficiary=cast.beneficiary, language=language, form="json", now=now
    )))  # fmt: skip
    return {
        part["title"]: [{line["label"]: line["value"] for line in row} for row in part["rows"]]
        for part in told["parts"]
    }


def test_it_says_what_is_held(cast: Cast, world: World, now: dt.datetime) -> None:
    cast.counsellor.name = "Jelena Kolarević"
    cast.counsellor.save()
    read_identity(actor=cast.counsellor, beneficiary=cast.beneficiary)
    told = _told(cast, now)
    assert told["Who you are"] == [{"first name": "Milica", "last name": "Petrović", "phone": "+381641234567"}]
    [consent] = told["Consents"]
    assert consent["employer"] == cast.employer.name
    assert consent["recorded by"] == "Jelena"
    [rule] = told["What keeps you safe"]
    assert rule["kind"] == "sector"
    assert told["Goals"][0]["goal"] == "posao"
    assert {look["what"] for look in told["Who saw what of you"]} == {
        "looked at who you are", "made a copy of this record",
    }  # fmt: skip
    assert "Kolarević" not in json.dumps(told, ensure_ascii=False)


def test_what_is_written_so_far_is_told_too(cast: Cast, world: World, now: dt.datetime) -> None:
    answers = {"result": "reached", "feels_safe": False, "note": "Plaši se.", "flags": ["threats"]}
    FollowUpDraft.objects.create(follow_up=world["follow-ups"], saved_at=now, saved_by=cast.counsellor, answers=answers)
    [draft] = _told(cast, now)["Follow-ups begun and not recorded"]
    assert draft["written so far"] == "threats; contact: reached; feels safe at work: no; note: Plaši se."


def test_nothing_of_anybody_else_is_in_it(cast: Cast, world: World, now: dt.datetime) -> None:
    other = BeneficiaryFactory(organisation=cast.programme, counsellor=cast.counsellor)
    IdentityFactory(beneficiary=other, first_name="Tuđa")
    Goal.objects.create(beneficiary=other, domain="legal", text="tuđ cilj", owner="ona", set_on=now.date())
    text = json.dumps(_told(cast, now), ensure_ascii=False)
    assert "Tuđa" not in text
    assert "tuđ cilj" not in text
    contact = cast.employer.contacts.get()
    assert contact.name not in text
    assert contact.email not in text


@pytest.mark.parametrize(
    ("language", "heading", "channel"),
    [("sr-latn", "Šta o vama piše", "poziv"), ("sr-cyrl", "Шта о вама пише", "позив"), ("en", "What is held", "call")],
)
def test_it_reads_as_a_document_in_her_language(
    cast: Cast, world: World, now: dt.datetime, language: str, heading: str, channel: str
) -> None:
    identity = cast.beneficiary.identity
    identity.safe_channel = "call"
    identity.save()
    told = read_record(actor=cast.counsellor, beneficiary=cast.beneficiary, language=language, form="pdf", now=now)
    assert told.title.startswith(heading)
    assert channel in json.dumps(told.parts, ensure_ascii=False)
    pdf = record_pdf(told)
    assert pdf.startswith(b"%PDF-")
    assert pdf == record_pdf(told)
    assert all(word not in pdf.lower() for word in (b"korak", b"trafficking", b"milica", b"programme"))


def test_only_her_own_counsellor_takes_it_out(cast: Cast, other_cast: Cast, world: World, now: dt.datetime) -> None:
    for actor in (cast.colleague, cast.lead, cast.administrator, cast.employer_user, other_cast.counsellor):
        with pytest.raises(PermissionDenied):
            read_record(actor=actor, beneficiary=cast.beneficiary, language="en", form="pdf", now=now)
    assert not Event.objects.filter(act="read_record").exists()


def test_a_missing_policy_would_be_noticed(
    cast: Cast, world: World, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: without it a colleague reads everything."""
    monkeypatch.setattr(own_record, "can_take_out_record", lambda *_given: True)
    told = read_record(actor=cast.colleague, beneficiary=cast.beneficiary, language="en", form="json", now=now)
    assert b"Milica" in record_json(told)
