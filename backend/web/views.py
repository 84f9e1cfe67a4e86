"""The two pages that belong to no desk."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from .desks import first_page, signed_in


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Send each person to the page her day starts on."""
    page = first_page(signed_in(request))
    return redirect(page) if page else render(request, "no_desk.html")


@login_not_required
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Say that the process answers and reaches its database; anything else is a 500."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
