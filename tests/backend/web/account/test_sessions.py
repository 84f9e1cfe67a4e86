"""Signing in and out: what is told, what is kept, what is recorded, and when a session ends."""

import datetime as dt
import re
import time

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail, signing
from django.utils import timezone

from backend.accounts import session_store
from backend.accounts.models import AccessToken
from backend.accounts.services import forget_what_ended
from backend.audit.models import Event
from tests.conftest import Cast
from tests.factories import UserFactory

from .conftest import PASSWORD, Visitor, with_password


def acts_on(user: object) -> list[str]:
    return list(Event.objects.filter(object_id=user.pk).order_by("created_at").values_list("act", flat=True))  # type: ignore[attr-defined]


def test_signing_in_and_out_is_recorded(cast: Cast, visitor: Visitor) -> None:
    visitor.sign_in(with_password(cast.counsellor))
    assert visitor.is_in()
    left = visitor.post("/account/logout/")
    assert left.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not visitor.is_in()
    assert acts_on(cast.counsellor) == ["sign_in", "sign_out"]


def test_a_failed_sign_in_tells_nobody_whether_the_address_is_known(cast: Cast, visitor: Visitor) -> None:
    her, nobody = with_password(cast.counsellor), UserFactory.build(email="nobody@example.org")
    told = [
        re.sub(r'(csrfmiddlewaretoken" value=|x-csrftoken": )"\w+"', "", answer.content.decode()).replace(
            user.email, ""
        )
        for user in (her, nobody)
        for answer in [visitor.sign_in(user, "wrong")]
    ]
    assert told[0] == told[1]
    refused = Event.objects.filter(act="refuse_sign_in")
    assert [event.object_id == str(her.pk) for event in refused.order_by("created_at")] == [True, False]
    assert "example.org" not in str([event.detail for event in refused])


def test_a_forgotten_password_tells_nobody_either(cast: Cast, visitor: Visitor) -> None:
    """The same answer and the same record; the letter is written behind the queue, or not."""
    seen = []
    for email in (with_password(cast.counsellor).email, "nobody@example.org"):
        answer = visitor.post("/account/password/reset/", {"email": email})
        seen.append(
            (answer.status_code, answer.headers["Location"], Event.objects.filter(act="ask_for_password").count())
        )
    assert seen == [(302, "/account/password/reset/done/", 1), (302, "/account/password/reset/done/", 2)]
    assert [letter.to for letter in mail.outbox] == [[cast.counsellor.email]]


def test_a_session_at_rest_holds_no_word(cast: Cast, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor.sign_in(with_password(cast.counsellor))
    visitor.get(f"/people/caseload/?q={cast.counsellor.name}")
    kept = Session.objects.get()
    assert cast.counsellor.email not in str(dict(visitor.session.items()))
    with pytest.raises(signing.BadSignature):
        signing.loads(kept.session_data, salt="django.contrib.sessions.SessionStore")
    # Moved to another session's place it opens nothing.
    Session.objects.create(session_key="0" * 32, session_data=kept.session_data, expire_date=kept.expire_date)
    assert session_store.SessionStore("0" * 32).load() == {}
    assert session_store.SessionStore(kept.session_key).load()
    # The negative control: Django's own store is readable by anybody.
    monkeypatch.setattr(session_store.SessionStore, "encode", session_store.db.SessionStore.encode)
    visitor.get("/people/caseload/")
    kept.refresh_from_db()
    assert signing.loads(kept.session_data, salt="django.contrib.sessions.SessionStore")["_auth_user_id"]


def test_she_ends_one_of_her_other_sessions_or_all(cast: Cast) -> None:
    her = with_password(cast.counsellor)
    here, phone, library = Visitor(), Visitor(), Visitor()
    for browser in (here, phone, library):
        browser.sign_in(her)
    stranger = Visitor()
    stranger.sign_in(with_password(cast.employer_user))
    page = here.get("/account/sessions/")
    assert page.content.decode().count("A browser") == 3
    listed = {session.session_key: session.pk for session in page.context["sessions"]}
    assert here.post("/account/sessions/end/", {"session": listed[phone.session.session_key]}).status_code == 302
    assert [browser.is_in() for browser in (here, phone, library)] == [True, False, True]
    theirs = UserSession.objects.get(user=cast.employer_user)
    for wrong in (theirs.pk, "", "x", "-1", "9" * 30):
        assert here.post("/account/sessions/end/", {"session": wrong}).status_code == 404
    assert stranger.is_in()
    here.post("/account/sessions/")
    assert [browser.is_in() for browser in (here, library, stranger)] == [True, False, True]
    assert acts_on(her).count("end_session") == 2


def test_a_new_password_ends_every_other_session(cast: Cast, visitor: Visitor) -> None:
    her, other = with_password(cast.counsellor), Visitor()
    other.sign_in(her)
    visitor.sign_in(her)
    new = "another-staircase-42"
    told = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert visitor.post("/account/password/change/", told | {"oldpassword": "wrong"}).status_code == 200
    assert other.is_in()
    assert visitor.post("/account/password/change/", told).status_code == 302
    assert visitor.is_in()
    assert not other.is_in()
    assert "set_password" in acts_on(her)
    assert mail.outbox[-1].to == [her.email]


def test_a_session_ends_after_half_a_day_however_busy(
    cast: Cast, visitor: Visitor, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.sign_in(with_password(cast.counsellor))
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 12 * 60 * 60 - 5)
    assert visitor.is_in()
    monkeypatch.setattr(time, "time", lambda: now + 12 * 60 * 60 + 5)
    assert visitor.get("/people/").headers["Location"].startswith("/account/login/")
    monkeypatch.setattr(time, "time", lambda: now)
    assert not visitor.is_in()
    assert settings.SESSION_COOKIE_AGE == 60 * 60  # type: ignore[attr-defined]


def test_leaving_signs_out_and_says_nothing_to_the_next_site(cast: Cast, visitor: Visitor) -> None:
    visitor.sign_in(with_password(cast.counsellor))
    assert 'href="/leave/"' in visitor.get("/people/").content.decode()
    left = visitor.get("/leave/")
    assert (left.status_code, left.headers["Referrer-Policy"]) == (303, "no-referrer")
    assert left.headers["Clear-Site-Data"] == '"cookies", "storage"'
    assert not visitor.is_in()


def test_what_ended_is_deleted(cast: Cast, visitor: Visitor) -> None:
    her, old, now = with_password(cast.counsellor), Visitor(), timezone.now()
    for browser in (visitor, old):
        browser.sign_in(her)
    Session.objects.filter(pk=old.session.session_key).update(expire_date=now - dt.timedelta(seconds=1))
    for days in (1, -1):
        AccessToken.objects.create(user=cast.lead, name="a program", expiry=dt.timedelta(days))
    forget_what_ended(now=now)
    assert visitor.is_in()
    assert Session.objects.count() == UserSession.objects.count() == AccessToken.objects.count() == 1
