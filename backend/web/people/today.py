"""What a counsellor's day holds: one question per section, each over what the policies show her.

These reads go across every noun, so they belong to no single app.
"""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db.models import Count, DateField, Exists, IntegerField, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from backend.accounts.models import User
from backend.beneficiaries.models import Beneficiary, Consent
from backend.beneficiaries.policies import visible_beneficiaries, visible_consents
from backend.matches.models import Decision, Introduction, Match, MatchQuerySet
from backend.matches.policies import visible_introductions, visible_matches
from backend.outcomes.models import Assessment, EmploymentSpell, FollowUp, WarningFlag
from backend.outcomes.policies import visible_follow_ups, visible_warning_flags
from backend.outcomes.queries import assessment_due_on
from backend.trainings.models import Enrolment
from backend.trainings.policies import visible_enrolments

RECENT = dt.timedelta(days=7)
STALLED = dt.timedelta(days=30)
EXPIRING = dt.timedelta(days=30)
CLOSING = dt.timedelta(days=7)


def follow_ups_due(actor: User, *, on: dt.date) -> QuerySet[FollowUp]:
    """Contacts whose day has come, the longest overdue first."""
    due = visible_follow_ups(actor).filter(result="", due_on__lte=on)
    return due.select_related("spell__beneficiary", "spell__employer", "draft").order_by("due_on")


def open_flags(actor: User) -> QuerySet[WarningFlag]:
    """Warning signs that nobody has answered, the most urgent first."""
    return visible_warning_flags(actor).open().most_urgent_first().select_related("beneficiary")


def current_matches(actor: User, *, on: dt.date) -> MatchQuerySet:
    """What can still be decided or introduced: open, allowed, not put aside."""
    return visible_matches(actor).current(on=on)


def new_matches(actor: User, *, on: dt.date, now: dt.datetime) -> QuerySet[Any, Any]:
    """Per person ranked in the last seven days: how many openings wait for a word, and the best score."""
    undecided = current_matches(actor, on=on).filter(state=Match.State.PROPOSED, run__ran_at__gte=now - RECENT)
    return (
        undecided.order_by()
        .values("beneficiary", "beneficiary__code")
        .annotate(count=Count("pk"), best=Max("score"), ranked_at=Max("run__ran_at"))
        .order_by("-best", "beneficiary__code")
    )


def replies(actor: User, *, now: dt.datetime) -> QuerySet[Introduction]:
    """Introductions in which the employer spoke last: interest and questions until dealt with, refusals for a week."""
    state = Introduction.State
    return (
        visible_introductions(actor)
        .filter(
            Q(state=state.INTERESTED)
            | (Q(state=state.SHARED_BLIND) & ~Q(question=""))
            | Q(state=state.DECLINED_BY_EMPLOYER, answered_at__gte=now - RECENT)
        )
        .select_related("match__beneficiary", "match__opening__employer")
        .order_by("-answered_at")
    )


def stalled(actor: User, *, on: dt.date, now: dt.datetime) -> QuerySet[Beneficiary]:
    """Active people without work for whom nothing was decided, and whom nobody has reached, for over 30 days."""
    her = OuterRef("pk")
    reached = FollowUp.objects.filter(spell__beneficiary=her, contacted_on__gte=on - STALLED)
    decided = Decision.objects.filter(match__beneficiary=her, decided_at__gte=now - STALLED)
    return (
        visible_beneficiaries(actor)
        .filter(
            ~Exists(EmploymentSpell.objects.running(on=on).filter(beneficiary=her)),
            ~Exists(EmploymentSpell.objects.filter(beneficiary=her, ended_on__gte=on - STALLED)),
            ~Exists(reached),
            ~Exists(decided),
            status=Beneficiary.Status.ACTIVE,
            entered_on__lt=on - STALLED,
        )
        .annotate(
            last_decision=Subquery(
                Decision.objects.filter(match__beneficiary=her).order_by("-decided_at").values("decided_at")[:1]
            )
        )
        .order_by("code")
    )


def assessments_due(actor: User, *, on: dt.date) -> list[tuple[Beneficiary, dt.date]]:
    """People with whom the profile of independence is to be scored, and since when, the longest due first."""
    people = visible_beneficiaries(actor).exclude(status=Beneficiary.Status.PAUSED)
    found = people.annotate(last_assessed_on=Max("assessments__assessed_on"))
    due = [(person, assessment_due_on(person.entered_on, person.last_assessed_on, on=on)) for person in found]
    return sorted(((person, day) for person, day in due if day), key=lambda one: (one[1], one[0].code))


