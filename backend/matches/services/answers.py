"""After sharing: the employer's answer, her consent to be named, and the way to a job."""

import datetime as dt
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backend.accounts.models import User
from backend.audit.services import record
from backend.beneficiaries.models import Consent, Identity
from backend.core.exceptions import Conflict

from ..models import Introduction
from ..policies import can_answer_introduction, can_introduce
from ..queries import NAMED_FIELDS
from .checks import require_consent, require_safe, require_same_opening
from .introductions import consent_to_disclose
from .steps import move

_S = Introduction.State
QUESTIONS_IN = (_S.SHARED_BLIND, _S.INTERESTED)


@transaction.atomic
def answer_introduction(
    *, actor: User, introduction: Introduction, answer: str, now: dt.datetime, reason: str = "", question: str = ""
) -> Introduction:
    """The employer says "interested", "declined" (with a one-click reason) or asks a "question"."""
    if not can_answer_introduction(actor, introduction):
        raise PermissionDenied
    require_consent(introduction.blind_consent_id, timezone.localdate(now))
    if answer == "interested":
        return move(introduction, _S.INTERESTED, actor=actor, now=now, act="answer_introduction", answered_at=now)
    if answer == "declined":
        return move(
            introduction,
            _S.DECLINED_BY_EMPLOYER,
            actor=actor,
            now=now,
            act="answer_introduction",
            answered_at=now,
            employer_reason=reason,
        )
    if answer != "question":
        raise ValidationError({"answer": _("Answer yes, no, or ask a question.")})
    return _ask(actor, introduction, question, now)


@transaction.atomic
def record_identity_consent(
    *, actor: User, introduction: Introduction, method: str, language: str, fields: Iterable[str], now: dt.datetime
) -> Introduction:
    """Write down which of her NAMED_FIELDS this employer may be told, for the opening as it stands now."""
    match = introduction.match
    if not can_introduce(actor, match):
        raise PermissionDenied
    chosen = list(fields)
    if not chosen or not set(chosen) <= set(NAMED_FIELDS):
        raise ValidationError({"fields": _("Say what may be shared: name, phone or e-mail.")})
    on = timezone.localdate(now)
    opening = require_safe(match, on, must_be_open=False)
    consent = consent_to_disclose(
        actor=actor,
        match=match,
        opening=opening,
        purpose=Consent.Purpose.IDENTITY_DISCLOSURE,
        method=method,
        language=language,
        fields=chosen,
        on=on,
    )
    return move(
        introduction,
        _S.CONSENTED,
        actor=actor,
        now=now,
        act="record_identity_consent",
        identity_consent=consent,
        opening_hash=opening.content_hash,
    )


@transaction.atomic
def disclose_identity(*, actor: User, introduction: Introduction, now: dt.datetime) -> Introduction:
    """Tell the employer who she is, as far as she consented; both consents, the gates and the vetting must hold."""
    match = introduction.match
    if not can_introduce(actor, match):
        raise PermissionDenied
    on = timezone.localdate(now)
    opening = require_safe(match, on, must_be_open=False)
    require_consent(introduction.blind_consent_id, on)
    require_same_opening(introduction, require_consent(introduction.identity_consent_id, on), opening)
    if not Identity.objects.filter(beneficiary=match.beneficiary_id).exists():
        raise ValidationError({"identity": _("Her name has not been written down yet.")})
    return move(introduction, _S.IDENTIFIED, actor=actor, now=now, act="disclose_identity")


@transaction.atomic
def set_interview(
    *, actor: User, introduction: Introduction, interview_at: dt.datetime, now: dt.datetime
) -> Introduction:
    """Fix or move the interview."""
    if not can_introduce(actor, introduction.match):
        raise PermissionDenied
    if interview_at <= now:
        raise ValidationError({"interview_at": _("Choose a time to come.")})
    return move(introduction, _S.INTERVIEW, actor=actor, now=now, act="set_interview", interview_at=interview_at)


@transaction.atomic
def advance_introduction(*, actor: User, introduction: Introduction, to_state: str, now: dt.datetime) -> Introduction:
    """Note a trial or an offer."""
    if not can_introduce(actor, introduction.match):
        raise PermissionDenied
    if to_state not in (_S.TRIAL, _S.OFFER):
        raise ValidationError({"to_state": _("Choose a trial or an offer.")})
    return move(introduction, to_state, actor=actor, now=now, act="advance_introduction")


@transaction.atomic
def mark_hired(*, actor: User, introduction: Introduction, now: dt.datetime) -> Introduction:
    """Note that it led to a job; done by recording the employment spell."""
    if not can_introduce(actor, introduction.match):
        raise PermissionDenied
    return move(introduction, _S.HIRED, actor=actor, now=now, act="mark_hired")


def _ask(actor: User, introduction: Introduction, question: str, now: dt.datetime) -> Introduction:
    if not question.strip():
        raise ValidationError({"question": _("Write your question.")})
    if introduction.state not in QUESTIONS_IN:
        raise ValidationError({"answer": _("Ask through the person you are in touch with.")})
    introduction.question, introduction.answered_at = question.strip(), now
    introduction.clean_fields(exclude=["match", "shared_profile"])
    asked = Introduction.objects.filter(pk=introduction.pk, state=introduction.state)
    if not asked.update(question=introduction.question, answered_at=now):
        raise Conflict(_("This introduction has moved on meanwhile. Look again."))
    record(actor=actor, act="answer_introduction", obj=introduction, answer="question")
    return introduction
