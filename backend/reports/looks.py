"""Who did and looked at what, counted: the audit trail without the people whom it concerns."""

import datetime as dt
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from backend.accounts.models import Membership, Organisation
from backend.audit.models import Event

LOOKS = Q(act__startswith="read_") | Q(act="find_people")
"""Acts that change nothing and show who somebody is."""


def counted_acts(programme: Organisation, first: dt.date, last: dt.date, *, looks_only: bool) -> QuerySet[Any, Any]:
    """By day, colleague and act how often; `day`, `actor`, `actor__name`, `act`, `times`, the newest day first."""
    since, until = (
        timezone.make_aware(dt.datetime.combine(day, dt.time.min)) for day in (first, last + dt.timedelta(days=1))
    )
    events = Event.objects.filter(chain=programme.pk, created_at__gte=since, created_at__lt=until)
    if looks_only:
        events = events.filter(LOOKS)
    days = events.annotate(day=TruncDate("created_at")).values("day", "actor", "actor__name", "act")
    return days.annotate(times=Count("pk")).order_by("-day", "actor__name", "actor", "act")


def roles(users: set[Any]) -> dict[Any, str]:
    """The present, else the last role of each."""
    memberships = Membership.objects.filter(user__in=users).order_by("started_on")
    return {membership.user_id: membership.get_role_display() for membership in memberships}
