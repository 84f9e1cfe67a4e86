"""Who may see and change a person's file: her own counsellor, inside her own organisation, and nobody else."""

from django.db.models import QuerySet

from backend.accounts.models import User

from .models import (
    Beneficiary,
    Consent,
    Experience,
    Goal,
    HeldSkill,
    Identity,
    LanguageSkill,
    SafetyRule,
    Wishes,
)
from .models.consent import ConsentQuerySet


def visible_beneficiaries(actor: User) -> QuerySet[Beneficiary]:
    """The counsellor's own caseload; nothing for anybody else, leads and employers included."""
    if not actor.is_counsellor:
        return Beneficiary.objects.none()
    return Beneficiary.objects.filter(counsellor=actor, organisation=actor.organisation, erased_at__isnull=True)


def visible_identities(actor: User) -> QuerySet[Identity]:
    return Identity.objects.filter(beneficiary__in=visible_beneficiaries(actor))


def visible_consents(actor: User) -> ConsentQuerySet:
    return Consent.objects.filter(beneficiary__in=visible_beneficiaries(actor))


def visible_held_skills(actor: User) -> QuerySet[HeldSkill]:
    return HeldSkill.objects.filter(beneficiary__in=visible_beneficiaries(actor))


def visible_language_skills(actor: User) -> QuerySet[LanguageSkill]:
    return LanguageSkill.objects.filter(beneficiary__in=visible_beneficiaries(actor))


def visible_experiences(actor: User) -> QuerySet[Experience]:
    return Experience.objects.filter(beneficiary__in=visible_beneficiaries(actor))


def visible_wishes(actor: User) -> QuerySet[Wishes]:
    return Wishes.objects.filter(beneficiary__in=visible_beneficiaries(actor))


def visible_goals(actor: User) -> QuerySet[Goal]:
    return Goal.objects.filter(beneficiary__in=visible_beneficiaries(actor))


def visible_safety_rules(actor: User) -> QuerySet[SafetyRule]:
    return SafetyRule.objects.filter(beneficiary__in=visible_beneficiaries(actor))


def can_register_beneficiary(actor: User) -> bool:
    return actor.is_counsellor


def can_edit_beneficiary(actor: User, beneficiary: Beneficiary) -> bool:
    """Whether this is a person of the actor's own caseload."""
    return (
        actor.is_counsellor
        and beneficiary.counsellor_id == actor.pk
        and beneficiary.erased_at is None
        and actor.organisation is not None
        and beneficiary.organisation_id == actor.organisation.pk
    )


def can_hand_over(actor: User, beneficiary: Beneficiary) -> bool:
    return can_edit_beneficiary(actor, beneficiary)
