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
from backend.core.locking import hold_all
from backend.employers.models import Employer

from .. import adapter
from ..models import Introduction, IntroductionQuerySet
from ..policies import can_freeze_introductions, can_introduce, shown_introductions
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
    waiting = hold_all(_heard(shown_introductions()).filter(_silent_for(NUDGED, now), nudged_at__isnull=True))
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
    valid = Consent.objects.valid(on=timezone.localdate(now)).values("pk")
    unconsented = (Q(blind_consent__isnull=False) & ~Q(blind_consent__in=valid)) | (
        Q(identity_consent__isnull=False) & ~Q(identity_consent__in=valid)
    )
    ended = hold_all(_heard(Introduction.objects.pending()).filter(_silent_for(UNANSWERED, now) | unconsented))
    for introduction in ended:
        heard_at = introduction.answered_at or introduction.shared_at
        is_silent = introduction.state == _S.SHARED_BLIND and heard_at and heard_at <= now - UNANSWERED
        state = _S.LAPSED if is_silent else _S.WITHDRAWN
        move(introduction, state, actor=None, now=now, act="lapse_introductions")
    return len(ended)


@transaction.atomic
def freeze_introductions(*, actor: User, employer: Employer, now: dt.datetime) -> int:
    """Stop every pending introduction to an employer and its group, whoever's it is; how many were stopped."""
    if not can_freeze_introductions(actor, employer):
        raise PermissionDenied
    group = adapter.group_of(employer)
    at_group = Q(match__opening__employer__in=group) | Q(match__opening__end_client__in=group)
    concerned = hold_all(Introduction.objects.pending().filter(at_group))
    for introduction in concerned:
        move(introduction, _S.FROZEN, actor=actor, now=now, act="freeze_introductions")
    return len(concerned)


def _heard(introductions: IntroductionQuerySet) -> IntroductionQuerySet:
    """With the moment at which the employer last answered or asked, was answered, or was shown the candidate."""
    return introductions.annotate(heard_at=Coalesce("answered_at", "shared_at"))


def _silent_for(time: dt.timedelta, now: dt.datetime) -> Q:
    """Those with an employer that has not been heard for so long."""
    return Q(state=_S.SHARED_BLIND, heard_at__lte=now - time)
