"""A colleague's person in an emergency: sixty minutes, told, noted, reviewed; and nothing for anybody else."""

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from backend.audit.models import Event
from backend.beneficiaries.models import Beneficiary, BreakGlass
from backend.beneficiaries.policies import (
    can_edit_beneficiary,
    can_hand_over,
    visible_beneficiaries,
    visible_break_glasses,
)
from backend.beneficiaries.services import break_glass, hand_over, note_looks, read_identity, review_break_glass
from backend.core.exceptions import Conflict
from backend.matches.policies import visible_introductions, visible_matches
from backend.outcomes.policies import visible_follow_ups, visible_spells
from tests.backend.api.world import build
from tests.backend.web.conftest import SignIn, clock, sign_in  # noqa: F401 - fixtures
from tests.conftest import Cast

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, now: dt.datetime) -> Any:
    """Sets the clock that the policies read."""

    def set_to(instant: dt.datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: instant)

    set_to(now)
    return set_to


def opened(cast: Cast, now: dt.datetime) -> BreakGlass:
    return break_glass(actor=cast.colleague, code=cast.beneficiary.code, reason="Hitno", now=now)


def test_a_colleague_sees_her_for_sixty_minutes(cast: Cast, now: dt.datetime, at: Any) -> None:
    """Every policy of her file goes by it; the control is the moment before, and the one after."""
    world = build(cast)
    policies = {
        visible_beneficiaries: "beneficiaries",
        visible_matches: "matches",
        visible_introductions: "introductions",
        visible_spells: "spells",
        visible_follow_ups: "follow-ups",
    }

    def seen() -> set[bool]:
        found = {see(cast.colleague).filter(pk=world[noun].pk).exists() for see, noun in policies.items()}
        return found | {can_edit_beneficiary(cast.colleague, cast.beneficiary)}

    assert seen() == {False}
    opened(cast, now)
    assert seen() == {True}
    assert read_identity(actor=cast.colleague, beneficiary=cast.beneficiary).first_name == "Milica"
    at(now + 60 * MINUTE - dt.timedelta(seconds=1))
    assert seen() == {True}
    at(now + 60 * MINUTE)
    assert seen() == {False}
    with pytest.raises(PermissionDenied):
        read_identity(actor=cast.colleague, beneficiary=cast.beneficiary)


def test_what_is_opened_is_not_hers_to_give_away(cast: Cast, now: dt.datetime, at: Any) -> None:
    opened(cast, now)
    assert not can_hand_over(cast.colleague, cast.beneficiary)
    with pytest.raises(PermissionDenied):
        hand_over(actor=cast.colleague, beneficiary=cast.beneficiary, to=cast.colleague, reason="leave")


@pytest.mark.parametrize("who", ["lead", "administrator", "employer_user"])
def test_only_counsellors_open(cast: Cast, now: dt.datetime, who: str) -> None:
    with pytest.raises(PermissionDenied):
        break_glass(actor=getattr(cast, who), code=cast.beneficiary.code, reason="Hitno", now=now)


def test_what_is_not_a_colleagues_is_refused(cast: Cast, other_cast: Cast, now: dt.datetime) -> None:
    """Another programme's person reads like none; her own needs no glass; a reason is needed, and somebody to tell."""

    def refusal(actor: Any, code: str, reason: str = "Hitno") -> list[str]:
        with pytest.raises(ValidationError) as refused:
            break_glass(actor=actor, code=code, reason=reason, now=now)
        return refused.value.messages

    nobody = refusal(cast.colleague, "NOBODY")
    other_cast.beneficiary.code = "K-OTHER"
    other_cast.beneficiary.save()
    assert refusal(cast.colleague, "K-OTHER") == nobody
    assert refusal(cast.counsellor, cast.beneficiary.code) == nobody
    assert refusal(cast.colleague, cast.beneficiary.code, "  ") != nobody
    cast.lead.memberships.update(ended_on=now.date())
    assert refusal(cast.colleague, cast.beneficiary.code) != nobody
    assert not BreakGlass.objects.exists()


