"""Form fields that more than one desk uses."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.places.models import Municipality


class DayInput(forms.DateInput):
    """The browser's own calendar, which wants ISO dates in every language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class PlaceField(forms.ModelChoiceField[Municipality]):
    """A municipality from the list; foreign ones carry their country."""

    def __init__(self, **options: Any) -> None:
        given: dict[str, Any] = {"label": _("Place"), "required": False} | options
        super().__init__(Municipality.objects.order_by("name_folded", "code"), **given)

    def label_from_instance(self, obj: Municipality) -> str:
        return str(obj) if obj.country_id == "RS" else f"{obj} ({obj.country_id})"
