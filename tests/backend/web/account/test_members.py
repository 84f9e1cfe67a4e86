"""What an administrator does for her colleagues: invitations, ends, lost phones, tokens."""

import datetime as dt
import re
import time

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone
from rest_framework.test import APIClient

from backend.accounts.models import AccessToken, User
from backend.accounts.tasks import send_letter
from backend.audit.models import Event
from tests.conftest import Cast

from .conftest import PASSWORD as OLD_PASSWORD
from .conftest import Phone, Visitor, with_password

NEW = {"name": "Nova Koleginica", "email": "Nova@Example.org", "role": "counsellor"}
PASSWORD = "another-staircase-42"


@pytest.fixture
def administrator(cast: Cast) -> Visitor:
    visitor = Visitor()
    visitor.sign_in(with_password(cast.administrator))
    return visitor


def link(letter: mail.EmailMessage) -> str:
    found = re.search(r"http://testserver(/account/\S+)", str(letter.body))
    assert found is not None, letter.body
    return found[1]


def set_password(path: str, password: str = PASSWORD) -> Visitor:
    visitor = Visitor()
    page = visitor.get(path, follow=True)
    if "action_url" in page.context:
        visitor.post(page.context["action_url"], {"password1": password, "password2": password})
    return visitor


def test_she_is_invited_sets_her_password_once_and_is_in(cast: Cast, administrator: Visitor) -> None:
    assert administrator.post("/administration/", NEW).status_code == 302
    letter = mail.outbox[-1]
    assert letter.to == ["nova@example.org"]
    assert letter.subject == "Your account"
    her = User.objects.get(email="nova@example.org")
    assert (her.role, her.organisation) == ("counsellor", cast.programme)
    set_password(link(letter))
    visitor = Visitor()
    visitor.sign_in(her, PASSWORD)
    assert visitor.is_in()
    set_password(link(letter), "somebody-elses-43")
    her.refresh_from_db()
    assert her.check_password(PASSWORD)
    assert "example.org" not in str([event.detail for event in Event.objects.all()])


@pytest.mark.parametrize("change", [r"\1x", r"0\1", ""], ids=["longer", "another's", "cut"])
def test_a_forged_link_sets_nothing(administrator: Visitor, change: str) -> None:
    administrator.post("/administration/", NEW)
    forged = re.sub(r"(\w+)(?=/$)" if change == r"\1x" else r"(?<=key/)(\w+)", change, link(mail.outbox[-1]))
    visitor = Visitor()
    assert visitor.get(forged, follow=True).status_code in (200, 404)
    set_password(forged)
    assert not User.objects.get(email="nova@example.org").has_usable_password()


def test_letters_say_nothing_about_the_programme(cast: Cast, administrator: Visitor) -> None:
    """Whoever reads over her shoulder, or is an employer, learns that there is an account and no more."""
    for letter in ("invitation", "password", "factor_reset", "address_taken"):
        for language in ("en", "sr-latn", "sr-cyrl"):
            send_letter.enqueue(letter, str(cast.employer_user.pk), "http://testserver/", language)
    assert len(mail.outbox) == 12
    for sent in mail.outbox:
        text = f"{sent.subject} {sent.body} {sent.from_email}".lower()
        assert cast.employer_user.name.lower() not in text
        assert not re.search(r"program|beneficiar|korisni|shelter|survivor|traffick|atina|trgovin", text)
    send_letter.enqueue("invitation", "00000000-0000-4000-8000-000000000000", "http://testserver/", "en")
    assert len(mail.outbox) == 12


def test_who_no_longer_works_here_is_out_at_once(cast: Cast, administrator: Visitor) -> None:
    lead = Visitor()
    lead.sign_in(with_password(cast.lead))
    AccessToken.objects.create(user=cast.lead, name="a program")
    membership = cast.lead.memberships.get()
    assert administrator.post(f"/administration/{membership.pk}/end/").status_code == 302
    assert not lead.is_in()
    assert not AccessToken.objects.exists()
    own = cast.administrator.memberships.get()
    told = administrator.post(f"/administration/{own.pk}/end/", follow=True).content.decode()
    assert "Another administrator has to end your own." in told
    own.refresh_from_db()
    assert own.ended_on is None
    assert administrator.is_in()


