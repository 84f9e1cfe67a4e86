"""Whether a programme works with an employer: checks with evidence, a decision by two people, suspension, bans."""

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from backend.accounts.models import User
from backend.audit.services import record
from backend.core.exceptions import Conflict
from backend.employers.models import Ban, Check, Employer, Vetting
from backend.employers.policies import can_check_employer, can_lift_ban, can_vet_employer
from backend.employers.queries import is_banned, standing_checks

CLEARANCE = dt.timedelta(days=365)


@transaction.atomic
def record_check(*, actor: User, employer: Employer, item: str, result: str, evidence: str, on: dt.date) -> Check:
    """Write down what was looked into and what it rests on; a later row of the same item replaces it."""
    if not can_check_employer(actor, employer):
        raise PermissionDenied
    check = Check(
        employer=employer, item=item, result=result, evidence=evidence.strip(), checked_by=actor, checked_on=on
    )
    check.full_clean(exclude=["employer", "checked_by"], validate_constraints=False)
    if item == Check.Item.REGISTER and result == Check.Result.PASSED and not employer.has_valid_numbers:
        raise ValidationError({"item": _("The tax or registry number is missing or mistyped: no register has it.")})
    check.save()
    record(actor=actor, act="record_check", obj=employer, item=item, result=result)
    return check


@transaction.atomic
def propose_clearance(*, actor: User, employer: Employer, note: str, on: dt.date) -> Vetting:
    """Say that an employer may be cleared: every item of the checklist is in order, and somebody else shall confirm."""
    if not can_check_employer(actor, employer):
        raise PermissionDenied
    employer = _locked(employer)
    _require_clearable(employer, on)
    return _decide(actor, employer, Vetting.Outcome.PROPOSED, note, on)


@transaction.atomic
def vet_employer(*, actor: User, employer: Employer, outcome: str, note: str, on: dt.date) -> Vetting:
    """Decide whether the programme works with an employer.

    To clear it, for a year, takes a proposal by another person and a checklist that is still in order. To refuse or
    suspend it takes one: its openings stop being open at once, by query. A ban is `ban_employer`.
    """
    if not can_vet_employer(actor, employer):
        raise PermissionDenied
    employer = _locked(employer)
    if employer.status == Employer.Status.BANNED:
        raise ValidationError({"outcome": _("This employer is banned. Lift the ban first.")})
    if outcome != Vetting.Outcome.CLEARED:
        if outcome == Vetting.Outcome.PROPOSED:
            raise ValidationError({"outcome": _("This is not a choice.")})
        vetting = _decide(actor, employer, outcome, note, on)
        _set_status(employer, outcome, None)
        return vetting
    proposal = employer.vettings.order_by("-created_at").first()
    if proposal is not None and proposal.outcome == Vetting.Outcome.CLEARED:
        raise Conflict(_("Somebody else has cleared this employer already."))
    if proposal is None or proposal.outcome != Vetting.Outcome.PROPOSED:
        raise ValidationError({"outcome": _("A colleague has to go through the checklist and propose it first.")})
    if proposal.decided_by == actor:
        raise ValidationError({"outcome": _("You proposed it yourself. A second person has to confirm it.")})
    _require_clearable(employer, on)
    vetting = _decide(actor, employer, outcome, note, on, proposed_by=proposal.decided_by, expires_on=on + CLEARANCE)
    _set_status(employer, outcome, vetting.expires_on)
    return vetting


@transaction.atomic
def ban_employer(*, actor: User, employer: Employer, reason: str, on: dt.date) -> Ban:
    """Never work with a company again, whatever it calls itself: the ban is on its tax number."""
    if not can_vet_employer(actor, employer):
        raise PermissionDenied
    employer = _locked(employer)
    if employer.status == Employer.Status.BANNED:
        raise Conflict(_("This employer is banned already."))
    ban = Ban(
        programme=employer.programme,
        tax_number=employer.tax_number,
        name=employer.name,
        name_folded=employer.name_folded,
        reason=reason.strip(),
        banned_by=actor,
        banned_on=on,
    )
    ban.full_clean(exclude=["programme", "banned_by", "name_folded"], validate_constraints=False)
    ban.save()
    _set_status(employer, Employer.Status.BANNED, None)
    record(actor=actor, act="ban_employer", obj=employer)
    return ban


@transaction.atomic
def lift_ban(*, actor: User, ban: Ban, on: dt.date) -> Ban:
    """Take a ban back, by another person than who gave it; the employer waits for vetting again."""
    if not can_lift_ban(actor, ban):
        raise PermissionDenied
    if ban.banned_by == actor:
        raise ValidationError(_("You banned it yourself. Another lead has to lift it."))
    if not Ban.objects.standing().filter(pk=ban.pk).update(lifted_by=actor, lifted_on=on):
        raise Conflict(_("This ban was lifted already."))
    ban.refresh_from_db()
    found = Employer.objects.filter(programme=ban.programme, status=Employer.Status.BANNED)
    same = {"tax_number": ban.tax_number} if ban.tax_number else {"name_folded": ban.name_folded}
    found.filter(**same).update(status=Employer.Status.REGISTERED)
    record(actor=actor, act="lift_ban", obj=ban)
    return ban


def _locked(employer: Employer) -> Employer:
    return Employer.objects.select_for_update(of=("self",)).select_related("programme", "parent").get(pk=employer.pk)


def _require_clearable(employer: Employer, on: dt.date) -> None:
    if is_banned(employer.programme, tax_number=employer.tax_number, name_folded=employer.name_folded):
        raise ValidationError({"outcome": _("This employer is banned. Lift the ban first.")})
    if employer.parent is not None and employer.parent.status in Employer.BARRED:
        raise ValidationError({"outcome": _("Its owner was refused, suspended or banned.")})
    if not employer.has_valid_numbers:
        raise ValidationError({"outcome": _("The tax or registry number is missing or mistyped.")})
    if missing := [str(line.label) for line in standing_checks(employer, on=on) if not line.is_in_order]:
        raise ValidationError({"outcome": _("Not in order yet: %(items)s.") % {"items": "; ".join(missing)}})


def _decide(
    actor: User,
    employer: Employer,
    outcome: str,
    note: str,
    on: dt.date,
    proposed_by: User | None = None,
    expires_on: dt.date | None = None,
) -> Vetting:
    if not note.strip():
        raise ValidationError({"note": _("Say what the decision rests on.")})
    vetting = Vetting(
        employer=employer,
        outcome=outcome,
        note=note.strip(),
        proposed_by=proposed_by,
        decided_by=actor,
        decided_on=on,
        expires_on=expires_on,
    )
    vetting.full_clean(exclude=["employer", "decided_by", "proposed_by"])
    vetting.save()
    record(actor=actor, act="vet_employer", obj=employer, outcome=outcome)
    return vetting


def _set_status(employer: Employer, status: str, cleared_until: dt.date | None) -> None:
    employer.status, employer.cleared_until = status, cleared_until
    employer.save(update_fields=["status", "cleared_until"])
