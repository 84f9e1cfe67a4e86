"""What allauth does is recorded when it says so: it has no services to call ours from."""

import time
from typing import Any

from allauth.account.internal.flows.login import (
    AUTHENTICATION_METHODS_SESSION_KEY,
    get_authentication_records,
    record_authentication,
)
from allauth.account.signals import authentication_step_completed, password_changed, password_reset
from allauth.account.signals import user_logged_in as signed_in
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from backend.audit.services import record

from .models import User
from .sign_in import BEGAN_AT, has_confirmed


@receiver(user_logged_in)
def _begin(request: HttpRequest, **_: Any) -> None:
    request.session[BEGAN_AT] = int(time.time())


@receiver(authentication_step_completed)
def _forget_address(request: HttpRequest, user: User, **_: Any) -> None:
    """Allauth notes the address she signed in with; a session at rest names nobody."""
    records = get_authentication_records(request, user)
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {key: value for key, value in step.items() if key != "email"} for step in records
    ]


@receiver(signed_in)
def _sign_in(request: HttpRequest, user: User, **_: Any) -> None:
    record(actor=user, act="sign_in", obj=user, confirmed=has_confirmed(request))


@receiver(user_logged_out)
def _sign_out(user: User | None, **_: Any) -> None:
    if user is not None:
        record(actor=user, act="sign_out", obj=user)


@receiver(password_changed)
@receiver(password_reset)
def _set_password(user: User, **_: Any) -> None:
    record(actor=user, act="set_password", obj=user)


@receiver(authenticator_added)
def _add_factor(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """Setting it up has proven that she holds it: this session is confirmed."""
    if authenticator.type == Authenticator.Type.TOTP:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
    record(actor=user, act="add_factor", obj=user, type=authenticator.type)


@receiver(authenticator_removed)
def _remove_factor(user: User, authenticator: Authenticator, **_: Any) -> None:
    record(actor=user, act="remove_factor", obj=user, type=authenticator.type)


@receiver(authenticator_reset)
def _renew_factor(user: User, authenticator: Authenticator, **_: Any) -> None:
    record(actor=user, act="renew_factor", obj=user, type=authenticator.type)


@receiver(authentication_failed)
def _refuse_code(user: User, authenticator: Authenticator, **_: Any) -> None:
    record(actor=None, act="refuse_code", obj=user, type=authenticator.type)
