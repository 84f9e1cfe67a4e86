"""Acts on employers and the people to talk to there."""

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from backend.accounts.models import Membership, Organisation, User
from backend.accounts.services import add_member, create_organisation, end_membership, invite_member
from backend.audit.services import record
from backend.core.exceptions import Conflict
from backend.employers.models import Contact, Employer
from backend.employers.numbers import normal_registry_number, normal_tax_number
from backend.employers.policies import can_edit_employer, can_register_employer
from backend.employers.queries import is_banned
from backend.places.models import Municipality
from matching.text import fold


@transaction.atomic
def register_employer(
    *,
    actor: User,
    name: str,
    tax_number: str = "",
    registry_number: str = "",
    sector: str = "",
    municipality: Municipality | None = None,
    address: str = "",
    is_agency: bool = False,
    parent: Employer | None = None,
) -> Employer:
    """Take an employer into the actor's programme, waiting for vetting.

    The tax number says who it is: an employer that was refused, suspended or banned cannot come back under a second
    entry or another name.
    """
    programme = actor.organisation
    if programme is None or not can_register_employer(actor):
        raise PermissionDenied
    employer = new_employer(
        programme=programme,
        name=name,
        tax_number=tax_number,
        registry_number=registry_number,
        sector=sector,
        municipality=municipality,
        address=address,
        is_agency=is_agency,
        parent=parent,
    )
    record(actor=actor, act="register_employer", obj=employer)
    return employer


def new_employer(
    *,
    programme: Organisation,
    name: str,
    tax_number: str = "",
    registry_number: str = "",
    address: str = "",
    parent: Employer | None = None,
    **fields: Any,
) -> Employer:
    """Check and save an employer, without policy or audit: those are the calling act's."""
    employer = Employer(
        programme=programme,
        name=" ".join(name.split()),
        name_folded=fold(name)[:200],
        tax_number=normal_tax_number(tax_number),
        registry_number=normal_registry_number(registry_number),
        address=address.strip(),
        parent=parent,
        **fields,
    )
    employer.full_clean(exclude=["programme", "name_folded"], validate_constraints=False)
    if parent is not None and parent.programme_id != programme.pk:
        raise ValidationError({"parent": _("There is no such employer.")})
    if parent is not None and parent.status in Employer.BARRED:
        raise ValidationError({"parent": _("This employer was refused, suspended or banned.")})
    _require_not_banned(employer)
    same_name = Employer.objects.filter(programme=programme, name_folded=employer.name_folded)
    if employer.tax_number and Employer.objects.filter(programme=programme, tax_number=employer.tax_number).exists():
        raise ValidationError({"tax_number": _("An employer with this tax number is registered already.")})
    if same_name.filter(status__in=Employer.BARRED).exists():
        raise ValidationError({"name": _("An employer of this name was refused, suspended or banned.")})
    if not employer.tax_number and same_name.exists():
        raise ValidationError({"name": _("An employer of this name is registered already. Give its tax number.")})
    employer.save()
    return employer


@transaction.atomic
def correct_employer(
    *,
    actor: User,
    employer: Employer,
    tax_number: str | None = None,
    registry_number: str | None = None,
    address: str | None = None,
) -> Employer:
    """Give the numbers and the address of an employer that was taken in without or with wrong ones.

    A cleared employer that changes its tax number is another company: it waits for vetting again.
    """
    if not can_edit_employer(actor, employer):
        raise PermissionDenied
    employer = Employer.objects.select_for_update(of=("self",)).select_related("programme").get(pk=employer.pk)
    before = employer.tax_number
    if tax_number is not None:
        employer.tax_number = normal_tax_number(tax_number)
    if registry_number is not None:
        employer.registry_number = normal_registry_number(registry_number)
    if address is not None:
        employer.address = address.strip()
    employer.full_clean(exclude=["programme", "organisation", "parent", "name_folded"], validate_constraints=False)
    others = Employer.objects.filter(programme=employer.programme).exclude(pk=employer.pk)
    if employer.tax_number != before:
        if not employer.tax_number:
            raise ValidationError({"tax_number": _("A number that is known is corrected, not taken away.")})
        if employer.status == Employer.Status.BANNED:
            raise ValidationError({"tax_number": _("This employer is banned.")})
        _require_not_banned(employer)
        if employer.tax_number and others.filter(tax_number=employer.tax_number).exists():
            raise ValidationError({"tax_number": _("An employer with this tax number is registered already.")})
        if employer.status == Employer.Status.CLEARED:
            employer.status, employer.cleared_until = Employer.Status.REGISTERED, None
    employer.save()
    record(actor=actor, act="correct_employer", obj=employer)
    return employer


