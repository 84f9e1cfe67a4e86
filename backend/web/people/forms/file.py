"""Forms of a person's file: intake, identity, consents, safety rules, plan."""

import datetime as dt
from typing import Any

from django import forms
from django.forms.models import fields_for_model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.accounts.models import User
from backend.accounts.policies import visible_counsellors
from backend.beneficiaries.models import (
    Beneficiary,
    BreakGlass,
    Consent,
    Goal,
    Identity,
    SafetyRule,
    TextLanguage,
)
from backend.beneficiaries.services.codes import HandOverReason
from backend.beneficiaries.services.consent import DISCLOSURES
from backend.employers.models import Employer
from backend.employers.policies import visible_employers
from backend.skills.codes import Licence

from ...fields import PlaceField
from ..fields import ActForm, codes

INTAKE = ["code", "entered_on", "municipality", "permit", "licences"]
IDENTITY = ("first_name", "last_name", "phone", "email", "address", "birth_date")
SAFE_CONTACT = ("safe_channel", "safe_hours", "code_word")
"""The version of the consent texts that counsellors read out."""


class PersonForm(ActForm):
    municipality = PlaceField(label=gettext_lazy("Lives in"))
    licences = codes(Licence.choices, label=gettext_lazy("Licences"))

    class Meta:
        model = Beneficiary
        fields = ["status", "entered_on", "municipality", "permit", "licences"]


class RegisterForm(PersonForm):
    """Intake on one page: the file, and if she wants it noted now, who she is and her consent."""

    consents = forms.BooleanField(label=gettext_lazy("She agrees to be supported by the programme"), required=False)
    method = forms.ChoiceField(label=gettext_lazy("How she agreed"), choices=Consent.Method, required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language of the text"), choices=TextLanguage, required=False)

    class Meta:
        model = Beneficiary
        fields = INTAKE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = _("Capital letters, digits and hyphens. Never her name or initials.")
        self.fields |= fields_for_model(Identity, fields=[*IDENTITY, *SAFE_CONTACT], field_classes=None)
        del self.fields["birth_date"]
        for name in (*IDENTITY, *SAFE_CONTACT):
            if name in self.fields:
                self.fields[name].required = False

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).strip().upper()

    def act(self, *, on: dt.date) -> dict[str, Any]:
        """The keywords of `register_beneficiary`."""
        values = self.cleaned_data
        identity = {name: values[name] for name in (*IDENTITY, *SAFE_CONTACT) if values.get(name)}
        consent = {"method": values["method"], "language": values["language"], "given_on": on}
        return {
            **{name: values[name] for name in INTAKE},
            "identity": identity or None,
            "support_consent": consent if values["consents"] else None,
            "on": on,
        }


class IdentityForm(ActForm):
    class Meta:
        model = Identity
        fields = [*IDENTITY, *SAFE_CONTACT]


class BreakGlassForm(ActForm):
    """Her code is typed: there is no list of colleagues' people."""

    code = forms.CharField(label=gettext_lazy("Her code"), max_length=20)
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The programme lead reads this. Name nobody."),
    )

    class Meta:
        model = BreakGlass
        fields: list[str] = []


class HandOverForm(ActForm):
    to = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Colleague"))
    reason = forms.ChoiceField(label=gettext_lazy("Why"), choices=HandOverReason)

    class Meta:
        model = Beneficiary
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.actor:
            colleagues = visible_counsellors(self.actor).exclude(pk=self.actor.pk)
            self.fields["to"].queryset = colleagues.order_by("name")  # type: ignore[attr-defined]


class EraseForm(ActForm):
    certain = forms.BooleanField(label=gettext_lazy("She asked for it, and knows that there is no way back"))

    class Meta:
        model = Beneficiary
        fields: list[str] = []

    def clean(self) -> dict[str, Any]:
        return {}


class ConsentForm(ActForm):
    """Consents outside an introduction; those to disclose are taken where the employer sees the result."""

    recipient = forms.ModelChoiceField(
        Employer.objects.none(), label=gettext_lazy("Employer, if it is about one"), required=False
    )

    class Meta:
        model = Consent
        fields = ["purpose", "recipient", "method", "language", "given_on", "expires_on"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].choices = [  # type: ignore[attr-defined]
            choice for choice in Consent.Purpose.choices if choice[0] not in DISCLOSURES
        ]
        if self.actor:
            self.fields["recipient"].queryset = visible_employers(self.actor).order_by("name")  # type: ignore[attr-defined]


class IntroductionQuery(forms.Form):
    """The introduction that a consent sheet is about."""

    introduction = forms.UUIDField(required=False)


class SafetyRuleForm(ActForm):
    municipality = PlaceField(label=gettext_lazy("Place"))
    employer = forms.ModelChoiceField(Employer.objects.none(), label=gettext_lazy("employer"), required=False)

    class Meta:
        model = SafetyRule
        fields = ["kind", "radius_km", "sector", "condition"]

    field_order = ("kind", "municipality", "radius_km", "employer")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].label = _("What to keep away from her")
        self.fields["radius_km"].label = _("and everything within km")
        if self.actor:
            self.fields["employer"].queryset = visible_employers(self.actor).order_by("name")  # type: ignore[attr-defined]


class LiftForm(ActForm):
    reason = forms.CharField(label=gettext_lazy("Why it is no longer needed"), max_length=400)

    class Meta:
        model = SafetyRule
        fields: list[str] = []


class GoalForm(ActForm):
    class Meta:
        model = Goal
        fields = ["domain", "text", "owner", "due_on"]
