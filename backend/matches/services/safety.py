"""A rule for her safety, in one step with every introduction that it bars."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from backend.accounts.models import User
from backend.audit.services import record
from backend.beneficiaries.models import Beneficiary, Consent, SafetyRule
from backend.beneficiaries.services import add_safety_rule
from backend.core.locking import hold, hold_all

from .. import adapter
from ..models import Introduction
from .steps import move

_S = Introduction.State


@transaction.atomic
def keep_from_her(*, actor: User, beneficiary: Beneficiary, now: dt.datetime, **rule: Any) -> SafetyRule:
    """Add a safety rule (`add_safety_rule`); introductions that it bars end, and what they shared is purged.

    It is the employer's side that counts: one that she is afraid of must not read on until somebody comes to the file.
    One where she was hired stays hired, and reads no more of her either.
    """
    hold(beneficiary)
    concerned = _held(_concerned().filter(match__beneficiary=beneficiary))
    on = timezone.localdate(now)
    added = add_safety_rule(actor=actor, beneficiary=beneficiary, on=on, **rule)
    _end((one for one in concerned if _is_barred(one, on)), actor, now, "keep_from_her")
    return added


@transaction.atomic
def end_barred_introductions(*, now: dt.datetime) -> int:
    """The same by night, where an opening, an owner or a place has changed under a rule; how many ended."""
    on = timezone.localdate(now)
    barred = [introduction.pk for introduction in _concerned() if _is_barred(introduction, on)]
    return _end(_held(_concerned().filter(pk__in=barred)), None, now, "end_barred_introductions")


def _concerned() -> QuerySet[Introduction]:
    """Those under way, and those of people hired that are still shown."""
    shown = Q(state=_S.HIRED, blind_consent__withdrawn_at__isnull=True)
    return Introduction.objects.filter(~Q(state__in=Introduction.ENDED) | shown).select_related(
        "match__beneficiary",
        "match__opening__employer",
        "match__opening__end_client",
        "match__opening__municipality",
        "match__opening__occupation",
    )


def _held(introductions: QuerySet[Introduction]) -> list[Introduction]:
    consents = Q(pk__in=introductions.values("blind_consent")) | Q(pk__in=introductions.values("identity_consent"))
    hold_all(Consent.objects.filter(consents))
    return hold_all(introductions)


def _end(barred: Iterable[Introduction], actor: User | None, now: dt.datetime, act: str) -> int:
    ended = list(barred)
    hired = [introduction for introduction in ended if introduction.state == _S.HIRED]
    rests_on = [pk for one in hired for pk in (one.blind_consent_id, one.identity_consent_id) if pk is not None]
    Consent.objects.filter(pk__in=rests_on, withdrawn_at__isnull=True).update(withdrawn_at=now)
    Introduction.objects.filter(pk__in=[one.pk for one in hired]).empty()
    for introduction in ended:
        if introduction.state == _S.HIRED:
            record(actor=actor, act=act, obj=introduction)
        else:
            move(introduction, _S.WITHDRAWN, actor=actor, now=now, act=act)
    return len(ended)


def _is_barred(introduction: Introduction, on: dt.date) -> bool:
    return adapter.is_barred(introduction.match.beneficiary, introduction.match.opening, on)
