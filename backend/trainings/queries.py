"""Reads over trainings."""

from django.db.models import Count, F, Q, QuerySet

from .models import Enrolment, Session

TAKES_A_SEAT = ~Q(enrolments__status=Enrolment.Status.DROPPED)


def with_free_seats(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """Sessions with `taken` and `free`; a seat that was given up is free again."""
    taken = Count("enrolments", filter=TAKES_A_SEAT)
    return sessions.annotate(taken=taken).annotate(free=F("capacity") - F("taken"))
