"""The whole way from proposal to job through the pages, and what is refused on it."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from backend.beneficiaries.models import Consent
from backend.matches import services as matching
from backend.matches.models import Introduction
from backend.outcomes.models import EmploymentSpell, FollowUp
from backend.skills.models import Skill
from tests.backend.web.people.conftest import World, add_matches
from tests.conftest import Cast
from tests.factories import IdentityFactory

AGREED = {"method": "spoken", "language": "sr"}
CONTRACT = {
    "job_title": "Krojačica", "contract": "fixed_term", "hours_per_week": "40", "net_pay_per_month": "70000",
    "is_written": "on", "started_on": "2026-11-02", "evidence": "A",
}  # fmt: skip


@pytest.fixture
def introduction(cast: Cast, sewing: Skill, now: dt.datetime) -> Introduction:
    IdentityFactory(beneficiary=cast.beneficiary, first_name="Sintetička", phone="+381641234567")
    match = add_matches(cast, sewing, cast.beneficiary, 1, now)[0]
    return matching.propose_introduction(actor=cast.counsellor, match=match, now=now)


def step(client: Client, introduction: Introduction, name: str, **data: object) -> int:
    return client.post(reverse("web:introduction_step", args=[introduction.pk, name]), data).status_code


def test_from_proposal_to_job(client: Client, cast: Cast, introduction: Introduction, now: dt.datetime) -> None:
    page = reverse("web:introduction", args=[introduction.pk])
    first = client.get(page)
    assert first.context["preview"]["profile"]["skills"] == []
    assert "Sintetička" not in first.content.decode()
    assert step(client, introduction, "agree", **AGREED) == 302
    assert step(client, introduction, "share") == 302
    introduction.refresh_from_db()
    matching.answer_introduction(actor=cast.employer_user, introduction=introduction, answer="interested", now=now)
    assert list(client.get(reverse("web:today")).context["replies"]) == [introduction]
    assert step(client, introduction, "consent", fields=["first_name", "phone"], **AGREED) == 302
    assert "Sintetička" not in client.get(page).content.decode()
    assert step(client, introduction, "disclose") == 302
    assert "Sintetička" in client.get(page).content.decode()
    assert step(client, introduction, "interview", interview_at="2026-11-05T10:00") == 302
    assert step(client, introduction, "advance", to_state="trial") == 302
    assert step(client, introduction, "advance", to_state="offer") == 302
    assert client.post(reverse("web:place", args=[introduction.pk]), CONTRACT).status_code == 302
    introduction.refresh_from_db()
    spell = EmploymentSpell.objects.get()
    assert (introduction.state, spell.introduction, spell.employer) == ("hired", introduction, cast.employer)
    assert FollowUp.objects.filter(spell=spell).exists()
    assert client.get(page).status_code == 200


def test_steps_out_of_order_are_refused(client: Client, introduction: Introduction) -> None:
    for name, data in [
        ("share", {}),
        ("disclose", {}),
        ("consent", {"fields": ["first_name"], **AGREED}),
        ("interview", {"interview_at": "2026-11-05T10:00"}),
        ("advance", {"to_state": "offer"}),
    ]:
        assert step(client, introduction, name, **data) == 200, name
    assert client.post(reverse("web:place", args=[introduction.pk]), CONTRACT).status_code == 200
    introduction.refresh_from_db()
    assert introduction.state == "proposed"
    assert not EmploymentSpell.objects.exists()
    assert not Consent.objects.exists()


def test_a_refusal_says_why_on_the_page(client: Client, introduction: Introduction) -> None:
    url = reverse("web:introduction_step", args=[introduction.pk, "agree"])
    response = client.post(url, {"method": "smoke", "language": "sr"})
    assert "method" in response.context["act"]["agree"].errors
    assert step(client, introduction, "agree", **AGREED) == 302
    opening = introduction.match.opening
    type(opening).objects.filter(pk=opening.pk).update(content_hash="b" * 64, vetted_hash="b" * 64)
    refused = client.post(reverse("web:introduction_step", args=[introduction.pk, "share"]))
    assert refused.context["act"]["share"].errors
    assert 'role="alert"' in refused.content.decode()


@pytest.mark.parametrize(
    ("instant", "answer"),
    [
        ("yesterday", 200), ("0001-01-01T00:00", 200), ("9999-12-31T23:59", 302), ("2027-03-28T02:30", 200), ("", 200),
        ("2026-12-01T10:00+20:00", 302), ("0001-01-01T00:00+14:00", 200),
    ],
)  # fmt: skip
def test_odd_instants_do_no_harm(
    client: Client, cast: Cast, introduction: Introduction, now: dt.datetime, instant: str, answer: int
) -> None:
    step(client, introduction, "agree", **AGREED)
    step(client, introduction, "share")
    introduction.refresh_from_db()
    matching.answer_introduction(actor=cast.employer_user, introduction=introduction, answer="interested", now=now)
    step(client, introduction, "consent", fields=["first_name"], **AGREED)
    step(client, introduction, "disclose")
    assert step(client, introduction, "interview", interview_at=instant) == answer
    assert client.get(reverse("web:introduction", args=[introduction.pk])).status_code == 200


def test_she_may_end_it_and_nothing_stays(client: Client, introduction: Introduction) -> None:
    step(client, introduction, "agree", **AGREED)
    step(client, introduction, "share")
    assert step(client, introduction, "decline") == 302
    introduction.refresh_from_db()
    assert (introduction.state, introduction.shared_profile) == ("declined_by_her", {})
    assert step(client, introduction, "withdraw") == 200
    assert client.get(reverse("web:introduction", args=[introduction.pk])).context["preview"] is None


def test_the_employers_question_is_on_the_page(client: Client, cast: Cast, world: World, now: dt.datetime) -> None:
    introduction = world.introduction
    step(client, introduction, "agree", **AGREED)
    step(client, introduction, "share")
    introduction.refresh_from_db()
    matching.answer_introduction(
        actor=cast.employer_user, introduction=introduction, answer="question", question="Od kada?", now=now
    )
    assert "Od kada?" in client.get(reverse("web:introduction", args=[introduction.pk])).content.decode()
    assert "Od kada?" in client.get(reverse("web:today")).content.decode()
