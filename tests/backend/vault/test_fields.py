"""Sealed fields read and write like others, hold nothing in the clear, and open only where they were sealed."""

import datetime as dt
import json
import uuid

import pytest
from django.core import serializers
from django.core.exceptions import FieldError
from django.db import connection, models
from django.forms import modelform_factory

from backend.beneficiaries.models import Beneficiary, Goal, Identity, SafetyRule
from backend.outcomes.models import FollowUp, WarningFlag
from backend.vault.fields import BLOCK, sealed_values
from backend.vault.keyring import destroy_key, forget_opened_keys
from backend.vault.models import DataKey
from backend.vault.sealing import KeyDestroyed, KeyMissing, SealBroken
from tests.factories import BeneficiaryFactory, IdentityFactory

pytestmark = pytest.mark.django_db

VALUES = {
    "first_name": "Милица",
    "last_name": "0",
    "birth_date": dt.date(1999, 2, 28),
    "phone": "+381641234567",
    "email": "m@example.org",
    "address": "",
    "safe_channel": "text",
    "safe_hours": " 9-11 ",
    "code_word": "null",
}


def raw(model: type[models.Model], field: str, pk: uuid.UUID) -> bytes | None:
    """What the database holds."""
    column = model._meta.get_field(field).column  # type: ignore[union-attr]
    with connection.cursor() as cursor:
        key = model._meta.pk.get_db_prep_value(pk, connection)
        cursor.execute(f'SELECT "{column}" FROM "{model._meta.db_table}" WHERE id = %s', [key])  # noqa: S608
        held = cursor.fetchone()[0]
    return None if held is None else bytes(held)


def overwrite(model: type[models.Model], field: str, pk: uuid.UUID, held: bytes | None) -> None:
    column = model._meta.get_field(field).column  # type: ignore[union-attr]
    with connection.cursor() as cursor:
        key = model._meta.pk.get_db_prep_value(pk, connection)
        cursor.execute(f'UPDATE "{model._meta.db_table}" SET "{column}" = %s WHERE id = %s', [held, key])  # noqa: S608


@pytest.fixture
def identity(cast) -> Identity:
    return IdentityFactory(beneficiary=cast.beneficiary, **VALUES)


def test_every_value_survives(identity: Identity) -> None:
    found = Identity.objects.get(pk=identity.pk)
    assert {name: getattr(found, name) for name in VALUES} == VALUES
    assert found.phone.as_e164 == "+381641234567"
    assert found.get_safe_channel_display() == Identity.Channel.TEXT.label


@pytest.mark.parametrize(("field", "value"), [("birth_date", None), ("address", ""), ("phone", ""), ("code_word", "0")])
def test_what_is_empty_stays_what_it_was(identity: Identity, field: str, value: object) -> None:
    setattr(identity, field, value)
    identity.save()
    found = getattr(Identity.objects.get(pk=identity.pk), field)
    assert found == value
    assert (raw(Identity, field, identity.pk) is None) == (value is None)


def test_none_is_sealed_too_where_its_absence_would_tell(cast, today: dt.date) -> None:
    rule = SafetyRule.objects.create(beneficiary=cast.beneficiary, kind="sector", sector="I", set_on=today)
    found = SafetyRule.objects.get(pk=rule.pk)
    assert (found.radius_km, found.employer_id, found.municipality_id) == (None, None, "")
    silent = ("kind", "municipality_id", "radius_km", "employer_id", "sector", "condition")
    assert len({len(raw(SafetyRule, name, rule.pk)) for name in silent}) == 1


def test_zero_is_not_nothing(cast, today: dt.date) -> None:
    rule = SafetyRule.objects.create(beneficiary=cast.beneficiary, kind="place", radius_km=0, set_on=today)
    assert SafetyRule.objects.get(pk=rule.pk).radius_km == 0


def test_the_database_holds_nothing_in_the_clear(identity: Identity) -> None:
    for name, value in VALUES.items():
        held = raw(Identity, name, identity.pk)
        assert held is not None
        assert (len(held) - 12 - 16) % BLOCK == 0
        assert len(str(value)) < 4 or str(value).encode() not in held


def test_rows_made_in_bulk_are_sealed(cast) -> None:
    people = [BeneficiaryFactory(organisation=cast.programme) for _ in range(3)]
    Identity.objects.bulk_create([Identity(beneficiary=person, **VALUES) for person in people])
    assert [row.first_name for row in Identity.objects.all()] == ["Милица"] * 3
    assert all("Милица".encode() not in raw(Identity, "first_name", row.pk) for row in Identity.objects.all())


@pytest.mark.parametrize("value", ["Ana", "", 0])
def test_update_never_writes_a_plain_value(identity: Identity, value: object) -> None:
    with pytest.raises(TypeError):
        Identity.objects.filter(pk=identity.pk).update(first_name=value)
    identity.first_name = value  # type: ignore[assignment]
    with pytest.raises(TypeError):
        Identity.objects.bulk_update([identity], ["first_name"])


def test_a_conditional_update_takes_sealed_values(identity: Identity) -> None:
    values = sealed_values(identity, first_name="Ana", birth_date=None)
    assert Identity.objects.filter(pk=identity.pk).update(**values) == 1
    found = Identity.objects.get(pk=identity.pk)
    assert (found.first_name, found.birth_date) == ("Ana", None)


@pytest.mark.parametrize(
    "lookup", ["first_name", "first_name__iexact", "first_name__contains", "birth_date__year", "email__in"]
)
def test_the_database_cannot_look_into_it(lookup: str) -> None:
    with pytest.raises(FieldError):
        Identity.objects.filter(**{lookup: ["x"] if lookup.endswith("in") else "x"})


