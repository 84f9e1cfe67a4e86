"""Who looks after whom: passing one person on, and sharing out the caseload of somebody who leaves or is away."""

from functools import partial

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backend.accounts.models import Membership, User
from backend.audit.services import record, record_each
from backend.core.exceptions import Conflict
from backend.core.locking import hold, hold_all

from ..models import Beneficiary
from ..policies import can_hand_over, can_share_out
from ..tasks import tell_of_hand_over, tell_of_sharing_out
from .codes import HandOverReason


@transaction.atomic
def hand_over(*, actor: User, beneficiary: Beneficiary, to: User, reason: str) -> Beneficiary:
    """Pass a person on to a colleague, who is told; from then on only the colleague sees her."""
    if not can_hand_over(actor, beneficiary):
        raise PermissionDenied
    if to == actor:
        raise ValidationError({"to": _("Choose another counsellor of your organisation.")})
    if not Beneficiary.objects.filter(pk=beneficiary.pk, counsellor=actor).update(counsellor=to):
        raise Conflict(_("She has been handed over meanwhile."))
    _require_successor(actor, to, reason)
    beneficiary.counsellor = to
    record(actor=actor, act="hand_over", obj=beneficiary, to=str(to.pk), reason=reason)
    transaction.on_commit(partial(tell_of_hand_over.enqueue, str(to.pk)))
    return beneficiary


@transaction.atomic
def share_out(*, actor: User, counsellor: User, to: User, reason: str, code: str = "") -> User:
    """As a lead, give a counsellor's people to another, all or the one of that code; who they are is not told.

    Both counsellors are told that it happened. The counsellor may have left already. Returns who has them now.
    """
    if not can_share_out(actor, counsellor):
        raise PermissionDenied
    if to == counsellor:
        raise ValidationError({"to": _("Choose another counsellor of your organisation.")})
    theirs = Beneficiary.objects.filter(
        organisation=actor.organisation, counsellor=counsellor, erased_at__isnull=True
    ).order_by("pk")
    people = hold_all(theirs.filter(code=code.strip().upper()) if code.strip() else theirs)
    if not people:
        raise ValidationError({"code": _("Nobody on this caseload has this code.")})
    Beneficiary.objects.filter(pk__in=[person.pk for person in people]).update(counsellor=to)
    _require_successor(actor, to, reason)
    record_each(actor=actor, act="share_out", objs=people, to=str(to.pk), reason=reason)
    transaction.on_commit(partial(tell_of_hand_over.enqueue, str(to.pk)))
    transaction.on_commit(partial(tell_of_sharing_out.enqueue, str(counsellor.pk)))
    return to


def _require_successor(actor: User, to: User, reason: str) -> None:
    """A counsellor of the actor's organisation, held so that her role does not end meanwhile; and a reason."""
    if reason not in HandOverReason.values:
        raise ValidationError({"reason": _("Say why.")})
    held = hold(to)
    if not held.is_counsellor or held.organisation != actor.organisation:
        raise ValidationError({"to": _("Choose another counsellor of your organisation.")})


def people_left(membership: Membership) -> str:
    """Why a role may not end yet: there are people whom nobody else would see. Empty if there are none."""
    count = Beneficiary.objects.filter(
        organisation=membership.organisation_id, counsellor=membership.user_id, erased_at__isnull=True
    ).count()
    if not count:
        return ""
    return ngettext(
        "%(count)s person is still on her caseload. A lead has to give it to another counsellor first.",
        "%(count)s people are still on her caseload. A lead has to give them to another counsellor first.",
        count,
    ) % {"count": count}
