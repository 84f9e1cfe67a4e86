"""How an employer registers by itself, from the letter with the link to its first account."""

import datetime as dt
from collections.abc import Mapping

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from backend.accounts.models import Organisation, User
from backend.audit.services import record
from backend.core.exceptions import Conflict
from backend.core.tenancy import in_every_programme, in_programme
from backend.employers.models import Acceptance, Contact, Employer, Invitation
from backend.employers.models.registration import digest_of
from backend.employers.numbers import is_registry_number, is_tax_number, normal_registry_number, normal_tax_number
from backend.employers.obligations import QUESTIONS, VERSION
from backend.employers.policies import can_register_employer, can_speak_for_employer
from backend.employers.tasks import send_invitation
from backend.places.models import Municipality

from .employers import new_employer, open_account

LINK_HOLDS = dt.timedelta(days=14)
# Of letters that nobody of the programme asked for: to one address, and to all together.
A_DAY, LETTERS_TO_ONE, LETTERS_TO_ALL = dt.timedelta(days=1), 3, 50


@transaction.atomic
def invite_employer(*, actor: User, email: str, origin: str, now: dt.datetime) -> Invitation:
    """Send a company a link to register itself; `origin` is where the site stands, with its closing slash."""
    if actor.organisation is None or not can_register_employer(actor):
        raise PermissionDenied
    invitation = _invite(actor.organisation, email, origin, now, invited_by=actor)
    record(actor=actor, act="invite_employer", obj=invitation)
    return invitation


@transaction.atomic
def ask_to_register(*, email: str, origin: str, now: dt.datetime) -> None:
    """Send the link to who asks for it on the public page, a few times a day; the page says the same in any case."""
    programme = open_programme()
    if programme is None:
        raise PermissionDenied
    with in_programme(programme.pk):
        _send_if_few(programme, email, origin, now)


def _send_if_few(programme: Organisation, email: str, origin: str, now: dt.datetime) -> None:
    asked = Invitation.objects.filter(programme=programme, invited_by__isnull=True, created_at__gt=now - A_DAY)
    to_her = asked.filter(email=email.strip().lower())
    if to_her.count() < LETTERS_TO_ONE and asked.count() < LETTERS_TO_ALL:
        record(actor=None, act="ask_to_register", obj=_invite(programme, email, origin, now))


def open_programme() -> Organisation | None:
    """The programme that takes employers in from the public page: the only one here, where the setting allows it."""
    programmes = list(Organisation.objects.programmes()[:2])
    return programmes[0] if settings.EMPLOYERS_MAY_REGISTER and len(programmes) == 1 else None


def find_invitation(token: str, *, now: dt.datetime) -> Invitation | None:
    """The invitation that a link belongs to, while it is good."""
    with in_every_programme():  # the link says which
        return Invitation.objects.open(now=now).filter(digest=digest_of(token)).select_related("programme").first()


def accept_invitation(
    *,
    invitation: Invitation,
    company: str,
    tax_number: str,
    registry_number: str,
    sector: str = "",
    municipality: Municipality | None = None,
    address: str,
    is_agency: bool = False,
    name: str,
    job_title: str = "",
    phone: str = "",
    password: str,
    answers: Mapping[str, str],
    now: dt.datetime,
) -> Employer:
    """Register the company, with the account of who was invited; it waits for vetting like any other.

    A company that is banned, refused, suspended or known already is turned away with one and the same sentence: why is
    the programme's own, which finds it in the audit trail.
    """
    tax_number, registry_number = normal_tax_number(tax_number), normal_registry_number(registry_number)
    _require_numbers(tax_number, registry_number)
    try:
        with in_programme(invitation.programme_id), transaction.atomic():
            employer = new_employer(
                programme=invitation.programme,
                name=company,
                tax_number=tax_number,
                registry_number=registry_number,
                sector=sector,
                municipality=municipality,
                address=address,
                is_agency=is_agency,
                answers={code: answers.get(code, "").strip()[:2000] for code in QUESTIONS},
            )
            if not Invitation.objects.open(now=now).filter(pk=invitation.pk).update(used_at=now, employer=employer):
                raise Conflict(_("This link has been used or has run out."))
            contact = Contact(
                employer=employer, name=name.strip(), job_title=job_title, email=invitation.email, phone=phone
            )
            contact.full_clean(exclude=["employer"], validate_constraints=False)
            contact.save()
            user = open_account(contact=contact, employer=employer, on=now.date(), password=password)
            Acceptance.objects.create(employer=employer, version=VERSION, accepted_by=user, accepted_at=now)
            record(actor=user, act="accept_invitation", obj=employer, version=VERSION)
            return employer
    except Conflict:
        raise
    except ValidationError as error:
        fields = set(error.message_dict) if hasattr(error, "error_dict") else {"__all__"}
        if fields & {"password", "phone"}:
            raise
        with in_programme(invitation.programme_id):
            record(actor=None, act="refuse_registration", obj=invitation, fields=sorted(fields), tax_number=tax_number)
        raise ValidationError(
            _("We cannot take this registration. Write to us if you think that this is a mistake.")
        ) from error


@transaction.atomic
def accept_obligations(*, actor: User, employer: Employer, version: str, now: dt.datetime) -> Acceptance:
    """Accept the obligations as they stand now; `version` is the one that was read."""
    if not can_speak_for_employer(actor, employer):
        raise PermissionDenied
    if version != VERSION:
        raise Conflict(_("The text was changed since you opened it. Read it again."))
    accepted, _new = Acceptance.objects.get_or_create(
        employer=employer, version=VERSION, defaults={"accepted_by": actor, "accepted_at": now}
    )
    record(actor=actor, act="accept_obligations", obj=employer, version=VERSION)
    return accepted


def _invite(
    programme: Organisation, email: str, origin: str, now: dt.datetime, invited_by: User | None = None
) -> Invitation:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise ValidationError({"email": error.messages}) from error
    invitation = Invitation.objects.create(
        programme=programme, email=email, invited_by=invited_by, expires_at=now + LINK_HOLDS, created_at=now
    )
    letter = (str(invitation.pk), origin, get_language())
    transaction.on_commit(lambda: send_invitation.enqueue(*letter))
    return invitation


def _require_numbers(tax_number: str, registry_number: str) -> None:
    if not is_tax_number(tax_number):
        raise ValidationError(
            {"tax_number": _("This is no tax number: nine digits, of which the last checks the rest.")}
        )
    if not is_registry_number(registry_number):
        raise ValidationError(
            {"registry_number": _("This is no registry number: eight digits, of which the last checks the rest.")}
        )
