"""P11 for outcomes: two at once, each over a real connection of her own; the same tests run on PostgreSQL."""

import datetime as dt
from collections.abc import Callable
from threading import Barrier

import pytest

from backend.accounts.models import User
from backend.audit.models import Event
from backend.core.exceptions import Conflict
from backend.outcomes import services
from backend.outcomes.models import FollowUp, FollowUpDraft, WarningFlag
from backend.outcomes.services import drafts
from tests.conftest import Cast, _cast
from tests.races import outcomes

TODAY = dt.date(2026, 11, 2)
NOW = dt.datetime(2026, 11, 2, 9, 30, tzinfo=dt.UTC)
CLIENTS = 6


@pytest.fixture
def crowd(transactional_db: None) -> Cast:
    return _cast()


def due(cast: Cast) -> FollowUp:
    spell = services.start_spell(
        actor=cast.counsellor,
        beneficiary=cast.beneficiary,
        started_on=TODAY - dt.timedelta(days=30),
        job_title="krojačica",
        contract="permanent",
        evidence="A",
        employer=cast.employer,
        on=TODAY,
    )
    return spell.follow_ups.get(day=30)


def recording(cast: Cast, follow_up: FollowUp, **said: object) -> Callable[[], None]:
    """All have the form open as it was before anybody recorded it."""
    given = {"result": "reached", "status": "same_employer", "contacted_on": TODAY, "on": TODAY} | said

    def act() -> None:
        stale = FollowUp.objects.select_related("spell__beneficiary", "spell__employer").get(pk=follow_up.pk)
        stale.result = ""
        services.record_follow_up(actor=User.objects.get(pk=cast.counsellor.pk), follow_up=stale, **given)

    return act


def test_one_records_a_follow_up_and_the_others_are_told(crowd: Cast) -> None:
    follow_up = due(crowd)
    ended = outcomes([recording(crowd, follow_up, flags=["threats"])] * CLIENTS)
    assert ended == {"won": 1, "Conflict": CLIENTS - 1}
    assert WarningFlag.objects.count() == 1
    assert Event.objects.filter(act="record_follow_up").count() == 1


def test_the_race_would_show_a_record_without_its_condition(crowd: Cast) -> None:
    """The negative control: read first, write later, and everybody wins."""
    follow_up = due(crowd)
    everybody_has_read = Barrier(CLIENTS)

    def act() -> None:
        seen = FollowUp.objects.get(pk=follow_up.pk)
        everybody_has_read.wait(timeout=20)
        if seen.result:
            raise Conflict("too late")
        seen.result, seen.status, seen.contacted_on = "reached", "same_employer", TODAY
        seen.save()

    assert outcomes([act] * CLIENTS)["won"] == CLIENTS


def left_over(crowd: Cast, follow_up: FollowUp) -> bool:
    """Whether a draft outlives the record that was made while it was being kept."""

    def keep() -> None:
        stale = FollowUp.objects.get(pk=follow_up.pk)
        services.keep_draft(actor=crowd.counsellor, follow_up=stale, on=TODAY, now=NOW, note="x")

    outcomes([keep, recording(crowd, follow_up), keep])
    assert FollowUp.objects.get(pk=follow_up.pk).result == "reached"
    return FollowUpDraft.objects.exists()


def test_no_draft_outlives_the_record(crowd: Cast) -> None:
    spell = due(crowd).spell
    assert not any(left_over(crowd, each) for each in spell.follow_ups.filter(day__in=(3, 7, 30)))


def test_a_draft_that_outlives_it_would_be_noticed(crowd: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the follow-up is not read anew before the draft is kept."""
    follow_up = due(crowd)
    stale = FollowUp.objects.get(pk=follow_up.pk)
    recording(crowd, follow_up)()
    given = {"actor": crowd.counsellor, "follow_up": stale, "on": TODAY, "now": NOW, "note": "x"}
    with pytest.raises(Conflict):
        services.keep_draft(**given)
    monkeypatch.setattr(drafts, "hold", lambda row: row)
    services.keep_draft(**given)
    assert FollowUpDraft.objects.exists()
