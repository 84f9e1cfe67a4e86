"""Mails to an employer: that a candidate waits for an answer, and the links by which to give it.

A mail cannot be purged, so it holds nothing of the candidate: a code, the employer's own title, and links.
"""

from email.utils import make_msgid
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django_tasks import task

from backend.core.tenancy import in_every_programme, in_programme, programme_of

from ..models import Introduction
from ..policies import shown_introductions


@task()
def tell_employer(introduction_id: str) -> None:
    """Write to every contact of the employer about a candidate who still waits for an answer."""
    from .links import issue_link  # links answer, and answers write mails

    with in_every_programme():
        found = shown_introductions().filter(pk=UUID(introduction_id), state=Introduction.State.SHARED_BLIND)
        introduction = found.select_related("match__opening__employer", "match__beneficiary").first()
    if introduction is None:
        return
    with in_programme(programme_of(introduction)):
        contacts = list(
            introduction.match.opening.employer.contacts.standing().exclude(email="").order_by("created_at")
        )
    opening, now = introduction.match.opening, timezone.now()
    for contact in contacts:
        path = reverse("web:portal_answer", args=[issue_link(introduction=introduction, contact=contact, now=now)])
        with override(settings.LANGUAGE_CODE):
            mail = {
                "name": contact.name,
                "candidate": introduction.pseudonym,
                "opening": opening.title,
                "is_reminder": introduction.nudged_at is not None,
                "is_reply": bool(introduction.reply),
                "link": settings.SITE_URL.rstrip("/") + path,
            }
            title = " ".join(opening.title.split())
            EmailMessage(
                subject=_("A candidate for “%(opening)s”") % {"opening": title},
                body=render_to_string("mail/candidate.txt", mail),
                to=[contact.email],
                headers={"Message-ID": make_msgid(domain=settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">"))},
            ).send()


def tell_employer_soon(introduction: Introduction) -> None:
    """Queue `tell_employer` for when the current transaction is committed."""
    introduction_id = str(introduction.pk)
    transaction.on_commit(lambda: tell_employer.enqueue(introduction_id))
