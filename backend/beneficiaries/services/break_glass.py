"""Opening a colleague's person in an emergency, and looking at it afterwards."""

import datetime as dt
from functools import partial

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from backend.accounts.models import Membership, User
from backend.audit.services import record
from backend.core.exceptions import Conflict

from ..models import Beneficiary, BreakGlass
from ..policies import can_break_glass, can_review_break_glass
from ..tasks import tell_of_break_glass


def break_glass(*, actor: User, code: str, reason: str, now: dt.datetime) -> BreakGlass:
    """Open a person of a colleague of the same programme for sixty minutes.

    The lead and her counsellor are told at once; every request of the actor until it closes is noted. Who knows no code
    opens nobody: there is no list to choose from, and a code that is none is noted.
    """
    if not can_break_glass(actor) or actor.organisation is None:
        raise PermissionDenied
    code, reason = code.strip(), reason.strip()
    if not reason:
        raise ValidationError({"reason": _("Say why: the lead reads it.")})
    lead = {
        "organisation": actor.organisation,
        "role": Membership.Role.LEAD,
        "user__is_active": True,
        "user__letters_to": "",
    }
    if not Membership.objects.active().filter(**lead).exists():
        raise ValidationError(_("There is no programme lead who could be told."))
    colleagues = Beneficiary.objects.filter(organisation=actor.organisation, erased_at__isnull=True)
    her = colleagues.filter(code=code).exclude(counsellor=actor).first()
    if her is None:
        # Kept although the act is refused; what was typed is not: it may be a name.
        record(actor=actor, act="break_glass_refused", obj=actor)
        raise ValidationError({"code": _("No colleague has a person of this code.")})
    opened = BreakGlass(
        beneficiary=her, opened_by=actor, reason=reason, opened_at=now, closes_at=now + BreakGlass.LASTS
    )
    opened.full_clean()
    with transaction.atomic():
        opened.save()
        record(actor=actor, act="break_glass", obj=opened)
        transaction.on_commit(partial(tell_of_break_glass.enqueue, str(opened.pk)))
    return opened


@transaction.atomic
def note_looks(*, actor: User, route: str, since: dt.datetime, until: dt.datetime) -> int:
    """Note a request of the actor's from its beginning to its end, if a colleague's person was open to her meanwhile.

    How many were open.
    """
    opened = list(BreakGlass.objects.open_between(since, until).filter(opened_by=actor).select_related("beneficiary"))
    for one in opened:
        record(actor=actor, act="read_opened_file", obj=one, route=route)
    return len(opened)


@transaction.atomic
def review_break_glass(*, actor: User, opened: BreakGlass, verdict: str, now: dt.datetime) -> BreakGlass:
    """Say whether it was needed. Nobody reviews her own."""
    if not can_review_break_glass(actor, opened):
        raise PermissionDenied
    if verdict not in BreakGlass.Verdict.values:
        raise ValidationError({"verdict": _("Say whether it was needed.")})
    waiting = BreakGlass.objects.filter(pk=opened.pk, reviewed_at__isnull=True)
    if not waiting.update(verdict=verdict, reviewed_by=actor, reviewed_at=now):
        raise Conflict(_("This has been reviewed already."))
    opened.verdict, opened.reviewed_by, opened.reviewed_at = verdict, actor, now
    record(actor=actor, act="review_break_glass", obj=opened, verdict=verdict)
    return opened
