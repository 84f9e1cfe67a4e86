"""How Korak bends allauth."""

import base64
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.app_settings import REAUTHENTICATION_TIMEOUT
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from backend.audit.services import record
from backend.vault.sealing import seal, unseal

from .models import User
from .policies import must_confirm


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is not typed
    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record it, with the same work for an address that nobody has; `address` tells repeated tries, not whose."""
        email = str(credentials.get("email", "")).lower()
        user = User.objects.filter(email=email).first() or User()
        record(actor=None, act="refuse_sign_in", obj=user, address=salted_hmac("sign-in", email).hexdigest()[:8])

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Ask again after allauth's five minutes; to have just signed in is as good as to repeat it."""
        proofs = get_authentication_records(context.request, context.request.user)
        return not proofs or time.time() - proofs[-1]["at"] > REAUTHENTICATION_TIMEOUT


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def encrypt(self, text: str) -> str:
        return base64.b64encode(seal(text.encode(), subject=None, context="second-factor")).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(base64.b64decode(encrypted_text), subject=None, context="second-factor").decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Who needs a second factor has it taken away by an administrator, never by whoever sits at her session."""
        return not must_confirm(authenticator.user)


def sealed_secrets() -> Iterator[tuple[str, Callable[[], object]]]:
    """The secrets of all second factors, for `verify_vault` to open."""
    adapter = SecondFactorAdapter()
    for factor in Authenticator.objects.iterator():
        held = [(name, factor.data[name]) for name in ("secret", "seed") if name in factor.data]
        held += [("migrated_codes", code) for code in factor.data.get("migrated_codes") or ()]
        for name, sealed in held:
            yield f"{Authenticator._meta.label}.{name} of {factor.pk}", partial(adapter.decrypt, sealed)


class SessionsAdapter(DefaultUserSessionsAdapter):  # type: ignore[misc]
    def end_sessions(self, sessions: Iterable[UserSession]) -> None:
        for session in sessions:
            session.end()
            record(actor=context.request.user, act="end_session", obj=session.user)
