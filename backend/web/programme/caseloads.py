"""How many people each counsellor looks after, and giving them to another; never who they are."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from backend.accounts.models import User
from backend.accounts.policies import visible_counsellors
from backend.beneficiaries.policies import visible_caseloads
from backend.beneficiaries.services import share_out
from backend.beneficiaries.services.codes import HandOverReason
from backend.web.acts import attempt
from backend.web.desks import leads, signed_in


class ShareOutForm(forms.Form):
    to = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Counsellor"))
    reason = forms.ChoiceField(label=gettext_lazy("Why"), choices=HandOverReason)
    code = forms.CharField(
        label=gettext_lazy("Only this code"),
        max_length=20,
        required=False,
        help_text=gettext_lazy("Leave it empty to give the whole caseload."),
    )

    def __init__(self, data: Any = None, *, actor: User, counsellor: User) -> None:
        super().__init__(data, auto_id=f"{counsellor.pk}-%s")
        others = visible_counsellors(actor).exclude(pk=counsellor.pk)
        self.fields["to"].queryset = others.order_by("name")  # type: ignore[attr-defined]


@leads
@require_safe
def caseloads(request: HttpRequest) -> HttpResponse:
    return _page(request)


@leads
@require_POST
def share(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a counsellor's people, or one of them, to another."""
    user = signed_in(request)
    counsellor = get_object_or_404(visible_caseloads(user), pk=pk)
    form = ShareOutForm(request.POST, actor=user, counsellor=counsellor)
    given = {"actor": user, "counsellor": counsellor}
    if form.is_valid() and attempt(form, share_out, **given, **form.cleaned_data) is not None:
        messages.success(request, _("The caseload was given over. Both counsellors are told by mail."))
        return redirect("web:caseloads")
    return _page(request, {pk: form})


def _page(request: HttpRequest, bound: dict[UUID, ShareOutForm] | None = None) -> HttpResponse:
    user, forms_by_row = signed_in(request), bound or {}
    here = set(visible_counsellors(user).values_list("pk", flat=True))
    rows = [
        (one, one.pk in here, forms_by_row.get(one.pk) or ShareOutForm(actor=user, counsellor=one))
        for one in visible_caseloads(user).order_by("name", "pk")
    ]
    return render(request, "programme/caseloads.html", {"rows": rows, "section": "web:overview"})
