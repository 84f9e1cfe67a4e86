"""What the counsellor decides about a match, and what the person says to it."""

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backend.accounts.models import User
from backend.audit.services import record
from backend.core.exceptions import Conflict

from ..models import Decision, Introduction, Match
from ..policies import can_decide
from ..states import DECISIONS
from .steps import move

LATER = dt.timedelta(days=30)
"""How long "later" puts a match aside when no day is given."""

PUT_ASIDE = (Decision.Kind.SNOOZE, Decision.Kind.SHE_SAYS_LATER)
WANTED = (Decision.Kind.SHORTLIST, Decision.Kind.SHE_SAYS_YES)


@transaction.atomic
def decide(
    *,
    actor: User,
    match: Match,
    kind: str,
    now: dt.datetime,
    expected_state: str | None = None,
    reason: str = "",
    note: str = "",
    snoozed_until: dt.date | None = None,
) -> Decision:
    """Record a decision and move the match to the state it leads to.

    `expected_state` is the state that the person deciding was looking at; if somebody else has moved the match since,
    this raises Conflict and nothing is written. "No" to a match that is being introduced ends the introduction too.
    """
    if not can_decide(actor, match):
        raise PermissionDenied
    seen = expected_state or match.state
    if seen not in DECISIONS:
        raise ValidationError({"expected_state": _("There is no such state.")})
    if kind not in Decision.Kind.values:
        raise ValidationError({"kind": _("There is no such decision.")})
    if kind not in DECISIONS[seen]:
        raise ValidationError({"kind": _("This decision does not follow the one before.")})
    if kind in WANTED and not match.is_eligible:
        raise ValidationError({"kind": _("A rule keeps this opening from her.")})
    until = _until(kind, snoozed_until, timezone.localdate(now))
    decision = Decision(match=match, kind=kind, reason=reason, note=note, decided_by=actor, decided_at=now)
    decision.clean_fields(exclude=["match", "decided_by"])
    to_state = DECISIONS[seen][kind]
    won = Match.objects.filter(pk=match.pk, state=seen, snoozed_until=match.snoozed_until).update(
        state=to_state, snoozed_until=until
    )
    if not won:
        raise Conflict(_("Somebody else has decided meanwhile. Look again."))
    match.state, match.snoozed_until = to_state, until
    _end_introduction(actor, match, kind, now)
    decision.save()
    record(actor=actor, act="decide", obj=match, kind=kind, reason=reason)
    return decision


def _until(kind: str, snoozed_until: dt.date | None, on: dt.date) -> dt.date | None:
    if kind not in PUT_ASIDE:
        if snoozed_until is not None:
            raise ValidationError({"snoozed_until": _("Only what is put aside has a day to come back.")})
        return None
    if snoozed_until is None:
        return on + LATER
    if snoozed_until <= on:
        raise ValidationError({"snoozed_until": _("Choose a day to come.")})
    return snoozed_until


def _end_introduction(actor: User, match: Match, kind: str, now: dt.datetime) -> None:
    if kind not in (Decision.Kind.SHE_SAYS_NO, Decision.Kind.DISMISS):
        return
    introduction = Introduction.objects.pending().filter(match=match).first()
    if introduction is None:
        return
    if kind == Decision.Kind.DISMISS:
        raise ValidationError({"kind": _("She is being introduced. Withdraw the introduction first.")})
    move(introduction, Introduction.State.DECLINED_BY_HER, actor=actor, now=now, act="decline_for_her")
