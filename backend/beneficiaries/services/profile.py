"""What she can do, has done and wants."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from backend.accounts.models import User
from backend.audit.services import record
from backend.core.exceptions import Conflict
from backend.core.locking import hold
from backend.skills.codes import Shift
from backend.skills.models import Occupation, Skill

from ..models import Beneficiary, Experience, HeldSkill, LanguageSkill, Wishes
from ..policies import can_edit_beneficiary
from .codes import known_codes

EVIDENCE_ORDER = tuple(HeldSkill.Evidence.values)
"""From the weakest to the strongest."""

WISHES = frozenset({"own_words", "min_hours", "max_hours", "shifts", "max_travel_km", "min_pay_per_hour"})


@transaction.atomic
def note_skill(
    *,
    actor: User,
    beneficiary: Beneficiary,
    skill: Skill,
    level: int,
    evidence: str,
    on: dt.date,
    phrase: str = "",
) -> HeldSkill:
    """Note a skill she has, or its new level and evidence.

    Weaker evidence never replaces stronger: that is refused, so that a certificate is not lost by a slip.
    """
    _lock(actor, beneficiary)
    held = HeldSkill.objects.filter(beneficiary=beneficiary, skill=skill).first()
    if held is None:
        held = HeldSkill(beneficiary=beneficiary, skill=skill)
    elif evidence in EVIDENCE_ORDER and EVIDENCE_ORDER.index(evidence) < EVIDENCE_ORDER.index(held.evidence):
        raise ValidationError(
            {
                "evidence": _("Stronger evidence is on file: %(evidence)s. Remove the skill first.")
                % {"evidence": held.get_evidence_display()}
            }
        )
    held.level, held.evidence, held.noted_on = level, evidence, on
    held.phrase = phrase or held.phrase
    held.full_clean()
    held.save()
    record(actor=actor, act="note_skill", obj=held, level=level, evidence=evidence)
    return held


@transaction.atomic
def remove_skill(*, actor: User, held_skill: HeldSkill) -> None:
    _remove(actor, held_skill, "remove_skill")


@transaction.atomic
def note_language(
    *, actor: User, beneficiary: Beneficiary, language: str, spoken: str, written: str = ""
) -> LanguageSkill:
    """Note a language she speaks, or its new level."""
    _lock(actor, beneficiary)
    known = LanguageSkill.objects.filter(beneficiary=beneficiary, language=language).first()
    language_skill = known or LanguageSkill(beneficiary=beneficiary, language=language)
    language_skill.spoken, language_skill.written = spoken, written
    language_skill.full_clean()
    language_skill.save()
    record(actor=actor, act="note_language", obj=language_skill, language=language)
    return language_skill


@transaction.atomic
def remove_language(*, actor: User, language_skill: LanguageSkill) -> None:
    _remove(actor, language_skill, "remove_language")


@transaction.atomic
def note_experience(
    *,
    actor: User,
    beneficiary: Beneficiary,
    title: str,
    years: Decimal,
    occupation: Occupation | None = None,
) -> Experience:
    """Add work she has done before."""
    if not can_edit_beneficiary(actor, beneficiary):
        raise PermissionDenied
    experience = Experience(beneficiary=beneficiary, title=title, years=years, occupation=occupation)
    experience.full_clean()
    experience.save()
    record(actor=actor, act="note_experience", obj=experience)
    return experience


@transaction.atomic
def remove_experience(*, actor: User, experience: Experience) -> None:
    _remove(actor, experience, "remove_experience")


@transaction.atomic
def save_wishes(
    *, actor: User, beneficiary: Beneficiary, occupations: Iterable[Occupation] = (), **fields: Any
) -> Wishes:
    """Write down what she wants; `occupations` replaces the wished work, fields not given stay as they are."""
    _lock(actor, beneficiary)
    if unknown := fields.keys() - WISHES:
        raise TypeError(f"Unexpected fields: {', '.join(sorted(unknown))}")
    if fields.get("shifts") is not None:
        fields["shifts"] = known_codes("shifts", fields["shifts"], Shift)
    wishes = Wishes.objects.filter(beneficiary=beneficiary).first() or Wishes(beneficiary=beneficiary)
    for name, value in fields.items():
        setattr(wishes, name, value)
    if wishes.min_hours is not None and wishes.max_hours is not None and wishes.max_hours < wishes.min_hours:
        raise ValidationError({"max_hours": _("This is less than the lower end.")})
    wishes.full_clean()
    wishes.save()
    wishes.occupations.set(occupations)
    record(actor=actor, act="save_wishes", obj=wishes, fields=sorted(fields))
    return wishes


def _lock(actor: User, beneficiary: Beneficiary) -> None:
    """Require the policy, and hold her row so that two saves at once do not both insert."""
    if not can_edit_beneficiary(actor, beneficiary):
        raise PermissionDenied
    hold(beneficiary)


def _remove(actor: User, line: HeldSkill | LanguageSkill | Experience, act: str) -> None:
    _lock(actor, line.beneficiary)
    pk = line.pk
    if not line.delete()[0]:
        raise Conflict(_("This has been removed already."))
    line.pk = pk  # the trail says which it was
    record(actor=actor, act=act, obj=line, beneficiary=str(line.beneficiary_id))
