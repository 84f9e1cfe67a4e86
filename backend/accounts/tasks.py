"""Letters to people who sign in. The queue holds whom and which, never an address or a token: those are made here."""

from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django_tasks import task

from .models import User


@task()
def send_letter(letter: str, user: str, origin: str, language: str) -> None:
    """Mail `account/email/<letter>` with a link to set a password, good for PASSWORD_RESET_TIMEOUT and one use.

    `user` is the key of who gets it, or of nobody; `origin` is where the site stands, with its closing slash.
    """
    reader = User.objects.filter(pk=user, is_active=True).first()
    if reader is None:
        return
    if reader.letters_to:
        letter = "address_taken"  # whatever the letter was to be: there is no password to set
    key = {"uidb36": reader.pk.hex, "key": default_token_generator.make_token(reader)}
    with translation.override(language):
        told = {"site": origin, "link": origin.rstrip("/") + reverse("account_reset_password_from_key", kwargs=key)}
        subject = render_to_string(f"account/email/{letter}_subject.txt", told).strip()
        send_mail(subject, render_to_string(f"account/email/{letter}_message.txt", told), None, [reader.address])
