"""When contact with her is planned: after each job, and for what is asked of her first placement."""

import datetime as dt

from django.db.models import Min

from ..models import FOLLOW_UP_DAYS, LATER_DAYS, EmploymentSpell, FollowUp
from ..spells import qualifies

CONTACT_WINDOW = dt.timedelta(days=30)
"""How long after its day a follow-up can still say what was so on that day."""
HORIZONS = (90, 180, 365)
"""Days after her first placement began on which it is asked whether work lasts, with whatever employer."""
NEAR = dt.timedelta(days=5)
"""Two contacts nearer than this are one: either is in the window of the other."""


def plan_follow_ups(spell: EmploymentSpell, on: dt.date) -> None:
    """Plan contact from this job on, until the next one that is on record.

    What was planned for an earlier job goes, as long as nobody has tried or begun to write; but of her first placement
    the contacts at HORIZONS stay, or come back, unless one of this job is near.
    """
    hers = EmploymentSpell.objects.filter(beneficiary=spell.beneficiary_id)
    until = hers.filter(started_on__gt=spell.started_on).aggregate(first=Min("started_on"))["first"] or dt.date.max
    due = {day: spell.started_on + dt.timedelta(days=day) for day in FOLLOW_UP_DAYS}
    due = {day: due_on for day, due_on in due.items() if due_on + CONTACT_WINDOW >= on and due_on <= until}
    first = _first_placement(spell)
    kept = {day: first.started_on + dt.timedelta(days=day) for day in HORIZONS} if first and first != spell else {}
    kept = {
        day: due_on
        for day, due_on in kept.items()
        if due_on > spell.started_on
        and due_on + CONTACT_WINDOW >= on
        and all(abs(due_on - planned) > NEAR for planned in due.values())
    }
    untouched = FollowUp.objects.filter(
        spell__beneficiary=spell.beneficiary_id,
        spell__started_on__lt=spell.started_on,
        due_on__gt=spell.started_on,
        result="",
        attempts__isnull=True,
        draft__isnull=True,
    )
    untouched.exclude(spell=first, day__in=list(kept)).delete()
    planned = [FollowUp(spell=spell, day=day, due_on=due_on) for day, due_on in due.items()]
    if first and first != spell:
        there = set(first.follow_ups.values_list("day", flat=True))
        planned += [FollowUp(spell=first, day=day, due_on=kept[day]) for day in kept.keys() - there]
    FollowUp.objects.bulk_create(planned)


def later_contacts(spell: EmploymentSpell, on: dt.date) -> list[FollowUp]:
    """The contacts up to 36 months that can still be planned for a job, not saved; none once there are some."""
    due = {day: spell.started_on + dt.timedelta(days=day) for day in LATER_DAYS}
    if any(follow_up.day in due for follow_up in spell.follow_ups.all()):
        return []
    return [
        FollowUp(spell=spell, day=day, due_on=due_on) for day, due_on in due.items() if due_on + CONTACT_WINDOW >= on
    ]


def _first_placement(spell: EmploymentSpell) -> EmploymentSpell | None:
    """Her first work since she entered that qualifies as a placement, as `spells.facts` counts it."""
    person = spell.beneficiary
    since = EmploymentSpell.objects.filter(beneficiary=person, started_on__gte=person.entered_on)
    return next(
        (
            work
            for work in since.order_by("started_on")
            if qualifies(work.is_written, work.net_pay_per_month, work.hours_per_week, work.started_on)
        ),
        None,
    )
