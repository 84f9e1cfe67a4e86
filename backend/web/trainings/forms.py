"""Forms of trainings."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.beneficiaries.models import Beneficiary, HeldSkill
from backend.beneficiaries.policies import visible_beneficiaries
from backend.skills.models import Skill
from backend.trainings.models import Course, Credential, Enrolment, Session

from ..fields import DayInput, PlaceField
from ..people.fields import ActForm, SkillField

COURSE = ["title", "provider", "hours", "description"]
GRANTS = 5
"""Skills that the form of a new course has room for."""
LEVELS = [(level.value, level.label) for level in HeldSkill.Level if level]


class CourseForm(ActForm):
    """A course, and in plain words the skills that its certificate gives."""

    class Meta:
        model = Course
        fields = COURSE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["description"].widget.attrs["rows"] = 4
        for number in range(1, GRANTS + 1):
            self.fields[f"skill_{number}"] = SkillField(
                label=_("Skill %(number)s") % {"number": number},
                max_length=200,
                required=False,
                widget=forms.TextInput(attrs={"list": "skill-labels", "autocomplete": "off"}),
            )
            self.fields[f"level_{number}"] = forms.TypedChoiceField(
                label=_("Level"), choices=LEVELS, coerce=int, initial=HeldSkill.Level.ROUTINE, required=False
            )

    @property
    def grant_rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"skill_{number}"], self[f"level_{number}"]) for number in range(1, GRANTS + 1)]

    @property
    def course_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in COURSE]

    def clean(self) -> dict[str, Any]:
        """Gather the rows as `grants`, and name the row that repeats a skill."""
        grants: dict[Skill, int] = {}
        for number in range(1, GRANTS + 1):
            skill = self.cleaned_data.get(f"skill_{number}")
            if skill in grants:
                self.add_error(f"skill_{number}", _("This skill is already on the list."))
            elif skill:
                grants[skill] = self.cleaned_data.get(f"level_{number}") or HeldSkill.Level.ROUTINE
        values = {name: self.cleaned_data[name] for name in COURSE if name in self.cleaned_data}
        return values | {"grants": list(grants.items())}


class SessionForm(ActForm):
    municipality = PlaceField()

    class Meta:
        model = Session
        fields = ["starts_on", "ends_on", "capacity", "municipality"]


class EnrolForm(ActForm):
    beneficiary = forms.ModelChoiceField(Beneficiary.objects.none(), label=gettext_lazy("Who takes part"))

    class Meta:
        model = Enrolment
        fields: list[str] = []

    def __init__(self, *args: Any, session: Session | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.actor and session:
            people = visible_beneficiaries(self.actor).exclude(enrolments__session=session)
            self.fields["beneficiary"].queryset = people.order_by("code")  # type: ignore[attr-defined]


class AttendanceForm(forms.Form):
    """Who was there on a day; whoever is enrolled and not ticked was not."""

    day = forms.DateField(label=gettext_lazy("Day"), widget=DayInput)
    present = forms.ModelMultipleChoiceField(
        Enrolment.objects.none(),
        label=gettext_lazy("Present"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, enrolments: list[Enrolment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["present"]
        field.queryset = Enrolment.objects.filter(pk__in=[each.pk for each in enrolments])  # type: ignore[attr-defined]
        field.choices = [(each.pk, each.beneficiary.code) for each in enrolments]  # type: ignore[attr-defined]


class CompleteForm(ActForm):
    class Meta:
        model = Credential
        fields = ["number"]


def first_day(session: Session, on: dt.date) -> dt.date:
    """The day that attendance is most likely noted for."""
    return min(max(on, session.starts_on), session.ends_on)
