"""Withdrawing a consent, in one step with everything that rests on it."""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from backend.accounts.models import User
from backend.audit.services import record
from backend.beneficiaries.models import Consent
from backend.beneficiaries.policies import can_edit_beneficiary
from backend.core.exceptions import Conflict
from backend.core.locking import hold, hold_all

from ..models import Introduction
from .steps import move

CARRIES: dict[str, str] = {
    Consent.Purpose.BLIND_INTRODUCTION: "blind_consent",
    Consent.Purpose.IDENTITY_DISCLOSURE: "identity_consent",
}
"""The purposes on which an introduction rests, and where it keeps the consent."""


@transaction.atomic
def withdraw_consent(*, actor: User, consent: Consent, now: dt.datetime) -> Consent:
    """Withdraw a consent: introductions that rest on it end at once, and what they shared is purged.

    She may have been asked the same more than once; taking back one answer takes back every one to the same question.
    The row is written first, so that a disclosure which is under way either sees it withdrawn or is undone here: a
    disclosure holds the row of its consent until it is committed. Without any consent to support left, every pending
    introduction of hers ends.
    """
    if not can_edit_beneficiary(actor, consent.beneficiary):
        raise PermissionDenied
    hold(consent.beneficiary)
    standing = Consent.objects.filter(withdrawn_at__isnull=True)
    if not standing.filter(pk=consent.pk).update(withdrawn_at=now):
        raise Conflict(_("This consent has already been withdrawn."))
    consent.withdrawn_at = now
    if consent.purpose in CARRIES:
        same = {name: getattr(consent, name) for name in ("beneficiary", "purpose", "recipient", "opening")}
        standing.filter(**same).update(withdrawn_at=now)
    resting = Introduction.objects.filter(_rests_on(consent, timezone.localdate(now)))
    pending = hold_all(resting.pending())
    resting.filter(state=Introduction.State.HIRED).empty()
    record(actor=actor, act="withdraw_consent", obj=consent, purpose=consent.purpose)
    for introduction in pending:
        move(introduction, Introduction.State.WITHDRAWN, actor=actor, now=now, act="withdraw_consent")
    return consent


def _rests_on(consent: Consent, on: dt.date) -> Q:
    if consent.purpose == Consent.Purpose.SUPPORT:
        left = Consent.objects.valid(on=on).filter(beneficiary=consent.beneficiary, purpose=consent.purpose)
        return Q(pk__in=[]) if left.exists() else Q(match__beneficiary=consent.beneficiary)
    if consent.purpose not in CARRIES:
        return Q(pk__in=[])
    hers = Q(match__beneficiary=consent.beneficiary, match__opening=consent.opening)
    return hers & Q(**{f"{CARRIES[consent.purpose]}__isnull": False})
