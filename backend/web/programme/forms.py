"""What a lead fills in about employers."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from backend.employers.models import Check, Contact, Employer, Vetting
from backend.skills.codes import Sector
from backend.web.fields import PlaceField


class EmployerFilter(forms.Form):
    """What the list of employers can be narrowed by."""

    q = forms.CharField(label=_("Name"), required=False, max_length=100, widget=forms.SearchInput)
    status = forms.ChoiceField(label=_("Status"), choices=[("", _("any")), *Employer.Status.choices], required=False)


class InvitationForm(forms.Form):
    """Who gets the link to register a company."""

    email = forms.EmailField(label=_("E-mail address at the company"), max_length=254)


class ShapeForm(forms.ModelForm[Any]):
    """Takes fields and labels from a model and checks their shape; the service checks the row."""

    def _post_clean(self) -> None:
        """Leave the instance alone: nothing is saved here."""


class EmployerForm(ShapeForm):
    municipality = PlaceField(label=_("Municipality"), empty_label=_("not said"))

    sector = forms.ChoiceField(label=_("Sector"), choices=[("", _("not said")), *Sector.choices], required=False)
    # However they are written: the service brings them into form.
    tax_number = forms.CharField(label=_("Tax number (PIB)"), max_length=40, required=False)
    registry_number = forms.CharField(label=_("Registry number"), max_length=40, required=False)

    class Meta:
        model = Employer
        fields = ("name", "tax_number", "registry_number", "sector", "municipality", "address", "is_agency")

    def __init__(self, *args: Any, parents: QuerySet[Employer], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["parent"] = forms.ModelChoiceField(
            label=_("Owned by"), queryset=parents, required=False, empty_label=_("nobody we know")
        )


class ContactForm(ShapeForm):
    class Meta:
        model = Contact
        fields = ("name", "job_title", "email", "phone")


class CorrectionForm(forms.Form):
    """Numbers and address of an employer that came without, or with mistyped ones."""

    tax_number = forms.CharField(label=_("Tax number (PIB)"), max_length=40)
    registry_number = forms.CharField(label=_("Registry number"), max_length=40, required=False)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)


class CheckForm(forms.Form):
    """One item of the checklist, and what it rests on."""

    item = forms.ChoiceField(label=_("What was checked"), choices=Check.Item.choices)
    result = forms.ChoiceField(label=_("Result"), choices=Check.Result.choices, widget=forms.RadioSelect)
    evidence = forms.CharField(
        label=_("Evidence"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Where you looked, whom you asked, what it said. Staff only."),
    )


class ProposalForm(forms.Form):
    """Why an employer may be cleared."""

    note = forms.CharField(label=_("What speaks for it"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


class BanForm(forms.Form):
    """Why a company is never worked with again."""

    reason = forms.CharField(label=_("Reason"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


class VettingForm(forms.Form):
    """Clear, refuse or suspend, with what the decision rests on."""

    outcome = forms.ChoiceField(
        label=_("Decision"),
        choices=[
            (Vetting.Outcome.CLEARED, _("clear for a year: I confirm a colleague's proposal")),
            (Vetting.Outcome.SUSPENDED, _("suspend")),
            (Vetting.Outcome.REFUSED, _("refuse")),
        ],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("Evidence"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What was checked and what it said: register entry, accounts, visit, word of others. Staff only."),
    )
