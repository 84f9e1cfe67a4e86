"""Taking a person in, keeping her file, finding her."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from backend.accounts.models import User
from backend.audit.services import record, record_each
from backend.core.locking import hold
from backend.places.models import Municipality
from backend.skills.codes import Licence
from backend.vault.fields import open_keys_of
from matching.text import fold

from ..models import Beneficiary, Consent, Identity
from ..policies import can_edit_beneficiary, can_register_beneficiary, visible_identities
from .codes import known_codes
from .consent import give_consent

EDITABLE = frozenset({"status", "entered_on", "municipality", "permit", "licences"})
IDENTITY_FIELDS = frozenset(
    {
        "first_name", "last_name", "birth_date", "phone", "email", "address",
        "safe_channel", "safe_hours", "code_word",
    }
)  # fmt: skip


@transaction.atomic
def register_beneficiary(
    *,
    actor: User,
    code: str,
    entered_on: dt.date,
    on: dt.date,
    municipality: Municipality | None = None,
    permit: str = Beneficiary.Permit.UNKNOWN,
    licences: Iterable[str] = (),
    identity: Mapping[str, Any] | None = None,
    support_consent: Mapping[str, Any] | None = None,
) -> Beneficiary:
    """Take a person into the actor's caseload.

    `identity` holds fields of Identity, `support_consent` the keywords of `give_consent` but its purpose.
    """
    if not can_register_beneficiary(actor) or actor.organisation is None:
        raise PermissionDenied
    _require_past("entered_on", entered_on, on)
    if Beneficiary.objects.filter(organisation=actor.organisation, code=code).exists():
        raise ValidationError({"code": _("This code is taken.")})
    beneficiary = Beneficiary(
        organisation=actor.organisation,
        counsellor=actor,
        code=code,
        entered_on=entered_on,
        municipality=municipality,
        permit=permit,
        licences=known_codes("licences", licences, Licence),
    )
    beneficiary.full_clean()
    beneficiary.save()
    if not hold(actor).is_counsellor:  # her role does not end while somebody is new on her caseload
        raise PermissionDenied
    record(actor=actor, act="register_beneficiary", obj=beneficiary)
    if identity is not None:
        save_identity(actor=actor, beneficiary=beneficiary, on=on, **identity)
    if support_consent is not None:
        give_consent(actor=actor, beneficiary=beneficiary, purpose=Consent.Purpose.SUPPORT, **support_consent)
    return beneficiary


@transaction.atomic
def update_beneficiary(*, actor: User, beneficiary: Beneficiary, on: dt.date, **fields: Any) -> Beneficiary:
    """Change any of the fields in EDITABLE; the code and the counsellor are not among them."""
    if not can_edit_beneficiary(actor, beneficiary):
        raise PermissionDenied
    _only(fields, EDITABLE)
    _require_past("entered_on", fields.get("entered_on"), on)
    if "licences" in fields:
        fields["licences"] = known_codes("licences", fields["licences"], Licence)
    for name, value in fields.items():
        setattr(beneficiary, name, value)
    beneficiary.full_clean()
    beneficiary.save(update_fields=list(fields))
    record(actor=actor, act="update_beneficiary", obj=beneficiary, fields=sorted(fields))
    return beneficiary


@transaction.atomic
def save_identity(*, actor: User, beneficiary: Beneficiary, on: dt.date, **fields: Any) -> Identity:
    """Write down who she is and how to reach her safely; fields not given stay as they are."""
    if not can_edit_beneficiary(actor, beneficiary):
        raise PermissionDenied
    _only(fields, IDENTITY_FIELDS)
    _require_past("birth_date", fields.get("birth_date"), on)
    identity = Identity.objects.filter(beneficiary=beneficiary).first() or Identity(beneficiary=beneficiary)
    for name, value in fields.items():
        setattr(identity, name, value)
    identity.full_clean()
    identity.save()
    record(actor=actor, act="save_identity", obj=beneficiary, fields=sorted(fields))
    return identity


@transaction.atomic
def read_identity(*, actor: User, beneficiary: Beneficiary) -> Identity:
    """Her identity; each reading leaves a row in the audit trail. Raises Identity.DoesNotExist."""
    if not can_edit_beneficiary(actor, beneficiary):
        raise PermissionDenied
    identity = Identity.objects.get(beneficiary=beneficiary)
    record(actor=actor, act="read_identity", obj=beneficiary)
    return identity


@transaction.atomic
def find_people(*, actor: User, words: str) -> list[Identity]:
    """Who on the actor's caseload is called so, by name: in both scripts, with or without diacritics.

    Names are sealed, so that the database has no index to attack: everybody's is opened and looked at. The search and
    how many it found is noted, and for each whom it showed that her name was seen; the words are not.
    """
    if not can_register_beneficiary(actor):
        raise PermissionDenied
    wanted = fold(words).split()
    identities = list(visible_identities(actor).select_related("beneficiary").order_by("beneficiary__code"))
    open_keys_of(identities)
    found = [who for who in identities if wanted and all(word in _folded_name(who) for word in wanted)]
    record(actor=actor, act="find_people", obj=actor, found=len(found))
    record_each(actor=actor, act="read_name", objs=[who.beneficiary for who in found])
    return found


def _folded_name(who: Identity) -> str:
    return fold(f"{who.first_name} {who.last_name}")


def _require_past(field: str, day: dt.date | None, on: dt.date) -> None:
    if day is not None and day > on:
        raise ValidationError({field: _("This day has not come yet.")})


def _only(fields: Mapping[str, Any], allowed: frozenset[str]) -> None:
    """A field that may not be set this way is a mistake of the caller, not of the person at the form."""
    if unknown := fields.keys() - allowed:
        raise TypeError(f"Unexpected fields: {', '.join(sorted(unknown))}")
