"""A follow-up that was interrupted: what is written so far is kept, and nothing follows from it yet."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from backend.accounts.models import User
from backend.audit.services import record
from backend.core.locking import hold

from ..models import FollowUp, FollowUpDraft, WarningFlag
from ..policies import can_record_outcome
from .follow_ups import recorded_already

DRAFTED = frozenset({"result", "contacted_on", "status", "pay_on_time", "feels_safe", "evidence", "note"})


@transaction.atomic
def keep_draft(
    *,
    actor: User,
    follow_up: FollowUp,
    on: dt.date,
    now: dt.datetime,
    flags: Iterable[str] = (),
    **said: Any,
) -> FollowUpDraft:
    """Keep what is written so far instead of what was kept before; any of DRAFTED may be missing, none may be wrong.

    Nothing is raised or verified by it. Conflict if the follow-up has been recorded meanwhile. It is kept at every
    pause of whoever writes, so only the first time leaves an event.
    """
    person = follow_up.spell.beneficiary
    if not can_record_outcome(actor, person):
        raise PermissionDenied
    if unknown := said.keys() - DRAFTED:
        raise TypeError(f"Unexpected fields: {', '.join(sorted(unknown))}")
    kinds = list(dict.fromkeys(flags))
    _require_shape(said, kinds, on)
    if hold(person).erased_at is not None:
        raise PermissionDenied
    follow_up = hold(follow_up)
    if not follow_up.takes_an_answer:
        raise recorded_already(follow_up)
    draft, is_new = FollowUpDraft.objects.update_or_create(
        follow_up=follow_up, defaults={"answers": said | {"flags": kinds}, "saved_at": now, "saved_by": actor}
    )
    if is_new:
        record(actor=actor, act="keep_draft", obj=follow_up)
    return draft


def _require_shape(said: dict[str, Any], kinds: list[str], on: dt.date) -> None:
    if not kinds and not any(said.values()):
        raise ValidationError(_("There is nothing to keep yet."))
    if unknown := set(kinds) - set(WarningFlag.Kind.values):
        raise ValidationError({"flags": _("There is no such sign: %(kind)s.") % {"kind": min(unknown)}})
    FollowUp(**said).clean_fields(exclude={field.name for field in FollowUp._meta.fields} - said.keys())
    contacted_on = said.get("contacted_on")
    if contacted_on is not None and contacted_on > on:
        raise ValidationError({"contacted_on": _("This day has not come yet.")})
