"""P2: which role reads, writes, filters by, orders by, searches and expands which field, declared and tried.

Whose rows they are is the matter of the matrix (P1); here it is asked what of a row.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db.models import Model
from django_filters import filters
from rest_framework.test import APIClient

from backend.api import beneficiaries, employers, openings, plans
from backend.api.urls import NOUNS
from matching.text import fold
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory, EmployerFactory
from tests.proofs import report

from .field_table import ASKED, ROLES, TABLE, Line, actual, declared, lines
from .world import As, World, build

FOLDED = {"name_folded": "name", "labels__folded": "preferred_labels"}
"""What is ordered by or searched is the folded form of what is read."""
READS = ("list", "read")
TRIED = ("__isnull", "__gte", "__startswith", "__in", "")
Clients = dict[str, APIClient]
Found = list[tuple[str, str, str, str]]


@pytest.fixture
def clients(cast: Cast, client_of: As) -> Clients:
    users = {"employer": cast.employer_user} | {role: getattr(cast, role) for role in ROLES if role != "employer"}
    return {role: client_of(user) for role, user in users.items()}


@pytest.fixture
def rows(cast: Cast, world: World) -> World:
    """One row of everything; behind it stands a second, of another person of the same counsellor, to be ordered."""
    another = BeneficiaryFactory(organisation=cast.programme, counsellor=cast.counsellor)
    build(dataclasses.replace(cast, beneficiary=another), "3")
    EmployerFactory(programme=cast.programme, cleared=True, with_portal=True)
    return world


def test_every_field_is_declared() -> None:
    """A new field, filter or route has to be written down in the table, where a second person reads it."""
    assert lines() == TABLE.read_text().splitlines()


# -- what the table may say ----------------------------------------------------------------------------------------


def _unreadable() -> list[tuple[str, str, str, str]]:
    """Names that a role may ask by, and not read."""
    table = list(actual())
    found = []
    for line in (each for each in table if each.operation in ASKED):
        reads = {_plain(named.path) for each in _answers(table, line) for named in each.names}
        found += [
            (line.noun, line.operation, line.role, named.name)
            for named in line.names
            if _plain(FOLDED.get(named.path, named.path)) not in reads
        ]
    return found


def _answers(table: list[Line], line: Line) -> Iterator[Line]:
    return (each for each in table if (each.noun, each.role) == (line.noun, line.role) and each.operation in READS)


def _plain(path: str) -> str:
    return path.removesuffix("_id").replace("match__beneficiary", "beneficiary")


def test_nobody_asks_by_what_she_does_not_read() -> None:
    """Else the order or the number of rows tells it."""
    told_by_the_row_above = {
        ("credentials", "filter", "enrolment__beneficiary"),
        ("decisions", "filter", "match__beneficiary"),
        ("introductions", "filter", "match__opening__employer"),
    }
    assert {(noun, what, name) for noun, what, _role, name in _unreadable()} <= told_by_the_row_above
    assert {role for _noun, _what, role, _name in _unreadable()} <= {"counsellor", "lead"}


def test_nothing_that_may_hurt_her_reaches_an_employer() -> None:
    confidential = {
        (line.noun, named.name)
        for line in actual()
        for named in line.names
        if line.role == "employer" and named.data_class in ("C3", "C4")
    }
    assert confidential == {("contacts", name) for name in ("name", "email", "phone")}  # its own people
    hers = {name for name in declared("candidates", "read", "employer") if name.startswith("identity.")}
    assert hers == {f"identity.{name}" for name in ("first_name", "last_name", "phone", "email")}


def test_nobody_asks_by_what_is_sealed() -> None:
    """What of C3 and C4 is asked by stands in the clear for a reason that its model says."""
    asked = {
        (line.noun, named.path)
        for line in actual()
        for named in line.names
        if line.operation in ASKED and named.data_class in ("C3", "C4")
    }
    assert asked == {
        ("beneficiaries", "municipality_id"),
        ("follow-ups", "result"),
        ("flags", "severity"),
        ("spells", "employer"),
        ("spells", "end_reason"),
    }


# -- what is tried -------------------------------------------------------------------------------------------------


def _names(world: World, noun: str) -> list[str]:
    """Everything that could be asked by: the fields of the noun's model, and those of the models next to it."""
    own = type(world[noun])
    found = {own._meta.pk.name}
    for field in own._meta.get_fields():
        found.add(field.name)
        found.add(getattr(field, "attname", field.name))
        if (related := field.related_model) and related is not own and not isinstance(related, str):
            found |= {f"{field.name}__{each.name}" for each in related._meta.concrete_fields}
    shown = {name for role in ROLES for name in declared(noun, "read", role) if "." not in name}
    return sorted(found | shown | {"beneficiary__identity__last_name", "pk", "?", "__all__"})


