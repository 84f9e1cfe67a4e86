"""Sign-in by token, for programs. Pages sign in by session; the API takes both."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from knox import views as knox
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from .authentication import HeaderToken
from .base import BoundedJSONParser
from .forms import Plain


class SignInForm(Plain):
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=200, trim_whitespace=False)


class TokenSerializer(Plain):
    token = serializers.CharField()
    expiry = serializers.DateTimeField()


class TokenView(knox.LoginView):  # type: ignore[misc]
    """Exchange an e-mail address and a password for a token."""

    authentication_classes = [HeaderToken]  # its header makes a refusal 401
    permission_classes: list[Any] = []
    parser_classes = [BoundedJSONParser]

    @extend_schema(request=SignInForm, responses=TokenSerializer, auth=[])
    def post(self, request: Request, format: str | None = None) -> Response:
        form = SignInForm(data=request.data)
        form.is_valid(raise_exception=True)
        try:  # through allauth, so that pages and API share one count of failed tries
            user = get_adapter().authenticate(request._request, **form.validated_data)
        except ValidationError as error:
            raise exceptions.Throttled(detail=" ".join(error.messages)) from error
        if user is None or not user.is_active:
            raise exceptions.AuthenticationFailed(_("The e-mail address or the password is not right."))
        alive = user.auth_token_set.filter(expiry__gt=timezone.now()).count()
        if alive >= self.get_token_limit_per_user():
            raise exceptions.PermissionDenied(_("There are too many tokens. Revoke one first."))
        request.user = user
        instance, token = self.create_token()
        user_logged_in.send(sender=type(user), request=request, user=user)
        return Response(TokenSerializer({"token": token, "expiry": instance.expiry}).data)


class RevokeView(knox.LogoutView):  # type: ignore[misc]
    """Revoke the token that this request carries."""

    authentication_classes = [HeaderToken]

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, format: str | None = None) -> Response:
        response: Response = super().post(request, format)
        return response


class RevokeAllView(knox.LogoutAllView):  # type: ignore[misc]
    """Revoke all tokens of the actor."""

    authentication_classes = [HeaderToken]

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, format: str | None = None) -> Response:
        response: Response = super().post(request, format)
        return response
