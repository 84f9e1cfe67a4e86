"""Acts on how somebody signs in: what an administrator takes away, and the tokens of programs."""

import datetime as dt

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from backend.audit.services import record
from backend.core.exceptions import Conflict

from ..models import AccessToken, User
from ..policies import can_hold_token, can_manage_token, can_manage_user
from ..tasks import send_letter

TOKENS_AT_ONCE = 5
LONGEST_TOKEN = dt.timedelta(days=366)


@transaction.atomic
def reset_second_factor(*, actor: User, user: User, origin: str) -> None:
    """Take a lost second factor and its recovery codes away; at her next sign-in she sets up a new one."""
    if not can_manage_user(actor, user):
        raise PermissionDenied
    deleted, _by_model = Authenticator.objects.filter(user=user).delete()
    if not deleted:
        raise Conflict(_("She has no second factor."))
    _end_sessions(user)
    record(actor=actor, act="reset_second_factor", obj=user)
    letter = ("factor_reset", str(user.pk), origin, get_language())
    transaction.on_commit(lambda: send_letter.enqueue(*letter))


def shut_out(user: User) -> None:
    """End every session and token of somebody who has no role any more; the caller records why."""
    _end_sessions(user)
    AccessToken.objects.filter(user=user).delete()


def _end_sessions(user: User) -> None:
    for session in UserSession.objects.filter(user=user):
        session.end()


def forget_what_ended(*, now: dt.datetime) -> None:
    """Delete sessions and tokens that have run out; the database would keep them for ever."""
    Session.objects.filter(expire_date__lt=now).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    AccessToken.objects.filter(expiry__lt=now).delete()


@transaction.atomic
def issue_token(*, actor: User, name: str, expires_on: dt.date, now: dt.datetime) -> tuple[AccessToken, str]:
    """Make a token for a program of the actor's own and return it with its secret, of which only a hash is kept.

    It acts as her, without her second factor: see `can_hold_token` for who may have one.
    """
    if not can_hold_token(actor):
        raise PermissionDenied
    lifetime = dt.datetime.combine(expires_on, dt.time.max, now.tzinfo) - now
    if not dt.timedelta() < lifetime <= LONGEST_TOKEN:
        raise ValidationError({"expires_on": _("Choose a day within a year from today.")})
    User.objects.select_for_update().get(pk=actor.pk)  # two at once must not both be the fifth
    if AccessToken.objects.filter(user=actor, expiry__gt=now).count() >= TOKENS_AT_ONCE:
        raise ValidationError(_("There are too many tokens. Revoke one first."))
    AccessToken(name=name).clean_fields(exclude=["digest", "token_key", "user", "expiry"])
    token, secret = AccessToken.objects.create(user=actor, expiry=lifetime, name=name)
    record(actor=actor, act="issue_token", obj=actor, token=str(token.reference), until=expires_on.isoformat())
    return token, secret


@transaction.atomic
def revoke_token(*, actor: User, token: AccessToken) -> None:
    """Make a token worthless: her own, or as an administrator anybody's in the organisation."""
    if not can_manage_token(actor, token):
        raise PermissionDenied
    if not AccessToken.objects.filter(pk=token.pk).delete()[0]:
        raise Conflict(_("This token was revoked already."))
    record(actor=actor, act="revoke_token", obj=token.user, token=str(token.reference))
