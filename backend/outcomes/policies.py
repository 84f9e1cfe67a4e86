"""Who may see and record what became of a person: her own counsellor, and nobody else."""

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet

from backend.accounts.models import User
from backend.beneficiaries.models import Beneficiary, Consent
from backend.beneficiaries.policies import can_edit_beneficiary, visible_beneficiaries
from backend.employers.models import Employer

from .models import Assessment, EmploymentSpell, FollowUp, FollowUpDraft, WarningFlag, WarningFlagQuerySet


def visible_spells(actor: User) -> QuerySet[EmploymentSpell]:
    return EmploymentSpell.objects.filter(beneficiary__in=visible_beneficiaries(actor))


def visible_follow_ups(actor: User) -> QuerySet[FollowUp]:
    return FollowUp.objects.filter(spell__beneficiary__in=visible_beneficiaries(actor))


def visible_follow_up_drafts(actor: User) -> QuerySet[FollowUpDraft]:
    return FollowUpDraft.objects.filter(follow_up__in=visible_follow_ups(actor))


def visible_assessments(actor: User) -> QuerySet[Assessment]:
    return Assessment.objects.filter(beneficiary__in=visible_beneficiaries(actor))


def visible_warning_flags(actor: User) -> WarningFlagQuerySet:
    return WarningFlag.objects.filter(beneficiary__in=visible_beneficiaries(actor))


ASKED_ON = (30, 90)
"""Days after the first day worked on which an employer is asked."""


def askable_follow_ups(actor: User, *, on: dt.date) -> QuerySet[FollowUp]:
    """What an employer is asked about its own: does the person still work there?

    At 30 and 90 days, until it is answered, and only where she consented to her employer being asked.
    """
    if not actor.is_employer:
        return FollowUp.objects.none()
    consented = Consent.objects.valid(on=on).filter(
        Q(recipient__isnull=True) | Q(recipient=OuterRef("spell__employer")),
        beneficiary=OuterRef("spell__beneficiary"),
        purpose=Consent.Purpose.EMPLOYER_CONTACT,
    )
    return FollowUp.objects.due(on=on).filter(
        Exists(consented),
        spell__employer__organisation=actor.organisation,
        spell__employer__in=Employer.objects.cleared(on=on),
        spell__ended_on__isnull=True,
        day__in=ASKED_ON,
        employer_says="",
    )


def can_record_outcome(actor: User, beneficiary: Beneficiary) -> bool:
    return can_edit_beneficiary(actor, beneficiary)