def test_whether_there_is_something_can_be_asked(identity: Identity) -> None:
    assert Identity.objects.filter(birth_date__isnull=False).exists()


def test_columns_shown_by_themselves_show_nothing(identity: Identity) -> None:
    assert repr(Identity.objects.values_list("first_name", flat=True)[0]) == "<sealed>"
    assert str(Identity.objects.values("first_name")[0]["first_name"]) == "<sealed>"


def test_it_does_not_leave_by_serialisation(identity: Identity) -> None:
    with pytest.raises(TypeError):
        serializers.serialize("json", [identity])
    bare = json.dumps([{"model": "beneficiaries.goal", "pk": str(uuid.uuid4()), "fields": {"text": "x"}}])
    with pytest.raises(TypeError):
        next(serializers.deserialize("json", bare)).save()


def test_only_what_is_read_is_opened_and_unread_stays_as_it_is(identity: Identity) -> None:
    before = raw(Identity, "last_name", identity.pk)
    found = Identity.objects.get(pk=identity.pk)
    found.first_name = "Ana"
    found.save()
    assert raw(Identity, "last_name", identity.pk) == before
    assert Identity.objects.only("code_word").get(pk=identity.pk).last_name == "0"


def test_forms_are_made_from_sealed_fields(identity: Identity) -> None:
    form = modelform_factory(Identity, fields=["first_name", "birth_date", "phone", "email", "safe_channel"])
    shown = form(instance=Identity.objects.get(pk=identity.pk))
    assert shown.initial["first_name"] == "Милица"
    assert form({"first_name": "x" * 81, "email": "no", "phone": "12"}).errors.keys() >= {
        "first_name",
        "email",
        "phone",
    }


# -- moved, altered, lost -----------------------------------------------------------------------------------------


def test_a_value_moved_to_another_column_row_table_or_person_does_not_open(identity: Identity, cast) -> None:
    other = IdentityFactory(beneficiary=BeneficiaryFactory(organisation=cast.programme))
    goal = Goal.objects.create(
        id=identity.pk, beneficiary=cast.beneficiary, domain="legal", text="t", owner="o", set_on="2026-11-02"
    )
    moved = raw(Identity, "first_name", identity.pk)
    for model, field, pk in (
        (Identity, "last_name", identity.pk),
        (Identity, "first_name", other.pk),
        (Goal, "text", goal.pk),
    ):
        overwrite(model, field, pk, moved)
        with pytest.raises(SealBroken):
            getattr(model.objects.get(pk=pk), field)


def test_a_row_given_to_another_person_does_not_open(identity: Identity, cast) -> None:
    other = BeneficiaryFactory(organisation=cast.programme)
    IdentityFactory(beneficiary=other).delete()
    Identity.objects.filter(pk=identity.pk).update(beneficiary=other)
    with pytest.raises(SealBroken):
        _ = Identity.objects.get(pk=identity.pk).first_name


@pytest.mark.parametrize("held", [b"", b"x", b"\0" * 92, "Милица".encode()])
def test_what_was_never_sealed_does_not_open(identity: Identity, held: bytes) -> None:
    overwrite(Identity, "first_name", identity.pk, held)
    with pytest.raises(SealBroken):
        _ = Identity.objects.get(pk=identity.pk).first_name


def test_another_organisation_key_raises_and_returns_nothing(identity: Identity, use_keys, new_key: str) -> None:
    use_keys(new_key)
    with pytest.raises(KeyMissing):
        _ = Identity.objects.get(pk=identity.pk).first_name


def test_an_erased_person_is_neither_read_nor_written(identity: Identity, now: dt.datetime) -> None:
    destroy_key(identity.beneficiary_id, now=now)
    with pytest.raises(KeyDestroyed):
        _ = Identity.objects.get(pk=identity.pk).first_name
    with pytest.raises(KeyDestroyed):
        identity.save()


def test_a_note_is_sealed_for_the_person_of_its_spell(cast, today: dt.date) -> None:
    spell = cast.beneficiary.spells.create(
        job_title="x", contract="permanent", started_on=today, evidence="A", verified_on=today
    )
    follow_up = FollowUp.objects.create(spell=spell, day=3, due_on=today, note="Нема")
    forget_opened_keys()
    assert FollowUp.objects.get(pk=follow_up.pk).note == "Нема"
    destroy_key(cast.beneficiary.pk, now=dt.datetime(2026, 11, 2, tzinfo=dt.UTC))
    with pytest.raises(KeyDestroyed):
        _ = FollowUp.objects.get(pk=follow_up.pk).note


def test_a_flag_says_in_the_database_neither_what_nor_why(cast, today: dt.date) -> None:
    flag = WarningFlag.objects.create(
        beneficiary=cast.beneficiary, kind="threats", severity="red", raised_on=today, due_on=today,
        raised_by=cast.counsellor,
    )  # fmt: skip
    assert b"threats" not in raw(WarningFlag, "kind", flag.pk)
    assert WarningFlag.objects.get(pk=flag.pk).get_kind_display() == WarningFlag.Kind.THREATS.label
    assert "threats" not in str(flag)


def test_each_person_has_one_key(identity: Identity, cast) -> None:
    Goal.objects.create(beneficiary=cast.beneficiary, domain="legal", text="t", owner="o", set_on="2026-11-02")
    assert DataKey.objects.filter(pk=cast.beneficiary.pk).count() == 1
    assert Beneficiary.objects.count() == 1
