"""Answering by a link in a mail: signed, for one contact, one introduction where it stands, once, for 21 days."""

import datetime as dt

from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from backend.audit.services import record
from backend.core.exceptions import Conflict
from backend.core.tenancy import in_every_programme, in_programme, programme_of
from backend.employers.models import Contact

from ..models import AnswerLink, Introduction
from ..policies import can_answer_by_link
from .answers import take_answer

LASTS = dt.timedelta(days=21)
FORGERIES_NOTED = 20
"""How many forged links an hour leave an event: nobody can fill the audit trail from outside."""

_signer = signing.Signer(salt="backend.matches.answer_link")


class SpentLink(Exception):
    """The link was used, has run out, or what it was about has moved on."""


def issue_link(*, introduction: Introduction, contact: Contact, now: dt.datetime) -> str:
    """A new token by which the contact may answer, while the introduction waits for it and shows no name."""
    link = AnswerLink.objects.create(
        introduction=introduction, contact=contact, state=Introduction.State.SHARED_BLIND, expires_at=now + LASTS
    )
    return _signer.sign(link.pk.hex)


def read_link(*, token: str, now: dt.datetime) -> AnswerLink:
    """The link of a token that may still be used.

    Raises AnswerLink.DoesNotExist for one that was never issued, SpentLink for one that does not hold any more; both
    leave an event.
    """
    links = AnswerLink.objects.select_related(
        "introduction__match__opening__employer", "introduction__match__beneficiary", "contact__user"
    )
    try:
        # Who follows a link has not signed in: it is the link that says in which programme to look.
        with in_every_programme():
            link = links.get(pk=_signer.unsign(token))
    except (signing.BadSignature, AnswerLink.DoesNotExist):
        if (cache.get_or_set("forged-links", 0, 3600) or 0) < FORGERIES_NOTED:
            cache.incr("forged-links")
            record(
                actor=None,
                act="answer_by_link_refused",
                obj=ContentType.objects.get_for_model(AnswerLink),
                why="forged",
            )
        raise AnswerLink.DoesNotExist from None
    with in_programme(programme_of(link.introduction)):
        if why := _spent(link, now):
            record(actor=None, act="answer_by_link_refused", obj=link.introduction, why=why, link=str(link.pk))
            raise SpentLink
    return link


def answer_by_link(*, token: str, answer: str, now: dt.datetime, reason: str = "", question: str = "") -> Introduction:
    """Take the answer of the contact who holds the token; refusals as in `read_link`, Conflict if just used."""
    link = read_link(token=token, now=now)
    introduction, actor = link.introduction, link.contact.user
    with in_programme(programme_of(introduction)):
        try:
            with transaction.atomic():
                if not AnswerLink.objects.filter(pk=link.pk, used_at__isnull=True).update(used_at=now):
                    raise Conflict(_("This link has just been used."))
                return take_answer(
                    actor=actor,
                    introduction=introduction,
                    answer=answer,
                    now=now,
                    reason=reason,
                    question=question,
                    link=str(link.pk),
                )
        except Conflict:
            raise
        except ValidationError:
            record(actor=actor, act="answer_by_link_refused", obj=introduction, why="refused", link=str(link.pk))
            raise


def _spent(link: AnswerLink, now: dt.datetime) -> str:
    """Why the link does not hold any more; empty while it does."""
    if link.used_at is not None:
        return "used"
    if link.expires_at <= now:
        return "expired"
    if link.introduction.state != link.state:
        return "moved on"
    return "" if can_answer_by_link(link) else "not shown any more"
