"""Who may see and change a person's file: her own counsellor, and in an emergency a colleague, and nobody else."""

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from backend.accounts.models import User

from .models import (
    Beneficiary,
    BreakGlass,
    Consent,
    Experience,
    Goal,
    HeldSkill,
    Identity,
    LanguageSkill,
    SafetyRule,
    Wishes,
)
from .models.break_glass import BreakGlassQuerySet
from .models.consent import ConsentQuerySet


def visible_beneficiaries(actor: User) -> QuerySet[Beneficiary]:
    """The counsellor's own caseload, and whom of a colleague's she has opened in an emergency, while that lasts.

    Nothing for anybody else, leads and employers included.
    """
    if not actor.is_counsellor:
        return Beneficiary.objects.none()
    opened = _opened_now(actor).filter(beneficiary=OuterRef("pk"))
    theirs = Q(counsellor=actor) | Exists(opened)
    return Beneficiary.objects.filter(theirs, organisation=actor.organisation, erased_at__isnull=True)


def visible_caseloads(actor: User) -> QuerySet[User]:
    """Who looks after how many (`people`) of the lead's programme, also who has left; never whom."""
    if not actor.is_lead:
        return User.objects.none()
    hers = Q(caseload__organisation=actor.organisation, caseload__erased_at__isnull=True)
    return User.objects.annotate(people=Count("caseload", filter=hers)).filter(people__gt=0)


def can_share_out(actor: User, counsellor: User) -> bool:
    """The lead of the programme whose people they are."""
    return visible_caseloads(actor).filter(pk=counsellor.pk).exists()


def visible_break_glasses(actor: User) -> QuerySet[BreakGlass]:
    """The lead's whole programme's, without a word of whom it concerns; a counsellor's own, and those of her people."""
    found = BreakGlass.objects.filter(beneficiary__organisation=actor.organisation, beneficiary__erased_at__isnull=True)
    if actor.is_lead:
        return found
    if actor.is_counsellor:
        return found.filter(Q(opened_by=actor) | Q(beneficiary__counsellor=actor))
    return found.none()


def can_break_glass(actor: User) -> bool:
    return actor.is_counsellor


def can_review_break_glass(actor: User, opened: BreakGlass) -> bool:
    """A lead of the programme, and never who opened it."""
    return (
        actor.is_lead
        and actor.organisation is not None
        and opened.beneficiary.organisation_id == actor.organisation.pk
        and opened.opened_by_id != actor.pk
    )


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
    """Whether this is a person of the actor's own caseload, or opened to her now."""
    return _is_of_her_programme(actor, beneficiary) and (
        beneficiary.counsellor_id == actor.pk or _opened_now(actor).filter(beneficiary=beneficiary).exists()
    )


def can_hand_over(actor: User, beneficiary: Beneficiary) -> bool:
    """Her own counsellor alone: what was opened in an emergency is not hers to give away."""
    return _is_of_her_programme(actor, beneficiary) and beneficiary.counsellor_id == actor.pk


def can_erase_beneficiary(actor: User, beneficiary: Beneficiary) -> bool:
    """Her own counsellor alone."""
    return _is_of_her_programme(actor, beneficiary) and beneficiary.counsellor_id == actor.pk


def can_take_out_record(actor: User, beneficiary: Beneficiary) -> bool:
    """Her own counsellor alone: what was opened in an emergency is read on the page and goes nowhere."""
    return _is_of_her_programme(actor, beneficiary) and beneficiary.counsellor_id == actor.pk


def _is_of_her_programme(actor: User, beneficiary: Beneficiary) -> bool:
    return (
        actor.is_counsellor
        and beneficiary.erased_at is None
        and actor.organisation is not None
        and beneficiary.organisation_id == actor.organisation.pk
    )


def _opened_now(actor: User) -> BreakGlassQuerySet:
    """What is open at this moment; a policy is asked at the edge, so it reads the clock itself."""
    return BreakGlass.objects.open(now=timezone.now()).filter(opened_by=actor)
