"""P11: several people at once, each with a real connection of her own; the same tests run on PostgreSQL."""

import datetime as dt
from collections.abc import Callable
from threading import Barrier

import pytest
from django.db import connection
from rest_framework.test import APIClient

from backend.accounts.models import User
from backend.beneficiaries.models import Consent
from backend.core.exceptions import Conflict
from backend.matches import services
from backend.matches.card import card
from backend.matches.models import Decision, Introduction, Match, MatchRun
from backend.matches.services import consents
from backend.matches.services.links import SpentLink, issue_link
from tests.conftest import _cast
from tests.factories import OpeningFactory
from tests.proofs import cases, report
from tests.races import outcomes

CLIENTS = 8
NOW = dt.datetime(2026, 11, 2, 9, 30, tzinfo=dt.UTC)


@pytest.fixture
def match(transactional_db: None) -> Match:
    return new_match()


def new_match() -> Match:
    cast = _cast()
    opening = OpeningFactory(published=True, employer=cast.employer, night=False, live_in=False)
    run = MatchRun.objects.create(beneficiary=cast.beneficiary, ran_at=NOW, considered=1, excluded={})
    return Match.objects.create(beneficiary=cast.beneficiary, opening=opening, run=run, lane="now", score=0.5)


def shared(match: Match, until: str = "shared_blind") -> Introduction:
    hers = {"actor": match.beneficiary.counsellor, "now": NOW}
    introduction = services.propose_introduction(match=match, **hers)
    services.record_agreement(introduction=introduction, method="signed", language="sr", **hers)
    if until == "shared_blind":
        services.share_introduction(introduction=introduction, **hers)
    return introduction


def winners(act: Callable[[], None], clients: int = CLIENTS) -> int:
    return outcomes([act] * clients)["won"]


# -- one decision, one answer, one link ---------------------------------------------------------------------------


def decision(match: Match) -> Callable[[], None]:
    def act() -> None:
        seen = Match.objects.get(pk=match.pk)
        services.decide(
            actor=match.beneficiary.counsellor, match=seen, kind="shortlist", now=NOW, expected_state="proposed"
        )

    return act


def portal_answer(match: Match) -> Callable[[], None]:
    """All have the page open as it was before anybody answered."""
    pk, user_pk = shared(match).pk, match.opening.employer.contacts.get().user_id

    def act() -> None:
        stale = Introduction.objects.select_related("match__opening__employer").get(pk=pk)
        stale.state = "shared_blind"
        user = User.objects.get(pk=user_pk)
        services.answer_introduction(actor=user, introduction=stale, answer="interested", now=NOW)

    return act


def mail_answer(match: Match) -> Callable[[], None]:
    introduction = shared(match)
    token = issue_link(introduction=introduction, contact=match.opening.employer.contacts.get(), now=NOW)
    return lambda: services.answer_by_link(token=token, answer="interested", now=NOW) and None


def asked_of_the_api(match: Match) -> Callable[[], None]:
    """The same decision over HTTP: a loser is answered 409, and a repetition nothing else."""
    counsellor, url = match.beneficiary.counsellor, f"/api/v1/matches/{match.pk}/decide/"

    def act() -> None:
        client = APIClient()
        client.force_login(counsellor)
        answer = client.post(url, {"kind": "shortlist", "expected_state": "proposed"}, format="json")
        if answer.status_code == 409:
            raise Conflict(answer.json()["detail"])
        assert answer.status_code == 200, answer.content

    return act


RACES = (decision, asked_of_the_api, portal_answer, mail_answer)


@pytest.mark.parametrize("race", RACES)
def test_one_wins_and_the_others_are_told(match: Match, race: Callable[[Match], Callable[[], None]]) -> None:
    ended = outcomes([race(match)] * CLIENTS)
    assert ended["won"] == 1
    assert sum(ended[loss.__name__] for loss in (Conflict, SpentLink)) == CLIENTS - 1
    if race in (decision, asked_of_the_api):
        assert Decision.objects.filter(match=match).count() == 1


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_p11() -> None:
    rounds, clients, failed = cases(50), 32, 0
    for _round in range(rounds):
        for race in RACES:
            ended = outcomes([race(new_match())] * clients)
            failed += ended["won"] != 1 or ended["Conflict"] + ended["SpentLink"] != clients - 1
    tried = f"rounds of {clients} clients ({', '.join(race.__name__ for race in RACES)}) on {connection.vendor}"
    report("P11", tried=tried, count=rounds * len(RACES), failed=failed)


def test_the_race_would_show_a_decision_without_its_guard(match: Match) -> None:
    """The negative control: reading first and writing later lets everybody win."""
    everybody_has_read = Barrier(CLIENTS)

    def act() -> None:
        seen = Match.objects.get(pk=match.pk)
        everybody_has_read.wait(timeout=20)
        if seen.state != Match.State.PROPOSED:
            raise Conflict("too late")
        seen.state = Match.State.SHORTLISTED
        seen.save()

    assert winners(act) == CLIENTS


# -- a consent withdrawn while its disclosure is in flight --------------------------------------------------------


def withdrawn_in_flight(match: Match) -> bool:
    """Whether anything stays with the employer after a disclosure and a withdrawal that started at one moment."""
    introduction = shared(match, until="agreed_by_her")
    pk, consent_pk, actor = introduction.pk, introduction.blind_consent_id, match.beneficiary.counsellor

    def share() -> None:
        services.share_introduction(actor=actor, introduction=Introduction.objects.get(pk=pk), now=NOW)

    def withdraw() -> None:
        services.withdraw_consent(actor=actor, consent=Consent.objects.get(pk=consent_pk), now=NOW)

    outcomes([share, withdraw])
    introduction.refresh_from_db()
    view = card(introduction, on=NOW.date())
    return bool(
        introduction.state in Introduction.SHARED or introduction.shared_profile or view["profile"] or view["identity"]
    )


@pytest.mark.django_db(transaction=True)
def test_a_withdrawal_beats_a_disclosure_in_flight() -> None:
    assert not any(withdrawn_in_flight(new_match()) for _round in range(4))


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_p11_withdrawals() -> None:
    rounds = cases(200)
    failed = sum(withdrawn_in_flight(new_match()) for _round in range(rounds))
    report("P11", tried=f"withdrawals in flight on {connection.vendor}", count=rounds, failed=failed)


def test_a_withdrawal_without_consequences_would_be_noticed(match: Match, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: only the row is written, as it once was."""
    monkeypatch.setattr(consents, "move", lambda *_given, **_also: None)
    assert withdrawn_in_flight(match)
