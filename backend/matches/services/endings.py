"""Introductions that end without a job. Whatever was shared is purged with them."""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from backend.accounts.models import User
from backend.beneficiaries.models import Consent
from backend.employers.models import Employer

from .. import adapter
from ..models import Introduction
from ..policies import can_freeze_introductions, can_introduce
from .steps import move

_S = Introduction.State
UNANSWERED = dt.timedelta(days=21)
"""How long an employer has to answer."""


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
def lapse_introductions(*, now: dt.datetime) -> int:
    """End what no employer has answered in 21 days, and what no consent carries any more; how many ended.

    A question counts as a sign of life: the days run anew from it.
    """
    pending = Introduction.objects.pending().select_for_update(of=("self",))
    silent = (
        pending.filter(state=_S.SHARED_BLIND)
        .annotate(heard_at=Coalesce("answered_at", "shared_at"))
        .filter(heard_at__lte=now - UNANSWERED)
    )
    ended = [move(each, _S.LAPSED, actor=None, now=now, act="lapse_introductions") for each in silent]
    valid = Consent.objects.valid(on=timezone.localdate(now)).values("pk")
    unconsented = pending.filter(
        (Q(blind_consent__isnull=False) & ~Q(blind_consent__in=valid))
        | (Q(identity_consent__isnull=False) & ~Q(identity_consent__in=valid))
    )
    ended += [move(each, _S.WITHDRAWN, actor=None, now=now, act="lapse_introductions") for each in unconsented]
    return len(ended)


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
