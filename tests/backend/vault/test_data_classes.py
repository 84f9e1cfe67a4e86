"""A field without a data class, or a confidential one in the clear, fails the build."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import models
from django.test.utils import isolate_apps

from backend.beneficiaries.models import Identity
from backend.core.data_classes import C1, C3, C4, DataClass, data_classes_of, not_sealed
from backend.core.models import Entity
from backend.core.tenancy import OfPerson
from backend.vault import checks
from backend.vault.fields import SealedCharField
from backend.vault.third_party import NOT_SEALED


def found(model: type[models.Model]) -> set[str]:
    return {problem.id.removeprefix("vault.") for problem in checks.problems_of(model) if problem.id}


def test_the_build_runs_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    call_command("check")
    monkeypatch.setattr(checks, "THIRD_PARTY", {"sessions.Session": {C1: "session_key"}})
    with pytest.raises(SystemCheckError) as refused:
        call_command("check")
    assert "sessions.Session.session_data has no data class" in str(refused.value)
    assert "mfa.Authenticator.data has no data class" in str(refused.value)


def test_a_class_for_what_is_not_installed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "THIRD_PARTY", checks.THIRD_PARTY | {"gone.Model": {C1: "id"}})
    assert [problem.id for problem in checks.check_data_classes()] == ["vault.E008"]


@isolate_apps("backend.core")
def test_every_mistake_is_named() -> None:
    class Right(OfPerson, Entity):
        data_classes = {C1: "due_on", C3: "place", C4: "note"}
        not_sealed = {"place": "a reason"}
        due_on = models.DateField()
        place = models.CharField(max_length=9)
        note = SealedCharField(max_length=9)

        class Meta:
            app_label = "core"

    class Undeclared(Entity):
        due_on = models.DateField()

        class Meta:
            app_label = "core"

    class Unknown(Entity):
        data_classes = {C1: "gone"}

        class Meta:
            app_label = "core"

    class Clear(Entity):
        data_classes = {C3: "place", C4: "note"}
        place = models.CharField(max_length=9)
        note = models.TextField()

        class Meta:
            app_label = "core"

    class Wrong(models.Model):  # noqa: DJ008
        data_classes = {C1: "id", C4: "note"}
        not_sealed = {"note": "but it is"}
        note = SealedCharField(max_length=9, db_index=True)

        class Meta:
            app_label = "core"

    assert found(Right) == set()
    assert found(Undeclared) == {"E001"}
    assert found(Unknown) == {"E002"}
    assert found(Clear) == {"E003"}
    assert len(list(checks.problems_of(Clear))) == 2
    assert found(Wrong) == {"E004", "E005", "E006", "E007"}
    assert data_classes_of(Right) == {"id": C1, "created_at": C1, "due_on": C1, "place": C3, "note": C4}


def exceptions() -> set[str]:
    """Every confidential field that stands in the clear, ours and of others' tables."""
    reasons = {model: not_sealed(model) or NOT_SEALED.get(model._meta.label, {}) for model in apps.get_models()}
    return {f"{model.__name__}.{name}" for model, names in reasons.items() for name in names}


def written_down() -> set[str]:
    text = (Path(settings.BASE_DIR) / "docs" / "protection.md").read_text("utf-8")
    lines = text.partition("**What stands unsealed although it is confidential**")[2].partition("\n\nWhoever reads")[0]
    return set(re.findall(r"`(\w+\.\w+)`", lines))


def test_what_stands_in_the_clear_is_written_down_for_people() -> None:
    assert len(exceptions()) >= 22
    assert exceptions() == written_down()


def test_a_new_exception_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: somebody takes the seal off her name and gives a reason."""
    monkeypatch.setitem(Identity.not_sealed, "first_name", "so that it can be searched")
    assert exceptions() - written_down() == {"Identity.first_name"}


def test_the_classes_that_are_sealed() -> None:
    assert [each.name for each in DataClass if each.is_sealed] == ["C3", "C4"]
