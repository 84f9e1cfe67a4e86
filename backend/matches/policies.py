"""Who may see and act on matches and introductions.

A counsellor sees those of the own caseload. An employer sees introductions to its own openings, from the moment they
are shared until they end, and only while her consent and its clearance stand; it never browses, counts or searches
people.
"""

from django.db.models import Q, QuerySet
from django.utils import timezone

from backend.accounts.models import User
from backend.beneficiaries.policies import can_edit_beneficiary, visible_beneficiaries
from backend.employers.models import Employer

from .models import (
    AnswerLink,
    Decision,
    Introduction,
    IntroductionQuerySet,
    Match,
    MatchQuerySet,
    MatchRun,
    RankerVersion,
)


def visible_match_runs(actor: User) -> QuerySet[MatchRun]:
    return MatchRun.objects.filter(beneficiary__in=visible_beneficiaries(actor))


def visible_matches(actor: User) -> MatchQuerySet:
    return Match.objects.filter(beneficiary__in=visible_beneficiaries(actor))


def visible_decisions(actor: User) -> QuerySet[Decision]:
    return Decision.objects.filter(match__beneficiary__in=visible_beneficiaries(actor))


def visible_introductions(actor: User) -> QuerySet[Introduction]:
    """Her counsellor's in every state; an employer's own while they are shown."""
    if actor.is_employer:
        return shown_introductions().filter(_own(actor))
    return Introduction.objects.filter(match__beneficiary__in=visible_beneficiaries(actor))


def shown_introductions() -> IntroductionQuerySet:
    """What employers may see: shared, consented to, the employer cleared today and who she would work for not barred.

    Whether the consent has run out by now is looked at where something is shown.
    """
    workplace = "match__opening__end_client"
    return Introduction.objects.with_employer().filter(
        Q(**{f"{workplace}__isnull": True}) | ~Q(**{f"{workplace}__status__in": Employer.BARRED}),
        _cleared(),
        blind_consent__isnull=False,
        blind_consent__withdrawn_at__isnull=True,
    )


def closed_introductions(actor: User) -> QuerySet[Introduction]:
    """What an employer was shown and may not see any more, however that came about: it learns that it is so."""
    if not actor.is_employer:
        return Introduction.objects.none()
    shown = Introduction.objects.filter(_own(actor), _cleared(), shared_at__isnull=False)
    return shown.exclude(pk__in=visible_introductions(actor).values("pk"))


def visible_ranker_versions(actor: User) -> QuerySet[RankerVersion]:
    """The lead's own programme's: weights and totals, never a person."""
    if not actor.is_lead or actor.organisation is None:
        return RankerVersion.objects.none()
    return RankerVersion.objects.filter(programme=actor.organisation)


def can_decide(actor: User, match: Match) -> bool:
    return can_edit_beneficiary(actor, match.beneficiary)


def can_introduce(actor: User, match: Match) -> bool:
    return can_edit_beneficiary(actor, match.beneficiary)


def can_answer_introduction(actor: User, introduction: Introduction) -> bool:
    """The employer it was shared with, as long as it may see it."""
    return actor.is_employer and visible_introductions(actor).filter(pk=introduction.pk).exists()


def can_read_candidate(actor: User, introduction: Introduction) -> bool:
    """An employer whom the candidate is shown to."""
    return actor.is_employer and visible_introductions(actor).filter(pk=introduction.pk).exists()


def can_answer_by_link(link: AnswerLink) -> bool:
    """The contact it was sent to, as long as she is the employer's contact and the employer may see the candidate."""
    contacts = link.introduction.match.opening.employer.contacts.standing()
    is_contact = contacts.filter(pk=link.contact_id).exists()
    return is_contact and shown_introductions().filter(pk=link.introduction.pk).exists()


def can_freeze_introductions(actor: User, employer: Employer) -> bool:
    """Any counsellor or lead of the programme: a sign of danger at an employer is everybody's."""
    return actor.is_programme_staff and employer.programme == actor.organisation


def _own(actor: User) -> Q:
    return Q(match__opening__employer__organisation=actor.organisation)


def _cleared() -> Q:
    return Q(match__opening__employer__in=Employer.objects.cleared(on=timezone.localdate()))