def test_a_lost_phone(cast: Cast, administrator: Visitor, phone: Phone) -> None:
    her, membership = with_password(cast.counsellor), cast.counsellor.memberships.get()
    visitor = Visitor()
    visitor.sign_in(her)
    visitor.set_up(phone)
    reset = f"/administration/{membership.pk}/reset-factor/"
    assert administrator.post(reset).status_code == 302
    assert not Authenticator.objects.exists()
    assert not visitor.is_in()
    assert mail.outbox[-1].to == [her.email]
    assert administrator.post(reset).status_code == 409
    event = Event.objects.get(act="reset_second_factor")
    assert (event.actor, event.object_id) == (cast.administrator, str(her.pk))
    own = cast.administrator.memberships.get()
    Authenticator.objects.create(user=cast.administrator, type="totp", data={})
    assert administrator.post(f"/administration/{own.pk}/reset-factor/").status_code == 403
    assert Authenticator.objects.exists()


def test_an_administrator_sees_no_case_and_no_other_organisation(
    cast: Cast, other_cast: Cast, administrator: Visitor
) -> None:
    page = administrator.get("/administration/").content.decode()
    assert cast.counsellor.name in page
    assert other_cast.counsellor.name not in page
    assert cast.beneficiary.code not in page
    theirs = other_cast.counsellor.memberships.get()
    for act in ("end", "invite-again", "reset-factor"):
        assert administrator.post(f"/administration/{theirs.pk}/{act}/").status_code == 404


def test_a_token_is_made_by_its_holder_shown_once_and_revoked_by_the_administrator(
    cast: Cast, other_cast: Cast, administrator: Visitor
) -> None:
    lead = Visitor()
    lead.sign_in(with_password(cast.lead))
    form = {"name": "Izveštaji", "expires_on": "2099-01-01"}
    assert lead.post("/administration/tokens/", form).status_code == 200
    made = lead.post("/administration/tokens/", form | {"expires_on": _in_days(30)}, follow=True)
    secret = made.context["secret"]
    assert secret in made.content.decode()
    assert secret not in lead.get("/administration/tokens/").content.decode()
    program = Visitor()
    assert program.get("/api/v1/openings/", headers={"authorization": f"Token {secret}"}).status_code == 200
    assert "Izveštaji" in administrator.get("/administration/tokens/").content.decode()
    token = AccessToken.objects.get()
    stranger = Visitor()
    stranger.sign_in(with_password(other_cast.administrator))
    assert stranger.post(f"/administration/tokens/{token.reference}/revoke/").status_code == 404
    assert administrator.post("/administration/tokens/", form | {"expires_on": _in_days(30)}).status_code == 403
    assert administrator.post(f"/administration/tokens/{token.reference}/revoke/").status_code == 302
    assert program.get("/api/v1/openings/", headers={"authorization": f"Token {secret}"}).status_code == 401
    assert {event.act for event in Event.objects.filter(object_id=cast.lead.pk)} >= {"issue_token", "revoke_token"}


def test_a_token_asks_for_a_fresh_proof_first(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """It outlives the session: who finds one open may not take it along."""
    lead, form = Visitor(), {"name": "Izveštaji", "expires_on": _in_days(30)}
    lead.sign_in(with_password(cast.lead))
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 10 * 60)
    asked = lead.post("/administration/tokens/", form)
    assert asked.headers["Location"].startswith("/account/reauthenticate/")
    lead.post(asked.headers["Location"], {"password": "wrong", "next": "/administration/tokens/"})
    assert not AccessToken.objects.exists()
    lead.post(asked.headers["Location"], {"password": OLD_PASSWORD, "next": "/administration/tokens/"})
    assert AccessToken.objects.get().name == "Izveštaji"


