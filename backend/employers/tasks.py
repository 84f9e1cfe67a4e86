"""Letters to employers. The queue holds which invitation, never an address or a token: those are made here."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django_tasks import task

from backend.core.tenancy import in_every_programme

from .models import Invitation


@task()
def send_invitation(invitation: str, origin: str, language: str) -> None:
    """Mail the link to register a company."""
    with in_every_programme():
        found = Invitation.objects.filter(pk=invitation, used_at__isnull=True).first()
        if found is None:
            return
        link = origin.rstrip("/") + reverse("web:portal_join", args=[found.new_link()])
    _send("invitation", [found.email], language, link=link, until=found.expires_at)


def send_reminder(addresses: list[str], **told: object) -> None:
    """Mail that the yearly check of the company's data is due."""
    _send("yearly_check", addresses, settings.LANGUAGE_CODE, **told)


def _send(letter: str, addresses: list[str], language: str, **told: object) -> None:
    with translation.override(language):
        subject = render_to_string(f"portal/email/{letter}_subject.txt", told).strip()
        message = render_to_string(f"portal/email/{letter}_message.txt", told)
        for address in addresses:
            send_mail(subject, message, None, [address])
