"""Ranking the open openings for a person."""

import datetime as dt
from collections import Counter
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from backend.accounts.models import User
from backend.audit.services import record
from backend.beneficiaries.models import Beneficiary
from backend.beneficiaries.policies import can_edit_beneficiary
from backend.core.locking import hold

from .. import adapter
from ..models import Match, MatchRun

KEPT = 50
"""How many of the best openings are kept as matches."""

FROM_RANKING = ("run", "is_eligible", "lane", "score", "reasons", "gaps", "missing")


@transaction.atomic
def rank_beneficiary(*, actor: User | None, beneficiary: Beneficiary, now: dt.datetime) -> MatchRun:
    """Rank the open openings for her and keep the best; `actor` None is the system.

    Matches with a decision keep score and reasons as they stood when it was taken. Those that a gate now holds back, or
    whose opening is no longer open, stop being eligible; undecided ones that fell out of the best are forgotten.
    """
    if actor is not None and not can_edit_beneficiary(actor, beneficiary):
        raise PermissionDenied
    hold(beneficiary)
    ranking = adapter.rank(beneficiary, timezone.localdate(now), k=KEPT)
    run = MatchRun.objects.create(
        beneficiary=beneficiary,
        ran_at=now,
        considered=ranking.considered,
        excluded=_counts(ranking),
        signature=ranking.signature,
    )
    _save_matches(run, ranking)
    record(actor=actor, act="rank_beneficiary", obj=run)
    return run


def current_run(*, beneficiary: Beneficiary, now: dt.datetime) -> MatchRun:
    """The ranking to show of her: the latest, or a new one if her file, her limits or the openings have changed since.

    Asked for wherever matches are shown, so that a rule added a moment ago already holds.
    """
    latest = MatchRun.objects.filter(beneficiary=beneficiary).order_by("-ran_at", "-created_at").first()
    if latest is not None and latest.signature == adapter.signature(beneficiary, timezone.localdate(now)):
        return latest
    return rank_beneficiary(actor=None, beneficiary=beneficiary, now=now)


def _counts(ranking: adapter.Ranking) -> dict[str, int]:
    """Excluded openings by code, each counted once under its first rule, so that the counts add up."""
    first: dict[str, str] = {}
    for exclusion in ranking.exclusions:
        first.setdefault(exclusion.opening_id, str(exclusion.code))
    return dict(Counter(first.values()))


def _save_matches(run: MatchRun, ranking: adapter.Ranking) -> None:
    known = {str(match.opening_id): match for match in Match.objects.filter(beneficiary=run.beneficiary_id)}
    decided = set(
        Match.objects.filter(
            Q(decisions__isnull=False) | Q(introduction__isnull=False), beneficiary=run.beneficiary_id
        ).values_list("pk", flat=True)
    )
    best = {ranked.opening_id: ranked for ranked in ranking.ranked}
    held_back = {exclusion.opening_id for exclusion in ranking.exclusions}
    added, changed, forgotten = [], [], []
    for opening_id, ranked in best.items():
        if opening_id not in known:
            new = Match(beneficiary_id=run.beneficiary_id, opening_id=opening_id)
            added.append(_fill(new, run, ranked))
    for opening_id, match in known.items():
        match.is_eligible = opening_id in ranking.open_ids and opening_id not in held_back
        is_decided = match.pk in decided
        if opening_id in best and not is_decided:
            _fill(match, run, best[opening_id])
        elif match.is_eligible and not is_decided:
            forgotten.append(match.pk)
            continue
        changed.append(match)
    Match.objects.filter(pk__in=forgotten).delete()
    Match.objects.bulk_create(added)
    Match.objects.bulk_update(changed, FROM_RANKING, batch_size=200)


def _fill(match: Match, run: MatchRun, ranked: adapter.Ranked) -> Match:
    match.run, match.is_eligible = run, True
    match.lane, match.score = adapter.lane_of(ranked), ranked.score
    match.reasons = [
        {"code": str(reason.code), "contribution": reason.contribution, "detail": dict(reason.detail)}
        for reason in ranked.reasons
    ]
    match.gaps = [_gap(gap) for gap in ranked.gaps]
    match.missing = list(ranked.missing)
    return match


def _gap(gap: adapter.Gap) -> dict[str, Any]:
    return {
        "code": str(gap.code),
        "skill": gap.skill,
        "phrase": gap.phrase,
        "essential": gap.essential,
        "held_level": gap.held_level,
        "needed_level": gap.needed_level,
    }
