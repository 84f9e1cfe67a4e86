"""What must hold in the very transaction that discloses something, and the trace that a refusal leaves."""

import datetime as dt
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from backend.audit.services import record
from backend.beneficiaries.models import Consent
from backend.core.exceptions import Conflict
from backend.core.locking import hold
from backend.employers.models import Opening

from .. import adapter, candidate
from ..models import Introduction, Match

Act = TypeVar("Act", bound=Callable[..., Any])


def refusals_leave_a_trace(act: Act) -> Act:
    """Run the act in a transaction; one that a rule refuses is undone and leaves an event in the audit trail.

    The event says which fields the rule was about, nothing more. A lost race is nobody's wrongdoing and leaves none.
    """

    @wraps(act)
    def run(**given: Any) -> Any:
        try:
            with transaction.atomic():
                return act(**given)
        except Conflict:
            raise
        except ValidationError as refusal:
            fields = sorted(refusal.message_dict) if hasattr(refusal, "error_dict") else []
            about = given.get("introduction") or given["match"]
            record(actor=given["actor"], act=f"{act.__name__}_refused", obj=about, fields=fields)
            raise

    return run  # type: ignore[return-value]


def require_safe(match: Match, on: dt.date, *, must_be_open: bool) -> Opening:
    """The match's opening, read anew and locked, once it is vetted as it stands and no gate keeps it from her."""
    opening = (
        Opening.objects.select_for_update(of=("self",), no_key=True)
        .select_related("employer", "end_client", "municipality", "occupation")
        .get(pk=match.opening_id)
    )
    if not opening.is_vetted:
        raise ValidationError({"opening": _("The opening has changed since it was vetted.")})
    if must_be_open and not Opening.objects.open(on=on).filter(pk=opening.pk).exists():
        raise ValidationError({"opening": _("The opening is not open any more.")})
    beneficiary = hold(match.beneficiary)
    if found := adapter.exclusions_of(beneficiary, opening, on):
        codes = ", ".join(sorted({str(exclusion.code) for exclusion in found}))
        raise ValidationError({"opening": _("A rule keeps this opening from her: %(codes)s.") % {"codes": codes}})
    return opening


def require_shareable(introduction: Introduction, on: dt.date, *, must_be_open: bool) -> Opening:
    """The same opening, once her consent to be shown there unnamed covers it as it stands too."""
    opening = require_safe(introduction.match, on, must_be_open=must_be_open)
    purpose = Consent.Purpose.BLIND_INTRODUCTION
    require_consent_to(
        introduction, introduction.blind_consent_id, opening, on, purpose=purpose, fields=candidate.FIELDS
    )
    return opening


def standing_consent(consent_id: UUID | None, on: dt.date) -> Consent | None:
    """The consent, locked until the transaction ends, if it holds on that day."""
    return Consent.objects.select_for_update().valid(on=on).filter(pk=consent_id).first() if consent_id else None


def require_consent(consent_id: UUID | None, on: dt.date) -> Consent:
    """The same, or a refusal that the counsellor reads."""
    consent = standing_consent(consent_id, on)
    if consent is None:
        raise ValidationError(
            {"consent": _("Her consent is missing, has run out or was withdrawn.")}, code="no_consent"
        )
    return consent


def require_consent_to(
    introduction: Introduction,
    consent_id: UUID | None,
    opening: Opening,
    on: dt.date,
    *,
    purpose: str,
    fields: Iterable[str],
) -> Consent:
    """A consent that covers this very disclosure: hers, to this employer, this opening as it stands, these fields.

    She agreed to the opening as it was then, in words that were kept; if it says something else now, ask her again.
    """
    consent = require_consent(consent_id, on)
    covers = (
        consent.beneficiary_id == introduction.match.beneficiary_id
        and consent.purpose == purpose
        and consent.recipient_id == opening.employer_id
        and consent.opening_id == opening.pk
        and set(fields) <= set(consent.fields)
        and consent.text is not None
        and consent.text.is_intact
        and (consent.text.purpose, consent.text.language) == (purpose, consent.language)
    )
    if not covers:
        raise ValidationError({"consent": _("Her consent does not cover this. Ask her again.")}, code="no_consent")
    if not introduction.opening_hash == consent.opening_hash == opening.content_hash:
        raise ValidationError(
            {"opening": _("The opening has changed since she agreed. Ask her again.")}, code="changed"
        )
    return consent