def out_of_contact(actor: User, *, on: dt.date) -> QuerySet[Beneficiary]:
    """Her own people of whom nobody has heard for RETENTION_DAYS["out_of_contact"]: may they be erased?

    Nothing is erased by time alone. A contact that was missed is no contact.
    """
    since, her = on - dt.timedelta(days=settings.RETENTION_DAYS["out_of_contact"]), OuterRef("pk")
    heard = (
        FollowUp.objects.filter(spell__beneficiary=her, result__in=FollowUp.KNOWN, contacted_on__gt=since),
        EmploymentSpell.objects.filter(beneficiary=her, verified_on__gt=since),
        Assessment.objects.filter(beneficiary=her, assessed_on__gt=since),
        Decision.objects.filter(match__beneficiary=her, decided_at__date__gt=since),
        Consent.objects.filter(beneficiary=her, given_on__gt=since),
        Enrolment.objects.filter(beneficiary=her, enrolled_on__gt=since),
    )
    people = visible_beneficiaries(actor).filter(*(~Exists(rows) for rows in heard))
    return people.filter(counsellor=actor, entered_on__lte=since, created_at__date__lte=since).order_by("code")


def expiring_consents(actor: User, *, on: dt.date) -> QuerySet[Consent]:
    """Consents that still hold and end within 30 days."""
    valid = visible_consents(actor).valid(on=on)
    return valid.filter(expires_on__lte=on + EXPIRING).select_related("beneficiary").order_by("expires_on")


def closing_soon(actor: User, *, on: dt.date) -> QuerySet[Match]:
    """Openings on somebody's shortlist that close within a week."""
    chosen = (Match.State.SHORTLISTED, Match.State.ACCEPTED)
    closing = current_matches(actor, on=on).filter(
        state__in=chosen, introduction__isnull=True, opening__valid_through__lte=on + CLOSING
    )
    return closing.select_related("beneficiary", "opening__employer").order_by("opening__valid_through")


def interviews(actor: User, *, now: dt.datetime) -> QuerySet[Introduction]:
    """Interviews of today and the coming two days."""
    soon = (now - dt.timedelta(hours=12), now + dt.timedelta(days=2))
    meetings = visible_introductions(actor).filter(state=Introduction.State.INTERVIEW, interview_at__range=soon)
    return meetings.select_related("match__beneficiary", "match__opening__employer").order_by("interview_at")


def trainings_today(actor: User, *, on: dt.date) -> QuerySet[Enrolment]:
    """Her people who have a training on that day."""
    taking = visible_enrolments(actor).filter(
        status=Enrolment.Status.ENROLLED, session__starts_on__lte=on, session__ends_on__gte=on
    )
    return taking.select_related("beneficiary", "session__course").order_by("session__course__title")


def seeking(actor: User, *, on: dt.date) -> QuerySet[Beneficiary]:
    """Her active people who have no work and are with no employer yet."""
    introduced = Introduction.objects.pending().exclude(state=Introduction.State.PROPOSED)
    return caseload(actor, on=on).filter(
        ~Exists(introduced.filter(match__beneficiary=OuterRef("pk"))),
        Q(has_job=False),
        status=Beneficiary.Status.ACTIVE,
    )


def caseload(actor: User, *, on: dt.date) -> QuerySet[Beneficiary]:
    """Her people, each with `has_job`, `next_follow_up_on`, `match_count` and `flag_count`."""
    her = OuterRef("pk")
    planned = FollowUp.objects.filter(spell__beneficiary=her, result="").order_by("due_on")
    matches = Match.objects.current(on=on).filter(beneficiary=her, state=Match.State.PROPOSED)
    flags = WarningFlag.objects.filter(beneficiary=her, resolved_on__isnull=True)
    return (
        visible_beneficiaries(actor)
        .select_related("municipality")
        .annotate(
            has_job=Exists(EmploymentSpell.objects.running(on=on).filter(beneficiary=her)),
            next_follow_up_on=Subquery(planned.values("due_on")[:1], output_field=DateField()),
            match_count=_count(matches),
            flag_count=_count(flags),
        )
        .order_by("code")
    )


def _count(rows: QuerySet[Any]) -> Coalesce:
    """The number of rows that belong to the outer person."""
    counted = rows.order_by().values("beneficiary").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
