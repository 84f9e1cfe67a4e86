"""Erasing a person on her request: what says who she is goes, what only counts stays."""

import datetime as dt
import secrets
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from backend.accounts.models import User
from backend.audit.services import record
from backend.beneficiaries.models import Beneficiary
from backend.beneficiaries.policies import can_erase_beneficiary
from backend.core.exceptions import Conflict
from backend.core.locking import hold, hold_all
from backend.core.tenancy import in_programme
from backend.matches.models import AnswerLink, Introduction
from backend.matches.services import withdraw_introduction
from backend.trainings.models import Attendance
from backend.vault import ledger
from backend.vault.keyring import destroy_key
from backend.vault.models import DataKey

from ..models import INDEPENDENCE_DOMAINS, FollowUpDraft

FILE = ("goals", "skills", "languages", "experiences", "safety_rules", "frozen_profiles")
"""What of her file goes as a whole; employment, follow-ups and scores stay, without her."""

PROOF = "what she agreed to and when: the programme answers for it after she is gone (GDPR art. 17(3)(e))"
COUNTS = "counted by programme, employer, course or band, never shown for one person"
KEPT = {
    "beneficiaries.Beneficiary.entered_on": COUNTS,
    "beneficiaries.Consent.recipient": PROOF,
    "beneficiaries.Consent.opening": PROOF,
    "beneficiaries.Consent.fields": PROOF,
    "trainings.Enrolment.session": COUNTS,
    "trainings.Enrolment.beneficiary": COUNTS,
    "trainings.Enrolment.status": COUNTS,
    "trainings.Enrolment.enrolled_on": COUNTS,
    "trainings.Enrolment.ended_on": COUNTS,
    "trainings.Credential.enrolment": COUNTS,
    "trainings.Credential.awarded_on": COUNTS,
    "matches.Match.state": COUNTS,
    "matches.Match.is_eligible": COUNTS,
    "matches.Match.lane": COUNTS,
    "matches.Match.score": COUNTS,
    "matches.Decision.kind": COUNTS,
    "matches.Decision.reason": COUNTS,
    "matches.Introduction.employer_reason": COUNTS,
    "outcomes.EmploymentSpell.introduction": COUNTS,
    "outcomes.EmploymentSpell.employer": COUNTS,
    "outcomes.EmploymentSpell.contract": COUNTS,
    "outcomes.EmploymentSpell.hours_per_week": COUNTS,
    "outcomes.EmploymentSpell.net_pay_per_month": COUNTS,
    "outcomes.EmploymentSpell.is_written": COUNTS,
    "outcomes.EmploymentSpell.is_subsidised": COUNTS,
    "outcomes.EmploymentSpell.started_on": COUNTS,
    "outcomes.EmploymentSpell.ended_on": COUNTS,
    "outcomes.EmploymentSpell.end_reason": COUNTS,
    "outcomes.EmploymentSpell.evidence": COUNTS,
    "outcomes.EmploymentSpell.verified_on": COUNTS,
    "outcomes.EmploymentSpell.recorded_on": COUNTS,
    "outcomes.EmploymentSpell.end_recorded_on": COUNTS,
    "outcomes.FollowUp.result": COUNTS,
    "outcomes.FollowUp.status": COUNTS,
    "outcomes.FollowUp.contacted_on": COUNTS,
    "outcomes.FollowUp.recorded_on": COUNTS,
    "outcomes.FollowUp.evidence": COUNTS,
    "outcomes.FollowUp.pay_on_time": COUNTS,
    "outcomes.FollowUp.feels_safe": COUNTS,
    "outcomes.FollowUp.employer_says": COUNTS,
    "outcomes.FollowUp.employer_said_on": COUNTS,
    **{f"outcomes.Assessment.{name}": COUNTS for name in (*INDEPENDENCE_DOMAINS, "needs_met")},
    "outcomes.WarningFlag.severity": COUNTS,
}
"""What stays in the clear of fields of class C2 to C4, and why; all others are emptied, deleted or sealed for ever."""


@transaction.atomic
def erase_person(*, actor: User, beneficiary: Beneficiary, now: dt.datetime) -> None:
    """Erase her: nothing sealed for her opens again, here or in a backup that is restored later.

    Introductions end and what was shared is purged. Employment spells, the results of follow-ups and scores stay as
    statistics under a code that leads nowhere.
    """
    if not can_erase_beneficiary(actor, beneficiary):
        raise PermissionDenied
    person = hold(beneficiary)
    if person.erased_at is not None:
        raise Conflict(_("She has been erased already."))
    for introduction in _take_file_away(person):
        if introduction.state not in Introduction.ENDED:
            withdraw_introduction(actor=actor, introduction=introduction, now=now)
    _take_herself_away(person, now)
    record(actor=actor, act="erase_person", obj=person)
    # Last, and before the commit: a line too many erases on her word, a line too few would bring her back.
    ledger.append(person.pk, now=now)


def replay_erasures(*, without_ledger: bool = False) -> int:
    """Erase anew whom a restored backup brought back; how many there were.

    `without_ledger` is somebody's word that nobody was ever erased, where there is none. Raises LedgerBroken if it is
    missing, or does not know of an erasure that the backup does: it is not this database's.
    """
    erased = ledger.read(may_be_missing=without_ledger)
    return sum(_erase_again(subject, now) for subject, now in erased.items())


@transaction.atomic
def _erase_again(subject: UUID, now: dt.datetime) -> bool:
    person = Beneficiary._base_manager.select_for_update().filter(pk=subject).first()
    is_back = DataKey.objects.filter(pk=subject, destroyed_at__isnull=True).exists()
    destroy_key(subject, now=now)
    if person is None or person.erased_at is not None:
        return is_back
    with in_programme(person.organisation_id):
        _take_file_away(person)
        _take_herself_away(person, now)
        record(actor=None, act="replay_erasure", obj=person)
    return True


def _take_file_away(person: Beneficiary) -> list[Introduction]:
    """Delete what goes as a whole, and what was shared; her introductions, which are held from here on."""
    hers = Introduction.objects.filter(match__beneficiary=person)
    AnswerLink.objects.filter(introduction__in=hers).delete()
    for name in FILE:
        getattr(person, name).all().delete()
    for name in ("identity", "wishes"):
        if (row := getattr(person, name, None)) is not None:
            row.delete()
    Attendance.objects.filter(enrolment__beneficiary=person).delete()
    # What speaks for and against her tells her skills, wishes and limits.
    person.matches.update(reasons=[], gaps=[], missing=[], snoozed_until=None)
    FollowUpDraft.objects.filter(follow_up__spell__beneficiary=person).delete()
    hold_all(person.spells.all())
    person.spells.update(job_title="")
    introductions = hold_all(hers)
    hers.update(shared_profile={}, question="", reply="", interview_at=None)
    return introductions


def _take_herself_away(person: Beneficiary, now: dt.datetime) -> None:
    person.status, person.municipality, person.permit = Beneficiary.Status.PAUSED, None, Beneficiary.Permit.UNKNOWN
    person.licences, person.erased_at = [], now
    person.code = f"ERASED-{secrets.token_hex(5).upper()}"
    person.save()
    destroy_key(person.pk, now=now)
