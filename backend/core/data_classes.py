"""How confidential a field is: every model says it of each of its fields, and `manage.py check` holds it to that.

data_classes = {C1: "beneficiary set_on", C4: "text owner"}
not_sealed = {"municipality": "why a field of class C3 or C4 stands in the clear"}
"""

from collections import ChainMap
from collections.abc import Mapping
from enum import StrEnum

from django.db.models import Model


class DataClass(StrEnum):
    """From what anybody may know to what may hurt her."""

    C0 = "public"
    C1 = "internal"
    C2 = "employment profile"
    C3 = "identity, contact, location"
    C4 = "exploitation, health, safety, exclusions"

    @property
    def is_sealed(self) -> bool:
        """Whether the database may hold it only sealed."""
        return self in (DataClass.C3, DataClass.C4)


C0, C1, C2, C3, C4 = DataClass


def by_field(classes: Mapping[DataClass, str]) -> dict[str, DataClass]:
    """A declaration turned round: the class of each field."""
    return {name: each for each, names in classes.items() for name in names.split()}


def data_classes_of(model: type[Model]) -> dict[str, DataClass]:
    """The class of each field that the model or a base of it declares."""
    declared = [by_field(base.__dict__.get("data_classes", {})) for base in reversed(model.__mro__)]
    return dict(ChainMap(*reversed(declared)))


def not_sealed(model: type[Model]) -> dict[str, str]:
    """Fields that stand in the clear although their class says otherwise, with the reason."""
    return getattr(model, "not_sealed", {})
