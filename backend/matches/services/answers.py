"""After sharing: the employer's answer, her consent to be named, and the way to a job."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backend.accounts.models import User
from backend.audit.services import record
from backend.beneficiaries.models import Consent, Identity
from backend.core.exceptions import Conflict
from backend.core.locking import hold
from backend.employers.neutral import require_neutral

from ..card import NAMED_FIELDS
from ..models import Introduction
from ..neutral import words_about
from ..policies import can_answer_introduction, can_introduce
from .checks import (
    refusals_leave_a_trace,
    require_consent,
    require_consent_to,
    require_safe,
    require_shareable,
    standing_consent,
)
from .introductions import consent_to_disclose
from .notices import tell_employer_soon
from .steps import move

_S = Introduction.State
QUESTIONS_IN = (_S.SHARED_BLIND, _S.INTERESTED)


def answer_introduction(
    *, actor: User, introduction: Introduction, answer: str, now: dt.datetime, reason: str = "", question: str = ""
) -> Introduction:
    """The employer says "interested", "declined" (with a one-click reason) or asks a "question"."""
    if not can_answer_introduction(actor, introduction):
        raise PermissionDenied
    return take_answer(actor=actor, introduction=introduction, answer=answer, now=now, reason=reason, question=question)


def record_answer(
    *, actor: User, introduction: Introduction, answer: str, now: dt.datetime, reason: str = "", question: str = ""
) -> Introduction:
    """The counsellor writes down what the employer answered by telephone."""
    if not can_introduce(actor, introduction.match):
        raise PermissionDenied
    if introduction.state not in Introduction.SHARED:
        raise ValidationError({"answer": _("The employer has not seen this candidate.")})
    return take_answer(
        actor=actor,
        introduction=introduction,
        answer=answer,
        now=now,
        reason=reason,
        question=question,
        by="telephone",
    )


@refusals_leave_a_trace
def take_answer(
    *,
    actor: User | None,
    introduction: Introduction,
    answer: str,
    now: dt.datetime,
    reason: str,
    question: str,
    **detail: str,
) -> Introduction:
    """Take an employer's answer, by whatever way it came; the caller has checked whose it is.

    Whoever is interested reads more of her: that takes what sharing took. Why it is refused is not for the employer.
    """
    on = timezone.localdate(now)
    if not _may_be_told(introduction, on, more=answer == "interested"):
        raise ValidationError({"answer": _("This candidate is not available any more.")})
    act = "answer_introduction"
    if answer == "interested":
        return move(introduction, _S.INTERESTED, actor=actor, now=now, act=act, detail=detail, answered_at=now)
    if answer == "declined":
        return move(
            introduction,
            _S.DECLINED_BY_EMPLOYER,
            actor=actor,
            now=now,
            act=act,
            detail=detail,
            answered_at=now,
            employer_reason=reason,
        )
    if answer != "question":
        raise ValidationError({"answer": _("Answer yes, no, or ask a question.")})
    if not question.strip():
        raise ValidationError({"question": _("Write your question.")})
    return _talk(actor, introduction, act, detail, question=question.strip(), reply="", answered_at=now)


@refusals_leave_a_trace
def reply_to_question(*, actor: User, introduction: Introduction, reply: str, now: dt.datetime) -> Introduction:
    """Answer the employer's question; only what a stranger may know of a candidate can be said."""
    if not can_introduce(actor, introduction.match):
        raise PermissionDenied
    if not introduction.question:
        raise ValidationError({"reply": _("The employer has not asked anything.")})
    if not reply.strip():
        raise ValidationError({"reply": _("Write an answer.")})
    require_neutral("reply", words_about(reply, introduction.match.beneficiary))
    require_consent(introduction.blind_consent_id, timezone.localdate(now))
    # The employer's days run anew: it has heard from us.
    asked = _talk(actor, introduction, "reply_to_question", {}, reply=reply.strip(), answered_at=now, nudged_at=None)
    tell_employer_soon(introduction)
    return asked


