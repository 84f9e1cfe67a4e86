"""Introducing a person to an employer: proposed, agreed with her, shared without a name."""

import datetime as dt
import secrets
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from backend.accounts.models import User
from backend.audit.services import record
from backend.beneficiaries.models import Consent
from backend.beneficiaries.services import give_consent
from backend.core.locking import hold
from backend.employers.models import Opening

from .. import candidate
from ..card import profile_to_share, shown_before
from ..models import FrozenProfile, Introduction, Match
from ..policies import can_introduce
from .checks import refusals_leave_a_trace, require_safe, require_shareable
from .notices import tell_employer_soon
from .steps import move

CONSENT_LASTS = dt.timedelta(days=180)
PSEUDONYM_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@refusals_leave_a_trace
def propose_introduction(*, actor: User, match: Match, now: dt.datetime) -> Introduction:
    """Start an introduction; nothing leaves before she has agreed."""
    if not can_introduce(actor, match):
        raise PermissionDenied
    if match.state in (Match.State.DISMISSED, Match.State.DECLINED):
        raise ValidationError({"match": _("This opening was turned down.")})
    if Introduction.objects.filter(match=match).exists():
        raise ValidationError({"match": _("She has already been introduced for this opening.")})
    opening = require_safe(match, timezone.localdate(now), must_be_open=True)
    introduction = Introduction(match=match, pseudonym=_pseudonym(), opening_hash=opening.content_hash)
    introduction.full_clean(exclude=["shared_profile"])
    introduction.save()
    record(actor=actor, act="propose_introduction", obj=introduction)
    return introduction


@refusals_leave_a_trace
def record_agreement(
    *, actor: User, introduction: Introduction, method: str, language: str, now: dt.datetime
) -> Introduction:
    """Write down that she agrees to be shared, unnamed, with this employer for the opening as it stands now.

    What she agreed to is frozen: exactly this profile is shared, whatever is added to her file meanwhile.
    """
    match = introduction.match
    if not can_introduce(actor, match):
        raise PermissionDenied
    on = timezone.localdate(now)
    opening = require_safe(match, on, must_be_open=True)
    hold(introduction)
    consent = consent_to_disclose(
        actor=actor,
        match=match,
        opening=opening,
        purpose=Consent.Purpose.BLIND_INTRODUCTION,
        method=method,
        language=language,
        fields=candidate.FIELDS,
        on=on,
    )
    return move(
        introduction,
        Introduction.State.AGREED_BY_HER,
        actor=actor,
        now=now,
        act="record_agreement",
        blind_consent=consent,
        opening_hash=opening.content_hash,
        shared_profile=profile_to_share(match),
    )


@refusals_leave_a_trace
def share_introduction(*, actor: User, introduction: Introduction, now: dt.datetime) -> Introduction:
    """Show the employer the profile she agreed to, if consent, gates and the vetted opening all still hold.

    Raises ValidationError, leaves a trace and discloses nothing, if any of them does not.
    """
    match = introduction.match
    if not can_introduce(actor, match):
        raise PermissionDenied
    on = timezone.localdate(now)
    opening = require_shareable(introduction, on, must_be_open=True)
    _freeze_for_group(introduction, opening)
    moved = move(
        introduction,
        Introduction.State.SHARED_BLIND,
        actor=actor,
        now=now,
        act="share_introduction",
        shared_at=now,
    )
    tell_employer_soon(introduction)
    return moved


def _freeze_for_group(introduction: Introduction, opening: Opening) -> None:
    """Remember what this employer's group is shown; refuse what differs from what it was shown before."""
    beneficiary = introduction.match.beneficiary
    earlier = shown_before(beneficiary, opening.employer)
    if earlier is None:
        FrozenProfile.objects.create(
            beneficiary=beneficiary, employer=opening.employer, profile=introduction.shared_profile
        )
    elif earlier.profile != introduction.shared_profile:
        raise ValidationError(
            {"profile": _("This employer knows another profile of hers. Show her that one, and ask her again.")}
        )


def consent_to_disclose(
    *,
    actor: User,
    match: Match,
    opening: Opening,
    purpose: str,
    method: str,
    language: str,
    fields: Iterable[str],
    on: dt.date,
) -> Consent:
    """Write down that this employer may be told these fields, for the opening as it stands, for half a year."""
    return give_consent(
        actor=actor,
        beneficiary=match.beneficiary,
        purpose=purpose,
        method=method,
        language=language,
        given_on=on,
        expires_on=on + CONSENT_LASTS,
        recipient=opening.employer,
        opening=opening,
        fields=fields,
    )


def _pseudonym() -> str:
    while True:
        name = "C-" + "".join(secrets.choice(PSEUDONYM_LETTERS) for _place in range(6))
        if not Introduction.objects.filter(pseudonym=name).exists():
            return name
