"""What was kept long enough goes; what is one day inside its time stays; a person goes by nobody's clock."""

import datetime as dt
import io
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from backend.audit.models import Event
from backend.audit.queries import walk_all
from backend.beneficiaries.models import Beneficiary, Consent
from backend.employers.models import Invitation
from backend.matches.models import AnswerLink, FrozenProfile, Introduction, IntroductionStep, Match, MatchRun
from backend.outcomes.models import FollowUpDraft
from backend.outcomes.services import purge
from backend.outcomes.services.purge import KINDS
from tests.backend.api.world import DAY, NOW, build
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory, OpeningFactory

DAYS = {
    "answer_links": 30, "invitations": 30, "consents": 1825, "follow_up_drafts": 90, "rankings": 90,
    "frozen_profiles": 730, "ended_introductions": 365, "finished_jobs": 30,
}  # fmt: skip
Old = Callable[[Cast, dict[str, Any], dt.datetime], Model]


@pytest.fixture
def world(cast: Cast) -> dict[str, Any]:
    """A row of everything, of today, so that nothing of it is due."""
    world = build(cast)
    Introduction.objects.update(shared_profile={"skills": []}, question="Kada?", created_at=NOW)
    IntroductionStep.objects.create(
        introduction=world["introductions"], from_state="agreed_by_her", to_state="shared_blind", at=NOW
    )
    return world


def _link(cast: Cast, world: dict[str, Any], at: dt.datetime) -> Model:
    contact = cast.employer.contacts.get()
    return AnswerLink.objects.create(
        introduction=world["introductions"], contact=contact, state="shared_blind", expires_at=at
    )


def _invitation(cast: Cast, world: dict[str, Any], at: dt.datetime) -> Model:
    return Invitation.objects.create(
        programme=cast.programme, email="nova@example.org", expires_at=at, invited_by=cast.lead, digest=uuid.uuid4().hex
    )


def _consent(cast: Cast, world: dict[str, Any], at: dt.datetime) -> Model:
    return Consent.objects.create(
        beneficiary=cast.beneficiary, purpose="support", text_version="1", language="sr", method="signed",
        given_on=at.date() - dt.timedelta(days=9), expires_on=timezone.localdate(at), recorded_by=cast.counsellor,
    )  # fmt: skip


def _draft(cast: Cast, world: dict[str, Any], at: dt.datetime) -> Model:
    FollowUpDraft.objects.all().delete()
    return FollowUpDraft.objects.create(
        follow_up=world["follow-ups"], answers={"note": "x"}, saved_at=at, saved_by=cast.counsellor
    )


def _ranking(cast: Cast, world: dict[str, Any], at: dt.datetime) -> Model:
    return MatchRun.objects.create(beneficiary=cast.beneficiary, ran_at=at, considered=1, excluded={})


def _ended(cast: Cast, at: dt.datetime, state: str = "hired") -> Introduction:
    opening = OpeningFactory(published=True, employer=cast.employer)
    run = MatchRun.objects.create(beneficiary=cast.beneficiary, ran_at=NOW, considered=1, excluded={})
    match = Match.objects.create(beneficiary=cast.beneficiary, opening=opening, run=run, lane="now", score=0.5)
    consent = Consent.objects.first()
    introduction = Introduction.objects.create(
        match=match, state=state, pseudonym=uuid.uuid4().hex[:12], opening_hash="a", blind_consent=consent,
        identity_consent=consent, shared_profile={"skills": ["x"]}, created_at=at - dt.timedelta(days=20),
    )  # fmt: skip
    IntroductionStep.objects.create(introduction=introduction, from_state="offer", to_state=state, at=at)
    return introduction


def _introduction(cast: Cast, world: dict[str, Any], at: dt.datetime) -> Model:
    return _ended(cast, at)


def _profile(cast: Cast, world: dict[str, Any], at: dt.datetime) -> Model:
    FrozenProfile.objects.all().delete()
    IntroductionStep.objects.all().delete()
    Introduction.objects.all().delete()
    ended = _ended(cast, at)
    Introduction.objects.filter(pk=ended.pk).update(shared_profile={})  # gone long ago
    return FrozenProfile.objects.create(
        beneficiary=cast.beneficiary, employer=cast.employer, profile={}, created_at=at - dt.timedelta(days=30)
    )


def _job(cast: Cast, world: dict[str, Any], at: dt.datetime) -> Model:
    return DBTaskResult.objects.create(
        status="SUCCESSFUL", finished_at=at, args_kwargs={"args": [], "kwargs": {}}, task_path="x", priority=0,
        queue_name="default", backend_name="default", run_after=at, worker_ids=[], exception_class_path="",
        traceback="",
    )  # fmt: skip


OLD: dict[str, Old] = {
    "answer_links": _link, "invitations": _invitation, "consents": _consent, "follow_up_drafts": _draft,
    "rankings": _ranking, "frozen_profiles": _profile, "ended_introductions": _introduction, "finished_jobs": _job,
}  # fmt: skip


