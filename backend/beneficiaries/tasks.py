"""Letters to colleagues about a person; they name nobody and say nothing of what the programme is."""

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise
from django_tasks import task

from backend.accounts.models import Membership, User
from backend.core.tenancy import in_every_programme

from .models import BreakGlass


@task()
def tell_of_hand_over(user: str) -> None:
    """Tell a counsellor that somebody is new on her caseload."""
    for reader in User.objects.filter(pk=user, is_active=True):
        _write(reader, gettext_lazy("Please sign in: a colleague handed something over to you."))


@task()
def tell_of_sharing_out(user: str) -> None:
    """Tell a counsellor that a lead has given people of hers to somebody else."""
    for reader in User.objects.filter(pk=user, is_active=True):
        _write(reader, gettext_lazy("Please sign in: your programme lead gave something of yours to a colleague."))


@task()
def tell_of_sign(user: str) -> None:
    """Tell a counsellor that a colleague has noted a warning sign about one of her people."""
    for reader in User.objects.filter(pk=user, is_active=True):
        _write(reader, gettext_lazy("Please sign in: a colleague noted something that you should look at."))


@task()
def tell_of_break_glass(key: str) -> None:
    """Tell the leads, and the counsellor whose person it is, that something waits for them."""
    with in_every_programme():
        opened = BreakGlass.objects.select_related("beneficiary").filter(pk=key).first()
    if opened is None:
        return
    lead = Q(memberships__organisation=opened.beneficiary.organisation_id, memberships__role=Membership.Role.LEAD)
    told = User.objects.filter(
        (lead & Q(memberships__ended_on__isnull=True)) | Q(pk=opened.beneficiary.counsellor_id), is_active=True
    )
    for reader in told.exclude(pk=opened.opened_by_id).distinct():
        _write(reader, gettext_lazy("Please sign in: a colleague opened something that you should know of."))


def _write(reader: User, letter: StrOrPromise) -> None:
    if reader.letters_to:
        return  # a stand-in: whoever reads there works elsewhere
    with translation.override(settings.LANGUAGE_CODE):
        send_mail(_("Something waits for you"), str(letter), None, [reader.email])
