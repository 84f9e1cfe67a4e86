"""Acts on openings, apart from their vetting."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from backend.accounts.models import User
from backend.audit.services import record
from backend.core.exceptions import Conflict
from backend.employers.content import MATERIAL_FIELDS, RequirementInput, content_of, hash_of
from backend.employers.models import Employer, Opening, OpeningRevision, Requirement
from backend.employers.policies import can_close_opening, can_draft_opening, can_edit_opening
from backend.employers.screening.waiting import keep_verdict
from backend.skills.codes import CEFR, Currency, Importance, Language, Licence, Shift

VALIDITY = dt.timedelta(days=60)
DESCRIPTION_LIMIT = 20_000
# What may be given when an opening is drafted or revised; everything else is the system's.
EDITABLE_FIELDS = frozenset(name.removesuffix("_id") for name in MATERIAL_FIELDS) - {"employer"} | {
    "positions",
    "posted_on",
    "valid_through",
}
_RELATIONS = {"employer", "end_client", "occupation", "municipality"}


@transaction.atomic
def draft_opening(
    *, actor: User, employer: Employer, on: dt.date, requirements: Sequence[RequirementInput] = (), **fields: Any
) -> Opening:
    """Write an opening down; `fields` are among EDITABLE_FIELDS. It is valid for 60 days unless told otherwise."""
    if not can_draft_opening(actor, employer):
        raise PermissionDenied
    opening = Opening(employer=employer, posted_on=on)
    save_new(actor, opening, requirements, **fields)
    record(actor=actor, act="draft_opening", obj=opening)
    return opening


@transaction.atomic
def revise_opening(
    *, actor: User, opening: Opening, on: dt.date, requirements: Sequence[RequirementInput] | None = None, **fields: Any
) -> Opening:
    """Change an opening. One that was approved and now says something else goes back to vetting.

    Without `requirements` they stay as they are. Raises Conflict when the opening was closed meanwhile.
    """
    opening = Opening.objects.select_for_update(of=("self",)).select_related("employer").get(pk=opening.pk)
    if not can_edit_opening(actor, opening):
        raise PermissionDenied
    save_changes(actor, opening, requirements, **fields)
    if opening.status == Opening.Status.SUBMITTED:
        keep_verdict(opening, on=on)
    record(actor=actor, act="revise_opening", obj=opening, content_hash=opening.content_hash)
    return opening


def save_new(actor: User, opening: Opening, requirements: Sequence[RequirementInput], **fields: Any) -> None:
    """Check and save an opening for the first time, without policy or audit: those are the calling act's."""
    _set_fields(opening, fields)
    opening.valid_through = opening.valid_through or opening.posted_on + VALIDITY
    checked = _check_requirements(requirements)
    _check(opening)
    content = content_of(opening, checked)
    opening.content_hash = hash_of(content)
    opening.save(force_insert=True)
    _save_requirements(opening, checked)
    _keep_revision(actor, opening, content)


def save_changes(actor: User, opening: Opening, requirements: Sequence[RequirementInput] | None, **fields: Any) -> None:
    """Check and save changes to a locked opening, without policy or audit: those are the calling act's."""
    if opening.status == Opening.Status.CLOSED:
        raise Conflict(_("This opening is closed."))
    known_hash, stored = opening.content_hash, list(opening.requirements.all())
    if not opening.revisions.exists():  # written before revisions were kept
        _keep_revision(None, opening, content_of(opening, stored))
    _set_fields(opening, fields)
    _check(opening)
    asked = stored if requirements is None else _check_requirements(requirements)
    content = content_of(opening, asked)
    opening.content_hash = hash_of(content)
    if requirements is not None:
        opening.requirements.all().delete()
        _save_requirements(opening, _check_requirements(requirements))
    if opening.content_hash != known_hash:
        opening.severity = Opening.Severity.UNSCREENED
        _keep_revision(actor, opening, content)
    if opening.status in (Opening.Status.PUBLISHED, Opening.Status.PAUSED) and not opening.is_vetted:
        opening.status = Opening.Status.SUBMITTED
    opening.save()


@transaction.atomic
def pause_opening(*, actor: User, opening: Opening, on: dt.date) -> Opening:
    """Take a published opening out of sight for a while."""
    return _move(actor, opening, "pause_opening", [Opening.Status.PUBLISHED], Opening.Status.PAUSED)


@transaction.atomic
def resume_opening(*, actor: User, opening: Opening, on: dt.date) -> Opening:
    """Show a paused opening again; it still says what was approved, or it would not be paused."""
    return _move(actor, opening, "resume_opening", [Opening.Status.PAUSED], Opening.Status.PUBLISHED)


@transaction.atomic
def close_opening(*, actor: User, opening: Opening, on: dt.date) -> Opening:
    """End an opening for good."""
    open_states = [status for status in Opening.Status if status != Opening.Status.CLOSED]
    return _move(actor, opening, "close_opening", open_states, Opening.Status.CLOSED)


