"""P2 for what is written: a value for a field that an act does not take changes nothing of what it does."""

import datetime as dt
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction
from rest_framework.test import APIClient

from backend.api import base, forms, profiles
from backend.beneficiaries.models import HeldSkill
from backend.employers.models import Opening
from backend.trainings.models import Course, Session
from tests.conftest import Cast
from tests.proofs import report

from .bodies import BODIES, actor_of, body
from .field_table import TABLE, declared
from .test_matrix import path_of
from .world import DAY, HASH, As, World

WAIT = {
    "post employers propose", "post introductions agree", "post introductions reply", "post introductions consent",
    "post introductions interview", "post introductions advance", "post enrolments complete", "post enrolments drop",
    "post enrolments attendance",
}  # fmt: skip
"""Acts that are refused as their row stands."""
WRITES_NO_FIELD = {"post skills link", "post openings import", "post beneficiaries erase"}
"""Acts that take values, and write none of them."""
BY_CHANCE = {"pseudonym", "password", "mac", "seal", "wrapped", "sealed_detail"}
"""Fields that differ between two equal acts."""
WRITTEN = rf"{dt.datetime.now(dt.UTC):%Y-%m-}\d\d.\d\d:\d\d"
"""An instant of this month: what a default of the database's wrote, as the tests' clock stands at another."""
PLANTED = "2020-02-02"
Shot = tuple[int, Any, list[str]]


@pytest.fixture
def rows(cast: Cast, world: World, foreign_world: World) -> World:
    cast.beneficiary.code = "K-OPEN"
    cast.beneficiary.save()
    Opening.objects.filter(pk=world["openings"].pk).update(status="submitted", content_hash=HASH)
    course = Course.objects.create(programme=cast.programme, title="Pečenje", provider="Škola", hours=40)
    coming = Session.objects.create(course=course, starts_on=DAY, ends_on=DAY.replace(month=12), capacity=5)
    return world | {"colleague": cast.colleague, "coming": coming, "foreign": foreign_world["beneficiaries"]}


def _client(operation: str, cast: Cast, client_of: As) -> APIClient:
    client = client_of(getattr(cast, actor_of(operation)))
    client.raise_request_exception = False
    return client


def _shoot(client: APIClient, operation: str, rows: World, more: dict[str, Any]) -> Shot:
    """The answer to an act with something more in its body, and all that then stands in the database; undone."""
    url = path_of(operation, rows[operation.split()[1]])
    method, given = operation.split()[0], body(operation, rows)
    if operation == "post break-glass":
        given["code"] = "K-OPEN"
    with transaction.atomic():
        known = {str(row.pk) for row in rows.values()}
        with transaction.atomic():  # as each request has its own
            answer = getattr(client, method)(url, given | more, format="json")
        found = (
            answer.status_code,
            _same(answer.json() if answer.content else None, known),
            sorted(stored_as_text(known)),
        )
        transaction.set_rollback(True)
    return found


def _same(value: Any, known: set[str]) -> Any:
    """The value without keys that were made just now and what chance writes."""
    if isinstance(value, dict):
        return {name: _same(each, known) for name, each in value.items() if name not in BY_CHANCE}
    if isinstance(value, list):
        return [_same(each, known) for each in value]
    if re.match(WRITTEN, str(value)):
        return "just now"
    try:
        return value if str(uuid.UUID(str(value))) in known else "a key"
    except ValueError:
        return value


def stored_as_text(known: set[str]) -> Iterator[str]:
    """All rows of ours, opened, without keys other than `known` and what is written by chance or counted on.

    A sequence of PostgreSQL's is not set back with what is undone: the same row gets another number.
    """
    for model in apps.get_models(include_auto_created=True):
        if model.__module__.startswith("backend.") and model._meta.app_label not in ("vault", "audit"):
            fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
            names = [field.attname for field in fields if field.name not in BY_CHANCE]
            for row in model._base_manager.all():
                yield f"{model._meta.label} {[_same(_text(getattr(row, name)), known) for name in names]}"


def _text(value: Any) -> Any:
    return value if isinstance(value, dict | list) else str(value)


def _planted(operation: str, rows: World) -> dict[str, Any]:
    """A value for every field of the row that the act writes, and for what other acts take, but not for its own."""
    fields = [field for field in type(rows[operation.split()[1]])._meta.get_fields() if not field.auto_created]
    wanted = {field.name: other_value(field, rows) for field in fields}
    wanted |= {f"{field.name}_id": wanted[field.name] for field in fields if field.is_relation}
    wanted |= {"pk": str(uuid.UUID(int=7)), "id": str(uuid.UUID(int=7)), "actor": str(rows["users"].pk)}
    wanted |= {"is_superuser": True, "is_staff": True, "now": PLANTED, "identity": {"first_name": "PLANTED"}}
    return {name: value for name, value in wanted.items() if name not in _taken(operation)}


