"""From draft to published: an opening is handed in, screened, and decided on by a lead."""

import datetime as dt
from dataclasses import asdict

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from backend.accounts.models import User
from backend.audit.services import record
from backend.core.exceptions import Conflict
from backend.employers.models import Employer, Opening, OpeningReview
from backend.employers.neutral import require_neutral, telltale_words
from backend.employers.policies import can_edit_opening, can_vet_opening
from backend.employers.screening import Verdict, screen_opening
from backend.employers.screening.waiting import keep_verdict


@transaction.atomic
def submit_opening(*, actor: User, opening: Opening, on: dt.date) -> Opening:
    """Hand an opening in for vetting: a draft, or one that was refused and may have been bettered since."""
    if not can_edit_opening(actor, opening):
        raise PermissionDenied
    if opening.employer.status in Employer.BARRED:
        raise ValidationError(_("No opening can be taken for this company."))
    waiting = Opening.objects.filter(pk=opening.pk, status__in=[Opening.Status.DRAFT, Opening.Status.REFUSED])
    if not waiting.update(status=Opening.Status.SUBMITTED):
        raise Conflict(_("This opening has been handed in already, or is closed."))
    opening.refresh_from_db()
    keep_verdict(opening, on=on)
    record(actor=actor, act="submit_opening", obj=opening, content_hash=opening.content_hash)
    return opening


@transaction.atomic
def review_opening(
    *,
    actor: User,
    opening: Opening,
    outcome: str,
    content_hash: str,
    note: str = "",
    enquiry: str = "",
    on: dt.date,
) -> OpeningReview:
    """Publish or refuse an opening as it stood when the lead read it.

    `content_hash` is what she read: if the opening says something else by now, or was decided by somebody else, this
    raises Conflict. An opening with a sign that stops it, or of an employer that is not cleared, cannot be published;
    one that is held can, once `enquiry` says what was asked about its signs and what the answer was.
    """
    opening = (
        Opening.objects.select_for_update(of=("self",)).select_related("employer", "end_client").get(pk=opening.pk)
    )
    if not can_vet_opening(actor, opening):
        raise PermissionDenied
    if opening.status != Opening.Status.SUBMITTED:
        raise Conflict(_("This opening is not waiting for vetting."))
    if opening.content_hash != content_hash:
        raise Conflict(_("The opening was changed since you opened it. Read it again."))
    screening = screen_opening(opening, on=on)
    if outcome == OpeningReview.Outcome.PUBLISHED:
        _require_publishable(opening, screening.verdict, enquiry, on)
    elif not note.strip():
        raise ValidationError({"note": _("Say why it is refused.")})
    require_neutral("note", telltale_words(note))
    review = OpeningReview(
        opening=opening,
        content_hash=content_hash,
        outcome=outcome,
        note=note.strip(),
        enquiry=enquiry.strip(),
        red_flags=[asdict(sign) for sign in screening.signs],
        decided_by=actor,
        decided_on=on,
    )
    review.full_clean(exclude=["opening", "decided_by", "red_flags"])
    review.save()
    opening.status = outcome
    opening.vetted_hash = content_hash if outcome == OpeningReview.Outcome.PUBLISHED else ""
    opening.save(update_fields=["status", "vetted_hash"])
    record(actor=actor, act="review_opening", obj=opening, outcome=outcome, content_hash=content_hash)
    return review


def _require_publishable(opening: Opening, verdict: Verdict, enquiry: str, on: dt.date) -> None:
    cleared = Employer.objects.cleared(on=on)
    if not cleared.filter(pk=opening.employer_id).exists():
        raise ValidationError({"outcome": _("The employer has to be cleared first.")})
    if opening.end_client_id and not cleared.filter(pk=opening.end_client_id).exists():
        raise ValidationError({"outcome": _("The end client has to be cleared first: she would work there.")})
    if opening.valid_through < on:
        raise ValidationError({"outcome": _("The opening has run out. Renew it first.")})
    if verdict == "stop":
        raise ValidationError({"outcome": _("A sign of exploitation stops this opening. It can only be refused.")})
    if verdict == "hold" and not enquiry.strip():
        raise ValidationError({"enquiry": _("Say what you asked about the signs found, and what the answer was.")})