@refusals_leave_a_trace
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
    hold(introduction)
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


@refusals_leave_a_trace
def disclose_identity(*, actor: User, introduction: Introduction, now: dt.datetime) -> Introduction:
    """Tell the employer her name, as far as she consented; both consents, the gates and the vetting must hold."""
    if not can_introduce(actor, introduction.match):
        raise PermissionDenied
    _require_nameable(introduction, timezone.localdate(now))
    if not Identity.objects.filter(beneficiary=introduction.match.beneficiary_id).exists():
        raise ValidationError({"identity": _("Her name has not been written down yet.")})
    return move(introduction, _S.IDENTIFIED, actor=actor, now=now, act="disclose_identity")


@refusals_leave_a_trace
def set_interview(
    *, actor: User, introduction: Introduction, interview_at: dt.datetime, now: dt.datetime
) -> Introduction:
    """Fix or move the interview; with the first one the employer learns her contact, as far as she consented."""
    if not can_introduce(actor, introduction.match):
        raise PermissionDenied
    if interview_at <= now:
        raise ValidationError({"interview_at": _("Choose a time to come.")})
    if introduction.state == _S.IDENTIFIED:
        _require_nameable(introduction, timezone.localdate(now))
    return move(introduction, _S.INTERVIEW, actor=actor, now=now, act="set_interview", interview_at=interview_at)


@refusals_leave_a_trace
def advance_introduction(*, actor: User, introduction: Introduction, to_state: str, now: dt.datetime) -> Introduction:
    """Note a trial or an offer; without an interview before, the employer learns her contact now."""
    if not can_introduce(actor, introduction.match):
        raise PermissionDenied
    if to_state not in (_S.TRIAL, _S.OFFER):
        raise ValidationError({"to_state": _("Choose a trial or an offer.")})
    if introduction.state == _S.IDENTIFIED:
        _require_nameable(introduction, timezone.localdate(now))
    return move(introduction, to_state, actor=actor, now=now, act="advance_introduction")


@transaction.atomic
def mark_hired(*, actor: User, introduction: Introduction, now: dt.datetime) -> Introduction:
    """Note that it led to a job; done by recording the employment spell."""
    if not can_introduce(actor, introduction.match):
        raise PermissionDenied
    return move(introduction, _S.HIRED, actor=actor, now=now, act="mark_hired")


def _talk(
    actor: User | None, introduction: Introduction, act: str, detail: dict[str, str], **changes: Any
) -> Introduction:
    """Change what was asked and said, while the introduction stands where it was read."""
    if introduction.state not in QUESTIONS_IN:
        raise ValidationError({"answer": _("Ask through the person you are in touch with.")})
    for name, value in changes.items():
        setattr(introduction, name, value)
    introduction.clean_fields(exclude=["match", "shared_profile"])
    if not Introduction.objects.filter(pk=introduction.pk, state=introduction.state).update(**changes):
        raise Conflict(_("This introduction has moved on meanwhile. Look again."))
    record(actor=actor, act=act, obj=introduction, **detail)
    return introduction


def _may_be_told(introduction: Introduction, on: dt.date, *, more: bool) -> bool:
    if not more:
        return standing_consent(introduction.blind_consent_id, on) is not None
    try:
        require_shareable(introduction, on, must_be_open=False)
    except ValidationError:
        return False
    return True


def _require_nameable(introduction: Introduction, on: dt.date) -> None:
    """Both consents, the gates and the vetting, read anew and locked, before anything of her identity is disclosed."""
    opening = require_safe(introduction.match, on, must_be_open=False)
    require_consent(introduction.blind_consent_id, on)
    purpose = Consent.Purpose.IDENTITY_DISCLOSURE
    require_consent_to(introduction, introduction.identity_consent_id, opening, on, purpose=purpose, fields=())
