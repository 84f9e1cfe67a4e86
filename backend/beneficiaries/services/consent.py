"""Giving consent. It is withdrawn in `matches`, with everything that rests on it."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from backend.accounts.models import User
from backend.audit.services import record

from ..models import Beneficiary, Consent
from ..policies import can_edit_beneficiary
from .consent_texts import current_text

DISCLOSURES = (Consent.Purpose.BLIND_INTRODUCTION, Consent.Purpose.IDENTITY_DISCLOSURE)


@transaction.atomic
def give_consent(
    *,
    actor: User,
    beneficiary: Beneficiary,
    purpose: str,
    method: str,
    language: str,
    given_on: dt.date,
    expires_on: dt.date | None = None,
    recipient: Any = None,
    opening: Any = None,
    fields: Iterable[str] = (),
) -> Consent:
    """Write down a consent she gave, after she was shown or read the current text in that language.

    `recipient` is an Employer and `opening` an Opening; a disclosure names both and is bound to the opening as it
    stands. (They are untyped because this app and `employers` do not know one another.)
    """
    if not can_edit_beneficiary(actor, beneficiary):
        raise PermissionDenied
    if recipient is not None and recipient.programme_id != beneficiary.organisation_id:
        raise PermissionDenied
    if opening is not None and (recipient is None or opening.employer_id != recipient.pk):
        raise ValidationError({"opening": _("This opening is not the recipient's.")})
    if purpose in DISCLOSURES and opening is None:
        raise ValidationError({"opening": _("Say for which opening.")})
    if expires_on is not None and expires_on < given_on:
        raise ValidationError({"expires_on": _("This is before the consent was given.")})
    try:
        text = current_text(purpose=purpose, language=language)
    except ValueError:
        raise ValidationError({"language": _("There is no text in this language.")}) from None
    consent = Consent(
        beneficiary=beneficiary,
        purpose=purpose,
        recipient=recipient,
        opening=opening,
        opening_hash=opening.content_hash if opening is not None else "",
        fields=list(fields),
        text=text,
        text_version=text.version,
        language=language,
        method=method,
        given_on=given_on,
        expires_on=expires_on,
        recorded_by=actor,
    )
    consent.full_clean(exclude=["fields"])  # an empty list is an answer
    consent.save()
    record(actor=actor, act="give_consent", obj=consent, purpose=purpose)
    return consent
