"""Ranking a person, and deciding about what was ranked."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from backend.beneficiaries.services import add_safety_rule, note_skill
from backend.core.exceptions import Conflict
from backend.employers.models import Opening
from backend.matches import policies, services
from backend.matches.models import Decision, Match
from backend.matches.queries import concept_labels
from backend.matches.states import DECISIONS
from backend.matches.tasks import refresh_all_matches
from backend.skills.models import Skill
from tests.conftest import Cast
from tests.factories import OpeningFactory, RequirementFactory

K = Decision.Kind


def test_a_run_keeps_score_reasons_gaps_and_counts(cast: Cast, match: Match, sewing: Skill, now: dt.datetime) -> None:
    OpeningFactory(published=True, employer=cast.employer, pay_from=1)  # far below the minimum
    run = services.rank_beneficiary(actor=cast.counsellor, beneficiary=cast.beneficiary, now=now)
    assert (run.considered, run.excluded) == (2, {"below_minimum_wage": 1})
    match.refresh_from_db()
    assert (match.run, match.lane, match.gaps) == (run, "now", [])
    assert match.score == sum(reason["contribution"] for reason in match.reasons) > 0
    (skills,) = [reason for reason in match.reasons if reason["code"] == "essential_skills"]
    assert skills["detail"]["met"] == 1
    assert concept_labels([match])[sewing.uri] == "šivenje"


def test_ranking_is_hers_alone(cast: Cast, other_cast: Cast, match: Match, now: dt.datetime) -> None:
    services.decide(actor=cast.counsellor, match=match, kind=K.SHORTLIST, now=now)
    for stranger in (cast.colleague, cast.lead, cast.administrator, cast.employer_user, other_cast.counsellor):
        for visible in (policies.visible_match_runs, policies.visible_matches, policies.visible_decisions):
            assert not visible(stranger).exists()
        with pytest.raises(PermissionDenied):
            services.rank_beneficiary(actor=stranger, beneficiary=cast.beneficiary, now=now)
        with pytest.raises(PermissionDenied):
            services.decide(actor=stranger, match=match, kind=K.SHE_SAYS_YES, now=now)
    assert policies.visible_matches(cast.counsellor).get() == match
    assert policies.visible_decisions(cast.counsellor).count() == 1


def test_reasons_stay_as_they_were_decided_on(
    cast: Cast, match: Match, opening: Opening, now: dt.datetime, today: dt.date
) -> None:
    other = OpeningFactory(published=True, employer=cast.employer)
    asked = RequirementFactory(opening=other)
    services.rank_beneficiary(actor=None, beneficiary=cast.beneficiary, now=now)
    undecided = Match.objects.get(opening=other)
    services.decide(actor=cast.counsellor, match=match, kind=K.SHORTLIST, now=now)
    before = (match.score, match.reasons)
    requirement = RequirementFactory(opening=opening)
    note_skill(
        actor=cast.counsellor,
        beneficiary=cast.beneficiary,
        skill=asked.skill,
        level=4,
        evidence="self",
        on=today,
    )
    OpeningFactory(published=True, employer=cast.employer)  # the index is built anew
    services.rank_beneficiary(actor=None, beneficiary=cast.beneficiary, now=now)
    match.refresh_from_db()
    assert (match.score, match.reasons) == before
    assert requirement.skill.uri not in str(match.gaps)
    score = undecided.score
    undecided.refresh_from_db()
    assert undecided.score > score


def test_what_a_rule_forbids_stops_being_eligible(cast: Cast, match: Match, now: dt.datetime, today: dt.date) -> None:
    services.decide(actor=cast.counsellor, match=match, kind=K.SNOOZE, now=now)
    add_safety_rule(
        actor=cast.counsellor, beneficiary=cast.beneficiary, kind="employer", employer=cast.employer, on=today
    )
    services.rank_beneficiary(actor=cast.counsellor, beneficiary=cast.beneficiary, now=now)
    match.refresh_from_db()
    assert not match.is_eligible
    assert not Match.objects.current(on=today).exists()
    for kind in (K.SHORTLIST, K.SHE_SAYS_YES):
        with pytest.raises(ValidationError):
            services.decide(actor=cast.counsellor, match=match, kind=kind, now=now)
    with pytest.raises(ValidationError):
        services.propose_introduction(actor=cast.counsellor, match=match, now=now)
    services.decide(actor=cast.counsellor, match=match, kind=K.DISMISS, now=now)


def test_a_closed_opening_stops_being_eligible(cast: Cast, match: Match, opening: Opening, now: dt.datetime) -> None:
    Opening.objects.filter(pk=opening.pk).update(status="closed")
    services.rank_beneficiary(actor=None, beneficiary=cast.beneficiary, now=now)
    match.refresh_from_db()
    assert not match.is_eligible


def test_only_the_best_are_kept(cast: Cast, match: Match, now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.matches.services.ranking.KEPT", 1)
    RequirementFactory(opening=OpeningFactory(published=True, employer=cast.employer))
    services.rank_beneficiary(actor=None, beneficiary=cast.beneficiary, now=now)
    assert Match.objects.get() == match


def test_the_number_of_queries_does_not_grow(
    cast: Cast, match: Match, now: dt.datetime, django_assert_max_num_queries: Any
) -> None:
    for _ in range(20):
        RequirementFactory(opening=OpeningFactory(published=True, employer=cast.employer))
    with django_assert_max_num_queries(40):
        services.rank_beneficiary(actor=None, beneficiary=cast.beneficiary, now=now)
    with django_assert_max_num_queries(30):  # the index stands
        services.rank_beneficiary(actor=None, beneficiary=cast.beneficiary, now=now)


def test_tasks_rank_everybody_who_looks_for_work(cast: Cast, other_cast: Cast, opening: Opening) -> None:
    type(cast.beneficiary).objects.filter(pk=other_cast.beneficiary.pk).update(status="paused")
    Opening.objects.update(valid_through=dt.date(2099, 1, 1))
    type(cast.employer).objects.update(cleared_until=dt.date(2099, 1, 1))
    refresh_all_matches.enqueue()
    assert cast.beneficiary.match_runs.count() == 1
    assert not other_cast.beneficiary.match_runs.exists()
    refresh_all_matches.enqueue()
    assert cast.beneficiary.match_runs.count() == 1  # nothing has changed since


# -- decisions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", Match.State.values)
@pytest.mark.parametrize("kind", K.values)
def test_every_decision_from_every_state(state: str, kind: str, cast: Cast, match: Match, now: dt.datetime) -> None:
    Match.objects.filter(pk=match.pk).update(state=state)
    match.refresh_from_db()
    if kind in DECISIONS[state]:
        services.decide(actor=cast.counsellor, match=match, kind=kind, now=now)
        match.refresh_from_db()
        assert match.state == DECISIONS[state][kind]
        assert (match.snoozed_until is not None) == (kind in (K.SNOOZE, K.SHE_SAYS_LATER))
        assert match.decisions.get().kind == kind
    else:
        with pytest.raises(ValidationError):
            services.decide(actor=cast.counsellor, match=match, kind=kind, now=now)
        assert not match.decisions.exists()


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("kind", {"kind": "maybe"}),
        ("expected_state", {"expected_state": "hidden"}),
        ("reason", {"reason": "ugly"}),
        ("note", {"note": "x" * 401}),
        ("snoozed_until", {"kind": K.SNOOZE, "snoozed_until": dt.date(2026, 11, 2)}),
        ("snoozed_until", {"kind": K.SHORTLIST, "snoozed_until": dt.date(2026, 12, 2)}),
    ],
)
def test_bad_decisions_name_the_field_and_write_nothing(
    field: str, wrong: dict[str, Any], cast: Cast, match: Match, now: dt.datetime
) -> None:
    with pytest.raises(ValidationError) as refusal:
        services.decide(**{"actor": cast.counsellor, "match": match, "kind": K.SHORTLIST, "now": now, **wrong})
    assert field in refusal.value.message_dict
    match.refresh_from_db()
    assert match.state == Match.State.PROPOSED
    assert not Decision.objects.exists()


def test_whoever_decides_second_is_told(cast: Cast, match: Match, now: dt.datetime) -> None:
    stale = Match.objects.get(pk=match.pk)
    decision = {"actor": cast.counsellor, "now": now}
    services.decide(match=match, kind=K.SHE_SAYS_NO, **decision)
    with pytest.raises(Conflict):
        services.decide(match=stale, kind=K.SHE_SAYS_YES, **decision)
    with pytest.raises(Conflict):  # the page showed an older state
        services.decide(match=match, kind=K.SHE_SAYS_YES, expected_state=Match.State.PROPOSED, **decision)
    assert Decision.objects.count() == 1


def test_two_snoozes_do_not_both_win(cast: Cast, match: Match, now: dt.datetime) -> None:
    stale = Match.objects.get(pk=match.pk)
    services.decide(actor=cast.counsellor, match=match, kind=K.SNOOZE, now=now)
    with pytest.raises(Conflict):
        services.decide(actor=cast.counsellor, match=stale, kind=K.SNOOZE, now=now)


def test_what_was_put_aside_comes_back(cast: Cast, match: Match, now: dt.datetime, today: dt.date) -> None:
    until = today + dt.timedelta(days=10)
    services.decide(actor=cast.counsellor, match=match, kind=K.SNOOZE, now=now, snoozed_until=until)
    assert not Match.objects.current(on=until - dt.timedelta(days=1)).exists()
    assert Match.objects.current(on=until).get() == match
