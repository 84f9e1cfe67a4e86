"""The tokens of programs: one's own to make, the organisation's for its administrator to see and revoke."""

from uuid import UUID

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from backend.accounts.policies import can_hold_token, visible_tokens
from backend.accounts.services import issue_token, revoke_token
from backend.web.acts import attempt
from backend.web.desks import Role, desk, signed_in
from backend.web.fields import DayInput

JUST_ISSUED = "just_issued"  # waits in the session, which is sealed, for the next page
holders = desk(Role.ADMINISTRATOR, Role.LEAD, Role.EMPLOYER)


class TokenForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Which program uses it"), max_length=80)
    expires_on = forms.DateField(label=gettext_lazy("Good until"), widget=DayInput)


@holders
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """List them; who may hold one makes it here, and sees its secret once."""
    user = signed_in(request)
    now = timezone.now()
    form = TokenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        raise_if_reauthentication_required(request, app="backend.accounts")  # it outlives this session
        issued = attempt(form, issue_token, actor=user, now=now, **form.cleaned_data)
        if issued is not None:
            request.session[JUST_ISSUED] = issued[1]
            return redirect("web:tokens")
    context = {
        "tokens": visible_tokens(user).filter(expiry__gt=now).select_related("user").order_by("-created"),
        "form": form if can_hold_token(user) else None,
        "secret": request.session.pop(JUST_ISSUED, ""),
    }
    return render(request, "administration/tokens.html", context)


@holders
@require_POST
def revoke(request: HttpRequest, reference: UUID) -> HttpResponse:
    user = signed_in(request)
    token = get_object_or_404(visible_tokens(user).select_related("user"), reference=reference)
    revoke_token(actor=user, token=token)
    messages.success(request, _("The token was revoked."))
    return redirect("web:tokens")
