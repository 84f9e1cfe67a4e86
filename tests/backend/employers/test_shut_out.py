"""Shutting out somebody at an employer: her account, her programs, her mail, and what is kept of her."""

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from backend.accounts.models import User
from backend.accounts.services import issue_token
from backend.audit.models import Event
from backend.core.exceptions import Conflict
from backend.employers.models import Contact
from backend.employers.policies import visible_contacts
from backend.employers.services import add_contact, end_contact, invite_contact, remind_employers
from tests.backend.web.account.conftest import Visitor, with_password
from tests.conftest import Cast
from tests.factories import ContactFactory

ORIGIN = "http://testserver/"


def test_who_was_shut_out_is_out_at_once(cast: Cast, now: dt.datetime, today: dt.date, client: Any) -> None:
    visitor = Visitor()
    visitor.sign_in(with_password(cast.employer_user))
    assert visitor.get("/portal/").status_code == 200
    issued_at = dt.datetime.now(tz=dt.UTC)  # programs show their tokens to the real clock
    until = issued_at.date() + dt.timedelta(days=30)
    _token, secret = issue_token(actor=cast.employer_user, name="program", expires_on=until, now=issued_at)
    asks = {"path": "/portal/api/v1/openings/", "headers": {"authorization": f"Token {secret}"}}
    assert client.get(**asks).status_code == 200

    contact = end_contact(actor=cast.counsellor, contact=cast.employer.contacts.get(), on=today)

    assert (contact.ended_on, contact.user) == (today, cast.employer_user)
    assert visitor.get("/portal/").status_code == 302
    assert client.get(**asks).status_code == 401
    again = Visitor()
    again.sign_in(User.objects.get(pk=cast.employer_user.pk))
    assert again.get("/portal/").status_code == 404
    event = Event.objects.get(act="end_contact")
    assert (event.actor, event.object_id) == (cast.counsellor, str(contact.pk))
    assert Event.objects.filter(act="end_membership").count() == 1


def test_no_mail_goes_to_who_was_shut_out(cast: Cast, today: dt.date, django_capture_on_commit_callbacks: Any) -> None:
    ContactFactory(employer=cast.employer, email="second@example.org")
    end_contact(actor=cast.lead, contact=cast.employer.contacts.get(user=cast.employer_user), on=today)
    with django_capture_on_commit_callbacks(execute=True):
        assert remind_employers(on=dt.date(2027, 5, 20)) == 1
    assert [one.to for one in mail.outbox] == [["second@example.org"]]


def test_who_lost_the_account_otherwise_does_not_stand_either(cast: Cast, other_cast: Cast, today: dt.date) -> None:
    contact = cast.employer.contacts.get()
    standing = cast.employer.contacts.standing()
    assert list(standing) == [contact]
    User.objects.filter(pk=cast.employer_user.pk).update(is_active=False)
    assert not standing.all().exists()
    User.objects.filter(pk=cast.employer_user.pk).update(is_active=True)
    # She works for another company now.
    cast.employer_user.memberships.update(organisation=other_cast.employer.organisation)
    assert not standing.all().exists()
    cast.employer_user.memberships.update(organisation=cast.employer.organisation, ended_on=today)
    assert not standing.all().exists()


def test_the_programme_keeps_the_row_and_the_employer_does_not_see_it(cast: Cast, today: dt.date) -> None:
    second = ContactFactory(employer=cast.employer)
    end_contact(actor=cast.lead, contact=second, on=today)
    assert second in visible_contacts(cast.counsellor)
    assert second not in visible_contacts(cast.employer_user)
    with pytest.raises(Conflict):
        end_contact(actor=cast.lead, contact=second, on=today)
    with pytest.raises(Conflict):
        invite_contact(actor=cast.lead, contact=second, on=today, origin=ORIGIN)


def test_who_comes_back_is_a_new_contact_with_her_account(cast: Cast, today: dt.date) -> None:
    old = end_contact(actor=cast.lead, contact=cast.employer.contacts.get(), on=today)
    new = add_contact(actor=cast.lead, employer=cast.employer, name="Opet", email=old.email)
    assert invite_contact(actor=cast.lead, contact=new, on=today, origin=ORIGIN) == cast.employer_user
    assert list(cast.employer.contacts.standing()) == [new]
    # One account never speaks through two contacts.
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.filter(pk=old.pk).update(ended_on=None)


def test_only_the_programmes_staff_shuts_out(cast: Cast, other_cast: Cast, today: dt.date) -> None:
    contact = cast.employer.contacts.get()
    for actor in (other_cast.lead, other_cast.counsellor, cast.administrator, cast.employer_user):
        with pytest.raises(PermissionDenied):
            end_contact(actor=actor, contact=contact, on=today)
    assert cast.employer.contacts.standing().exists()


def test_the_page_asks_before_it_shuts_out(cast: Cast, client: Any) -> None:
    contact = cast.employer.contacts.get()
    client.force_login(cast.counsellor)
    page, act = reverse("web:employer", args=[cast.employer.pk]), reverse("web:end_contact", args=[contact.pk])
    # The button stands behind a summary that has to be opened, with what it will do.
    folded = client.get(page).text.split(f'action="{act}"')[0].rpartition("<details")[2]
    assert "</details>" not in folded
    assert client.get(act).status_code == 405
    shown = client.post(act, follow=True).text
    assert act not in shown
    assert contact.name in shown
    assert client.post(act).status_code == 409
