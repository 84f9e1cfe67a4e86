"""Rankings made in the background, so that what is new is counted before anybody looks."""

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from backend.accounts.models import Organisation
from backend.beneficiaries.models import Beneficiary
from backend.core.tenancy import in_programme

from .services import current_run


@task()
def refresh_all_matches() -> None:
    """Rank anew for everybody who looks for work, each in a transaction of her own."""
    for programme in Organisation.objects.programmes():
        with in_programme(programme.pk):
            for beneficiary in Beneficiary.objects.active().order_by("pk"):
                current_run(beneficiary=beneficiary, now=timezone.now())


def refresh_all_soon() -> None:
    """Queue `refresh_all_matches` for when the current transaction is committed: something new is open."""
    transaction.on_commit(refresh_all_matches.enqueue)
