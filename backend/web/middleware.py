"""Two rules for every page: what a person sees stays out of caches, and a refused act is answered plainly."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from backend.core.exceptions import Conflict

Handler = Callable[[HttpRequest], HttpResponse]


class PrivateResponseMiddleware:
    """Keep pages and answers out of shared and browser caches; static files never come through here."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store, private")
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
