"""From a day to an instant, for acts that know only the day."""

import datetime as dt

from django.utils import timezone


def noon(on: dt.date) -> dt.datetime:
    """The middle of that day, local time."""
    return timezone.make_aware(dt.datetime.combine(on, dt.time(12)))
