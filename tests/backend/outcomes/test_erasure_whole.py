"""After erasure every field on her is gone, empty, unreadable, or kept for a reason that is written down."""

import datetime as dt
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from backend.beneficiaries.models import Beneficiary, Consent
from backend.core.data_classes import DataClass, data_classes_of
from backend.core.tenancy import OfPerson
from backend.matches.models import AnswerLink, FrozenProfile, Introduction, Match
from backend.outcomes.models import EmploymentSpell, FollowUp, FollowUpDraft
from backend.outcomes.services import erase_person, erasure
from backend.outcomes.services.erasure import KEPT
from backend.reports.training_set import consenting
from backend.trainings.models import Attendance, Enrolment
from backend.vault.fields import SealedField
from backend.vault.keyring import KeyDestroyed
from tests.backend.api.world import World, build
from tests.conftest import Cast

HERS = (DataClass.C2, DataClass.C3, DataClass.C4)


@pytest.fixture(autouse=True)
def _ledger(settings: Any, tmp_path: Any) -> None:
    settings.ERASURE_LEDGER = str(tmp_path / "ledger")


@pytest.fixture
def world(cast: Cast, now: dt.datetime) -> World:
    """A row of everything on her, filled in where erasure has something to take away."""
    world = build(cast)
    her = cast.beneficiary
    her.licences = ["driving_b"]
    her.save()
    Match.objects.filter(beneficiary=her).update(
        reasons=[{"code": "skills", "contribution": 0.2}], gaps=[{"skill": "šivenje"}], missing=["permit"],
        snoozed_until=now.date(),
    )  # fmt: skip
    Introduction.objects.filter(match__beneficiary=her).update(
        shared_profile={"skills": []}, question="Od kada?", reply="Od ponedeljka.", interview_at=now, state="hired",
        identity_consent=world["consents"],
    )  # fmt: skip
    FrozenProfile.objects.create(beneficiary=her, employer=cast.employer, profile={"skills": []})
    AnswerLink.objects.create(
        introduction=world["introductions"], contact=cast.employer.contacts.get(), state="shared_blind", expires_at=now
    )
    Attendance.objects.create(enrolment=Enrolment.objects.get(beneficiary=her), on=now.date(), present=True)
    FollowUpDraft.objects.create(
        follow_up=FollowUp.objects.get(spell__beneficiary=her), saved_at=now, saved_by=cast.counsellor, answers={}
    )
    return world


def _left() -> set[str]:
    """Fields of class C2 to C4 that still say something of anybody."""
    found = set()
    for model in apps.get_models():
        if not (issubclass(model, OfPerson) or model is Beneficiary):
            continue
        names = [name for name, each in data_classes_of(model).items() if each in HERS]
        for row in model._base_manager.all():
            found |= {f"{model._meta.label}.{name}" for name in names if _says(row, name)}
    return found


def _says(row: models.Model, name: str) -> bool:
    field = row._meta.get_field(name)
    try:
        value = getattr(row, field.attname if field.is_relation and not field.many_to_many else name)
    except KeyDestroyed:
        return False
    if isinstance(value, models.Manager):
        return bool(value.exists())
    if isinstance(field, SealedField):
        return value is not None
    return value not in (None, "", [], {}, "unknown")


def test_nothing_readable_is_left_but_what_is_kept_for_a_reason(cast: Cast, world: World, now: dt.datetime) -> None:
    before = _left()
    assert before > {
        "matches.Match.reasons", "matches.FrozenProfile.profile", "matches.Introduction.reply",
        "trainings.Attendance.on", "outcomes.EmploymentSpell.job_title", "beneficiaries.Identity.first_name",
    }  # fmt: skip
    erase_person(actor=cast.counsellor, beneficiary=cast.beneficiary, now=now)
    assert _left() - KEPT.keys() == set()
    assert not AnswerLink.objects.exists()
    assert not FollowUpDraft.objects.exists()


def test_every_reason_is_of_a_field_that_there_is() -> None:
    for label in KEPT:
        model, _dot, name = label.rpartition(".")
        assert data_classes_of(apps.get_model(model))[name] in HERS, label


def test_a_field_that_erasure_forgot_would_be_noticed(
    cast: Cast, world: World, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: were the frozen profiles forgotten, they would be found."""
    monkeypatch.setattr(erasure, "FILE", tuple(name for name in erasure.FILE if name != "frozen_profiles"))
    erase_person(actor=cast.counsellor, beneficiary=cast.beneficiary, now=now)
    assert _left() - KEPT.keys() == {"matches.FrozenProfile.profile"}


def test_nothing_is_learned_from_her_any_more(cast: Cast, world: World, now: dt.datetime) -> None:
    given = world["consents"]
    Consent.objects.create(
        beneficiary=cast.beneficiary, purpose="research", text_version="1", language="sr", method="signed",
        given_on=given.given_on, recorded_by=cast.counsellor,  # type: ignore[attr-defined]
    )  # fmt: skip
    assert list(consenting(cast.programme, now.date())) == [cast.beneficiary]
    erase_person(actor=cast.counsellor, beneficiary=cast.beneficiary, now=now)
    assert not consenting(cast.programme, now.date()).exists()
    assert EmploymentSpell.objects.count() == 1  # and it still counts
