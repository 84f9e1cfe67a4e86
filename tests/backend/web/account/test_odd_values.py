"""Whatever is typed into the sign-in pages is refused or taken, and never an error of ours."""

import pytest
from allauth.mfa.models import Authenticator

from backend.accounts.models import User
from tests.backend.web.bad_values import HUGE, LONG, LONGER, NUL, ODD
from tests.conftest import Cast

from .conftest import PASSWORD, Phone, Visitor, with_password

WRONG = ("", LONG, LONGER, NUL, ODD, HUGE, "-1", "%00", "' OR 1=1 --", "a@b", "ни@пошта.срб", "\u202e" * 300, "000000")


@pytest.fixture
def doors(cast: Cast, phone: Phone) -> list[tuple[Visitor, str, dict[str, str]]]:
    """A browser before each form of the sign-in pages, and values of which at most one is wrong."""
    her = with_password(cast.counsellor)
    inside, at_the_code, outside = Visitor(), Visitor(), Visitor()
    inside.sign_in(her)
    new = {"oldpassword": PASSWORD, "password1": "another-staircase-42", "password2": "another-staircase-42"}
    other = with_password(cast.employer_user)
    first = Visitor()
    first.sign_in(other)
    first.set_up(phone)
    at_the_code.sign_in(other)
    return [
        (outside, "/account/login/", {"login": her.email, "password": "wrong", "next": "/"}),
        (outside, "/account/password/reset/", {"email": her.email}),
        (at_the_code, "/account/2fa/authenticate/", {"code": "000000"}),
        (inside, "/account/reauthenticate/", {"password": "wrong", "next": "/"}),
        (inside, "/account/2fa/totp/activate/", {"code": "000000"}),
        (inside, "/account/sessions/end/", {"session": "0"}),
        (inside, "/account/password/change/", new),
    ]


def test_odd_values_are_never_an_error_of_ours(cast: Cast, doors: list[tuple[Visitor, str, dict[str, str]]]) -> None:
    tried = 0
    for visitor, path, good in doors:
        visitor.raise_request_exception = False
        for field in good:
            for wrong in WRONG:
                answer = visitor.post(path, good | {field: wrong})
                tried += 1
                assert answer.status_code in (200, 302, 404), (path, field, wrong[:20], answer.status_code)
                assert not answer.headers.get("Location", "/").startswith(("http", "//")), (path, field, wrong[:20])
    assert tried >= 11 * len(WRONG)
    assert Authenticator.objects.filter(user=cast.counsellor).count() == 0
    assert User.objects.get(pk=cast.counsellor.pk).check_password(PASSWORD)


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", "/\\elsewhere.example"]
)
def test_signing_in_leads_nowhere_else(cast: Cast, visitor: Visitor, target: str) -> None:
    her = with_password(cast.counsellor)
    answer = visitor.post("/account/login/", {"login": her.email, "password": PASSWORD, "next": target})
    assert answer.headers["Location"] == "/"


def test_links_that_are_none_are_not_there(visitor: Visitor) -> None:
    for path in ("key/x/", "key/0-/", "key/" + "0" * 9_000 + "-a/", "key/zz-a-b/", "key/0" + "%00" + "-a/", "key/-/"):
        assert visitor.get(f"/account/password/reset/{path}").status_code in (200, 404)