def _page(client: APIClient, noun: str, **asked: Any) -> tuple[Any, ...]:
    """What a list of one row a page tells: its status, the row, and where the next page begins."""
    answer = client.get(f"/api/v1/{noun}/", {"page_size": 1} | asked)
    if answer.status_code != 200:
        return answer.status_code, answer.content
    told = answer.json()
    return 200, told["results"], parse_qs(urlsplit(told["next"] or "").query).get("cursor")


def _asks(name: str, operation: str, value: str, allowed: frozenset[str]) -> list[dict[str, Any]]:
    """The query strings that ask by a name."""
    if operation == "filter":
        said = {f"{name}{suffix}": "true" if suffix == "__isnull" else "zzz" for suffix in TRIED}
        turned = {f"{name}__isnull": "false"}
        return [{asked: said[asked] for asked in said if asked not in allowed} for said in (said, turned)]
    if operation == "order":
        return [{"ordering": name}, {"ordering": f"-{name}"}]
    if operation == "search":
        return [{"search": value}]
    return [dict.fromkeys(("expand", "include", "fields", "omit", "depth"), name)]


def _told(
    clients: Clients, rows: World, nouns: list[str], roles: tuple[str, ...] = ROLES, names: tuple[str, ...] = ()
) -> tuple[int, Found]:
    """Ask every list by every name (or these) that is not declared for it: cells tried, and which answers changed.

    A name is asked by in every way at once, and in each alone where that changed something.
    """
    tried, wrong = 0, []
    for noun in nouns:
        row = rows[noun]
        for role in roles:
            plain, none = _page(clients[role], noun), _page(clients[role], noun, search="zzzzzz")
            by = {operation: declared(noun, operation, role) for operation in (*ASKED, "expand")}
            for name in names or _names(rows, noun):
                value = str(getattr(row, name, "")) if "__" not in name else ""
                together: list[dict[str, Any]] = [{}, {}]
                alone: list[tuple[str, list[dict[str, Any]], Any]] = []
                for operation, allowed in by.items():
                    if name in allowed or (operation == "search" and not _is_told(value, row, allowed)):
                        continue
                    tried += 1
                    asks = _asks(name, operation, value, allowed)
                    alone.append((operation, asks, none if operation == "search" and allowed else plain))
                    if operation != "search" or not allowed:
                        together[0] |= asks[0]
                        together[1] |= asks[-1]
                at_once = all(_page(clients[role], noun, **asked) == plain for asked in together)
                for operation, asks, expected in alone:
                    if (not at_once or expected is not plain) and any(
                        _page(clients[role], noun, **asked) != expected for asked in asks
                    ):
                        wrong.append((noun, operation, role, name))
    return tried, wrong


def _is_told(value: str, row: Model, searched: frozenset[str]) -> bool:
    """Whether finding the value by a search would say that the row has it: it stands in nothing that is searched."""
    return len(value) >= 4 and fold(value) not in fold(" ".join(_texts(row, searched)))


