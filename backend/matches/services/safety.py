"""A rule for her safety, in one step with every introduction that it bars."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from backend.accounts.models import User
from backend.beneficiaries.models import Beneficiary, SafetyRule
from backend.beneficiaries.services import add_safety_rule
from backend.core.locking import hold, hold_all

from .. import adapter
from ..models import Introduction
from .steps import move


@transaction.atomic
def keep_from_her(*, actor: User, beneficiary: Beneficiary, now: dt.datetime, **rule: Any) -> SafetyRule:
    """Add a safety rule (`add_safety_rule`); pending introductions that it bars end, and what they shared is purged.

    It is the employer's side that counts: one that she is afraid of must not read on until somebody comes to the file.
    """
    hold(beneficiary)
    pending = hold_all(_pending().filter(match__beneficiary=beneficiary))
    on = timezone.localdate(now)
    added = add_safety_rule(actor=actor, beneficiary=beneficiary, on=on, **rule)
    for introduction in pending:
        if _is_barred(introduction, on):
            move(introduction, Introduction.State.WITHDRAWN, actor=actor, now=now, act="keep_from_her")
    return added


@transaction.atomic
def end_barred_introductions(*, now: dt.datetime) -> int:
    """The same by night, where an opening, an owner or a place has changed under a rule; how many ended."""
    on = timezone.localdate(now)
    barred = [introduction.pk for introduction in _pending() if _is_barred(introduction, on)]
    ended = hold_all(_pending().filter(pk__in=barred))
    for introduction in ended:
        move(introduction, Introduction.State.WITHDRAWN, actor=None, now=now, act="end_barred_introductions")
    return len(ended)


def _pending() -> QuerySet[Introduction]:
    return Introduction.objects.pending().select_related(
        "match__beneficiary",
        "match__opening__employer",
        "match__opening__end_client",
        "match__opening__municipality",
        "match__opening__occupation",
    )


def _is_barred(introduction: Introduction, on: dt.date) -> bool:
    return adapter.is_barred(introduction.match.beneficiary, introduction.match.opening, on)
