"""Who works for the programme signs in with a second factor, and it cannot be got around."""

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from backend.audit.models import Event
from backend.vault.sealing import SealBroken
from backend.web import middleware
from tests.conftest import Cast

from .conftest import SET_UP, Phone, Visitor, with_password

AGAIN = "/account/2fa/reauthenticate/"
STAFF = ("counsellor", "lead", "administrator")


@pytest.fixture(autouse=True)
def _required(settings: object) -> None:
    settings.SECOND_FACTOR_REQUIRED = True  # type: ignore[attr-defined]


def pages(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[str]:
    """The address of every page, with keys that nothing has."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from pages(pattern, pattern.namespace or namespace)
        elif isinstance(pattern, URLPattern) and namespace not in ("api", "portal_api"):
            named = pattern.pattern.regex.groupindex
            keys = {"uidb36": "0" * 32, "key": "a-b", "act": "close", "step": "agree"}
            filled = {name: keys.get(name, "00000000-0000-4000-8000-000000000000") for name in named}
            yield reverse(f"{namespace}:{pattern.name}" if namespace else str(pattern.name), kwargs=filled)


def is_open(visitor: Visitor, path: str) -> bool:
    return visitor.get(path).headers.get("Location") not in (SET_UP, AGAIN)


@pytest.mark.parametrize("role", STAFF)
def test_a_password_alone_reaches_the_set_up_and_the_way_out(cast: Cast, visitor: Visitor, role: str) -> None:
    visitor.sign_in(with_password(getattr(cast, role)))
    found = sorted(set(pages()))
    assert len(found) > 80
    opened = [path for path in found if path != "/leave/" and is_open(visitor, path)]
    assert opened == [
        AGAIN, SET_UP, "/account/login/", "/account/logout/", "/account/reauthenticate/", "/health/", "/language/",
    ]  # fmt: skip
    assert visitor.get("/leave/").headers["Location"].startswith("https://")
    assert not visitor.session.get("_auth_user_id")


def test_without_the_middleware_the_password_alone_would_do(
    cast: Cast, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control."""
    monkeypatch.setattr(middleware, "is_let_in", lambda request: True)
    visitor.sign_in(with_password(cast.counsellor))
    assert is_open(visitor, "/people/caseload/")


def test_she_sets_it_up_and_from_then_on_it_is_asked_for(cast: Cast, visitor: Visitor, phone: Phone) -> None:
    her = with_password(cast.counsellor)
    visitor.sign_in(her)
    assert visitor.set_up(phone).headers["Location"] == "/account/2fa/recovery-codes/"
    assert visitor.is_in()
    elsewhere = Visitor()
    assert elsewhere.sign_in(her).headers["Location"] == "/account/2fa/authenticate/"
    assert not elsewhere.is_in()
    phone.step += 1
    assert elsewhere.enter("000000").status_code == 200
    assert not elsewhere.is_in()
    code = phone.code()
    assert elsewhere.enter(code).status_code == 302
    assert elsewhere.is_in()
    replayed = Visitor()
    replayed.sign_in(her)
    assert replayed.enter(code).status_code == 200
    assert not replayed.is_in()
    acts = [event.act for event in Event.objects.filter(object_id=her.pk).order_by("created_at")]
    for act in ("sign_in", "add_factor", "refuse_code"):
        assert act in acts


def test_a_session_from_before_she_had_it_has_to_show_it_too(cast: Cast, visitor: Visitor, phone: Phone) -> None:
    """Whoever knew her password and waited, signed in, gains nothing from her setting it up."""
    intruder, her = Visitor(), with_password(cast.lead)
    intruder.sign_in(her)
    visitor.sign_in(her)
    visitor.set_up(phone)
    assert intruder.get("/programme/").headers["Location"] == AGAIN
    assert intruder.get("/account/2fa/recovery-codes/").headers["Location"] == AGAIN
    phone.step += 1
    intruder.post(AGAIN, {"code": "000000"})
    assert not is_open(intruder, "/programme/")
    intruder.post(AGAIN, {"code": phone.code()})
    assert is_open(intruder, "/programme/")


def test_a_recovery_code_signs_in_once(cast: Cast, visitor: Visitor, phone: Phone) -> None:
    her = with_password(cast.administrator)
    visitor.sign_in(her)
    visitor.set_up(phone)
    page = visitor.get("/account/2fa/recovery-codes/").content.decode()
    codes = re.findall(r"<code>(\d{8})</code>", page)
    assert len(codes) == 10
    for expected in (True, False):
        again = Visitor()
        again.sign_in(her)
        again.enter(codes[3])
        assert again.is_in() is expected


def test_she_cannot_take_it_away_and_an_employer_can(cast: Cast, phone: Phone) -> None:
    for user, left in ((cast.counsellor, 2), (cast.employer_user, 0)):
        Authenticator.objects.all().delete()
        visitor = Visitor()
        visitor.sign_in(with_password(user))
        visitor.set_up(phone)
        visitor.post("/account/2fa/totp/deactivate/")
        assert Authenticator.objects.count() == left
    assert Event.objects.filter(act="remove_factor", actor=cast.employer_user).count() == 2


def test_an_employer_needs_none(cast: Cast, visitor: Visitor) -> None:
    visitor.sign_in(with_password(cast.employer_user))
    assert visitor.is_in()


def test_secret_and_codes_are_sealed(cast: Cast, visitor: Visitor, phone: Phone) -> None:
    visitor.sign_in(with_password(cast.counsellor))
    visitor.set_up(phone)
    kept = Authenticator.objects.get(type="totp")
    assert phone.secret not in str(list(Authenticator.objects.values()))
    kept.data["secret"] = kept.data["secret"][:-8] + "AAAAAAA="
    kept.save()
    phone.step += 1
    again = Visitor()
    again.sign_in(cast.counsellor)
    with pytest.raises(SealBroken):
        again.enter(phone.code())


def test_a_demonstration_is_entered_without_a_phone(cast: Cast, visitor: Visitor, settings: object) -> None:
    settings.SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]
    visitor.sign_in(with_password(cast.counsellor))
    assert visitor.is_in()


@pytest.mark.parametrize(
    ("given", "starts"),
    [({}, True), ({"SECOND_FACTOR_REQUIRED": "0"}, False), ({"SECOND_FACTOR_REQUIRED": "0", "DEMO": "1"}, True)],
)
def test_the_door_without_a_phone_does_not_open_in_production(given: dict[str, str], starts: bool) -> None:
    keys = {
        "SECRET_KEY": "s" * 60,
        "VAULT_KEYS": secrets.token_urlsafe(32),
        "PATH": os.environ["PATH"],
    }
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from backend.config.settings import SECOND_FACTOR_REQUIRED; print(SECOND_FACTOR_REQUIRED)",
        ],
        env=keys | given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) is starts
    assert ("SECOND_FACTOR_REQUIRED=0 is for a demonstration" in done.stderr) is not starts
    if starts:
        assert done.stdout.strip() == str("DEMO" not in given)