def _takes() -> set[str]:
    """The acts that take anything, as the table has them."""
    lines = (line.split(" | ")[:2] for line in TABLE.read_text().splitlines())
    named = ((noun, what.removesuffix(" takes").split()) for noun, what in lines if what.endswith(" takes"))
    return {" ".join([method, noun, *last]) for noun, (method, *last) in named}


def _taken(operation: str) -> set[str]:
    """What the table declares that the act takes; of what is nested, the name it is nested under."""
    method, noun, *last = operation.split()
    role = {"employer_user": "employer", "colleague": "counsellor"}.get(actor_of(operation), actor_of(operation))
    return {name.split(".")[0] for name in declared(noun, " ".join([method, *last, "takes"]), role)}


def other_value(field: Any, rows: World) -> Any:
    """A value of the field's kind that no row here has."""
    if field.is_relation:
        other = field.related_model._base_manager.exclude(pk__in=_keys(field.related_model, rows)).first()
        value = str(other.pk) if other else str(uuid.UUID(int=8))
        return [value] if field.many_to_many else value
    if field.choices:
        return field.choices[-1][0]
    kinds: list[tuple[Any, Any]] = [
        (models.BooleanField, True), (models.DateTimeField, f"{PLANTED}T00:00:00Z"), (models.DateField, PLANTED),
        (models.IntegerField, 4), (models.DecimalField, "4"), (models.FloatField, 0.9), (models.JSONField, ["PLANTED"]),
        (models.UUIDField, str(uuid.UUID(int=9))), (models.EmailField, "planted@example.org"),
    ]  # fmt: skip
    return next((value for kind, value in kinds if isinstance(field, kind)), "PLANTED")


def _keys(model: type[models.Model], rows: World) -> list[Any]:
    return [row.pk for row in rows.values() if isinstance(row, model)]


def test_every_act_that_takes_anything_has_good_values(cast: Cast, rows: World, client_of: As) -> None:
    """Else nothing would be shown by what is refused: most are done, some wait for another state of the row."""
    assert _takes() - BODIES.keys() == WRITES_NO_FIELD
    wait = set()
    for operation in BODIES:
        status, said, _rows = _shoot(_client(operation, cast, client_of), operation, rows, {})
        assert status not in (401, 404, 405, 500), (operation, said)
        if status >= 400:
            wait.add(operation)
    assert wait <= WAIT, wait - WAIT


def _changed(cast: Cast, rows: World, client_of: As, operations: list[str], one_by_one: bool) -> tuple[int, list[Any]]:
    tried, wrong = 0, []
    for operation in operations:
        client = _client(operation, cast, client_of)
        plain, planted = _shoot(client, operation, rows, {}), _planted(operation, rows)
        tries = [{name: value} for name, value in planted.items()] if one_by_one else [planted]
        for more in tries:
            tried += 1
            if _shoot(client, operation, rows, more) != plain:
                wrong.append((operation, sorted(more)))
    return tried, wrong


def test_what_is_not_taken_changes_nothing(cast: Cast, rows: World, client_of: As) -> None:
    assert _changed(cast, rows, client_of, list(BODIES), one_by_one=False)[1] == []


@pytest.mark.proof
@pytest.mark.usefixtures("_quiet")
def test_p2_writes(cast: Cast, rows: World, client_of: As) -> None:
    tried, wrong = _changed(cast, rows, client_of, list(BODIES), one_by_one=True)
    assert wrong == []
    report("P2 writes", tried="acts with a field that they do not take", count=tried, failed=len(wrong))


def test_a_field_that_is_taken_and_not_declared_would_be_noticed(
    cast: Cast, rows: World, client_of: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: a form with a field more, whose value is saved."""

    class Wider(forms.NounForm):
        beneficiary = profiles.HeldSkillForm._declared_fields["beneficiary"]
        skill = profiles.HeldSkillForm._declared_fields["skill"]

        class Meta:
            model = HeldSkill
            fields = [*profiles.HeldSkillForm.Meta.fields, "noted_on"]

    def create(self: Any, request: Any) -> Any:
        held = HeldSkill.objects.create(**{"noted_on": DAY} | self.read_form())
        return base.Response({"id": str(held.pk)}, status=201)

    create = base.takes(Wider)(create)
    monkeypatch.setattr(profiles.HeldSkillViewSet, "create", create)
    wrong = _changed(cast, rows, client_of, ["post held-skills"], one_by_one=True)[1]
    assert wrong == [("post held-skills", ["noted_on"])]
