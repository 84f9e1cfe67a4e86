"""What a session proves: how it began, and whether a second factor was shown in it."""

import time

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.http import HttpRequest

from .policies import must_confirm

BEGAN_AT = "began_at"


def has_confirmed(request: HttpRequest) -> bool:
    """Whether this session, not merely this user, has shown a second factor."""
    return any(step["method"] == "mfa" for step in get_authentication_records(request, request.user))


def has_lasted(request: HttpRequest) -> bool:
    """Whether the session is older than any may become, busy or not; one of unknown age is."""
    return bool(time.time() - request.session.get(BEGAN_AT, 0) > settings.SESSION_LONGEST)


def is_let_in(request: HttpRequest) -> bool:
    """Whether the session of a signed-in user has proven all that her role asks for."""
    return has_confirmed(request) or not must_confirm(request.user)  # type: ignore[arg-type]
