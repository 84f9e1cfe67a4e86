"""The frame of every page about one person, and how its forms act."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backend.accounts.models import User
from backend.beneficiaries.models import Beneficiary
from backend.beneficiaries.policies import visible_beneficiaries
from backend.beneficiaries.services import look_for_doubles

from ..acts import attempt
from ..desks import counsellors, signed_in
from .fields import ActForm, NothingForm

PersonPage = Callable[..., HttpResponse]
"""Renders a person's page; keyword arguments replace the page's fresh forms by bound ones."""


def own_person(request: HttpRequest, pk: UUID) -> Beneficiary:
    """Somebody of the signed-in counsellor's caseload, else 404."""
    people = visible_beneficiaries(signed_in(request)).select_related("municipality")
    return get_object_or_404(people, pk=pk)


def show(request: HttpRequest, person: Beneficiary, tab: str, template: str, **context: Any) -> HttpResponse:
    """A page in the person's frame; `tab` is the URL name of the tab it belongs to."""
    context |= {"person": person, "tab": tab, "section": "web:caseload", "on": timezone.localdate()}
    return render(request, template, context)


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, even if it was nothing; None while the page is only read."""
    return request.POST if request.method == "POST" else None


def succeeds(form: BaseForm, act: Callable[..., Any], **arguments: Any) -> bool:
    """Whether the act was done with the form's values; where it was not, the form says why."""
    if form.is_valid():
        attempt(form, act, **arguments, **form.cleaned_data)
    return not form.errors


def warn_of_doubles(request: HttpRequest, person: Beneficiary) -> None:
    """Say that somebody is known by her phone already, and no more than that unless it is a person of her own."""
    found = look_for_doubles(actor=signed_in(request), beneficiary=person)
    if found.own:
        codes = ", ".join(found.own)
        messages.warning(request, _("On your caseload the same phone stands with %(codes)s.") % {"codes": codes})
    if found.elsewhere:
        messages.warning(
            request,
            _(
                "Somebody in the programme may be known under this phone already. Ask the programme lead to look "
                "into it with you; whose file it is, is not shown."
            ),
        )


Clock = Callable[[], dict[str, Any]]


def today() -> dict[str, Any]:
    return {"on": timezone.localdate()}


def this_instant() -> dict[str, Any]:
    return {"now": timezone.now()}


def no_clock() -> dict[str, Any]:
    return {}


def adding(
    name: str,
    form_class: type[ActForm],
    act: Callable[..., Any],
    page: PersonPage,
    to: str,
    done: str | Promise,
    clock: Clock = no_clock,
) -> Callable[..., HttpResponse]:
    """The view of an act on a person: do it and go to the page `to`, or show `page` with its form `name` corrected."""

    @counsellors
    @require_POST
    def view(request: HttpRequest, pk: UUID) -> HttpResponse:
        person, actor = own_person(request, pk), signed_in(request)
        form = form_class(request.POST, actor=actor)
        if not succeeds(form, act, actor=actor, beneficiary=person, **clock()):
            return page(request, person, **{name: form})
        messages.success(request, str(done))
        return redirect(to, pk=person.pk)

    return view


def changing(
    argument: str,
    visible: Callable[[User], QuerySet[Any]],
    act: Callable[..., Any],
    page: PersonPage,
    to: str,
    done: str | Promise,
    clock: Clock = no_clock,
    form_class: type[ActForm] = NothingForm,
) -> Callable[..., HttpResponse]:
    """The view of an act on one line of a person's file; `argument` is the service's word for the line."""

    @counsellors
    @require_POST
    def view(request: HttpRequest, pk: UUID, line: UUID) -> HttpResponse:
        person, actor = own_person(request, pk), signed_in(request)
        row: Model = get_object_or_404(visible(actor).filter(beneficiary=person), pk=line)
        form = form_class(request.POST, actor=actor, auto_id=f"{line}-%s")
        if not succeeds(form, act, **{"actor": actor, argument: row}, **clock()):
            return page(request, person, bound={row.pk: form})
        messages.success(request, str(done))
        return redirect(to, pk=person.pk)

    return view


def line_form(form_class: type[ActForm], row: Model, bound: dict[Any, ActForm]) -> ActForm:
    """The form beside a line: the one just refused, if it was this line's, else a fresh one."""
    return bound.get(row.pk) or form_class(auto_id=f"{row.pk}-%s")