def test_lead_and_counsellor_are_told_in_neutral_words(
    cast: Cast, now: dt.datetime, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        opened(cast, now)
    assert {letter.to[0] for letter in mail.outbox} == {cast.lead.email, cast.counsellor.email}
    for letter in mail.outbox:
        text = f"{letter.subject} {letter.body}".lower()
        for word in (cast.beneficiary.code.lower(), "hitno", "korisnic", "beneficiar", "trgovin", "žrtv", "program"):
            assert word not in text


def test_every_request_while_it_is_open_is_noted(
    cast: Cast,
    now: dt.datetime,
    at: Any,
    sign_in: SignIn,  # noqa: F811
) -> None:
    client, url = sign_in(cast.colleague), f"/people/{cast.beneficiary.pk}/plan/"
    assert client.get(url).status_code == 404
    opened(cast, now)
    assert client.get(url).status_code == 200
    assert client.get("/people/").status_code == 200
    noted = Event.objects.filter(act="read_opened_file").order_by("sequence")
    assert [event.detail["route"] for event in noted] == ["GET web:person_plan", "GET web:caseload"]
    assert {event.subject for event in noted} == {cast.beneficiary.pk}
    at(now + 61 * MINUTE)
    client = sign_in(cast.colleague)  # the first session has run out too
    assert client.get(url).status_code == 404
    assert client.get("/people/").status_code == 200
    assert noted.count() == 2
    assert note_looks(actor=cast.counsellor, route="GET x", since=now, until=now) == 0


def test_a_request_that_outlasts_the_hour_is_noted(
    cast: Cast,
    now: dt.datetime,
    at: Any,
    sign_in: SignIn,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened(cast, now)
    client, noted = sign_in(cast.colleague), Event.objects.filter(act="read_opened_file")
    last = now + 60 * MINUTE - dt.timedelta(seconds=1)
    at(last)

    def slow(actor: Any) -> Any:
        """The page is made while she is open, and sent when she is no more."""
        keys = [person.pk for person in visible_beneficiaries(actor)]
        at(last + MINUTE)
        return Beneficiary.objects.filter(pk__in=keys)

    monkeypatch.setattr("backend.web.people.frame.visible_beneficiaries", slow)
    assert client.get(f"/people/{cast.beneficiary.pk}/plan/").status_code == 200
    assert [event.detail["route"] for event in noted] == ["GET web:person_plan"]


@pytest.mark.parametrize("code", ["NOBODY", "Milica Petrović"])
def test_a_wrong_code_is_noted_without_what_was_typed(cast: Cast, now: dt.datetime, code: str) -> None:
    with pytest.raises(ValidationError):
        break_glass(actor=cast.colleague, code=code, reason="Hitno", now=now)
    noted = Event.objects.get(act="break_glass_refused")
    assert (noted.actor, noted.object_id, noted.detail) == (cast.colleague, str(cast.colleague.pk), {})


@pytest.mark.parametrize("state", [{"is_active": False}, {"letters_to": "elsewhere@example.org"}])
def test_a_lead_who_may_not_sign_in_can_not_be_told(cast: Cast, now: dt.datetime, state: dict[str, Any]) -> None:
    type(cast.lead).objects.filter(pk=cast.lead.pk).update(**state)
    with pytest.raises(ValidationError, match="no programme lead"):
        opened(cast, now)
    assert not BreakGlass.objects.exists()


def test_the_lead_reviews_it_once_and_reads_no_name(cast: Cast, now: dt.datetime, other_cast: Cast) -> None:
    glass = opened(cast, now)
    assert list(visible_break_glasses(cast.lead)) == [glass]
    assert list(visible_break_glasses(cast.counsellor)) == [glass]
    assert not visible_break_glasses(other_cast.lead).exists()
    assert not visible_break_glasses(cast.administrator).exists()
    for stranger in (other_cast.lead, cast.colleague, cast.counsellor):
        with pytest.raises(PermissionDenied):
            review_break_glass(actor=stranger, opened=glass, verdict="justified", now=now)
    with pytest.raises(ValidationError):
        review_break_glass(actor=cast.lead, opened=glass, verdict="maybe", now=now)
    review_break_glass(actor=cast.lead, opened=glass, verdict="unjustified", now=now)
    with pytest.raises(Conflict):
        review_break_glass(actor=cast.lead, opened=glass, verdict="justified", now=now)


def test_the_leads_page_names_nobody(cast: Cast, now: dt.datetime, at: Any, sign_in: SignIn) -> None:  # noqa: F811
    glass = opened(cast, now)
    lead = sign_in(cast.lead)
    page = lead.get("/programme/opened/").text
    assert "Hitno" in page
    assert cast.colleague.name in page
    assert cast.beneficiary.code not in page
    assert str(cast.beneficiary.pk) not in page
    answer = lead.post(f"/programme/opened/{glass.pk}/review/", {"verdict": "justified"})
    assert answer.status_code == 302
    assert lead.post(f"/programme/opened/{glass.pk}/review/", {"verdict": "justified"}).status_code in (200, 409)


def test_over_the_api(cast: Cast, now: dt.datetime, at: Any) -> None:
    from rest_framework.test import APIClient

    colleague, lead = APIClient(), APIClient()
    colleague.force_authenticate(cast.colleague)
    lead.force_authenticate(cast.lead)
    her = f"/api/v1/beneficiaries/{cast.beneficiary.pk}/"
    assert colleague.get(her).status_code == 404
    answer = colleague.post("/api/v1/break-glass/", {"code": cast.beneficiary.code, "reason": "Hitno"}, format="json")
    assert answer.status_code == 201, answer.content
    assert answer.json()["beneficiary"] == str(cast.beneficiary.pk)
    assert colleague.get(her).status_code == 200
    assert Event.objects.filter(act="read_opened_file", actor=cast.colleague).count() >= 1
    listed = lead.get("/api/v1/break-glass/").json()["results"]
    assert "beneficiary" not in listed[0]
    review = f"/api/v1/break-glass/{listed[0]['id']}/review/"
    assert lead.post(review, {"verdict": "justified"}, format="json").json()["verdict"] == "justified"
    assert lead.post(review, {"verdict": "justified"}, format="json").status_code == 409
