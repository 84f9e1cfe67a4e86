"""The administrator's colleagues: who signs in for the organisation, and how."""

from uuid import UUID

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from backend.accounts import services
from backend.accounts.models import Membership
from backend.accounts.policies import visible_memberships
from backend.accounts.services.members import ROLES
from backend.web.acts import attempt
from backend.web.desks import administrators, signed_in


class InviteForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("First and last name"), max_length=120)
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)
    role = forms.ChoiceField(label=gettext_lazy("Role"))

    def __init__(self, data: object = None, *, kind: str) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["role"].choices = [choice for choice in Membership.Role.choices if choice[0] in ROLES[kind]]  # type: ignore[attr-defined]


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def members(request: HttpRequest) -> HttpResponse:
    """Who works here, and a form that invites one more."""
    user = signed_in(request)
    organisation = user.organisation
    assert organisation is not None  # noqa: S101 - a role is a role somewhere
    form = InviteForm(request.POST if request.method == "POST" else None, kind=organisation.kind)
    if request.method == "POST" and form.is_valid():
        told = {"organisation": organisation, "on": timezone.localdate(), "origin": _origin(request)}
        if attempt(form, services.invite_member, actor=user, **told, **form.cleaned_data):
            messages.success(request, _("She was invited by mail."))
            return redirect("web:members")
    factor = Authenticator.objects.filter(user=OuterRef("user"), type=Authenticator.Type.TOTP)
    found = visible_memberships(user).filter(ended_on=None).select_related("user").order_by("role", "user__name")
    context = {"memberships": found.annotate(has_factor=Exists(factor)), "form": form}
    return render(request, "administration/members.html", context)


@administrators
@require_POST
def end(request: HttpRequest, pk: UUID) -> HttpResponse:
    membership, form = _find(request, pk), forms.Form(request.POST)
    form.full_clean()
    told = {"membership": membership, "on": timezone.localdate()}
    if attempt(form, services.end_membership, actor=signed_in(request), **told):
        messages.success(request, _("She no longer works here; her sessions have ended."))
    for error in form.non_field_errors():
        messages.error(request, str(error))
    return redirect("web:members")


@administrators
@require_POST
def invite_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    services.invite_again(actor=signed_in(request), user=_find(request, pk).user, origin=_origin(request))
    messages.success(request, _("She was invited by mail."))
    return redirect("web:members")


@administrators
@require_POST
def reset_factor(request: HttpRequest, pk: UUID) -> HttpResponse:
    services.reset_second_factor(actor=signed_in(request), user=_find(request, pk).user, origin=_origin(request))
    messages.success(request, _("At her next sign-in she sets up a new second factor."))
    return redirect("web:members")


def _find(request: HttpRequest, pk: UUID) -> Membership:
    found = visible_memberships(signed_in(request)).filter(ended_on=None).select_related("user")
    return get_object_or_404(found, pk=pk)


def _origin(request: HttpRequest) -> str:
    return request.build_absolute_uri("/")
