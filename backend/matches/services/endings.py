"""Introductions that end without a job. Whatever was shared is purged with them."""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from backend.accounts.models import User
from backend.audit.services import record
from backend.beneficiaries.models import Consent
from backend.employers.models import Employer

from .. import adapter
from ..models import Introduction, IntroductionQuerySet
from ..policies import can_freeze_introductions, can_introduce
from .notices import tell_employer_soon
from .steps import move

_S = Introduction.State
UNANSWERED = dt.timedelta(days=21)
"""How long an employer has to answer."""
NUDGED = dt.timedelta(days=7)
"""After how long it is reminded, once."""


@transaction.atomic
def decline_for_her(*, actor: User, introduction: Introduction, now: dt.datetime) -> Introduction:
    """She does not want it any more."""
    if not can_introduce(actor, introduction.match):
        raise PermissionDenied
    return move(introduction, _S.DECLINED_BY_HER, actor=actor, now=now, act="decline_for_her")


@transaction.atomic
def withdraw_introduction(*, actor: User, introduction: Introduction, now: dt.datetime) -> Introduction:
    """The counsellor takes it back."""
    if not can_introduce(actor, introduction.match):
        raise PermissionDenied
    return move(introduction, _S.WITHDRAWN, actor=actor, now=now, act="withdraw_introduction")


@transaction.atomic
def nudge_employers(*, now: dt.datetime) -> int:
    """Remind those who have not answered for 7 days, once per introduction; how many reminders were queued."""
    silent = _silent_for(NUDGED, now).filter(nudged_at__isnull=True)
    waiting = list(silent.select_for_update(of=("self",)))
    Introduction.objects.filter(pk__in=[introduction.pk for introduction in waiting]).update(nudged_at=now)
    for introduction in waiting:
        record(actor=None, act="nudge_employers", obj=introduction)
        tell_employer_soon(introduction)
    return len(waiting)


@transaction.atomic
def lapse_introductions(*, now: dt.datetime) -> int:
    """End what no employer has answered in 21 days, and what no consent carries any more; how many ended.

    A question counts as a sign of life: the days run anew from it.
    """
    silent = _silent_for(UNANSWERED, now).select_for_update(of=("self",))
    valid = Consent.objects.valid(on=timezone.localdate(now)).values("pk")
    pending = Introduction.objects.pending().select_for_update(of=("self",))
    unconsented = pending.filter(
        (Q(blind_consent__isnull=False) & ~Q(blind_consent__in=valid))
        | (Q(identity_consent__isnull=False) & ~Q(identity_consent__in=valid))
    )
    # All rows are locked before the first is moved, as the audit trail is locked by the first move.
    ends = dict.fromkeys(unconsented, _S.WITHDRAWN) | dict.fromkeys(silent, _S.LAPSED)
    for introduction, state in ends.items():
        move(introduction, state, actor=None, now=now, act="lapse_introductions")
    return len(ends)


@transaction.atomic
def freeze_introductions(*, actor: User, employer: Employer, now: dt.datetime) -> int:
    """Stop every pending introduction to an employer and its group, whoever's it is; how many were stopped."""
    if not can_freeze_introductions(actor, employer):
        raise PermissionDenied
    group = adapter.group_of(employer)
    pending = Introduction.objects.pending().select_for_update(of=("self",))
    concerned = pending.filter(Q(match__opening__employer__in=group) | Q(match__opening__end_client__in=group))
    frozen = [move(each, _S.FROZEN, actor=actor, now=now, act="freeze_introductions") for each in concerned]
    return len(frozen)


def _silent_for(time: dt.timedelta, now: dt.datetime) -> IntroductionQuerySet:
    """Those with an employer who has neither answered nor asked, nor been answered, for so long."""
    shared = Introduction.objects.filter(state=_S.SHARED_BLIND)
    return shared.annotate(heard_at=Coalesce("answered_at", "shared_at")).filter(heard_at__lte=now - time)
