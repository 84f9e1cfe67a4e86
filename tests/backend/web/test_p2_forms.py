"""P2 for pages: what a form does not ask for changes nothing of what it does, whatever is sent beside it."""

import re
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import transaction

from tests.backend.api.test_p2_writes import other_value, stored_as_text
from tests.backend.api.world import World
from tests.backend.web.test_bad_input import Attack, Clients, _still_clock, clients, world

__all__ = ["_still_clock", "clients", "world"]  # fixtures


def _planted(world: World) -> dict[str, Any]:
    """A value for every field of every model, and for what services take beside."""
    found: dict[str, Any] = {"actor": str(world["users"].pk), "now": "2020-02-02", "pk": str(world["users"].pk)}
    for model in apps.get_models():
        if model.__module__.startswith("backend.") and model._meta.app_label not in ("vault", "audit"):
            for field in model._meta.get_fields():
                if not field.auto_created:
                    value = other_value(field, world)
                    found[field.name] = found[f"{field.name}_id"] = value if isinstance(value, str) else "1"
    return found


def _asked(attack: Attack) -> set[str]:
    """The names of the fields on the page that shows the form."""
    with transaction.atomic():
        page = attack.client.post(attack.url, {}).content.decode()
        transaction.set_rollback(True)
    return set(re.findall(r'name="([^"]+)"', page)) | attack.good.keys()


def _shot(attack: Attack, world: World, more: dict[str, Any]) -> tuple[int, list[str]]:
    with transaction.atomic():
        answer = attack.send(more)
        found = answer.status_code, sorted(stored_as_text({str(row.pk) for row in world.values()}))
        transaction.set_rollback(True)
    return found


def _wrong(clients: Clients, world: World, names: Iterable[str]) -> tuple[int, list[str]]:
    planted, wrong, tried = _planted(world), [], 0
    for name in names:
        attack = Attack(name, clients, world)
        beside = {field: value for field, value in planted.items() if field not in _asked(attack)}
        tried += len(beside)
        if _shot(attack, world, beside) != _shot(attack, world, {}):
            wrong.append(name)
    return tried, wrong


def test_what_a_form_does_not_ask_for_changes_nothing(clients: Clients, world: World) -> None:
    """The fast form: her file, what she is asked for, and what an employer sends."""
    assert _wrong(clients, world, ["person_edit", "give_consent", "portal_candidate"])[1] == []


def test_a_field_that_is_taken_would_be_noticed(clients: Clients, world: World) -> None:
    """The negative control: a value for what the form does ask for."""
    attack = Attack("person_edit", clients, world)
    assert _shot(attack, world, {"permit": "none"}) != _shot(attack, world, {})
