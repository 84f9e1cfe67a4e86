"""P1 for pages: every actor, at every route, with every method, on rows of every relation to her.

The expectations are those declared in test_page_matrix, read from where the actor stands: to a foreign row the foreign
counsellor is the counsellor.
"""

import dataclasses

import pytest

from tests.backend.api.world import World, build
from tests.backend.web.test_page_matrix import (
    ACTORS,
    ROUTES,
    Clients,
    Row,
    _answer,
    _still_clock,
    _url,
    clients,
    other_employer,
    world,
)
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory
from tests.proofs import report

__all__ = ["_still_clock", "clients", "other_employer", "world"]  # fixtures

METHODS = ("get", "head", "post", "put", "patch", "delete")
ROLES = {
    "anonymous": "anonymous", "counsellor": "counsellor", "colleague": "counsellor", "foreigner": "counsellor",
    "lead": "lead", "foreign_lead": "lead", "administrator": "administrator", "employer": "employer",
    "other_employer": "employer",
}  # fmt: skip
STANDS_AS = {
    "own": {},
    "colleague's": {"counsellor": "colleague", "colleague": "counsellor"},
    "foreign": {
        "counsellor": "foreigner", "colleague": "foreigner", "foreigner": "counsellor", "lead": "foreign_lead",
        "foreign_lead": "lead", "employer": "other_employer",
    },
}  # fmt: skip
"""As whom an actor stands before rows of each relation."""
OPEN_DOORS = {"portal_answer", "portal_register", "portal_join"}
"""Pages that stand outside of sign-in: a method that they do not take is refused alike to everybody."""
Cell = tuple[str, str, str, str]


def _refused(name: str) -> Row:
    """What a method that a page does not take answers: 405 to those whose desk it is, else as if it were absent."""
    route = ROUTES[name]
    for row in (route.post, route.get):
        if 405 in row.values():
            return row
    desk = {ROLES[actor] for actor in ACTORS if route.get[actor] == 200}
    return {actor: 405 if ROLES[actor] in desk and actor != "anonymous" else route.get[actor] for actor in ACTORS}


def _declared(name: str, method: str, actor: str) -> int:
    route = ROUTES[name]
    if method in ("get", "head"):
        return route.get[actor]
    if method == "post" or name == "set_language":  # Django's own view, which sends everybody back
        return route.post[actor]
    return 405 if name in OPEN_DOORS else _refused(name)[actor]


def _expected(name: str, method: str, actor: str, relation: str) -> int:
    status = _declared(name, method, STANDS_AS[relation].get(actor, actor))
    if relation == "foreign" and actor == "administrator" and status != 405:
        return 404  # no other administrator is among the actors to stand as
    return status


def _worlds(cast: Cast, other_cast: Cast, own: World) -> dict[str, World]:
    another = BeneficiaryFactory(organisation=cast.programme, counsellor=cast.colleague)
    turned = dataclasses.replace(cast, counsellor=cast.colleague, colleague=cast.counsellor, beneficiary=another)
    return {"own": own, "colleague's": build(turned, "3"), "foreign": build(other_cast, "2")}


def _wrong(clients: Clients, worlds: dict[str, World], names: list[str]) -> tuple[int, list[tuple[Cell, object]]]:
    """How many cells were tried, and those that were not as declared, with what they answered."""
    tried, wrong = 0, []
    for name in names:
        related = [
            relation
            for relation in worlds
            if relation == "own" or any(a in worlds[relation] for a in ROUTES[name].args)
        ]
        for method in METHODS:
            for actor, client in clients.items():
                absent = None
                for relation in related:
                    seen = _answer(client, method, _url(name, worlds[relation]))
                    tried += 1
                    cell = (name, method, actor, relation)
                    if seen.status != _expected(name, method, actor, relation):
                        wrong.append((cell, seen.status))
                    elif seen.status == 404 and any(arg in worlds[relation] for arg in ROUTES[name].args):
                        absent = absent or _answer(client, method, _url(name, worlds[relation], slice(None)))
                        if seen != absent:
                            wrong.append((cell, "not like what is absent"))
    return tried, wrong


@pytest.fixture
def worlds(cast: Cast, other_cast: Cast, world: World) -> dict[str, World]:
    return _worlds(cast, other_cast, world)


@pytest.mark.proof
def test_p1_pages(clients: Clients, worlds: dict[str, World]) -> None:
    tried, wrong = _wrong(clients, worlds, list(ROUTES))
    assert tried >= 5_000
    assert wrong == []
    report("P1 pages", tried="cells of actor, route, method and relation", count=tried, failed=len(wrong))


def test_some_cells_of_every_kind(clients: Clients, worlds: dict[str, World]) -> None:
    """The fast form: a page, a form and an act of each desk."""
    names = ["person", "person_edit", "set_goal", "course", "review_opening", "portal_opening", "overview"]
    assert _wrong(clients, worlds, names)[1] == []


def test_a_cell_declared_otherwise_would_be_noticed(
    clients: Clients, worlds: dict[str, World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: with a colleague taken for the counsellor, her file's cells are wrong."""
    monkeypatch.setitem(STANDS_AS, "colleague's", {})
    wrong = dict(_wrong(clients, worlds, ["person"])[1])
    assert wrong["person", "get", "colleague", "colleague's"] == 200
    assert wrong["person", "get", "counsellor", "colleague's"] == 404
