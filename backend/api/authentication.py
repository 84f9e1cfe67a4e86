"""Tokens in the Authorization header."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed


class HeaderToken(TokenAuthentication):  # type: ignore[misc]
    """A knox token, refused before it is looked up if it could not be one."""

    def authenticate_credentials(self, token: bytes) -> Any:
        if b"\0" in token:  # PostgreSQL would not even look
            raise AuthenticationFailed(_("Invalid token."))
        return super().authenticate_credentials(token)


class HeaderTokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    """How the OpenAPI document describes it."""

    target_class = "backend.api.authentication.HeaderToken"
