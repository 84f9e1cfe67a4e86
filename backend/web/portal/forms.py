"""What an employer fills in beside the posting form."""

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.employers.models import Opening
from backend.matches.models import Introduction


class PasteForm(forms.Form):
    """An advert as it stands elsewhere."""

    text = forms.CharField(
        label=_("Advert"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=_("Plain text, its first line the title; or schema.org JobPosting as JSON-LD."),
    )


class AnswerForm(forms.Form):
    """Yes, no with a reason, or a question."""

    answer = forms.ChoiceField(
        label=_("Answer"),
        choices=[("interested", _("interested")), ("declined", _("not this time")), ("question", _("question"))],
    )
    reason = forms.ChoiceField(
        label=_("Reason"), choices=[("", ""), *Introduction.EmployerReason.choices], required=False
    )
    question = forms.CharField(
        label=_("Your question"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    @property
    def says_no(self) -> bool:
        return bool(self.cleaned_data["answer"] == "declined")


class StillEmployedForm(forms.Form):
    """Whether a person who was hired still works there."""

    works_here = forms.TypedChoiceField(
        label=_("Still works with you"),
        choices=[("yes", _("yes")), ("no", _("no"))],
        coerce=lambda value: value == "yes",
    )


class InboxFilter(forms.Form):
    """The one opening whose candidates are listed."""

    opening = forms.UUIDField(required=False)


class StatusFilter(forms.Form):
    """Which of the own openings to list."""

    status = forms.ChoiceField(label=_("Status"), choices=[("", _("all")), *Opening.Status.choices], required=False)
