"""A colleague's person in an emergency: by her code, with a reason, for sixty minutes."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from backend.beneficiaries.policies import visible_break_glasses
from backend.beneficiaries.services import break_glass as break_the_glass

from ...acts import attempt
from ...desks import counsellors, signed_in
from ..forms.file import BreakGlassForm
from ..frame import posted


@counsellors
@require_http_methods(["GET", "HEAD", "POST"])
def break_glass(request: HttpRequest) -> HttpResponse:
    actor, now = signed_in(request), timezone.now()
    form = BreakGlassForm(posted(request), actor=actor)
    if request.method == "POST" and form.is_valid():
        opened = attempt(form, break_the_glass, actor=actor, now=now, **form.cleaned_data)
        if opened is not None:
            messages.success(request, _("Open for sixty minutes. The programme lead and her counsellor were told."))
            return redirect("web:person", pk=opened.beneficiary_id)
    past = visible_break_glasses(actor).select_related("opened_by", "beneficiary").order_by("-opened_at")[:20]
    context = {"form": form, "past": past, "now": now, "section": "web:caseload"}
    return render(request, "people/break_glass.html", context)
