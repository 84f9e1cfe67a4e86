"""How much care an opening needs, kept beside it while it waits, so that the queue can be ordered and paged by it.

It only orders: whoever decides reads the signs anew. What the list of signs or the minimum wage makes of an opening
tomorrow is found by the night.
"""

import datetime as dt

from backend.employers.models import Opening

from . import Verdict, screen_opening


def keep_verdict(opening: Opening, *, on: dt.date) -> Verdict:
    """The verdict on an opening, kept as its place in the queue; for the act that hands it in or changes it."""
    verdict = screen_opening(opening, on=on).verdict
    opening.severity = Opening.Severity[verdict.upper()]
    opening.save(update_fields=["severity"])
    return verdict


def screen_waiting(*, on: dt.date) -> int:
    """Look again at every opening that waits; how many stand elsewhere in the queue now."""
    moved = 0
    waiting = Opening.objects.waiting().select_related("employer", "municipality").prefetch_related("requirements")
    for opening in waiting.order_by("pk"):
        severity = Opening.Severity[screen_opening(opening, on=on).verdict.upper()]
        if severity != opening.severity:
            as_read = Opening.objects.waiting().filter(pk=opening.pk, content_hash=opening.content_hash)
            moved += as_read.update(severity=severity)
    return moved
