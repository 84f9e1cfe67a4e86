"""P1 at the API: every actor, every route and method, on a row of her own programme and on one of another's.

The expected statuses are those of `test_matrix`; what no route declares answers nobody.
"""

from collections.abc import Iterator

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from backend.api.beneficiaries import BeneficiaryViewSet
from backend.beneficiaries.models import Beneficiary
from tests.proofs import report

from .test_matrix import ACTORS, ACTS, DETAIL, LIST, MISSING, ROUTES, clients, path_of
from .world import World

__all__ = ["clients"]
METHODS = ("get", "post", "put", "patch", "delete")
Cell = tuple[str, str, str, str, int]
"""An actor, a method, a path, the row's noun, and the status: 200 that the route is reached, 405 that there is none."""


def _cells(own: World, foreign: World) -> Iterator[Cell]:
    for noun, (of_list, of_detail) in ROUTES.items():
        declared = {method for method in METHODS if f"{method} {noun}" in ACTS}
        for actor, listed, shown in zip(ACTORS, LIST[of_list], DETAIL[of_detail], strict=True):
            yield actor, "get", f"/api/v1/{noun}/", noun, listed
            yield actor, "get", f"/api/v1/{noun}/{own[noun].pk}/", noun, shown
            if of_detail != "open":
                yield actor, "get", f"/api/v1/{noun}/{foreign[noun].pk}/", noun, _abroad(actor, DETAIL[of_detail])
            for method in METHODS[1:]:
                if method not in declared or method != "post":
                    yield actor, method, f"/api/v1/{noun}/", noun, 405
                if method not in declared or method == "post":
                    yield actor, method, f"/api/v1/{noun}/{own[noun].pk}/", noun, 405
    for operation, statuses in ACTS.items():
        method, noun = operation.split()[:2]
        for actor, expected in zip(ACTORS, statuses, strict=True):
            yield actor, method, path_of(operation, own[noun]), noun, expected
            if (path := path_of(operation, foreign[noun])) != path_of(operation, own[noun]):
                yield actor, method, path, noun, _abroad(actor, statuses)


def _abroad(actor: str, statuses: tuple[int, ...]) -> int:
    """What a row of another programme answers: there the foreigner is its counsellor."""
    by_actor = dict(zip(ACTORS, statuses, strict=True))
    return {"anonymous": 401, "foreigner": by_actor["counsellor"]}.get(actor, 404)


def _wrong(clients: dict[str, APIClient], own: World, foreign: World) -> tuple[int, list[tuple[Cell, int]]]:
    tried, wrong = 0, []
    missing = clients["counsellor"].get(f"/api/v1/beneficiaries/{MISSING}/").content
    for cell in _cells(own, foreign):
        actor, method, path, _noun, expected = cell
        with transaction.atomic():
            answer = getattr(clients[actor], method)(path, {}, **({} if method == "get" else {"format": "json"}))
            transaction.set_rollback(True)
        tried += 1
        status = answer.status_code
        if expected == 200:
            is_right = status not in (401, 404, 405)
        elif expected == 405:
            is_right = status in (401, 404, 405)
        else:
            is_right = status == expected and (status != 404 or answer.content == missing)
        if not is_right:
            wrong.append((cell, status))
    return tried, wrong


@pytest.mark.proof
@pytest.mark.usefixtures("_quiet")
def test_p1_api(clients: dict[str, APIClient], world: World, foreign_world: World) -> None:
    tried, wrong = _wrong(clients, world, foreign_world)
    assert wrong == []
    report("P1 API", tried="cells of actor, route, method and relation", count=tried, failed=len(wrong))


def test_without_its_policy_a_route_would_be_noticed(
    clients: dict[str, APIClient], world: World, foreign_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: files that everybody sees."""
    monkeypatch.setattr(BeneficiaryViewSet, "visible", staticmethod(lambda actor: Beneficiary.objects.all()))
    monkeypatch.setattr("tests.backend.api.test_p1_api.ROUTES", {"beneficiaries": ROUTES["beneficiaries"]})
    monkeypatch.setattr("tests.backend.api.test_p1_api.ACTS", {})
    found = {cell[0] for cell, _status in _wrong(clients, world, foreign_world)[1]}
    assert found == {"colleague", "foreigner", "lead", "counsellor"}
