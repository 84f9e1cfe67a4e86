"""Leaving: one session, one's other sessions, or everything at once."""

from allauth.account import views as allauth
from allauth.usersessions.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from backend.web.desks import signed_in

# What the browser forgets. To clear its cache takes seconds: that is not for a quick exit, and pages are never in it.
ON_SIGNING_OUT = '"cache", "storage"'
ON_LEAVING = '"cookies", "storage"'


class SessionForm(forms.Form):
    session = forms.IntegerField(min_value=1, max_value=2**63 - 1)


@login_not_required
def sign_out(request: HttpRequest) -> HttpResponse:
    response: HttpResponse = allauth.logout(request)
    if request.method == "POST":
        response.headers["Clear-Site-Data"] = ON_SIGNING_OUT
    return response


@require_POST
def end_session(request: HttpRequest) -> HttpResponse:
    """Sign out one other session of one's own."""
    form = SessionForm(request.POST)
    if not form.is_valid():
        raise Http404
    found = get_object_or_404(UserSession, user=signed_in(request), pk=form.cleaned_data["session"])
    get_adapter().end_sessions([found])
    messages.success(request, _("That session has ended."))
    return redirect("usersessions_list")


@login_not_required
@require_safe
def leave(request: HttpRequest) -> HttpResponse:
    """Quick exit: nothing of ours answers to "back" any more, and the next site does not learn where she was.

    By GET, so that it is a plain link; the worst that a forged one does is to sign somebody out.
    """
    logout(request)
    told = {"Location": settings.QUICK_EXIT_URL, "Clear-Site-Data": ON_LEAVING, "Referrer-Policy": "no-referrer"}
    return HttpResponse(status=303, headers=told)
