"""How a request shows whose it is: the session of the pages, or a token in the Authorization header."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.authentication import SessionScheme
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from backend.accounts.policies import can_hold_token
from backend.accounts.sign_in import is_let_in


class ConfirmedSession(SessionAuthentication):
    """The session of the pages, refused until the second factor was shown that it needs."""

    def authenticate(self, request: Request) -> Any:
        found = super().authenticate(request)
        if found and not is_let_in(request._request):
            raise PermissionDenied(_("Sign in on the pages with your second factor first."))
        return found


class HeaderToken(TokenAuthentication):  # type: ignore[misc]
    """A knox token, refused before it is looked up if it could not be one."""

    def authenticate_credentials(self, token: bytes) -> Any:
        if b"\0" in token:  # PostgreSQL would not even look
            raise AuthenticationFailed(_("Invalid token."))
        found = super().authenticate_credentials(token)
        if not can_hold_token(found[0]):  # she may have another role by now
            raise AuthenticationFailed(_("Invalid token."))
        return found


class ConfirmedSessionScheme(SessionScheme):  # type: ignore[no-untyped-call]
    """How the OpenAPI document describes a session."""

    target_class = "backend.api.authentication.ConfirmedSession"
    priority = 0


class HeaderTokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    """How it describes a token."""

    target_class = "backend.api.authentication.HeaderToken"
