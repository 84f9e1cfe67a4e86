"""Reads across tables, over querysets that a policy has made visible."""

from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from backend.accounts.models import Organisation, User

from .models import Employer, Opening, Requirement


def programme_for(user: User) -> UUID | None:
    """The programme that somebody works in or, for an employer's user, posts to; None for everybody else."""
    organisation = user.organisation
    if organisation is None:
        return None
    if organisation.kind == Organisation.Kind.PROGRAMME:
        return organisation.pk
    # Asked before any programme is open.
    posting = Employer._base_manager.filter(organisation=organisation)
    return posting.values_list("programme", flat=True).first()


def with_details(openings: QuerySet[Opening]) -> QuerySet[Opening]:
    """Openings with everything their page shows, in a fixed number of queries."""
    return openings.select_related(
        "employer", "end_client", "occupation", "municipality__district", "municipality__country"
    ).prefetch_related(
        Prefetch("requirements", Requirement.objects.select_related("skill").order_by("importance", "created_at"))
    )


def with_opening_counts(employers: QuerySet[Employer]) -> QuerySet[Employer]:
    """Employers with `published_count` and `waiting_count`."""
    return employers.annotate(
        published_count=Count("openings", filter=Q(openings__status=Opening.Status.PUBLISHED)),
        waiting_count=Count("openings", filter=Q(openings__status=Opening.Status.SUBMITTED)),
    )
