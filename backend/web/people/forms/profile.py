"""Forms of a person's profile: what she can do, has done and wants."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.beneficiaries.models import Experience, HeldSkill, LanguageSkill, Wishes
from backend.skills.codes import Shift
from backend.skills.models import Skill

from ..fields import ActForm, OccupationField, OccupationsField, codes


class SkillForm(ActForm):
    """One skill, chosen among those that her words may mean."""

    skill = forms.ModelChoiceField(
        Skill.objects.exclude(kind=Skill.Kind.GROUP),
        error_messages={"required": gettext_lazy("Choose the skill she means.")},
    )

    class Meta:
        model = HeldSkill
        fields = ["phrase", "skill", "level", "evidence"]


class LanguageForm(ActForm):
    class Meta:
        model = LanguageSkill
        fields = ["language", "spoken", "written"]


class ExperienceForm(ActForm):
    class Meta:
        model = Experience
        fields = ["title", "years"]

    def clean(self) -> dict[str, Any]:
        """Add the occupation that the title means, if it means one."""
        values = self.cleaned_data
        return (
            values | {"occupation": OccupationField().clean(values.get("title", ""))} if "title" in values else values
        )


class WishesForm(ActForm):
    occupations = OccupationsField(
        label=gettext_lazy("Work she wants"), help_text=gettext_lazy("One per line, in plain words."), required=False
    )
    shifts = codes(
        Shift.choices,
        label=gettext_lazy("Shifts she can work"),
        help_text=gettext_lazy("Leave empty if any shift will do."),
    )

    class Meta:
        model = Wishes
        fields = ["occupations", "own_words", "min_hours", "max_hours", "shifts", "max_travel_km", "min_pay_per_hour"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wanted = self.initial.get("occupations")
        if isinstance(wanted, list):
            self.initial["occupations"] = "\n".join(occupation.label for occupation in wanted)
        self.fields["min_pay_per_hour"].help_text = _("In dinars, after tax.")

    def clean_shifts(self) -> list[str] | None:
        return self.cleaned_data["shifts"] or None
