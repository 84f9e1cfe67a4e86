"""Guessing is slowed down: the product's limits, which the other tests switch off."""

import pytest

from tests.conftest import Cast

from .conftest import PASSWORD, Phone, Visitor, with_password

LIMITED = "Too many failed"


@pytest.fixture(autouse=True)
def _limits(settings: object) -> None:
    settings.ACCOUNT_RATE_LIMITS = {}  # type: ignore[attr-defined]


def test_a_password_is_guessed_five_times(cast: Cast, visitor: Visitor) -> None:
    her = with_password(cast.counsellor)
    answers = [visitor.sign_in(her, f"wrong {n}").content.decode() for n in range(6)]
    assert [LIMITED in answer for answer in answers] == [False] * 5 + [True]
    visitor.sign_in(her, PASSWORD)
    assert not visitor.is_in()
    other = Visitor()
    other.sign_in(with_password(cast.lead))
    assert other.is_in()


def test_with_the_limits_off_it_would_be_guessed_for_ever(cast: Cast, visitor: Visitor, settings: object) -> None:
    """The negative control."""
    settings.ACCOUNT_RATE_LIMITS = False  # type: ignore[attr-defined]
    her = with_password(cast.counsellor)
    assert not any(LIMITED in visitor.sign_in(her, f"wrong {n}").content.decode() for n in range(12))


def test_one_address_tries_many_accounts_ten_times_a_minute(cast: Cast, visitor: Visitor) -> None:
    users = [cast.counsellor, cast.colleague, cast.lead, cast.administrator] * 3
    answers = [visitor.sign_in(user, "wrong").content.decode() for user in users]
    assert [LIMITED in answer for answer in answers] == [False] * 10 + [True] * 2


def test_a_code_is_guessed_five_times(cast: Cast, visitor: Visitor, phone: Phone) -> None:
    her = with_password(cast.employer_user)
    visitor.sign_in(her)
    visitor.set_up(phone)
    phone.step += 1
    thief = Visitor()
    thief.sign_in(her)
    for _guess in range(5):
        thief.enter("000000")
    thief.enter(phone.code())
    assert not thief.is_in()


def test_letters_are_asked_for_five_times_a_minute(cast: Cast, visitor: Visitor) -> None:
    for email in (cast.counsellor.email, "nobody@example.org"):
        statuses = [visitor.post("/account/password/reset/", {"email": email}).status_code for _n in range(6)]
        assert statuses == [302] * 5 + [429]


def test_behind_a_proxy_it_is_the_visitor_who_is_counted(cast: Cast, settings: object) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1  # type: ignore[attr-defined]

    def tries(address: str) -> list[int]:
        sent = {"x-forwarded-for": f"203.0.113.9, {address}"}
        form = {"login": "nobody@example.org", "password": "wrong"}
        return [Visitor().post("/account/login/", form, headers=sent).status_code for _n in range(31)]

    assert tries("198.51.100.7")[-1] == 429
    assert tries("198.51.100.8")[0] == 200
