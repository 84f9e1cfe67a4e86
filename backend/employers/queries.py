"""Reads across tables, over querysets that a policy has made visible."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils.functional import Promise

from backend.accounts.models import Organisation, User

from .models import Ban, Check, Employer, Opening, Requirement
from .obligations import VERSION

# A check is done again for every yearly clearance; one that is older says nothing about today.
CHECK_HOLDS = dt.timedelta(days=365)


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One item of the checklist and the newest word on it, if there is one."""

    item: str
    label: str | Promise
    check: Check | None
    is_in_order: bool


def standing_checks(employer: Employer, *, on: dt.date) -> list[CheckLine]:
    """The checklist of an employer: every item it needs, in order where it was passed within the last year."""
    newest = {check.item: check for check in employer.checks.select_related("checked_by").order_by("created_at")}
    needed = [item for item in Check.Item if employer.is_agency or item != Check.Item.LICENCE]
    return [
        CheckLine(
            item=item,
            label=item.label,
            check=(check := newest.get(item)),
            is_in_order=(item == Check.Item.OBLIGATIONS and has_accepted(employer))
            or (check is not None and check.result == Check.Result.PASSED and check.checked_on > on - CHECK_HOLDS),
        )
        for item in needed
    ]


def has_accepted(employer: Employer) -> bool:
    """Whether the employer has accepted the obligations as they stand now."""
    return employer.acceptances.filter(version=VERSION).exists()


def is_banned(programme: Organisation, *, tax_number: str, name_folded: str) -> bool:
    """Whether a company is banned by its number, or by its name where no number was known or is given."""
    by_name = Q(name_folded=name_folded) & (Q() if not tax_number else Q(tax_number=""))
    by_number = Q(tax_number=tax_number) if tax_number else Q(pk__in=[])
    return Ban.objects.standing().filter(by_name | by_number, programme=programme).exists()


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
