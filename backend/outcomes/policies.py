"""Who may see and record what became of a person: her own counsellor, and nobody else."""

from django.db.models import QuerySet

from backend.accounts.models import User
from backend.beneficiaries.models import Beneficiary
from backend.beneficiaries.policies import can_edit_beneficiary, visible_beneficiaries

from .models import Assessment, EmploymentSpell, FollowUp, WarningFlag


def visible_spells(actor: User) -> QuerySet[EmploymentSpell]:
    return EmploymentSpell.objects.filter(beneficiary__in=visible_beneficiaries(actor))


def visible_follow_ups(actor: User) -> QuerySet[FollowUp]:
    return FollowUp.objects.filter(spell__beneficiary__in=visible_beneficiaries(actor))


def visible_assessments(actor: User) -> QuerySet[Assessment]:
    return Assessment.objects.filter(beneficiary__in=visible_beneficiaries(actor))


def visible_warning_flags(actor: User) -> QuerySet[WarningFlag]:
    return WarningFlag.objects.filter(beneficiary__in=visible_beneficiaries(actor))


def can_record_outcome(actor: User, beneficiary: Beneficiary) -> bool:
    return can_edit_beneficiary(actor, beneficiary)
