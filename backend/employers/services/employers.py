"""Acts on employers and the people to talk to there."""

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from backend.accounts.models import Membership, Organisation, User
from backend.accounts.services import create_organisation, invite_member
from backend.audit.services import record
from backend.core.exceptions import Conflict
from backend.employers.models import Contact, Employer, Vetting
from backend.employers.policies import can_edit_employer, can_register_employer, can_vet_employer
from backend.places.models import Municipality
from matching.text import fold

CLEARANCE = dt.timedelta(days=365)


@transaction.atomic
def register_employer(
    *,
    actor: User,
    name: str,
    tax_number: str = "",
    registry_number: str = "",
    sector: str = "",
    municipality: Municipality | None = None,
    is_agency: bool = False,
    parent: Employer | None = None,
) -> Employer:
    """Take an employer into the actor's programme, waiting for vetting.

    The tax number says who it is: an employer that was refused or suspended cannot come back under a second entry.
    """
    programme = actor.organisation
    if programme is None or not can_register_employer(actor):
        raise PermissionDenied
    employer = Employer(
        programme=programme,
        name=" ".join(name.split()),
        name_folded=fold(name)[:200],
        tax_number=tax_number.strip(),
        registry_number=registry_number.strip(),
        sector=sector,
        municipality=municipality,
        is_agency=is_agency,
        parent=parent,
    )
    employer.full_clean(exclude=["programme", "name_folded"], validate_constraints=False)
    if parent is not None and parent.programme_id != programme.pk:
        raise ValidationError({"parent": _("There is no such employer.")})
    same_name = Employer.objects.filter(programme=programme, name_folded=employer.name_folded)
    if employer.tax_number and Employer.objects.filter(programme=programme, tax_number=employer.tax_number).exists():
        raise ValidationError({"tax_number": _("An employer with this tax number is registered already.")})
    if same_name.filter(status__in=[Employer.Status.REFUSED, Employer.Status.SUSPENDED]).exists():
        raise ValidationError({"name": _("An employer of this name was refused or suspended.")})
    if not employer.tax_number and same_name.exists():
        raise ValidationError({"name": _("An employer of this name is registered already. Give its tax number.")})
    employer.save()
    record(actor=actor, act="register_employer", obj=employer)
    return employer


@transaction.atomic
def vet_employer(*, actor: User, employer: Employer, outcome: str, note: str, on: dt.date) -> Vetting:
    """Decide whether the programme works with an employer; clearance holds for a year.

    Openings of an employer that is refused or suspended stop being open at once, by query.
    """
    if not can_vet_employer(actor, employer):
        raise PermissionDenied
    if not note.strip():
        raise ValidationError({"note": _("Say what the decision rests on.")})
    expires_on = on + CLEARANCE if outcome == Vetting.Outcome.CLEARED else None
    vetting = Vetting(
        employer=employer, outcome=outcome, note=note.strip(), decided_by=actor, decided_on=on, expires_on=expires_on
    )
    vetting.full_clean(exclude=["employer", "decided_by"])
    vetting.save()
    employer.status, employer.cleared_until = outcome, expires_on
    employer.save(update_fields=["status", "cleared_until"])
    record(actor=actor, act="vet_employer", obj=employer, outcome=outcome)
    return vetting


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
    contact.refresh_from_db()
    if contact.user_id is not None:
        raise Conflict(_("This contact has an account already."))
    if not contact.email:
        raise ValidationError({"email": _("An account needs an e-mail address.")})
    if employer.organisation is None:
        employer.organisation = create_organisation(
            actor=None, name=_tenant_name(employer), kind=Organisation.Kind.EMPLOYER
        )
        employer.save(update_fields=["organisation"])
    user = invite_member(
        actor=None,
        organisation=employer.organisation,
        email=contact.email,
        name=contact.name,
        role=Membership.Role.EMPLOYER,
        on=on,
        origin=origin,
    )
    contact.user = user
    contact.save(update_fields=["user"])
    record(actor=actor, act="invite_contact", obj=contact, user=str(user.pk))
    return user


def _tenant_name(employer: Employer) -> str:
    """Two programmes may work with one company; neither may learn it from a name that is taken."""
    taken = Organisation.objects.filter(kind=Organisation.Kind.EMPLOYER, name=employer.name).exists()
    return f"{employer.name[:180]} ({employer.pk.hex[:8]})" if taken else employer.name
