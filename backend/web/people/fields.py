"""What the counsellor's forms are made of."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.accounts.models import User
from backend.skills.linking import SURE, link_occupation, link_skills, sure_occupations
from backend.skills.models import Occupation, Skill

from ..fields import DayInput


class ActForm(forms.ModelForm[Any]):
    """The values of one act, with labels, choices and lengths taken from a model.

    It checks shape only and never touches an instance: the rules belong to the service. `actor` bounds the choices.
    """

    def __init__(self, *args: Any, actor: User | None = None, **kwargs: Any) -> None:
        self.actor = actor
        # Several forms share a page; their fields share names, never identifiers.
        kwargs.setdefault("auto_id", f"{type(self).__name__.lower()}-%s")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.DateField):
                field.widget = DayInput()

    def _post_clean(self) -> None:
        """Leave the instance alone: nothing is saved here."""


class NothingForm(ActForm):
    """An act that needs no values."""

    class Meta:
        model = User
        fields: list[str] = []


class InstantInput(forms.DateTimeInput):
    """Day and time of day."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class RowSelect(forms.RadioSelect):
    """A few short choices side by side."""

    template_name = "parts/choices_row.html"


class SkillField(forms.CharField):
    """A skill in plain words; cleans to a Skill, and answers words it does not know with the nearest it does."""

    def clean(self, value: Any) -> Skill | None:
        words = super().clean(value)
        if not words:
            return None
        links = link_skills([words], k=3)[0]
        if links and links[0].score >= SURE:
            return links[0].skill
        raise ValidationError(_not_known(words, [link.label for link in links]), code="unknown")


class OccupationsField(forms.CharField):
    """Kinds of work, one per line; cleans to the occupations they mean."""

    widget = forms.Textarea(attrs={"rows": 3})

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=2_000, **options)

    def clean(self, value: Any) -> list[Occupation]:
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        found = sure_occupations(lines)
        if unknown := [line for line in lines if line not in found]:
            raise ValidationError(
                [_("We do not know this work: “%(words)s”. Try another word for it.") % {"words": x} for x in unknown]
            )
        return list(dict.fromkeys(found[line] for line in lines))


class OccupationField(forms.CharField):
    """One kind of work in plain words; cleans to an Occupation, or None if the words mean none."""

    def clean(self, value: Any) -> Occupation | None:
        words = super().clean(value)
        return link_occupation(words) if words else None


def codes(choices: Iterable[tuple[str, Any]], **kwargs: Any) -> forms.MultipleChoiceField:
    """Tick boxes over a list of codes."""
    return forms.MultipleChoiceField(choices=choices, required=False, widget=forms.CheckboxSelectMultiple, **kwargs)


class YesNoField(forms.TypedChoiceField):
    """Yes (True), no (False), or not said (None)."""

    def __init__(self, **options: Any) -> None:
        choices = [("", gettext_lazy("not said")), ("1", gettext_lazy("yes")), ("0", gettext_lazy("no"))]
        super().__init__(
            choices=choices,
            coerce=lambda value: value == "1",
            empty_value=None,
            required=False,
            widget=RowSelect,
            **options,
        )

    def prepare_value(self, value: Any) -> Any:
        return str(int(value)) if isinstance(value, bool) else value


def _not_known(words: str, nearest: list[str]) -> str:
    if not nearest:
        return _("We do not know the skill “%(words)s”. Try another word for it.") % {"words": words}
    return _("We do not know the skill “%(words)s”. Did you mean: %(nearest)s?") % {
        "words": words,
        "nearest": "; ".join(nearest),
    }
