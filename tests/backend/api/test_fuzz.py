"""Requests made up from the OpenAPI document of a role, about 300 in all: none may be an error of ours."""

from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from knox.models import AuthToken
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from tests.conftest import Cast

from .world import As, World

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]


@pytest.fixture
def _one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the WSGI handler from closing the connection that holds the test's transaction."""
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)


@pytest.mark.usefixtures("_one_connection")
@pytest.mark.parametrize(("actor", "least"), [("counsellor", 180), ("employer_user", 60)])
def test_no_made_up_request_is_an_error_of_ours(
    cast: Cast, world: World, client_of: As, actor: str, least: int, subtests: pytest.Subtests
) -> None:
    user = getattr(cast, actor)
    document = client_of(user).get("/api/v1/schema/?format=json")
    schema = schemathesis.openapi.from_file(document.content.decode())
    schema.app = get_wsgi_application()
    _instance, token = AuthToken.objects.create(user=user)
    headers = {"Authorization": f"Token {token}"}
    sent = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if "/auth/" in operation.path:  # would revoke the token
            continue

        @settings(
            max_examples=2,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def send(case: Any) -> None:
            nonlocal sent
            sent += 1
            for noun, row in world.items():  # half of the requests find a row
                if sent % 2 and f"/{noun}/{{" in case.operation.path:
                    case.path_parameters = dict.fromkeys(case.path_parameters, str(row.pk))
            with transaction.atomic():
                response = case.call(headers=headers)
                transaction.set_rollback(True)
            case.validate_response(response, checks=CHECKS)

        with subtests.test(operation=operation.label):
            send()
    assert sent >= least