def _is_left(row: Model) -> bool:
    found = type(row)._base_manager.filter(pk=row.pk).first()
    if isinstance(found, Introduction):
        return bool(found.shared_profile)
    return found is not None


def test_every_kind_has_a_term_and_a_test(settings: Any) -> None:
    assert OLD.keys() == DAYS.keys() == {kind.name for kind in KINDS} | {"finished_jobs"}
    assert {name: settings.RETENTION_DAYS[name] for name in DAYS} == DAYS


@pytest.mark.parametrize("name", OLD)
def test_it_goes_when_its_time_is_over_and_not_a_day_before(name: str, cast: Cast, world: dict[str, Any]) -> None:
    term, inside = dt.timedelta(days=DAYS[name]), dt.timedelta(days=1)
    row = OLD[name](cast, world, NOW - term + inside)
    assert sum(purge(now=NOW).values()) == 0
    assert _is_left(row)
    row = OLD[name](cast, world, NOW - term - inside)
    for _turn in range(2):
        would = purge(now=NOW, dry_run=True)
        assert would == dict.fromkeys(DAYS, 0) | {name: 1}
        assert _is_left(row)
    assert not Event.objects.filter(act="purge").exists()
    assert purge(now=NOW) == would
    assert not _is_left(row)
    event = Event.objects.get(act="purge")
    assert (event.actor, event.detail[name]) == (None, 1)
    assert not any(walk.wrong for walk in walk_all())
    assert sum(purge(now=NOW).values()) == 0
    assert Event.objects.filter(act="purge").count() == 1  # a night without anything leaves no line


def test_what_something_rests_on_stays(cast: Cast, world: dict[str, Any], settings: Any) -> None:
    """A consent that carried an introduction, a ranking that matches stand in, the newest ranking, a used invitation,
    the profile of somebody who is being introduced, what a pending introduction shows."""
    long_ago = NOW - dt.timedelta(days=4000)
    Consent.objects.update(given_on=long_ago.date(), expires_on=long_ago.date())
    MatchRun.objects.update(ran_at=long_ago)
    MatchRun.objects.create(beneficiary=cast.beneficiary, ran_at=long_ago, considered=0, excluded={})
    other = BeneficiaryFactory(organisation=cast.programme, counsellor=cast.counsellor)
    MatchRun.objects.create(beneficiary=other, ran_at=long_ago, considered=0, excluded={})
    used = _invitation(cast, world, long_ago)
    Invitation.objects.filter(pk=used.pk).update(used_at=long_ago, employer=cast.employer)
    FrozenProfile.objects.create(beneficiary=cast.beneficiary, employer=cast.employer, profile={}, created_at=long_ago)
    IntroductionStep.objects.update(at=long_ago)
    Introduction.objects.update(created_at=long_ago)
    assert sum(purge(now=NOW).values()) == 0
    settings.RETENTION_DAYS = dict.fromkeys(settings.RETENTION_DAYS, 0)
    assert sum(purge(now=NOW).values()) == 0


def test_each_programme_notes_its_own(cast: Cast, other_cast: Cast, world: dict[str, Any]) -> None:
    for one in (cast, other_cast):
        _invitation(one, world, NOW - dt.timedelta(days=40))
    _invitation(other_cast, world, NOW - dt.timedelta(days=40))
    assert purge(now=NOW)["invitations"] == 3
    events = {event.chain_id: event.detail["invitations"] for event in Event.objects.filter(act="purge")}
    assert events == {cast.programme.pk: 1, other_cast.programme.pk: 2}


def test_the_command_and_the_night(cast: Cast, world: dict[str, Any]) -> None:
    row = _invitation(cast, world, timezone.now() - dt.timedelta(days=40))
    for given, words, is_left in ((["purge", "--dry-run"], "would go", True), (["nightly"], "old rows gone", False)):
        said = io.StringIO()
        call_command(*given, stdout=said)
        assert words in said.getvalue()
        assert _is_left(row) is is_left


@pytest.mark.parametrize(("days", "is_asked"), [(1824, False), (1826, True)])
def test_who_is_out_of_contact_is_for_her_counsellor_to_decide(
    days: int, is_asked: bool, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    long_ago = NOW - dt.timedelta(days=days)
    Beneficiary.objects.update(entered_on=long_ago.date(), created_at=long_ago)
    purge(now=NOW)
    assert Beneficiary.objects.get().erased_at is None
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.counsellor)
    page = client.get(reverse("web:today"))
    assert list(page.context["out_of_contact"]) == ([cast.beneficiary] if is_asked else [])
    assert ("Out of contact for years" in page.text) is is_asked
    Consent.objects.create(
        beneficiary=cast.beneficiary, purpose="support", text_version="1", language="sr", method="signed",
        given_on=DAY, recorded_by=cast.counsellor,
    )  # fmt: skip
    assert list(client.get(reverse("web:today")).context["out_of_contact"]) == []