def _texts(row: Model, searched: frozenset[str]) -> Iterator[str]:
    for name in searched - {"C0", "C1", "C2", "C3", "C4"}:
        if hasattr(row, name):
            yield str(getattr(row, name))
        else:
            yield " ".join(str(label.folded) for label in row.labels.all())  # type: ignore[attr-defined]


def _rows_seen(clients: Clients) -> dict[str, int]:
    """How many rows of each noun the role that sees most of it sees: one alone cannot be ordered."""
    found = dict.fromkeys(NOUNS, 0)
    for noun in NOUNS:
        for client in clients.values():
            answer = client.get(f"/api/v1/{noun}/")
            found[noun] = max(found[noun], len(answer.json()["results"]) if answer.status_code == 200 else 0)
    return found


ONLY_ONE = {"caseloads", "organisations", "countries", "districts", "municipalities", "snapshots"}


def test_lists_answer_only_to_what_is_declared(clients: Clients, rows: World) -> None:
    """The fast form: what is most confidential, and the employer's own."""
    assert {noun for noun, count in _rows_seen(clients).items() if count < 2} <= ONLY_ONE
    assert _told(clients, rows, ["beneficiaries"], ("counsellor",))[1] == []
    assert _told(clients, rows, ["candidates", "employers"], ("employer",))[1] == []


@pytest.mark.proof
@pytest.mark.usefixtures("_quiet")
def test_p2_lists(clients: Clients, rows: World) -> None:
    tried, wrong = _told(clients, rows, list(NOUNS))
    assert tried >= 1_000
    assert wrong == []
    report("P2 lists", tried="cells of role, field and operation", count=tried, failed=len(wrong))


# -- negative controls ---------------------------------------------------------------------------------------------


def test_a_serializer_with_one_field_more_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = [*employers.EmployerSerializer.Meta.fields, "programme"]
    monkeypatch.setattr(employers.EmployerSerializer.Meta, "fields", shown)
    new = set(lines()) - set(TABLE.read_text().splitlines())
    assert any("programme" in line and "employer" in line for line in new)


def test_a_form_with_one_field_more_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans.GoalForm.Meta, "fields", [*plans.GoalForm.Meta.fields, "achieved_on"])
    assert lines() != TABLE.read_text().splitlines()


def test_a_filter_that_was_added_would_be_noticed(
    clients: Clients, rows: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Wider(beneficiaries.BeneficiaryFilter):
        identity__first_name = filters.CharFilter(field_name="identity__first_name", lookup_expr="isnull")

    monkeypatch.setattr(beneficiaries.BeneficiaryViewSet, "filterset_class", Wider)
    assert lines() != TABLE.read_text().splitlines()
    wrong = _told(clients, rows, ["beneficiaries"], ("counsellor",), ("identity__first_name", "erased_at"))[1]
    assert ("beneficiaries", "filter", "counsellor", "identity__first_name") in wrong


def test_an_order_by_everything_would_be_noticed(
    clients: Clients, rows: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beneficiaries.BeneficiaryViewSet, "ordering_fields", ("code", "permit", "erased_at"))
    wrong = _told(clients, rows, ["beneficiaries"], ("counsellor",), ("permit", "licences"))[1]
    assert ("beneficiaries", "order", "counsellor", "permit") in wrong


def test_a_search_by_more_would_be_noticed(clients: Clients, rows: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openings.OpeningViewSet, "search_fields", ("title", "status"))
    wrong = _told(clients, rows, ["openings"], ("employer",), ("status", "source"))[1]
    assert ("openings", "search", "employer", "status") in wrong


def test_the_employers_status_filter_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It once told an employer whether it was suspended or banned, where it reads only that it is inactive."""
    monkeypatch.setattr(employers.EmployerViewSet, "filterset_class", employers.StaffEmployerFilter)
    assert ("employers", "filter", "employer", "status") in _unreadable()
