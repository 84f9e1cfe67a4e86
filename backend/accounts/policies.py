"""Who may see and manage organisations and their people."""

from django.conf import settings
from django.db.models import QuerySet

from .models import AccessToken, Membership, Organisation, User


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


def visible_counsellors(actor: User) -> QuerySet[User]:
    """Those of them who look after people."""
    role = {"memberships__role": Membership.Role.COUNSELLOR, "memberships__ended_on__isnull": True}
    return visible_users(actor).filter(pk__in=User.objects.filter(**role).values("pk"))


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


def can_manage_user(actor: User, user: User) -> bool:
    """An administrator looks after how the others of the own organisation sign in, never herself."""
    return can_manage_accounts(actor) and user != actor and actor.organisation == user.organisation


def can_hold_token(actor: User) -> bool:
    """A program may post openings or fetch figures; who knows people's names gets no key without a second factor."""
    return actor.is_lead or actor.is_employer


def visible_tokens(actor: User) -> QuerySet[AccessToken]:
    """One's own; an administrator's whole organisation's."""
    owners = visible_users(actor) if can_manage_accounts(actor) else [actor]
    tokens: QuerySet[AccessToken] = AccessToken.objects.filter(user__in=owners)
    return tokens


def can_manage_token(actor: User, token: AccessToken) -> bool:
    return visible_tokens(actor).filter(pk=token.pk).exists()


def must_confirm(user: User) -> bool:
    """Whoever works for the programme signs in with a second factor; an employer may."""
    return settings.SECOND_FACTOR_REQUIRED and user.role is not None and not user.is_employer
