"""Sign-in by token and by session."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests.conftest import Cast

from .test_problems import problem

API = "/api/v1/"


@pytest.fixture
def sign_in(cast: Cast) -> dict[str, str]:
    cast.counsellor.set_password("a long enough word")
    cast.counsellor.save()
    return {"email": cast.counsellor.email.upper(), "password": "a long enough word"}


def test_a_token_opens_and_is_revoked(sign_in: dict[str, str]) -> None:
    client = APIClient()
    answer = client.post(API + "auth/token/", sign_in, "json").json()
    assert answer.keys() == {"token", "expiry"}
    client.credentials(HTTP_AUTHORIZATION=f"Token {answer['token']}")
    assert client.get(API + "beneficiaries/").status_code == 200
    assert client.post(API + "auth/logout/").status_code == 204
    problem(client.get(API + "beneficiaries/"), 401)


def test_all_tokens_are_revoked_at_once_and_their_number_is_bounded(sign_in: dict[str, str]) -> None:
    client = APIClient()
    for _token in range(5):
        token = client.post(API + "auth/token/", sign_in, "json").json()["token"]
    problem(client.post(API + "auth/token/", sign_in, "json"), 403)
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    assert client.post(API + "auth/logoutall/").status_code == 204
    client.credentials()
    assert client.post(API + "auth/token/", sign_in, "json").status_code == 200


def test_a_wrong_password_and_an_unknown_address_read_the_same(sign_in: dict[str, str]) -> None:
    client = APIClient()
    wrong = client.post(API + "auth/token/", sign_in | {"password": "no"}, "json")
    unknown = client.post(API + "auth/token/", sign_in | {"email": "nobody@example.org"}, "json")
    problem(wrong, 401)
    assert wrong.content == unknown.content


def test_who_may_not_sign_in_gets_no_token(cast: Cast, sign_in: dict[str, str]) -> None:
    cast.counsellor.is_active = False
    cast.counsellor.save()
    problem(APIClient().post(API + "auth/token/", sign_in, "json"), 401)


def test_a_malformed_token_or_sign_in_is_refused(db: None) -> None:
    client = APIClient()
    for header in ("Token", "Token a b", "Token čćš", "Token \x00", "Token " + "a" * 5000):
        client.credentials(HTTP_AUTHORIZATION=header.encode().decode("latin-1"))
        problem(client.get(API + "openings/"), 401)
    client.credentials()
    for body in ({}, {"email": "x", "password": "y"}, {"email": [], "password": {}}, [1]):
        problem(client.post(API + "auth/token/", body, "json"), 400)


def test_too_many_wrong_passwords_are_throttled(sign_in: dict[str, str], settings: object) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "2/m/key"}  # type: ignore[attr-defined]
    client = APIClient()
    for _try in range(2):
        problem(client.post(API + "auth/token/", sign_in | {"password": "no"}, "json"), 401)
    problem(client.post(API + "auth/token/", sign_in | {"password": "no"}, "json"), 429)


def test_the_sites_session_opens_the_api_and_writing_needs_the_csrf_token(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.counsellor)
    assert client.get(API + "employers/").status_code == 200
    problem(client.post(API + "employers/", {"name": "A"}, "application/json"), 403)