@transaction.atomic
def renew_opening(*, actor: User, opening: Opening, on: dt.date) -> Opening:
    """Let an opening run for 60 days from today."""
    if not can_close_opening(actor, opening):
        raise PermissionDenied
    renewed = Opening.objects.filter(pk=opening.pk).exclude(status=Opening.Status.CLOSED)
    if not renewed.update(valid_through=on + VALIDITY):
        raise Conflict(_("This opening is closed."))
    opening.refresh_from_db()
    record(actor=actor, act="renew_opening", obj=opening)
    return opening


def _move(actor: User, opening: Opening, act: str, from_states: Sequence[str], to_state: str) -> Opening:
    """Change the state if it is still one of those expected; whoever comes second gets a Conflict."""
    if not can_close_opening(actor, opening):
        raise PermissionDenied
    if not Opening.objects.filter(pk=opening.pk, status__in=from_states).update(status=to_state):
        raise Conflict(_("This opening is not in a state that allows it."))
    opening.refresh_from_db()
    record(actor=actor, act=act, obj=opening)
    return opening


def _set_fields(opening: Opening, fields: dict[str, Any]) -> None:
    if unknown := fields.keys() - EDITABLE_FIELDS:
        raise TypeError(f"not fields of an opening: {', '.join(sorted(unknown))}")
    for name, value in fields.items():
        setattr(opening, name, value.strip() if isinstance(value, str) else value)


def _check(opening: Opening) -> None:
    """Raise what is wrong with an opening, by field, in words a person who posts it understands."""
    errors: dict[str, Any] = {}
    try:
        opening.full_clean(exclude=[*_RELATIONS, "content_hash"], validate_constraints=False, validate_unique=False)
    except ValidationError as error:
        errors.update(error.update_error_dict({}))
    if len(opening.description) > DESCRIPTION_LIMIT:
        errors["description"] = _("At most %(limit)d characters.") % {"limit": DESCRIPTION_LIMIT}
    if opening.currency not in Currency:
        errors["currency"] = _("This currency is not known here.")
    end_client = opening.end_client
    if end_client is not None and end_client.programme_id != opening.employer.programme_id:
        errors["end_client"] = _("There is no such employer.")
    elif end_client is not None and end_client.status in Employer.BARRED:
        errors["end_client"] = _("No opening can be taken for this company.")
    if not errors.keys() & {"posted_on", "valid_through"} and opening.valid_through < opening.posted_on:
        errors["valid_through"] = _("The opening ends before it was posted.")
    pay_known = opening.pay_from is not None and opening.pay_to is not None
    if pay_known and not errors.keys() & {"pay_from", "pay_to"} and opening.pay_to < opening.pay_from:  # type: ignore[operator]
        errors["pay_to"] = _("This is less than the pay from.")
    for field, choices in (("shifts", Shift), ("licences", Licence)):
        value = getattr(opening, field)
        if value is None and field == "shifts":
            continue
        if not isinstance(value, list | tuple | set | frozenset) or not all(item in choices.values for item in value):
            errors[field] = _("This is not a choice.")
        else:
            setattr(opening, field, sorted({str(item) for item in value}))
    languages = opening.languages
    if not isinstance(languages, dict) or not all(
        code in Language.values and level in CEFR.values for code, level in languages.items()
    ):
        errors["languages"] = _("Give a language and its level, A1 to C2.")
    if errors:
        raise ValidationError(errors)


def _check_requirements(requirements: Sequence[RequirementInput]) -> list[RequirementInput]:
    """The requirements without repetitions; of one skill asked for twice the first counts."""
    kept: dict[object, RequirementInput] = {}
    for asked in requirements:
        phrase = " ".join(asked.phrase.split())
        if asked.skill is None and not phrase:
            continue
        if len(phrase) > 200:
            raise ValidationError({"requirements": _("A requirement has at most 200 characters.")})
        if asked.importance not in Importance or (asked.level is not None and asked.level not in range(5)):
            raise ValidationError({"requirements": _("The level goes from 0 to 4.")})
        key = asked.skill_id or phrase.casefold()
        kept.setdefault(
            key, RequirementInput(skill=asked.skill, phrase=phrase, importance=str(asked.importance), level=asked.level)
        )
    return list(kept.values())


def _keep_revision(actor: User | None, opening: Opening, content: dict[str, Any]) -> None:
    OpeningRevision.objects.create(
        opening=opening,
        number=opening.revisions.count() + 1,
        content_hash=hash_of(content),
        content=content,
        made_by=actor,
    )


def _save_requirements(opening: Opening, requirements: Sequence[RequirementInput]) -> None:
    Requirement.objects.bulk_create(
        Requirement(
            opening=opening, skill=asked.skill, phrase=asked.phrase, importance=asked.importance, level=asked.level
        )
        for asked in requirements
    )
