"""Employment spells: the first day worked, the last day worked."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from backend.accounts.models import User
from backend.audit.services import record
from backend.beneficiaries.models import Beneficiary
from backend.core.exceptions import Conflict
from backend.core.locking import hold
from backend.employers.models import Employer
from backend.employers.neutral import require_neutral, telltale_words
from backend.matches.models import Introduction
from backend.matches.services import mark_hired

from ..models import EmploymentSpell, FollowUp
from ..policies import can_record_outcome
from .days import noon
from .plans import later_contacts, plan_follow_ups
from .signs import raise_if_job_lost

NO_LOSS = frozenset({EmploymentSpell.EndReason.BETTER_JOB, EmploymentSpell.EndReason.DEATH})
"""Ends after which nobody is without work who had it."""


@transaction.atomic
def start_spell(
    *,
    actor: User,
    beneficiary: Beneficiary,
    started_on: dt.date,
    job_title: str,
    contract: str,
    evidence: str,
    on: dt.date,
    employer: Employer | None = None,
    introduction: Introduction | None = None,
    hours_per_week: Decimal | None = None,
    net_pay_per_month: Decimal | None = None,
    is_written: bool = True,
    is_subsidised: bool = False,
    ended_on: dt.date | None = None,
    end_reason: str = "",
) -> EmploymentSpell:
    """Record work she has taken up, or has had; plan the follow-ups whose time has not passed.

    `started_on` is the first day worked, so it is not in the future. An introduction that led here becomes `hired`.
    What was still planned for an earlier job is planned anew from this one, but for the contacts that say whether her
    first placement lasted.
    """
    if not can_record_outcome(actor, beneficiary):
        raise PermissionDenied
    hold(beneficiary)
    employer = _employer(beneficiary, employer, introduction)
    if employer is not None and employer.organisation_id is not None:  # it is asked in the portal about this work
        require_neutral("job_title", telltale_words(job_title))
    _require_past(started_on, ended_on, on)
    if beneficiary.spells.overlapping(started_on=started_on, ended_on=ended_on).exists():
        raise ValidationError({"started_on": _("She has other work at this time. End that first.")})
    spell = EmploymentSpell(
        beneficiary=beneficiary,
        employer=employer,
        introduction=introduction,
        job_title=job_title,
        contract=contract,
        hours_per_week=hours_per_week,
        net_pay_per_month=net_pay_per_month,
        is_written=is_written,
        is_subsidised=is_subsidised,
        started_on=started_on,
        ended_on=ended_on,
        end_reason=end_reason,
        evidence=evidence,
        # Only the first day is known to have been worked; contacts move this on.
        verified_on=ended_on or started_on,
        recorded_on=on,
        end_recorded_on=on if ended_on else None,
    )
    if bool(ended_on) != bool(end_reason):
        raise ValidationError({"end_reason": _("Say when it ended and why, or neither.")})
    spell.full_clean()
    spell.save()
    plan_follow_ups(spell, on)
    if introduction is not None:
        mark_hired(actor=actor, introduction=introduction, now=noon(on))
    record(actor=actor, act="start_spell", obj=spell)
    return spell


@transaction.atomic
def end_spell(*, actor: User, spell: EmploymentSpell, ended_on: dt.date, reason: str, on: dt.date) -> EmploymentSpell:
    """Record the last day worked. Contact goes on: nobody is ever closed.

    Work lost while her housing is weak raises a flag.
    """
    if not can_record_outcome(actor, spell.beneficiary):
        raise PermissionDenied
    if reason not in EmploymentSpell.EndReason.values:
        raise ValidationError({"end_reason": _("Say why it ended.")})
    hold(spell.beneficiary)
    # Locked, so that a follow-up at the same moment cannot verify a day after the end.
    spell = hold(spell)
    if spell.ended_on is not None:
        raise Conflict(_("The end of this work has been recorded already."))
    _require_past(spell.started_on, ended_on, on)
    if ended_on < spell.verified_on:
        raise ValidationError(
            {"ended_on": _("It is on record that she worked on %(day)s.") % {"day": spell.verified_on.isoformat()}}
        )
    spell.ended_on, spell.end_reason, spell.verified_on, spell.end_recorded_on = ended_on, reason, ended_on, on
    spell.save(update_fields=["ended_on", "end_reason", "verified_on", "end_recorded_on"])
    if reason not in NO_LOSS:
        raise_if_job_lost(actor=actor, beneficiary=spell.beneficiary, on=on)
    record(actor=actor, act="end_spell", obj=spell, reason=reason)
    return spell


@transaction.atomic
def keep_in_touch(*, actor: User, spell: EmploymentSpell, on: dt.date) -> EmploymentSpell:
    """She wishes contact to go on up to 36 months after this work began; Conflict if it is planned, or that is past."""
    if not can_record_outcome(actor, spell.beneficiary):
        raise PermissionDenied
    hold(spell.beneficiary)
    contacts = later_contacts(hold(spell), on)
    if not contacts:
        raise Conflict(_("This is planned already, or the time for it has passed."))
    FollowUp.objects.bulk_create(contacts)
    record(actor=actor, act="keep_in_touch", obj=spell)
    return spell


def _employer(
    beneficiary: Beneficiary, employer: Employer | None, introduction: Introduction | None
) -> Employer | None:
    """The employer, from the introduction if there is one; both must be hers and her programme's."""
    if introduction is not None:
        if introduction.match.beneficiary_id != beneficiary.pk:
            raise PermissionDenied
        opening = introduction.match.opening
        employer = employer or opening.employer
        possible: set[UUID | None] = {opening.employer_id, opening.end_client_id}
        if employer.pk not in possible:
            raise ValidationError({"employer": _("She was introduced to another employer.")})
    if employer is not None and employer.programme_id != beneficiary.organisation_id:
        raise PermissionDenied
    return employer


def _require_past(started_on: dt.date, ended_on: dt.date | None, on: dt.date) -> None:
    if started_on > on:
        raise ValidationError({"started_on": _("This day has not come yet.")})
    if ended_on is not None and ended_on < started_on:
        raise ValidationError({"ended_on": _("This is before the first day worked.")})
    if ended_on is not None and ended_on > on:
        raise ValidationError({"ended_on": _("This day has not come yet.")})
