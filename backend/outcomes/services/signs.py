"""Signs that the records themselves show: work lost while housing is weak, safe contacts missed one after another."""

import datetime as dt

from django.utils import timezone

from backend.accounts.models import User
from backend.beneficiaries.models import Beneficiary

from ..models import Assessment, ContactAttempt, FollowUp, WarningFlag
from .flags import raise_flags

WEAK_HOUSING = 2
MISSES = 2
"""Days on which she was not reached, one after another, that ask for a look."""

Kind = WarningFlag.Kind


def raise_if_job_lost(*, actor: User, beneficiary: Beneficiary, on: dt.date, follow_up: FollowUp | None = None) -> None:
    """Work is lost: raise a flag if housing was 2 or less when it was last scored, and nobody has been told."""
    scored = Assessment.objects.filter(beneficiary=beneficiary, housing__isnull=False, assessed_on__lte=on)
    last = scored.order_by("-assessed_on").values_list("housing", flat=True).first()
    if last is not None and last <= WEAK_HOUSING:
        _raise_once(Kind.JOB_LOST, actor=actor, beneficiary=beneficiary, on=on, follow_up=follow_up)


def raise_if_missed(*, actor: User, follow_up: FollowUp, on: dt.date) -> None:
    """She was not reached: raise a flag if that was so on another day too since somebody last spoke to her.

    A contact that was given up counts, and every try that was logged; several on one day are one.
    """
    person = follow_up.spell.beneficiary
    if len(_missed_days(person)) >= MISSES:
        _raise_once(Kind.MISSED_CONTACTS, actor=actor, beneficiary=person, on=on, follow_up=follow_up)


def _missed_days(person: Beneficiary) -> set[dt.date]:
    recorded = FollowUp.objects.filter(spell__beneficiary=person).exclude(result="")
    attempts = ContactAttempt.objects.filter(follow_up__spell__beneficiary=person)
    told = [(result, on) for result, on in recorded.values_list("result", "contacted_on") if on is not None]
    told += [(attempt.result, timezone.localdate(attempt.attempted_at)) for attempt in attempts]
    # Whoever says that she does not want to talk has been reached.
    spoken = max((on for result, on in told if result in FollowUp.SPOKEN), default=dt.date.min)
    return {on for result, on in told if result == FollowUp.Result.UNREACHABLE and on > spoken}


def _raise_once(kind: str, *, actor: User, beneficiary: Beneficiary, on: dt.date, follow_up: FollowUp | None) -> None:
    """Unless such a flag is open: nobody is told twice."""
    if not any(flag.kind == kind for flag in beneficiary.warning_flags.filter(resolved_on__isnull=True)):
        raise_flags(actor=actor, beneficiary=beneficiary, kinds=[kind], on=on, follow_up=follow_up)
