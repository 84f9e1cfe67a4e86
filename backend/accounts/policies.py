"""Who may see and manage organisations and their people."""

from django.db.models import QuerySet

from .models import Membership, Organisation, User


def visible_organisations(actor: User) -> QuerySet[Organisation]:
    """The actor's own organisation and no other."""
    if actor.organisation is None:
        return Organisation.objects.none()
    return Organisation.objects.filter(pk=actor.organisation.pk)


def visible_users(actor: User) -> QuerySet[User]:
    """The people who work in the actor's organisation today."""
    if actor.organisation is None:
        return User.objects.none()
    return User.objects.filter(memberships__organisation=actor.organisation, memberships__ended_on__isnull=True)


def visible_memberships(actor: User) -> QuerySet[Membership]:
    """Past and present memberships in the actor's organisation."""
    if actor.organisation is None:
        return Membership.objects.none()
    return Membership.objects.filter(organisation=actor.organisation)


def can_manage_accounts(actor: User) -> bool:
    """Administrators keep users and organisations; they see no case."""
    return actor.role == Membership.Role.ADMINISTRATOR


def can_manage_members(actor: User, organisation: Organisation) -> bool:
    """An administrator brings people into the own organisation only."""
    return can_manage_accounts(actor) and actor.organisation == organisation
