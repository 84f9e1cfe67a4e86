"""P11 for outcomes: two at once, each over a real connection of her own; the same tests run on PostgreSQL."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection, transaction

from backend.accounts.models import User
from backend.audit.models import Event
from backend.beneficiaries.models import Beneficiary, Consent
from backend.core.exceptions import Conflict
from backend.core.locking import hold
from backend.matches import services as matching
from backend.matches.models import Introduction, Match, MatchRun
from backend.outcomes import services
from backend.outcomes.models import EmploymentSpell, FollowUp, FollowUpDraft, WarningFlag
from backend.outcomes.services import drafts, erasure
from tests.conftest import Cast, _cast
from tests.factories import BeneficiaryFactory, OpeningFactory
from tests.proofs import cases, report
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


def test_one_answers_a_contact_that_was_missed(crowd: Cast) -> None:
    """However many reach her later: one answer, and the miss is kept once."""
    follow_up = due(crowd)
    recording(crowd, follow_up, result="unreachable", status="")()
    ended = outcomes([recording(crowd, follow_up), recording(crowd, follow_up, result="refused", status="")] * 3)
    assert ended == {"won": 1, "Conflict": 5}
    assert FollowUp.objects.get(pk=follow_up.pk).result == "reached"
    assert [attempt.result for attempt in follow_up.attempts.all()] == ["unreachable"]
    assert Event.objects.filter(act="record_follow_up").count() == 2


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


# -- erasure, flags, and what else is under way -------------------------------------------------------------------


@pytest.fixture
def book(tmp_path: Path, settings) -> Path:
    settings.ERASURE_LEDGER = str(tmp_path / "ledger")
    return tmp_path / "ledger"


def erasing(cast: Cast) -> Callable[[], None]:
    def act() -> None:
        her = Beneficiary.objects.get(pk=cast.beneficiary.pk)
        her.erased_at = None
        services.erase_person(actor=User.objects.get(pk=cast.counsellor.pk), beneficiary=her, now=NOW)

    return act


def test_she_is_erased_once(crowd: Cast, book: Path) -> None:
    ended = outcomes([erasing(crowd)] * CLIENTS)
    assert ended == {"won": 1, "Conflict": CLIENTS - 1}
    assert len(book.read_text().splitlines()) == 1
    assert Event.objects.filter(act="erase_person").count() == 1


def test_the_race_would_show_an_erasure_without_its_lock(
    crowd: Cast, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the row is not read anew; who comes second erases whom nobody is any more."""
    monkeypatch.setattr(erasure, "hold", lambda row: row)
    for _turn in range(2):
        erasing(crowd)()
    assert len(book.read_text().splitlines()) == 2


def introduced(cast: Cast, person: Beneficiary, state: str = "shared_blind") -> Introduction:
    opening = OpeningFactory(published=True, employer=cast.employer, night=False, live_in=False)
    run = MatchRun.objects.create(beneficiary=person, ran_at=NOW, considered=1, excluded={})
    match = Match.objects.create(beneficiary=person, opening=opening, run=run, lane="now", score=0.5)
    hers = {"actor": person.counsellor, "now": NOW}
    introduction = matching.propose_introduction(match=match, **hers)
    matching.record_agreement(introduction=introduction, method="signed", language="sr", **hers)
    if state == "shared_blind":
        matching.share_introduction(introduction=introduction, **hers)
    return introduction


def tangle(cast: Cast, follow_up: FollowUp) -> list[Callable[[], None]]:
    """Acts of one programme that want the same rows, started at one moment."""
    her, other = cast.beneficiary, BeneficiaryFactory(organisation=cast.programme, counsellor=cast.counsellor)
    first, second, third = introduced(cast, her), introduced(cast, her), introduced(cast, other, "agreed_by_her")
    support = Consent.objects.create(
        beneficiary=her, purpose="support", text_version="1", language="sr", method="signed", given_on=TODAY,
        recorded_by=cast.counsellor,
    )  # fmt: skip
    user, actor = cast.employer_user, cast.counsellor

    def answer(introduction: Introduction, answer: str) -> Callable[[], None]:
        return lambda: matching.answer_introduction(
            actor=User.objects.get(pk=user.pk), introduction=Introduction.objects.get(pk=introduction.pk),
            answer=answer, now=NOW,
        ) and None  # fmt: skip

    return [
        recording(cast, follow_up, flags=["threats", "confinement"]),
        answer(first, "interested"),
        answer(second, "declined"),
        lambda: matching.share_introduction(
            actor=actor, introduction=Introduction.objects.get(pk=third.pk), now=NOW
        ) and None,
        lambda: matching.withdraw_consent(actor=actor, consent=Consent.objects.get(pk=support.pk), now=NOW) and None,
        lambda: matching.rank_beneficiary(
            actor=None, beneficiary=Beneficiary.objects.get(pk=other.pk), now=NOW
        ) and None,
        lambda: matching.lapse_introductions(now=NOW + dt.timedelta(days=400)) and None,
        lambda: services.end_spell(
            actor=actor, spell=EmploymentSpell.objects.get(pk=follow_up.spell_id), ended_on=TODAY, reason="moved",
            on=TODAY,
        ) and None,
        erasing(cast),
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_nobody(book: Path) -> None:
    """What only PostgreSQL can show: acts that take rows in different orders end in a deadlock."""
    for _round in range(2):
        cast = _cast()
        ended = outcomes(tangle(cast, due(cast)))
        assert ended["deadlock"] == 0, ended


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_p11_tangles(book: Path) -> None:
    rounds, failed = cases(40), 0
    for _round in range(rounds):
        cast = _cast()
        failed += outcomes(tangle(cast, due(cast)))["deadlock"]
    report("P11", tried=f"tangles of nine acts on {connection.vendor}", count=rounds, failed=failed)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write at a time")
def test_a_deadlock_would_be_noticed(crowd: Cast) -> None:
    """The negative control: two rows, taken in the two orders."""
    one, two = BeneficiaryFactory.create_batch(2, organisation=crowd.programme, counsellor=crowd.counsellor)
    both_hold_one = Barrier(2)

    def crossing(first: Beneficiary, second: Beneficiary) -> Callable[[], None]:
        @transaction.atomic
        def act() -> None:
            hold(first)
            both_hold_one.wait(timeout=20)
            hold(second)

        return act

    assert outcomes([crossing(one, two), crossing(two, one)]) == {"won": 1, "deadlock": 1}
