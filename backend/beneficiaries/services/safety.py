"""The gates that keep her safe: set, and lifted with a reason."""

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from backend.accounts.models import User
from backend.audit.services import record
from backend.core.exceptions import Conflict
from backend.places.models import Municipality
from backend.vault.fields import sealed_values

from ..models import Beneficiary, SafetyRule
from ..policies import can_edit_beneficiary


@transaction.atomic
def add_safety_rule(
    *,
    actor: User,
    beneficiary: Beneficiary,
    kind: str,
    on: dt.date,
    municipality: Municipality | None = None,
    radius_km: int | None = None,
    employer: Any = None,
    sector: str = "",
    condition: str = "",
) -> SafetyRule:
    """Keep openings of a kind away from her. `employer` is an Employer of her programme, with its whole group."""
    if not can_edit_beneficiary(actor, beneficiary):
        raise PermissionDenied
    if employer is not None and employer.programme_id != beneficiary.organisation_id:
        raise PermissionDenied
    rule = SafetyRule(  # type: ignore[misc]  # the types know neither its properties nor its sealed None
        beneficiary=beneficiary,
        kind=kind,
        municipality=municipality,
        radius_km=radius_km,
        employer=employer,
        sector=sector,
        condition=condition,
        set_on=on,
    )
    rule.full_clean()
    rule.save()
    record(actor=actor, act="add_safety_rule", obj=rule, kind=kind)
    return rule


@transaction.atomic
def lift_safety_rule(*, actor: User, rule: SafetyRule, reason: str, on: dt.date) -> SafetyRule:
    """End a rule; the reason is kept."""
    if not can_edit_beneficiary(actor, rule.beneficiary):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"reason": _("Say why it is no longer needed.")})
    if on < rule.set_on:
        raise ValidationError({"lifted_on": _("This is before the rule was set.")})
    rule.lifted_on, rule.lifted_because = on, reason
    rule.clean_fields()
    won = SafetyRule.objects.filter(pk=rule.pk, lifted_on__isnull=True).update(
        lifted_on=on, **sealed_values(rule, lifted_because=reason)
    )
    if not won:
        raise Conflict(_("This rule has already been lifted."))
    record(actor=actor, act="lift_safety_rule", obj=rule)
    return rule
