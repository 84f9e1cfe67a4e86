"""What must hold in the very transaction that discloses something."""

import datetime as dt
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from backend.beneficiaries.models import Beneficiary, Consent
from backend.employers.models import Opening

from .. import adapter
from ..models import Introduction, Match


def require_safe(match: Match, on: dt.date, *, must_be_open: bool) -> Opening:
    """The match's opening, read anew and locked, once it is vetted as it stands and no gate keeps it from her."""
    opening = (
        Opening.objects.select_for_update(of=("self",))
        .select_related("employer", "end_client", "municipality", "occupation")
        .get(pk=match.opening_id)
    )
    if not opening.is_vetted:
        raise ValidationError({"opening": _("The opening has changed since it was vetted.")})
    if must_be_open and not Opening.objects.open(on=on).filter(pk=opening.pk).exists():
        raise ValidationError({"opening": _("The opening is not open any more.")})
    beneficiary = Beneficiary.objects.select_for_update().get(pk=match.beneficiary_id)
    if found := adapter.exclusions_of(beneficiary, opening, on):
        codes = ", ".join(sorted({str(exclusion.code) for exclusion in found}))
        raise ValidationError({"opening": _("A rule keeps this opening from her: %(codes)s.") % {"codes": codes}})
    return opening


def require_consent(consent_id: UUID | None, on: dt.date) -> Consent:
    """The consent, locked, if it holds on that day."""
    consent = Consent.objects.select_for_update().valid(on=on).filter(pk=consent_id).first() if consent_id else None
    if consent is None:
        raise ValidationError(
            {"consent": _("Her consent is missing, has run out or was withdrawn.")}, code="no_consent"
        )
    return consent


def require_same_opening(introduction: Introduction, consent: Consent, opening: Opening) -> None:
    """She agreed to the opening as it was then; if it says something else now, she is asked again."""
    if not introduction.opening_hash == consent.opening_hash == opening.content_hash:
        raise ValidationError(
            {"opening": _("The opening has changed since she agreed. Ask her again.")}, code="changed"
        )
