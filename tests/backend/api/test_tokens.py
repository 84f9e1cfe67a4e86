"""Who comes in through the API: a program with a token, or the session of the pages."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from backend.accounts.models import AccessToken, User
from tests.conftest import Cast
from tests.factories import MembershipFactory

from .conftest import PORTAL
from .test_problems import problem

API = "/api/v1/"


def program(user: User, lifetime: dt.timedelta = dt.timedelta(days=1)) -> APIClient:
    _token, secret = AccessToken.objects.create(user=user, expiry=lifetime, name="a program")
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    return client


def test_a_token_opens_what_its_user_sees_until_it_is_revoked_or_expires(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = program(cast.employer_user)
    assert client.get(PORTAL + "openings/").status_code == 200
    assert client.get(PORTAL + "beneficiaries/").status_code == 404
    assert client.get(API + "openings/").status_code == 404
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + dt.timedelta(days=1, seconds=1))
    problem(client.get(PORTAL + "openings/"), 401)
    monkeypatch.setattr(timezone, "now", lambda: now)
    AccessToken.objects.all().delete()
    problem(program(cast.employer_user, dt.timedelta(seconds=-1)).get(PORTAL + "openings/"), 401)


def test_only_a_hash_of_it_is_kept(cast: Cast) -> None:
    token, secret = AccessToken.objects.create(user=cast.lead, name="a program")
    kept = str(AccessToken.objects.filter(pk=token.pk).values().get())
    assert secret not in kept
    assert secret[20:] not in kept


def test_no_token_stands_in_for_the_second_factor_of_who_knows_names(cast: Cast) -> None:
    """Neither of a counsellor, nor of somebody who has become one since."""
    problem(program(cast.counsellor).get(API + "beneficiaries/"), 401)
    problem(program(cast.administrator).get(API + "users/"), 401)
    client = program(cast.lead)
    assert client.get(API + "openings/").status_code == 200
    cast.lead.memberships.update(ended_on=dt.date(2026, 11, 1))
    problem(client.get(API + "openings/"), 401)
    MembershipFactory(user=cast.lead, organisation=cast.programme, role="counsellor")
    problem(client.get(API + "openings/"), 401)


def test_a_password_buys_no_token(cast: Cast) -> None:
    cast.counsellor.set_password("a long enough word")
    cast.counsellor.save()
    credentials = {"email": cast.counsellor.email, "password": "a long enough word"}
    for path in ("auth/token/", "auth/login/", "token/"):
        problem(APIClient().post(API + path, credentials, "json"), 401)
    assert not AccessToken.objects.exists()


def test_a_malformed_token_is_refused(db: None) -> None:
    client = APIClient()
    for header in ("Token", "Token a b", "Token čćš", "Token \x00", "Token " + "a" * 5000):
        client.credentials(HTTP_AUTHORIZATION=header.encode().decode("latin-1"))
        problem(client.get(API + "openings/"), 401)


def test_the_sites_session_opens_the_api_and_writing_needs_the_csrf_token(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.counsellor)
    assert client.get(API + "employers/").status_code == 200
    problem(client.post(API + "employers/", {"name": "A"}, "application/json"), 403)


def test_a_session_without_its_second_factor_opens_nothing(cast: Cast, settings: object) -> None:
    settings.SECOND_FACTOR_REQUIRED = True  # type: ignore[attr-defined]
    client = Client()
    client.force_login(cast.counsellor)
    problem(client.get(API + "beneficiaries/"), 403)
    client.force_login(cast.employer_user)
    assert client.get(PORTAL + "openings/").status_code == 200