def test_five_tokens_are_enough(cast: Cast) -> None:
    employer = Visitor()
    employer.sign_in(with_password(cast.employer_user))
    form = {"name": "Kadrovi", "expires_on": _in_days(30)}
    statuses = [employer.post("/administration/tokens/", form).status_code for _n in range(6)]
    assert statuses == [302] * 5 + [200]


def _in_days(days: int) -> str:
    return (timezone.localdate() + dt.timedelta(days)).isoformat()


def test_an_address_that_works_elsewhere_is_answered_like_a_new_one(
    cast: Cast, other_cast: Cast, administrator: Visitor
) -> None:
    """Nobody finds out by invitations who works for another organisation; the address itself is told."""
    taken = other_cast.lead.email

    def asked(email: str) -> tuple[object, ...]:
        answer = administrator.post("/administration/", NEW | {"email": email}, follow=True)
        page, api = answer.content.decode(), APIClient()
        api.force_authenticate(cast.administrator)
        listed = next(row for row in api.get("/api/v1/users/").json()["results"] if row["email"] == email)
        shape = {name: value for name, value in listed.items() if name not in ("id", "created_at", "email")}
        row = page.partition(email)[2].partition("</li>")[0]
        actions = re.findall(r">([^<>{}\n]+)</button>", row)
        again = administrator.post("/administration/", NEW | {"email": email.upper()})
        return (answer.redirect_chain, "was invited by mail" in page, "invited" in row, actions, shape,
                again.status_code, str(again.context["form"].errors))  # fmt: skip

    assert asked(taken) == asked("nova@example.org")
    to_her, to_new = mail.outbox[-2:]
    assert (to_her.to, to_her.subject) == ([taken], to_new.subject)
    assert "signs in already for another organisation" in str(to_her.body)
    assert "/account/" not in str(to_her.body)
    # She is who she was, and nobody signs in as the stand-in.
    her = User.objects.get(email=taken)
    assert (her.role, her.organisation) == ("lead", other_cast.programme)
    stand_in = User.objects.get(letters_to=taken)
    assert not stand_in.has_usable_password()
    sent = len(mail.outbox)
    administrator.post(f"/administration/{stand_in.memberships.get().pk}/invite-again/")
    assert mail.outbox[sent].to == [taken]
    assert "/account/" not in str(mail.outbox[sent].body)


def test_over_the_api_too(cast: Cast, other_cast: Cast) -> None:
    api = APIClient()
    api.force_authenticate(cast.administrator)

    def answer(email: str) -> tuple[int, dict[str, object]]:
        said = {"organisation": str(cast.programme.pk), **NEW, "email": email}
        answered = api.post("/api/v1/users/", said, format="json")
        body = answered.json()
        assert body["email"] == email
        return answered.status_code, {key: body[key] for key in body if key not in ("id", "created_at", "email")}

    assert answer(other_cast.counsellor.email) == answer("nova@example.org")
    assert answer(cast.employer_user.email)[0] == 201
    said = {"organisation": str(cast.programme.pk), **NEW, "email": cast.colleague.email}
    assert api.post("/api/v1/users/", said, format="json").status_code == 400  # the own organisation's may be told


def test_once_she_is_free_she_comes_with_her_account(cast: Cast, other_cast: Cast, administrator: Visitor) -> None:
    taken = other_cast.counsellor
    administrator.post("/administration/", NEW | {"email": taken.email})
    stand_in = User.objects.get(letters_to=taken.email)
    administrator.post(f"/administration/{stand_in.memberships.get().pk}/end/")
    taken.memberships.update(ended_on=dt.date(2026, 11, 1))
    administrator.post("/administration/", NEW | {"email": taken.email})
    assert User.objects.get(pk=taken.pk).organisation == cast.programme
    assert not User.objects.get(pk=stand_in.pk).role


def test_the_command_says_it(cast: Cast) -> None:
    with pytest.raises(CommandError, match="in use"):
        call_command("invite", cast.lead.email.upper(), "X", programme="Nova", at="https://korak.example/")
