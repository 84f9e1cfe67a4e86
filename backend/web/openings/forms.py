"""The shape of an opening as a person writes it; rules are the services'."""

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from backend.employers.models import Employer, Opening, OpeningReview
from backend.skills.codes import CEFR, Contract, Currency, Language, Licence, Shift
from backend.skills.linking import link_occupation
from backend.skills.models import Occupation, Skill

from ..fields import DayInput, PlaceField

LAST_DAY = dt.date(2100, 1, 1)


class ImportForm(forms.Form):
    """A file of openings."""

    file = forms.FileField(
        label=_("File"), help_text=_("JSON-LD (schema.org JobPosting), JSON Lines, CSV or XLSX, at most 20 MB.")
    )

    def clean_file(self) -> Any:
        """Refuse a huge file before it is read into memory."""
        file = self.cleaned_data["file"]
        if file.size > settings.IMPORT_MAX_BYTES:
            raise forms.ValidationError(
                gettext("The file has %(size)s; at most %(most)s can be read.")
                % {"size": filesizeformat(file.size), "most": filesizeformat(settings.IMPORT_MAX_BYTES)}
            )
        return file


class OpeningFilter(forms.Form):
    """What the list of openings can be narrowed by."""

    q = forms.CharField(label=_("Title"), required=False, max_length=100, widget=forms.SearchInput)
    status = forms.ChoiceField(label=_("Status"), required=False)
    place = PlaceField(label=_("Place of work"), empty_label=_("anywhere"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["status"].choices = [("", _("any")), *Opening.Status.choices]  # type: ignore[attr-defined]

    def narrow(self, openings: QuerySet[Opening]) -> QuerySet[Opening]:
        """Apply what was filled in rightly; a wrong value shows its error and narrows nothing."""
        self.is_valid()
        told = self.cleaned_data
        if told.get("q"):
            openings = openings.filter(title__icontains=told["q"])
        if told.get("status"):
            openings = openings.filter(status=told["status"])
        if told.get("place"):
            openings = openings.filter(municipality=told["place"])
        return openings


class ReviewForm(forms.Form):
    """The lead's decision, bound to what she read."""

    content_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)
    outcome = forms.ChoiceField(
        label=_("Decision"),
        choices=[(OpeningReview.Outcome.PUBLISHED, _("publish")), (OpeningReview.Outcome.REFUSED, _("refuse"))],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("Reason"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The employer reads it. Needed when you refuse: say what to change, not what gave it away."),
    )
    enquiry = forms.CharField(
        label=_("What you asked, and the answer"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Staff only. Needed to publish an opening that is held."),
    )


class OpeningForm(forms.ModelForm[Opening]):
    """The opening's own fields; the skills it asks for are a formset beside it."""

    municipality = PlaceField(label=_("Place of work"), empty_label=_("not said"))
    occupation = forms.CharField(
        label=_("Occupation"),
        required=False,
        max_length=200,
        help_text=_("Only where the title does not say it."),
    )
    contract = forms.ChoiceField(label=_("Contract"), choices=[("", _("not said")), *Contract.choices], required=False)
    shifts = forms.MultipleChoiceField(
        label=_("Shifts"), choices=Shift.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    licences = forms.MultipleChoiceField(
        label=_("Licences needed"), choices=Licence.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=Currency.choices, initial=Currency.RSD)
    valid_through = forms.DateField(
        label=_("Valid through"), required=False, widget=DayInput, help_text=_("60 days where you leave it empty.")
    )
    suggested = forms.ModelMultipleChoiceField(
        label=_("Skills read from your text"),
        queryset=Skill.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick those the work needs; they join the list above when you check or save."),
    )

    class Meta:
        model = Opening
        fields = (
            "title",
            "description",
            "municipality",
            "positions",
            "contract",
            "hours_per_week",
            "shifts",
            "pay_from",
            "pay_to",
            "pay_period",
            "currency",
            "live_in",
            "night",
            "isolated",
            "cash",
            "licences",
            "valid_through",
        )
        widgets = {"description": forms.Textarea(attrs={"rows": 8})}

    # What a reader misses most when it is left empty.
    ASKED_ABOUT = ("description", "municipality", "pay_from", "hours_per_week", "shifts", "contract")

    def __init__(self, *args: Any, employers: QuerySet[Employer] | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        for condition in ("live_in", "night", "isolated", "cash"):
            self.fields[condition].widget = forms.NullBooleanSelect()
            self.fields[condition].widget.choices = [
                ("unknown", pgettext_lazy("condition of work", "not said")),
                ("true", _("yes")),
                ("false", _("no")),
            ]
        levels = [("", pgettext_lazy("language", "not needed")), *CEFR.choices]
        for code, name in Language.choices:
            self.fields[f"language_{code}"] = forms.ChoiceField(label=name, choices=levels, required=False)
        if employers is not None:
            self.fields["employer"] = forms.ModelChoiceField(label=_("Employer"), queryset=employers)

    def _post_clean(self) -> None:
        """Only the shape is checked here; the service checks the row, in words that name the field."""

    def clean_description(self) -> str:
        """Browsers send line ends as CRLF; kept, they would make an unchanged text a different offer."""
        return str(self.cleaned_data["description"]).replace("\r\n", "\n")

    def clean_shifts(self) -> list[str] | None:
        return self.cleaned_data["shifts"] or None

    def clean_occupation(self) -> Occupation | None:
        """The concept that the typed words, or else the title, surely mean."""
        typed = self.cleaned_data["occupation"]
        if not typed:
            return link_occupation(self.cleaned_data.get("title", ""))
        if (occupation := link_occupation(typed)) is None:
            raise forms.ValidationError(
                gettext("We do not know this occupation. Leave it empty, or say it in other words.")
            )
        return occupation

    def clean_valid_through(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["valid_through"]
        if day and day > LAST_DAY:
            raise forms.ValidationError(gettext("This day is too far away."))
        return day

    @property
    def languages(self) -> list[forms.BoundField]:
        return [self[f"language_{code}"] for code in Language.values]

    @property
    def unsaid(self) -> list[str]:
        """The labels of empty fields that readers ask about first."""
        return [str(self.fields[name].label) for name in self.ASKED_ABOUT if not self[name].value()]

    @property
    def said(self) -> dict[str, Any]:
        """The fields as the services take them."""
        told = {name: self.cleaned_data[name] for name in (*self.Meta.fields, "occupation")}
        if told["valid_through"] is None:
            del told["valid_through"]
        told["languages"] = {
            code: level for code in Language.values if (level := self.cleaned_data[f"language_{code}"])
        }
        return told
