"""Two rules for every page: what a person sees stays out of caches, and a refused act is answered plainly."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from backend.accounts.models import User
from backend.accounts.sign_in import has_lasted, is_let_in
from backend.beneficiaries.services import note_looks
from backend.core.exceptions import Conflict
from backend.core.tenancy import in_programme
from backend.employers.queries import programme_for

Handler = Callable[[HttpRequest], HttpResponse]


# Where she gets while her second factor is asked for.
UNCONFIRMED = frozenset(
    {
        "account_login", "account_logout", "account_reauthenticate", "mfa_reauthenticate", "mfa_activate_totp",
        "web:leave", "web:set_language", "web:health",
    }
)  # fmt: skip
NO_SENSORS = ", ".join(f"{sensor}=()" for sensor in ("camera", "display-capture", "geolocation", "microphone", "usb"))


class PrivateResponseMiddleware:
    """Keep pages and answers out of shared and browser caches, and the device's senses out of pages.

    Static files never come through here.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store, private")
        response.headers.setdefault("Permissions-Policy", NO_SENSORS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class SignInMiddleware:
    """End a session that has lasted, and let who needs a second factor no further until this session has shown it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        user, match = request.user, request.resolver_match
        if not isinstance(user, User) or (match and match.view_name in UNCONFIRMED):
            return None
        is_api = match is not None and match.namespace in ("api", "portal_api")  # there DRF refuses, in its own shape
        if has_lasted(request):
            logout(request)
            return None if is_api else redirect_to_login(request.path)
        if is_api or is_let_in(request):
            return None
        return redirect("mfa_reauthenticate" if is_mfa_enabled(user) else "mfa_activate_totp")


class ProgrammeMiddleware:
    """Open the programme of whoever is signed in, and no other, for as long as a request takes.

    What a counsellor asks for while she has broken the glass to a colleague's person is noted.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        since = timezone.now()
        with in_programme(programme_for(request.user) if isinstance(request.user, User) else None):
            response = self.get_response(request)
        # Asked anew, since the API has learned only meanwhile whom a token stands for.
        user, route = request.user, request.resolver_match
        if isinstance(user, User) and user.is_counsellor and route and response.status_code < 400:
            with in_programme(programme_for(user)):
                note_looks(actor=user, route=f"{request.method} {route.view_name}", since=since, until=timezone.now())
        return response


class RefusalMiddleware:
    """Answer a rule that a service enforced and no form caught: 409 when somebody else was first, else 400."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, ValidationError):
            return None
        status = 409 if isinstance(exception, Conflict) else 400
        return render(request, "refused.html", {"reasons": exception.messages}, status=status)
