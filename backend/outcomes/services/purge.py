"""Taking away, night after night, what has served its purpose. How long each kind is kept: settings.RETENTION_DAYS.

A person is never erased by time alone: who has been out of contact for long stands on her counsellor's Today, and it is
for her to decide. The audit trail is kept whole, or it could not be verified.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from backend.accounts.models import Organisation
from backend.audit.services import record
from backend.beneficiaries.models import Consent
from backend.core.locking import hold_all
from backend.core.tenancy import in_programme
from backend.employers.models import Invitation
from backend.matches.models import AnswerLink, FrozenProfile, Introduction, IntroductionStep, Match, MatchRun

from ..models import FollowUpDraft

Rows = QuerySet[Any]


def _delete(rows: Rows) -> None:
    rows.delete()


def _empty(introductions: Any) -> None:
    introductions.empty()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record: its name in RETENTION_DAYS, the rows whose time had come at an instant, and what is done."""

    name: str
    rows: Callable[[dt.datetime], Rows]
    take_away: Callable[[Rows], None] = _delete


def _ended_introductions(until: dt.datetime) -> Rows:
    """Ended, and nothing of their words or profile left behind yet."""
    since = IntroductionStep.objects.filter(introduction=OuterRef("pk"), at__gt=until)
    says_something = ~Q(shared_profile={}) | ~Q(question="") | ~Q(reply="")
    ended = Introduction.objects.filter(says_something, state__in=Introduction.ENDED, created_at__lte=until)
    return ended.filter(~Exists(since))


def _frozen_profiles(until: dt.datetime) -> Rows:
    """Of people who have been introduced to nobody since; while one is, no employer may get a second profile."""
    hers = Introduction.objects.filter(match__beneficiary=OuterRef("beneficiary"))
    since = IntroductionStep.objects.filter(introduction__match__beneficiary=OuterRef("beneficiary"), at__gt=until)
    return FrozenProfile.objects.filter(~Exists(hers.pending()), ~Exists(since), created_at__lte=until)


def _consents(until: dt.datetime) -> Rows:
    """Ended, and no introduction rests on them: while it is on record, so is what allowed it."""
    introduced = Introduction.objects.filter(Q(blind_consent=OuterRef("pk")) | Q(identity_consent=OuterRef("pk")))
    ended = Q(withdrawn_at__lte=until) | Q(expires_on__lte=timezone.localdate(until))
    return Consent.objects.filter(ended, ~Exists(introduced))


def _rankings(until: dt.datetime) -> Rows:
    """Followed by a newer one, and no match stands in them any more."""
    newer = MatchRun.objects.filter(beneficiary=OuterRef("beneficiary"), ran_at__gt=OuterRef("ran_at"))
    held = Match.objects.filter(run=OuterRef("pk"))
    return MatchRun.objects.filter(Exists(newer), ~Exists(held), ran_at__lte=until)


KINDS = (
    Kind("answer_links", lambda until: AnswerLink.objects.filter(expires_at__lte=until)),
    Kind("invitations", lambda until: Invitation.objects.filter(used_at__isnull=True, expires_at__lte=until)),
    Kind("consents", _consents),
    Kind("follow_up_drafts", lambda until: FollowUpDraft.objects.filter(saved_at__lte=until)),
    Kind("rankings", _rankings),
    Kind("frozen_profiles", _frozen_profiles),
    Kind("ended_introductions", _ended_introductions, _empty),
)
"""In the order in which core.locking takes them."""


def purge(*, now: dt.datetime, dry_run: bool = False) -> dict[str, int]:
    """Take away what every programme has kept long enough; how many rows of each kind.

    Each programme's in a transaction of its own, with an event that says how many. With `dry_run` it only counts.
    """
    total = dict.fromkeys([kind.name for kind in KINDS], 0)
    for programme in Organisation.objects.filter(kind=Organisation.Kind.PROGRAMME).order_by("pk"):
        with in_programme(programme.pk), transaction.atomic():
            gone = {kind.name: _take_away(kind, now, dry_run) for kind in KINDS}
            if any(gone.values()) and not dry_run:
                record(actor=None, act="purge", obj=programme, **gone)
        total = {name: total[name] + gone[name] for name in total}
    return total | {"finished_jobs": _forget_jobs(now, dry_run)}


def _take_away(kind: Kind, now: dt.datetime, dry_run: bool) -> int:
    due = kind.rows(kept_until(kind.name, now))
    if dry_run:
        return due.count()
    held = [row.pk for row in hold_all(due)]
    for start in range(0, len(held), 500):
        kind.take_away(due.model._default_manager.filter(pk__in=held[start : start + 500]))
    return len(held)


@transaction.atomic
def _forget_jobs(now: dt.datetime, dry_run: bool) -> int:
    """Of the queue, which belongs to no programme."""
    ended = DBTaskResult.objects.filter(finished_at__lte=kept_until("finished_jobs", now))
    count = ended.count()
    if count and not dry_run:
        ended.delete()
        record(actor=None, act="purge", obj=ContentType.objects.get_for_model(DBTaskResult), finished_jobs=count)
    return count


def kept_until(name: str, now: dt.datetime) -> dt.datetime:
    """The instant before which the time of a kind of record is over."""
    return now - dt.timedelta(days=settings.RETENTION_DAYS[name])
