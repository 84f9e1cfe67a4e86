"""Warning flags: they ask a person to look."""

import datetime as dt
from collections.abc import Iterable
from functools import partial

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from backend.accounts.models import User
from backend.audit.services import record
from backend.beneficiaries.models import Beneficiary
from backend.beneficiaries.tasks import tell_of_sign
from backend.core.exceptions import Conflict
from backend.employers.models import Employer
from backend.matches.services import freeze_introductions
from backend.vault.fields import sealed_values

from ..models import FollowUp, WarningFlag
from ..policies import can_record_outcome
from .days import noon

LOOK_WITHIN = {WarningFlag.Severity.RED: dt.timedelta(0), WarningFlag.Severity.AMBER: dt.timedelta(days=3)}


@transaction.atomic
def raise_flag(
    *, actor: User, beneficiary: Beneficiary, kind: str, on: dt.date, follow_up: FollowUp | None = None
) -> WarningFlag:
    """Raise a flag; a red one also freezes every pending introduction to her employer and its group."""
    return raise_flags(actor=actor, beneficiary=beneficiary, kinds=[kind], on=on, follow_up=follow_up)[0]


@transaction.atomic
def raise_flags(
    *, actor: User, beneficiary: Beneficiary, kinds: Iterable[str], on: dt.date, follow_up: FollowUp | None = None
) -> list[WarningFlag]:
    """The same for several signs seen at once.

    They wait on the Today of whoever is her counsellor then. If a colleague raised them, who had opened her file in an
    emergency, the counsellor is written to.
    """
    if not can_record_outcome(actor, beneficiary):
        raise PermissionDenied
    if follow_up is not None and follow_up.spell.beneficiary_id != beneficiary.pk:
        raise PermissionDenied
    flags = [_raised(actor, beneficiary, kind, on, follow_up) for kind in kinds]
    employer = _employer(beneficiary, on, follow_up)
    if employer is not None and any(flag.severity == WarningFlag.Severity.RED for flag in flags):
        freeze_introductions(actor=actor, employer=employer, now=noon(on))
    for flag in flags:
        record(actor=actor, act="raise_flag", obj=flag, kind=flag.kind)
    if flags and beneficiary.counsellor_id != actor.pk:
        transaction.on_commit(partial(tell_of_sign.enqueue, str(beneficiary.counsellor_id)))
    return flags


def _raised(actor: User, beneficiary: Beneficiary, kind: str, on: dt.date, follow_up: FollowUp | None) -> WarningFlag:
    severity = WarningFlag.Severity.RED if kind in WarningFlag.RED else WarningFlag.Severity.AMBER
    flag = WarningFlag(
        beneficiary=beneficiary,
        follow_up=follow_up,
        kind=kind,
        severity=severity,
        raised_on=on,
        due_on=on + LOOK_WITHIN[severity],
        raised_by=actor,
    )
    flag.full_clean()
    flag.save()
    return flag


@transaction.atomic
def resolve_flag(*, actor: User, flag: WarningFlag, resolution: str, on: dt.date) -> WarningFlag:
    """Say what was done."""
    if not can_record_outcome(actor, flag.beneficiary):
        raise PermissionDenied
    if not resolution.strip():
        raise ValidationError({"resolution": _("Say what was done.")})
    if on < flag.raised_on:
        raise ValidationError({"resolved_on": _("This is before the sign was noted.")})
    flag.resolved_on, flag.resolution = on, resolution.strip()
    flag.clean_fields()
    open_flag = WarningFlag.objects.filter(pk=flag.pk, resolved_on__isnull=True)
    if not open_flag.update(resolved_on=on, **sealed_values(flag, resolution=flag.resolution)):
        raise Conflict(_("Somebody else has dealt with this sign."))
    record(actor=actor, act="resolve_flag", obj=flag)
    return flag


def _employer(beneficiary: Beneficiary, on: dt.date, follow_up: FollowUp | None) -> Employer | None:
    """Where the follow-up was about, else where she works on that day."""
    spell = follow_up.spell if follow_up else beneficiary.spells.running(on=on).select_related("employer").first()
    return spell.employer if spell else None
