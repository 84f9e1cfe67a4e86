"""Reading the card: who read a name, and what a counsellor saw before she showed it, is noted."""

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.audit.services import record

from ..card import card, preview
from ..models import Introduction
from ..policies import can_introduce, can_read_candidate


@transaction.atomic
def read_card(*, actor: User, introduction: Introduction, now: dt.datetime) -> dict[str, Any]:
    """The card as the employer reads it now; a read that tells anything of who she is is noted."""
    if not can_read_candidate(actor, introduction):
        raise PermissionDenied
    told = card(introduction, on=timezone.localdate(now))
    if told["identity"]:
        record(actor=actor, act="read_candidate", obj=introduction, fields=sorted(told["identity"]))
    return told


@transaction.atomic
def read_preview(*, actor: User, introduction: Introduction, now: dt.datetime) -> dict[str, Any]:
    """What the employer reads, or would read, looked at by her counsellor; each look is noted."""
    if not can_introduce(actor, introduction.match):
        raise PermissionDenied
    told = preview(introduction, on=timezone.localdate(now))
    record(actor=actor, act="read_preview", obj=introduction, fields=sorted(told["identity"]))
    return told
