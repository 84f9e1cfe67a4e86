"""Forms of decisions and introductions."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.beneficiaries.models import Consent
from backend.matches.card import NAMED_FIELDS
from backend.matches.models import Decision, Introduction, Match

from ...templatetags.words import DISCLOSED
from ..fields import ActForm, InstantInput, codes


class DecideForm(ActForm):
    """A decision in one click: the button that was pressed says what, and may say why ("dismiss:distance")."""

    answer = forms.CharField(max_length=40)
    expected_state = forms.ChoiceField(choices=Match.State)
    snoozed_until = forms.DateField(required=False, label=gettext_lazy("Put aside until"))

    class Meta:
        model = Decision
        fields = ["note"]

    def clean_answer(self) -> str:
        kind, _colon, reason = str(self.cleaned_data["answer"]).partition(":")
        if kind not in Decision.Kind.values or reason not in ("", *Decision.Reason.values):
            raise forms.ValidationError(_("Choose one of the answers."))
        return f"{kind}:{reason}"

    def act(self) -> dict[str, Any]:
        """The keywords of `decide`."""
        kind, _colon, reason = self.cleaned_data["answer"].partition(":")
        return {
            "kind": kind,
            "reason": reason,
            "note": self.cleaned_data["note"],
            "expected_state": self.cleaned_data["expected_state"],
            "snoozed_until": self.cleaned_data["snoozed_until"] if kind == Decision.Kind.SNOOZE else None,
        }


class AgreementForm(ActForm):
    """She agrees that the employer sees the profile without her name."""

    class Meta:
        model = Consent
        fields = ["method", "language"]


class IdentityConsentForm(ActForm):
    """She agrees to be named, and says what may be told."""

    fields_ = codes(
        [(name, DISCLOSED[name]) for name in NAMED_FIELDS], label=gettext_lazy("What the employer may know")
    )

    class Meta:
        model = Consent
        fields = ["method", "language"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Django keeps `fields` for itself, so the class cannot name one so.
        self.fields["fields"] = self.fields.pop("fields_")
        self.fields["fields"].required = True
        self.fields["fields"].initial = ["first_name", "phone"]
        self.order_fields(["fields", "method", "language"])


class EmployerAnswerForm(ActForm):
    """What the employer said on the telephone."""

    answer = forms.ChoiceField(
        label=gettext_lazy("The employer said"),
        choices=[
            ("interested", gettext_lazy("interested")),
            ("declined", gettext_lazy("not this time")),
            ("question", gettext_lazy("question")),
        ],
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"), choices=[("", ""), *Introduction.EmployerReason.choices], required=False
    )

    class Meta:
        model = Introduction
        fields = ["question"]


class ReplyForm(ActForm):
    class Meta:
        model = Introduction
        fields = ["reply"]
        widgets = {"reply": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reply"].required = True
        self.fields["reply"].help_text = _(
            "Only what a stranger may know: nothing of her past, where she lives or who."
        )


class InterviewForm(ActForm):
    interview_at = forms.DateTimeField(
        label=gettext_lazy("Day and time"), widget=InstantInput, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
    )

    class Meta:
        model = Introduction
        fields: list[str] = []

    def clean_interview_at(self) -> dt.datetime:
        # Of a far zone, which a browser never sends, PostgreSQL takes none.
        instant: dt.datetime = self.cleaned_data["interview_at"]
        try:
            return instant.astimezone(dt.UTC)
        except OverflowError as error:
            raise ValidationError(self.fields["interview_at"].error_messages["invalid"], code="invalid") from error


class AdvanceForm(ActForm):
    to_state = forms.ChoiceField(
        choices=[(state.value, state.label) for state in (Introduction.State.TRIAL, Introduction.State.OFFER)]
    )

    class Meta:
        model = Introduction
        fields: list[str] = []
