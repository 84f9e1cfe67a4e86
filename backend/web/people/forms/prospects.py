"""Forms that ask and change nothing: what if, and two matches side by side."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from backend.matches.models import Match
from backend.matches.queries import LIMITS
from backend.trainings.models import Course

from ...templatetags.words import FILE
from ..fields import codes


class WhatIfForm(forms.Form):
    """A course done, and limits that she might set otherwise; every rule that keeps her safe stays."""

    course = forms.ModelChoiceField(
        Course.objects.none(), required=False, label=gettext_lazy("If she completes"), empty_label=gettext_lazy("none")
    )
    without = codes([(name, FILE[name][0]) for name in LIMITS], label=gettext_lazy("If it did not limit her"))

    def __init__(self, *args: Any, courses: QuerySet[Course], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["course"].queryset = courses.order_by("title", "provider")  # type: ignore[attr-defined]


class MatchChoiceField(forms.ModelChoiceField[Match]):
    """One of her matches, by the opening's title and the employer."""

    def label_from_instance(self, obj: Match) -> str:
        return f"{obj.opening.title} · {obj.opening.employer}"


class CompareForm(forms.Form):
    """Two of her matches."""

    one = MatchChoiceField(Match.objects.none(), label=gettext_lazy("One"), empty_label=None)
    other = MatchChoiceField(Match.objects.none(), label=gettext_lazy("The other"), empty_label=None)

    def __init__(self, *args: Any, matches: QuerySet[Match], **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.queryset = matches  # type: ignore[attr-defined]
