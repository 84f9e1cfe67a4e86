"""The skills an opening asks for, row by row: typed in the writer's words, linked to the taxonomy."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.employers.models import Requirement
from backend.employers.services import RequirementInput
from backend.skills.codes import Importance
from backend.skills.linking import SURE, SkillLink, link_skills
from backend.skills.models import Skill

OWN_WORDS = "words"


class AskedSkillForm(forms.Form):
    """One skill that the work asks for, in the writer's words, and what they were understood as."""

    LEVELS = [
        ("", _("any level")),
        (1, _("with help")),
        (2, _("routine tasks alone")),
        (3, _("non-routine tasks")),
        (4, _("can train others")),
    ]

    phrase = forms.CharField(label=_("Skill"), max_length=200, required=False)
    importance = forms.ChoiceField(label=_("Importance"), choices=Importance.choices, initial=Importance.ESSENTIAL)
    level = forms.TypedChoiceField(label=_("Level"), choices=LEVELS, coerce=int, empty_value=None, required=False)
    skill = forms.CharField(label=_("Understood as"), required=False, widget=forms.Select)

    # Stored skills without words of the writer's own.
    unworded: frozenset[str] = frozenset()

    def offer(self, links: list[SkillLink], known: dict[str, Skill]) -> None:
        """Let the writer choose what her words mean: her last choice or else the surest link stands first."""
        chosen = str(self["skill"].value() or "")
        self.skills = {str(link.skill.pk): link.skill for link in links}
        if chosen in known:
            self.skills.setdefault(chosen, known[chosen])
        surest = str(links[0].skill.pk) if links and links[0].score >= SURE else OWN_WORDS
        self.understood = chosen if chosen in self.skills or chosen == OWN_WORDS else surest
        options = [*((pk, skill.label) for pk, skill in self.skills.items()), (OWN_WORDS, _("these words only"))]
        options.sort(key=lambda option: option[0] != self.understood)
        self.fields["skill"].widget.choices = options

    @property
    def asked(self) -> RequirementInput | None:
        """The requirement, or None for an empty row."""
        phrase = self.cleaned_data.get("phrase", "")
        if not phrase:
            return None
        skill = self.skills.get(self.understood)
        if skill is not None and self.understood in self.unworded and phrase == skill.label:
            phrase = ""  # the row was stored without words; the label only stood in for them on the page
        return RequirementInput(
            skill=skill,
            phrase=phrase,
            importance=self.cleaned_data["importance"],
            level=self.cleaned_data["level"],
        )


class AskedSkills(forms.BaseFormSet[AskedSkillForm]):
    """The rows of skills. Words are linked to the taxonomy all at once, when the rows are built."""

    def __init__(self, *args: Any, stored: Sequence[Requirement | RequirementInput] = (), **options: Any) -> None:
        self.known = {str(asked.skill.pk): asked.skill for asked in stored if asked.skill is not None}
        self.unworded = frozenset(
            str(asked.skill.pk) for asked in stored if asked.skill is not None and not asked.phrase
        )
        super().__init__(*args, **options)

    def add_fields(self, form: AskedSkillForm, index: int | None) -> None:
        super().add_fields(form, index)
        phrase = self._phrases[index] if index is not None and index < len(self._phrases) else ""
        form.unworded = self.unworded
        form.offer(self._links.get(phrase, []), self.known)

    @cached_property
    def _phrases(self) -> list[str]:
        if self.is_bound:
            rows = range(self.total_form_count())
            return [(self.data.get(f"{self.prefix}-{row}-phrase") or "").strip()[:200] for row in rows]
        return [row.get("phrase", "") for row in self.initial or []]

    @cached_property
    def _links(self) -> dict[str, list[SkillLink]]:
        phrases = sorted(set(filter(None, self._phrases)))
        return dict(zip(phrases, link_skills(phrases), strict=True)) if phrases else {}


def row_of(asked: Requirement | RequirementInput) -> dict[str, Any]:
    """A requirement as the initial values of a row."""
    return {
        "phrase": asked.phrase or (asked.skill.label if asked.skill else ""),
        "importance": asked.importance,
        "level": asked.level,
        "skill": str(asked.skill.pk) if asked.skill else OWN_WORDS,
    }


AskedSkillFormSet = cast(
    "type[AskedSkills]",
    forms.formset_factory(AskedSkillForm, formset=AskedSkills, extra=3, max_num=40, absolute_max=60, validate_max=True),
)