def _require_not_banned(employer: Employer) -> None:
    if is_banned(employer.programme, tax_number=employer.tax_number, name_folded=employer.name_folded):
        raise ValidationError({"tax_number": _("This employer is banned.")}, code="banned")


@transaction.atomic
def add_contact(
    *, actor: User, employer: Employer, name: str, job_title: str = "", email: str = "", phone: str = ""
) -> Contact:
    """Note a person to talk to at an employer, with an e-mail address or a phone number."""
    if not can_edit_employer(actor, employer):
        raise PermissionDenied
    contact = Contact(
        employer=employer, name=name.strip(), job_title=job_title.strip(), email=email.strip().lower(), phone=phone
    )
    contact.full_clean(exclude=["employer"], validate_constraints=False)
    if not contact.email and not contact.phone:
        raise ValidationError({"email": _("Give an e-mail address or a phone number.")})
    contact.save()
    record(actor=actor, act="add_contact", obj=contact, employer=str(employer.pk))
    return contact


@transaction.atomic
def invite_contact(*, actor: User, contact: Contact, on: dt.date, origin: str) -> User:
    """Invite a contact to the portal by mail, and give her employer its own organisation if it has none yet.

    `origin` is where the site stands.
    """
    employer = Employer.objects.select_for_update().get(pk=contact.employer_id)
    if not can_edit_employer(actor, employer):
        raise PermissionDenied
    if employer.status in Employer.BARRED:
        raise ValidationError(_("This employer was refused, suspended or banned."))
    contact.refresh_from_db()
    if contact.ended_on is not None:
        raise Conflict(_("This contact has ended already."))
    if contact.user_id is not None:
        raise Conflict(_("This contact has an account already."))
    if not contact.email:
        raise ValidationError({"email": _("An account needs an e-mail address.")})
    user = open_account(contact=contact, employer=employer, on=on, origin=origin)
    record(actor=actor, act="invite_contact", obj=contact, user=str(user.pk))
    return user


@transaction.atomic
def end_contact(*, actor: User, contact: Contact, on: dt.date) -> Contact:
    """Shut a contact out: no mail, no answer by a link, and an account of hers signs in for this employer no more.

    The row stays for the record. Raises Conflict if that was done already.
    """
    employer = Employer.objects.select_for_update().get(pk=contact.employer_id)
    if not can_edit_employer(actor, employer):
        raise PermissionDenied
    if not Contact.objects.filter(pk=contact.pk, ended_on__isnull=True).update(ended_on=on):
        raise Conflict(_("This contact has ended already."))
    contact.refresh_from_db()
    if contact.user is not None and employer.organisation is not None:
        for membership in contact.user.memberships.active().filter(organisation=employer.organisation):
            end_membership(actor=None, membership=membership, on=on)
    record(actor=actor, act="end_contact", obj=contact, employer=str(employer.pk))
    return contact


def open_account(
    *, contact: Contact, employer: Employer, on: dt.date, origin: str = "", password: str | None = None
) -> User:
    """Give a contact an account and the employer its tenant, without policy or audit: those are the calling act's.

    With `origin`, where the site stands, she gets a letter to set her password; else it is `password`.
    """
    if employer.organisation is None:
        employer.organisation = create_organisation(
            actor=None, name=_tenant_name(employer), kind=Organisation.Kind.EMPLOYER
        )
        employer.save(update_fields=["organisation"])
    member: dict[str, Any] = {
        "actor": None,
        "organisation": employer.organisation,
        "email": contact.email,
        "name": contact.name,
        "role": Membership.Role.EMPLOYER,
        "on": on,
    }
    user = invite_member(**member, origin=origin) if origin else add_member(**member, password=password)
    contact.user = user
    contact.save(update_fields=["user"])
    return user


def _tenant_name(employer: Employer) -> str:
    """Two programmes may work with one company; neither may learn it from a name that is taken."""
    taken = Organisation.objects.filter(kind=Organisation.Kind.EMPLOYER, name=employer.name).exists()
    return f"{employer.name[:180]} ({employer.pk.hex[:8]})" if taken else employer.name
