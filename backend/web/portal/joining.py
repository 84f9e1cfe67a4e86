"""The two public pages on which a company registers: asking for the link, and what the link opens."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.password_validation import password_validators_help_texts
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from phonenumber_field.formfields import PhoneNumberField

from backend.employers.obligations import OBLIGATIONS, QUESTIONS, VERSION
from backend.employers.services import accept_invitation, ask_to_register, find_invitation, open_programme
from backend.skills.codes import Sector
from backend.web.acts import attempt
from backend.web.fields import PlaceField


class AskForm(forms.Form):
    """Where the link goes."""

    email = forms.EmailField(label=gettext_lazy("Your e-mail address at the company"), max_length=254)


class JoinForm(forms.Form):
    """Company, contact, what we ask of every company, and the obligations."""

    company = forms.CharField(label=gettext_lazy("Company name"), max_length=200)
    tax_number = forms.CharField(label=gettext_lazy("Tax number (PIB)"), max_length=40)
    registry_number = forms.CharField(label=gettext_lazy("Registry number"), max_length=40)
    sector = forms.ChoiceField(
        label=gettext_lazy("Sector"), choices=[("", gettext_lazy("not said")), *Sector.choices], required=False
    )
    municipality = PlaceField(label=gettext_lazy("Municipality"), empty_label=gettext_lazy("not said"))
    address = forms.CharField(label=gettext_lazy("Address"), max_length=200)
    is_agency = forms.BooleanField(label=gettext_lazy("We are an employment agency"), required=False)
    name = forms.CharField(label=gettext_lazy("Your name"), max_length=120)
    job_title = forms.CharField(label=gettext_lazy("Your position"), max_length=120, required=False)
    phone = PhoneNumberField(label=gettext_lazy("Phone"), required=False)
    password = forms.CharField(
        label=gettext_lazy("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        max_length=128,
    )
    agreed = forms.BooleanField(label=gettext_lazy("We accept these obligations."))

    COMPANY = ("company", "tax_number", "registry_number", "sector", "municipality", "address", "is_agency")
    CONTACT = ("name", "job_title", "phone", "password")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["password"].help_text = " ".join(password_validators_help_texts())
        for code, question in QUESTIONS.items():
            self.fields[f"answer_{code}"] = forms.CharField(
                label=question, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
            )

    @property
    def about_company(self) -> list[forms.BoundField]:
        return [self[name] for name in self.COMPANY]

    @property
    def about_contact(self) -> list[forms.BoundField]:
        return [self[name] for name in self.CONTACT]

    @property
    def questions(self) -> list[forms.BoundField]:
        return [self[f"answer_{code}"] for code in QUESTIONS]

    @property
    def said(self) -> dict[str, Any]:
        """The fields as the service takes them."""
        told = {name: self.cleaned_data[name] for name in (*self.COMPANY, *self.CONTACT)}
        told["phone"] = str(told["phone"] or "")
        return told | {"answers": {code: self.cleaned_data[f"answer_{code}"] for code in QUESTIONS}}


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Ask for the link. The answer is the same whether a letter was sent or not."""
    if open_programme() is None:
        raise Http404
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        origin = request.build_absolute_uri("/")
        ask_to_register(email=form.cleaned_data["email"], origin=origin, now=timezone.now())
        return render(request, "portal/asked.html")
    return render(request, "portal/register.html", {"form": form})


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """What the link in the letter opens: the registration, once."""
    invitation = find_invitation(token, now=timezone.now())
    if invitation is None:
        return render(request, "portal/link_closed.html", status=404)
    form = JoinForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = {"invitation": invitation, "now": timezone.now(), **form.said}
    else:
        given = {}
    if given and attempt(form, accept_invitation, **given) is not None:
        messages.success(request, _("Thank you. Sign in to see what is being checked."))
        return redirect("account_login")
    context = {"form": form, "email": invitation.email, "obligations": OBLIGATIONS, "version": VERSION}
    return render(request, "portal/join.html", context)
