"""Acts on organisations and the people who work in them.

`actor` None means the system (a command), or a service of a higher floor that has checked its own policy.
"""

import datetime as dt
from collections.abc import Callable
from uuid import uuid4

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from backend.audit.services import record
from backend.core.exceptions import Conflict
from backend.core.locking import hold
from backend.core.tenancy import in_programme

from ..models import Membership, Organisation, User
from ..policies import can_manage_accounts, can_manage_members, can_manage_user
from ..tasks import send_letter
from .sign_in import shut_out

ROLES: dict[str, frozenset[str]] = {
    Organisation.Kind.PROGRAMME: frozenset(
        {Membership.Role.COUNSELLOR, Membership.Role.LEAD, Membership.Role.ADMINISTRATOR}
    ),
    Organisation.Kind.EMPLOYER: frozenset({Membership.Role.EMPLOYER}),
}


Obstacle = Callable[[Membership], str]
_obstacles: list[Obstacle] = []


def also_ask(obstacle: Obstacle) -> None:
    """Let an app of a higher floor say why a role may not end yet; with an empty word it may."""
    _obstacles.append(obstacle)


@transaction.atomic
def create_organisation(*, actor: User | None, name: str, kind: str) -> Organisation:
    """Create a tenant; its first member is added by the system."""
    if actor is not None and not can_manage_accounts(actor):
        raise PermissionDenied
    organisation = Organisation(name=name.strip(), kind=kind)
    organisation.full_clean(validate_constraints=False)
    if Organisation.objects.filter(name=organisation.name, kind=kind).exists():
        raise ValidationError({"name": _("There is an organisation of this name already.")})
    organisation.save()
    record(actor=actor, act="create_organisation", obj=organisation, kind=kind)
    return organisation


@transaction.atomic
def add_member(
    *,
    actor: User | None,
    organisation: Organisation,
    email: str,
    name: str,
    role: str,
    on: dt.date,
    password: str | None = None,
) -> User:
    """Give a person a role in an organisation from a day on; without a password she cannot sign in yet.

    Somebody who worked here or elsewhere before keeps her account and password.
    """
    if actor is not None and not can_manage_members(actor, organisation):
        raise PermissionDenied
    if role not in ROLES[organisation.kind]:
        raise ValidationError({"role": _("This role does not exist in this kind of organisation.")})
    email = email.strip().lower()
    user = User.objects.select_for_update().filter(email=email).first()
    if user is None:
        user = _new_user(email, name, password)
    elif user.memberships.active().exists():
        raise ValidationError({"email": _("This address is in use.")})
    membership = Membership(user=user, organisation=organisation, role=role, started_on=on)
    membership.full_clean(exclude=["user", "organisation"])
    membership.save()
    user.__dict__.pop("membership", None)  # she may have been asked for her role before she had one
    record(actor=actor, act="add_member", obj=membership, user=str(user.pk), role=role)
    return user


@transaction.atomic
def invite_member(
    *, actor: User | None, organisation: Organisation, email: str, name: str, role: str, on: dt.date, origin: str
) -> User:
    """Add a member and mail her the link with which she sets her password; `origin` is where the site stands.

    An address that signs in for another organisation is answered like a new one, so that nobody asks around who works
    elsewhere: a stand-in takes the place, and the letter says to the address what is the matter.
    """
    email = email.strip().lower()
    active = Membership.objects.active()
    if active.filter(organisation=organisation, user__letters_to=email).exists():
        raise ValidationError({"email": _("This address is in use.")})
    is_taken = active.filter(user__email=email).exclude(organisation=organisation).exists()
    given = f"{uuid4().hex}@stand-in.invalid" if is_taken else email
    user = add_member(actor=actor, organisation=organisation, email=given, name=name, role=role, on=on)
    if is_taken:
        user.letters_to = email
        user.save(update_fields=["letters_to"])
    if not user.has_usable_password():
        _send_invitation(actor, user, origin)
    return user


@transaction.atomic
def invite_again(*, actor: User, user: User, origin: str) -> None:
    """Mail another link to somebody who has never set a password; whoever has one asks for a new one at sign-in."""
    if not can_manage_user(actor, user):
        raise PermissionDenied
    if user.has_usable_password():
        raise Conflict(_("She has set her password already."))
    _send_invitation(actor, user, origin)


def _send_invitation(actor: User | None, user: User, origin: str) -> None:
    record(actor=actor, act="send_invitation", obj=user)
    letter = ("invitation", str(user.pk), origin, get_language())
    transaction.on_commit(lambda: send_letter.enqueue(*letter))


def _new_user(email: str, name: str, password: str | None) -> User:
    user = User(email=email, name=name.strip())
    user.set_unusable_password()
    user.full_clean()
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise ValidationError({"password": error}) from error
        user.set_password(password)
    user.save()
    return user


@transaction.atomic
def end_membership(*, actor: User | None, membership: Membership, on: dt.date) -> Membership:
    """Take a person's role away from a day on; her account stays and sees nothing, and what it left open is shut.

    Refused while somebody depends on the role: the people on a counsellor's caseload.
    """
    if actor is not None and not can_manage_members(actor, membership.organisation):
        raise PermissionDenied
    if actor is not None and membership.user_id == actor.pk:
        raise ValidationError(_("Another administrator has to end your own."))
    if on < membership.started_on:
        raise ValidationError({"ended_on": _("This is before the membership began.")})
    if not Membership.objects.active().filter(pk=membership.pk).update(ended_on=on):
        raise Conflict(_("This membership has ended already."))
    hold(membership.user)  # nobody is handed to her meanwhile
    with in_programme(membership.organisation_id):
        for obstacle in _obstacles:
            if why_not := obstacle(membership):
                raise ValidationError(why_not)
    membership.ended_on = on
    shut_out(membership.user)
    record(actor=actor, act="end_membership", obj=membership)
    return membership
