"""Requests made up from a role's OpenAPI document: none is an error of ours, none that is refused writes anything."""

from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from backend.accounts.models import User
from tests.backend.rows import stored
from tests.conftest import Cast
from tests.proofs import cases, report

from . import test_fuzz
from .world import As, World

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
ROLES = {"counsellor": 180, "lead": 100, "administrator": 30, "employer_user": 60}
"""Who asks, and the least number of requests when every operation is tried twice."""
SECRET = "a" * 32
TRACES = {"audit_chain", "audit_event"}
"""What a refusal may leave behind."""


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the WSGI handler from closing the connection that holds the test's transaction."""
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)


def session_of(user: User) -> dict[str, str]:
    """The cookies with which the site's own pages ask the API."""
    client = Client()
    client.force_login(user)
    return {name: cookie.value for name, cookie in client.cookies.items()} | {"csrftoken": SECRET}


def attack(user: User, document: str, world: World, examples: int) -> tuple[int, list[str]]:
    """Send `examples` requests to every operation; how many were sent, and what is wrong with the answers.

    Fails if hardly any is served: made-up requests that never come in prove nothing.
    """
    schema = schemathesis.openapi.from_file(document)
    schema.app = get_wsgi_application()
    cookies, before = session_of(user), stored()
    sent, served, wrong = 0, 0, []
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def send(case: Any) -> None:
            nonlocal sent, served
            sent += 1
            for noun, row in world.items():  # half of the requests find a row
                if sent % 2 and f"/{noun}/{{" in case.operation.path:
                    case.path_parameters = dict.fromkeys(case.path_parameters, str(row.pk))
            with transaction.atomic():
                response = case.call(headers={"X-CSRFToken": SECRET}, cookies=cookies)
                served += response.status_code < 400
                new = {row[0] for row in set(stored()) ^ set(before)} - TRACES if response.status_code >= 400 else ()
                if new:
                    wrong.append(f"{case.operation.label}: {response.status_code} wrote {sorted(new)}")
                transaction.set_rollback(True)
            try:
                case.validate_response(response, checks=CHECKS)
            except (AssertionError, ExceptionGroup) as error:
                wrong.append(f"{case.operation.label}: {error}")

        send()
    assert served > sent / 5, f"{served} of {sent} were served"
    return sent, wrong


@pytest.mark.parametrize("actor", ROLES)
def test_no_made_up_request_is_an_error_of_ours(cast: Cast, world: World, client_of: As, actor: str) -> None:
    user = getattr(cast, actor)
    document = client_of(user).get("/api/v1/schema/?format=json").content.decode()
    sent, wrong = attack(user, document, world, examples=2)
    assert wrong == []
    assert sent >= ROLES[actor]


@pytest.mark.proof
def test_ten_thousand_made_up_requests(cast: Cast, world: World, client_of: As) -> None:
    documents = {
        actor: client_of(getattr(cast, actor)).get("/api/v1/schema/?format=json").content.decode() for actor in ROLES
    }
    operations = sum(document.count('"operationId"') for document in documents.values())
    total, wrong = 0, []
    for actor, document in documents.items():
        sent, found = attack(getattr(cast, actor), document, world, examples=-(-cases(10_000) // operations))
        total, wrong = total + sent, wrong + found
    report("P9 made-up requests", tried="requests by four roles", count=total, failed=len(wrong))


def test_a_request_that_wrote_before_it_was_refused_would_be_noticed(
    cast: Cast, world: World, client_of: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: a service that is not atomic."""
    rows = iter([[("before",)], *([[("half of it",)]] * 1_000)])
    monkeypatch.setattr(test_fuzz, "stored", lambda: next(rows))
    document = client_of(cast.administrator).get("/api/v1/schema/?format=json").content.decode()
    _sent, wrong = attack(cast.administrator, document, world, examples=1)
    assert any("half of it" in line for line in wrong)
