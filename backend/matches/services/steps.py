"""The one way in which an introduction changes its state."""

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils.translation import gettext as _

from backend.accounts.models import User
from backend.audit.services import record
from backend.core.exceptions import Conflict

from ..models import Introduction, IntroductionStep
from ..states import TRANSITIONS

PURGED = frozenset(Introduction.ENDED) - {Introduction.State.HIRED}
"""States in which nothing of what was shared is kept."""


def move(
    introduction: Introduction,
    to_state: str,
    *,
    actor: User | None,
    now: dt.datetime,
    act: str,
    detail: Mapping[str, str] = MappingProxyType({}),
    **changes: Any,
) -> Introduction:
    """Move an introduction on from the state it was read in, with other fields; Conflict if it has moved since.

    Writes the step and the audit event, with `detail`; call it inside the act's transaction.
    """
    from_state = introduction.state
    if to_state not in TRANSITIONS[from_state]:
        raise ValidationError({"state": _("This step does not follow the one before.")})
    if to_state in PURGED:
        changes |= {"shared_profile": {}, "question": "", "reply": "", "interview_at": None}
    changes["state"] = to_state
    for name, value in changes.items():
        setattr(introduction, name, value)
    introduction.clean_fields(exclude=["match", "shared_profile"])
    if not Introduction.objects.filter(pk=introduction.pk, state=from_state).update(**changes):
        raise Conflict(_("This introduction has moved on meanwhile. Look again."))
    # Acts that know only the day come with its noon; steps still never go back in time.
    latest = introduction.steps.aggregate(at=Max("at"))["at"]
    IntroductionStep.objects.create(
        introduction=introduction,
        from_state=from_state,
        to_state=to_state,
        actor=actor,
        at=max(now, latest) if latest else now,
    )
    record(actor=actor, act=act, obj=introduction, from_state=str(from_state), to_state=str(to_state), **detail)
    return introduction
