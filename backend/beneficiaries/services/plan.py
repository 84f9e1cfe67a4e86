"""The individual plan."""

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from backend.accounts.models import User
from backend.audit.services import record
from backend.core.exceptions import Conflict

from ..models import Beneficiary, Goal
from ..policies import can_edit_beneficiary


@transaction.atomic
def set_goal(
    *,
    actor: User,
    beneficiary: Beneficiary,
    domain: str,
    text: str,
    owner: str,
    on: dt.date,
    due_on: dt.date | None = None,
) -> Goal:
    """Add a line to her plan."""
    if not can_edit_beneficiary(actor, beneficiary):
        raise PermissionDenied
    if due_on is not None and due_on < on:
        raise ValidationError({"due_on": _("This day has passed.")})
    goal = Goal(beneficiary=beneficiary, domain=domain, text=text, owner=owner, set_on=on, due_on=due_on)
    goal.full_clean()
    goal.save()
    record(actor=actor, act="set_goal", obj=goal, domain=domain)
    return goal


@transaction.atomic
def achieve_goal(*, actor: User, goal: Goal, on: dt.date) -> Goal:
    """Mark a goal as reached."""
    if not can_edit_beneficiary(actor, goal.beneficiary):
        raise PermissionDenied
    if on < goal.set_on:
        raise ValidationError({"achieved_on": _("This is before the goal was set.")})
    won = Goal.objects.filter(pk=goal.pk, achieved_on__isnull=True).update(achieved_on=on)
    if not won:
        raise Conflict(_("This goal has already been reached."))
    goal.achieved_on = on
    record(actor=actor, act="achieve_goal", obj=goal)
    return goal
