"""Follow-ups: each try to reach her, and what the contact found."""

import datetime as dt
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backend.accounts.models import User
from backend.audit.services import record
from backend.beneficiaries.models import Identity
from backend.core.exceptions import Conflict
from backend.core.locking import hold
from backend.vault.fields import sealed_values

from ..models import ContactAttempt, EmploymentSpell, Evidence, FollowUp, FollowUpDraft
from ..policies import askable_follow_ups, can_record_outcome
from .days import noon
from .flags import raise_flags
from .signs import raise_if_job_lost, raise_if_missed


@transaction.atomic
def log_attempt(*, actor: User, follow_up: FollowUp, channel: str, result: str, now: dt.datetime) -> ContactAttempt:
    """Write down one try to reach her; the follow-up stays open. A second day of missing her raises a flag."""
    if not can_record_outcome(actor, follow_up.spell.beneficiary):
        raise PermissionDenied
    hold(follow_up.spell.beneficiary)
    if channel not in Identity.Channel.values:
        raise ValidationError({"channel": _("There is no such channel.")})
    attempt = ContactAttempt(follow_up=follow_up, attempted_at=now, channel=channel, result=result, attempted_by=actor)
    attempt.full_clean()
    attempt.save()
    if result == FollowUp.Result.UNREACHABLE:
        raise_if_missed(actor=actor, follow_up=follow_up, on=timezone.localdate(now))
    record(actor=actor, act="log_attempt", obj=follow_up, result=result)
    return attempt


@transaction.atomic
def record_follow_up(
    *,
    actor: User,
    follow_up: FollowUp,
    result: str,
    contacted_on: dt.date,
    on: dt.date,
    status: str = "",
    evidence: str = Evidence.C,
    pay_on_time: bool | None = None,
    feels_safe: bool | None = None,
    note: str = "",
    flags: Iterable[str] = (),
) -> FollowUp:
    """Record what a contact found, once; Conflict, with what was recorded, if somebody else has.

    A contact that was missed or refused takes a later answer: what was recorded becomes a logged attempt. At the same
    employer, the spell counts as verified up to that day; elsewhere, other work of hers that is on record does. "Does
    not work" ends no spell by itself: the last day worked is another question. `flags` are kinds of warning flags,
    raised at once. What was kept as a draft goes.
    """
    spell = follow_up.spell
    if not can_record_outcome(actor, spell.beneficiary) or hold(spell.beneficiary).erased_at is not None:
        raise PermissionDenied
    is_known = result in FollowUp.KNOWN
    _require_sense(follow_up, is_known, status, contacted_on, on)
    before = FollowUp.objects.get(pk=follow_up.pk)
    open_to = FollowUp.OPEN_TO_AN_ANSWER if is_known else ("",)
    note = "\n".join(text for text in (before.note if before.result in open_to else "", note) if text)
    follow_up.result, follow_up.status, follow_up.contacted_on = result, status, contacted_on
    follow_up.evidence = evidence if is_known else ""
    follow_up.pay_on_time, follow_up.feels_safe = pay_on_time, feels_safe
    follow_up.note, follow_up.recorded_by, follow_up.recorded_on = note, actor, on
    follow_up.full_clean()
    won = FollowUp.objects.filter(pk=follow_up.pk, result=before.result, result__in=open_to).update(
        result=result,
        status=status,
        contacted_on=contacted_on,
        recorded_on=on,
        evidence=follow_up.evidence,
        pay_on_time=pay_on_time,
        feels_safe=feels_safe,
        recorded_by=actor,
        **sealed_values(follow_up, note=note),
    )
    if not won:
        raise recorded_already(FollowUp.objects.get(pk=follow_up.pk))
    if before.result:
        _keep_as_attempt(before, actor)
    FollowUpDraft.objects.filter(follow_up=follow_up).delete()
    if status == FollowUp.Status.SAME_EMPLOYER:
        _verify(spell, contacted_on)
    elif status == FollowUp.Status.CHANGED_EMPLOYER:
        for other in spell.beneficiary.spells.running(on=contacted_on).exclude(pk=spell.pk):
            _verify(other, contacted_on)
    kinds = list(dict.fromkeys(flags))
    raise_flags(actor=actor, beneficiary=spell.beneficiary, kinds=kinds, on=on, follow_up=follow_up)
    if result == FollowUp.Result.UNREACHABLE:
        raise_if_missed(actor=actor, follow_up=follow_up, on=on)
    if status == FollowUp.Status.NOT_EMPLOYED:
        raise_if_job_lost(actor=actor, beneficiary=spell.beneficiary, on=on, follow_up=follow_up)
    record(actor=actor, act="record_follow_up", obj=follow_up, result=result, status=status, before=before.result)
    return follow_up


def recorded_already(follow_up: FollowUp) -> Conflict:
    """What whoever comes second is told."""
    found = [follow_up.get_result_display(), follow_up.get_status_display()]
    told = {
        "day": date_format(follow_up.contacted_on or "", "SHORT_DATE_FORMAT"),
        "found": ", ".join(str(word) for word in found if word),
    }
    return Conflict(_("This follow-up has been recorded already. On %(day)s it found: %(found)s.") % told)


@transaction.atomic
def take_employers_word(*, actor: User, follow_up: FollowUp, works_here: bool, on: dt.date) -> FollowUp:
    """The employer says whether the person still works there; Conflict if a colleague has said so before.

    A yes verifies the spell up to that day. A no ends nothing: her own contact stays due, and she is asked.
    """
    if not askable_follow_ups(actor, on=on).filter(pk=follow_up.pk).exists():
        raise PermissionDenied
    says = FollowUp.Word.WORKS if works_here else FollowUp.Word.LEFT
    unsaid = FollowUp.objects.filter(pk=follow_up.pk, employer_says="")
    if not unsaid.update(employer_says=says, employer_said_on=on):
        raise Conflict(_("This has been answered already."))
    follow_up.employer_says, follow_up.employer_said_on = says, on
    if works_here:
        _verify(follow_up.spell, on)
    record(actor=actor, act="take_employers_word", obj=follow_up, says=str(says))
    return follow_up


def _require_sense(follow_up: FollowUp, is_known: bool, status: str, contacted_on: dt.date, on: dt.date) -> None:
    if is_known and not status:
        raise ValidationError({"status": _("Say whether she works.")})
    if not is_known and status:
        raise ValidationError({"status": _("Nobody was reached who could say this.")})
    if contacted_on > on:
        raise ValidationError({"contacted_on": _("This day has not come yet.")})
    spell = follow_up.spell
    if contacted_on < spell.started_on:
        raise ValidationError({"contacted_on": _("This is before the first day worked.")})
    if status == FollowUp.Status.SAME_EMPLOYER and spell.ended_on is not None and contacted_on > spell.ended_on:
        raise ValidationError({"status": _("It is on record that this work had ended by then.")})


def _verify(spell: EmploymentSpell, contacted_on: dt.date) -> None:
    """Move the last verified day on; it never moves back, nor past the end."""
    EmploymentSpell.objects.filter(pk=spell.pk, verified_on__lt=contacted_on).filter(ended_on__isnull=True).update(
        verified_on=contacted_on
    )
    spell.refresh_from_db()


def _keep_as_attempt(before: FollowUp, actor: User) -> None:
    """What was recorded of a contact that was missed, among the tries; by which channel, nobody wrote down."""
    ContactAttempt.objects.create(
        follow_up=before,
        attempted_at=noon(before.contacted_on or before.due_on),
        channel="",
        result=before.result,
        attempted_by=before.recorded_by or actor,
    )
