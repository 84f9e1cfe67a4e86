"""Rankings made in the background. Arguments are identifiers only: the queue is stored in clear."""

from functools import partial

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from backend.beneficiaries.models import Beneficiary

from .services import rank_beneficiary


@task()
def refresh_matches(beneficiary_id: str) -> None:
    """Rank anew for one person; nothing if she is not there any more."""
    beneficiary = Beneficiary.objects.filter(pk=beneficiary_id).first()
    if beneficiary is not None:
        rank_beneficiary(actor=None, beneficiary=beneficiary, now=timezone.now())


@task()
def refresh_all_matches() -> None:
    """Rank anew for everybody who looks for work, each in a transaction of her own."""
    for beneficiary in Beneficiary.objects.active().order_by("organisation", "pk"):
        rank_beneficiary(actor=None, beneficiary=beneficiary, now=timezone.now())


def refresh_soon(beneficiary: Beneficiary) -> None:
    """Queue `refresh_matches` for when the current transaction is committed."""
    transaction.on_commit(partial(refresh_matches.enqueue, str(beneficiary.pk)))
