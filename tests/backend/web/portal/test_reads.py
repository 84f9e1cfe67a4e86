"""A name that an employer read, and what a counsellor saw before, stand in the trail: once a request, without names."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from backend.audit.models import Event
from backend.matches.models import Introduction
from backend.matches.services import read_card, reading
from tests.backend.matches.conftest import Walk
from tests.backend.web.conftest import SignIn
from tests.conftest import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def _noted(act: str) -> list[Event]:
    return list(Event.objects.filter(act=act).order_by("created_at"))


@pytest.mark.parametrize("door", ["page", "api"])
def test_each_read_of_a_name_is_noted_once(cast: Cast, walk: Walk, sign_in: SignIn, door: str) -> None:
    introduction = walk("identified")
    client = sign_in(cast.employer_user)
    url = reverse("web:portal_candidate", args=[introduction.pk])
    if door == "api":
        client = APIClient()
        client.force_authenticate(cast.employer_user)
        url = f"/portal/api/v1/candidates/{introduction.pk}/"
    for reads in (1, 2):
        assert "Synthetic" in client.get(url).content.decode()
        assert len(_noted("read_candidate")) == reads
    event = _noted("read_candidate")[0]
    assert (event.actor, event.object_id, event.subject) == (
        cast.employer_user, str(introduction.pk), cast.beneficiary.pk,
    )  # fmt: skip
    assert event.detail == {"fields": ["first_name"]}
    assert event.chain_id == cast.programme.pk


@pytest.mark.parametrize("state", ["shared_blind", "interested", "consented"])
def test_a_read_without_a_name_is_not(cast: Cast, walk: Walk, sign_in: SignIn, state: str) -> None:
    introduction = walk(state)
    client = sign_in(cast.employer_user)
    assert client.get(reverse("web:portal_candidate", args=[introduction.pk])).status_code == 200
    assert client.get(reverse("web:portal_inbox")).status_code == 200
    assert _noted("read_candidate") == []


@pytest.mark.parametrize("door", ["page", "api"])
def test_each_preview_is_noted_once(cast: Cast, walk: Walk, sign_in: SignIn, door: str) -> None:
    introduction = walk("agreed_by_her")
    url = reverse("web:introduction", args=[introduction.pk])
    client = sign_in(cast.counsellor)
    if door == "api":
        client = APIClient()
        client.force_authenticate(cast.counsellor)
        url = f"/api/v1/introductions/{introduction.pk}/preview/"
    assert client.get(url).status_code == 200
    [event] = _noted("read_preview")
    assert (event.actor, event.subject, event.detail) == (cast.counsellor, cast.beneficiary.pk, {"fields": []})


def test_the_leads_page_counts_them_and_names_nobody(cast: Cast, walk: Walk, sign_in: SignIn, now: dt.datetime) -> None:
    introduction = walk("identified")
    sign_in(cast.employer_user).get(reverse("web:portal_candidate", args=[introduction.pk]))
    sign_in(cast.counsellor).get(reverse("web:introduction", args=[introduction.pk]))
    Event.objects.update(created_at=timezone.now())
    page = sign_in(cast.lead).get(reverse("web:trail"), {"only": "looks"}).text
    main = page[page.index("<main") :]
    assert "read the name or contact of a candidate" in main
    assert "looked at what an employer sees" in main
    for told in ("Synthetic", cast.beneficiary.code, str(introduction.pk), introduction.pseudonym):
        assert told not in main


def test_who_may_not_see_the_card_notes_nothing(cast: Cast, other_cast: Cast, walk: Walk, now: dt.datetime) -> None:
    introduction = walk("identified")
    for actor in (cast.colleague, cast.counsellor, cast.lead, other_cast.employer_user):
        with pytest.raises(PermissionDenied):
            read_card(actor=actor, introduction=introduction, now=now)
    assert _noted("read_candidate") == []


def test_a_read_that_was_not_written_down_would_be_noticed(
    cast: Cast, walk: Walk, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control, and the other way round: what cannot be noted is not shown."""
    introduction = walk("identified")
    url = reverse("web:portal_candidate", args=[introduction.pk])
    client = sign_in(cast.employer_user)
    with monkeypatch.context() as patch:
        patch.setattr(reading, "record", lambda **_given: None)
        assert "Synthetic" in client.get(url).text
    assert _noted("read_candidate") == []

    def broken(**_given: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(reading, "record", broken)
    client.raise_request_exception = False
    answer = client.get(url)
    assert answer.status_code == 500
    assert "Synthetic" not in answer.text
    assert Introduction.objects.get(pk=introduction.pk).state == "identified"
