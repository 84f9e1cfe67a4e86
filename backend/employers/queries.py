"""Reads across tables, over querysets that a policy has made visible."""

from django.db.models import Count, Prefetch, Q, QuerySet

from .models import Employer, Opening, Requirement


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
