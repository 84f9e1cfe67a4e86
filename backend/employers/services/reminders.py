"""What employers are reminded of without anybody asking."""

import datetime as dt

from django.db.models import F, Q

from backend.audit.services import record
from backend.employers.models import Employer
from backend.employers.tasks import send_reminder


def remind_employers(*, on: dt.date) -> int:
    """Mail the contacts of employers whose clearance ends within a month, once for each clearance; say how many."""
    ending = Employer.objects.ending(on=on).filter(cleared_until__gte=on)
    told = 0
    for employer in ending.exclude(reminded_of=F("cleared_until")).order_by("pk"):
        fresh = Employer.objects.filter(pk=employer.pk).filter(
            Q(reminded_of__isnull=True) | ~Q(reminded_of=employer.cleared_until)
        )
        addresses = list(employer.contacts.standing().exclude(email="").values_list("email", flat=True))
        if addresses and fresh.update(reminded_of=employer.cleared_until):
            record(actor=None, act="remind_employer", obj=employer)
            send_reminder(addresses, until=employer.cleared_until)
            told += 1
    return told
