"""The independence profile, scored with her."""

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from backend.accounts.models import User
from backend.audit.services import record
from backend.beneficiaries.models import Beneficiary

from ..models import INDEPENDENCE_DOMAINS, Assessment
from ..policies import can_record_outcome


@transaction.atomic
def record_assessment(
    *,
    actor: User,
    beneficiary: Beneficiary,
    on: dt.date,
    needs_met: bool | None = None,
    agrees: bool | None = None,
    **scores: int | None,
) -> Assessment:
    """Write down the domains scored with her today, each from 1 (most vulnerable) to 4; None is not scored.

    `needs_met` says whether basic needs are met without emergency aid, `agrees` whether she agrees with the picture.
    """
    if not can_record_outcome(actor, beneficiary):
        raise PermissionDenied
    if unknown := scores.keys() - set(INDEPENDENCE_DOMAINS):
        raise TypeError(f"Unexpected domains: {', '.join(sorted(unknown))}")
    if all(score is None for score in scores.values()):
        raise ValidationError(_("Score at least one area."))
    if Assessment.objects.filter(beneficiary=beneficiary, assessed_on=on).exists():
        raise ValidationError({"assessed_on": _("There is an assessment of this day already.")})
    assessment = Assessment(
        beneficiary=beneficiary, assessed_on=on, assessed_by=actor, needs_met=needs_met, agrees=agrees, **scores
    )
    assessment.full_clean()
    assessment.save()
    record(actor=actor, act="record_assessment", obj=assessment)
    return assessment
