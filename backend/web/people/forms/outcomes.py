"""Forms of employment, follow-ups, assessments and warning flags."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.beneficiaries.models import Identity
from backend.employers.models import Employer
from backend.employers.policies import visible_employers
from backend.outcomes.models import (
    INDEPENDENCE_DOMAINS,
    Assessment,
    ContactAttempt,
    EmploymentSpell,
    Evidence,
    FollowUp,
    WarningFlag,
)

from ..fields import ActForm, RowSelect, YesNoField, codes

RED = [(kind.value, kind.label) for kind in WarningFlag.RED]
AMBER = [(kind.value, kind.label) for kind in WarningFlag.Kind if kind not in WarningFlag.RED]


class SpellForm(ActForm):
    """Facts of the contract; leave the last day open while she works there."""

    employer = forms.ModelChoiceField(
        Employer.objects.none(),
        label=gettext_lazy("employer"),
        required=False,
        help_text=gettext_lazy("Leave empty for self-employment or an employer we do not know."),
    )

    class Meta:
        model = EmploymentSpell
        fields = [
            "employer", "job_title", "contract", "hours_per_week", "net_pay_per_month", "is_written", "is_subsidised",
            "started_on", "ended_on", "end_reason", "evidence",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ended_on"].help_text = _("Only for work that is over.")
        if self.actor:
            self.fields["employer"].queryset = visible_employers(self.actor).order_by("name")  # type: ignore[attr-defined]


class PlacementForm(ActForm):
    """The contract that an introduction led to; employer and person are known."""

    class Meta:
        model = EmploymentSpell
        fields = [
            "job_title", "contract", "hours_per_week", "net_pay_per_month", "is_written", "is_subsidised",
            "started_on", "evidence",
        ]  # fmt: skip


class EndSpellForm(ActForm):
    reason = forms.ChoiceField(choices=EmploymentSpell.EndReason, label=gettext_lazy("Why it ended"))

    class Meta:
        model = EmploymentSpell
        fields = ["ended_on"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ended_on"].required = True


class FollowUpForm(ActForm):
    """Five minutes, by phone: was she reached, does she work, is she paid, is she safe."""

    result = forms.ChoiceField(choices=FollowUp.Result, widget=forms.RadioSelect, label=gettext_lazy("Contact"))
    status = forms.ChoiceField(
        choices=FollowUp.Status, widget=forms.RadioSelect, label=gettext_lazy("Work today"), required=False
    )
    pay_on_time = YesNoField(label=gettext_lazy("Paid in full and on time"))
    feels_safe = YesNoField(label=gettext_lazy("Feels safe at work"))
    evidence = forms.ChoiceField(
        choices=Evidence.choices,
        initial=Evidence.C,
        label=gettext_lazy("How do we know"),
    )
    red = codes(RED, label=gettext_lazy("Red signs: somebody looks today"))
    amber = codes(AMBER, label=gettext_lazy("Amber signs: somebody looks within three days"))

    class Meta:
        model = FollowUp
        fields = ["result", "contacted_on", "status", "pay_on_time", "feels_safe", "evidence", "red", "amber", "note"]

    def __init__(
        self, *args: Any, on: dt.date | None = None, answers: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        """`answers` are those of a draft."""
        if answers:
            kwargs["initial"] = {**answers, "red": answers["flags"], "amber": answers["flags"]}
        super().__init__(*args, **kwargs)
        self.fields["contacted_on"].required = True
        self.fields["contacted_on"].initial = on
        self.fields["note"].widget = forms.Textarea(attrs={"rows": 3, "maxlength": 1000})

    def clean(self) -> dict[str, Any]:
        values = {name: value for name, value in self.cleaned_data.items() if name not in ("red", "amber")}
        return values | {"flags": [*self.cleaned_data.get("red", []), *self.cleaned_data.get("amber", [])]}


class DraftForm(FollowUpForm):
    """The same while it is being filled in: everything may still be missing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False


class AttemptForm(ActForm):
    channel = forms.ChoiceField(choices=Identity.Channel, label=gettext_lazy("Channel"))

    class Meta:
        model = ContactAttempt
        fields = ["channel", "result"]


class AssessmentForm(ActForm):
    """Eight domains from 1 (most vulnerable) to 4, each beside what it was last time."""

    class Meta:
        model = Assessment
        fields = [*INDEPENDENCE_DOMAINS, "needs_met", "agrees"]

    needs_met = YesNoField(label=gettext_lazy("Basic needs met without emergency aid"))
    agrees = YesNoField(label=gettext_lazy("She agrees with this picture"))

    def __init__(self, *args: Any, last: Assessment | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in INDEPENDENCE_DOMAINS:
            before = getattr(last, name, None)
            self.fields[name] = forms.TypedChoiceField(
                label=str(self.fields[name].label).capitalize(),
                choices=[("", _("not scored")), *((score, str(score)) for score in (1, 2, 3, 4))],
                coerce=int,
                empty_value=None,
                required=False,
                widget=RowSelect,
                help_text=_("Last time: %(score)s") % {"score": before} if before else "",
            )

    def clean(self) -> dict[str, Any]:
        if not self.errors and all(self.cleaned_data.get(name) is None for name in INDEPENDENCE_DOMAINS):
            raise forms.ValidationError(_("Score at least one area."))
        return self.cleaned_data


class FlagForm(ActForm):
    class Meta:
        model = WarningFlag
        fields = ["kind"]


class ResolveForm(ActForm):
    resolution = forms.CharField(label=gettext_lazy("What was done"), max_length=1000)

    class Meta:
        model = WarningFlag
        fields: list[str] = []
