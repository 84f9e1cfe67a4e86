"""The build fails on a field without a data class, and on a confidential one that is not sealed."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.db.models import Model

from backend.core.data_classes import by_field, data_classes_of, not_sealed
from backend.core.tenancy import OfPerson

from .fields import SealedField
from .third_party import NOT_SEALED, THIRD_PARTY


@register()
def check_data_classes(**_: Any) -> list[CheckMessage]:
    unknown = THIRD_PARTY.keys() - {model._meta.label for model in apps.get_models()}
    return [
        *(Error(f"{label} has a data class and is not installed.", id="vault.E008") for label in sorted(unknown)),
        *(problem for model in apps.get_models() for problem in problems_of(model)),
    ]


def problems_of(model: type[Model]) -> Iterable[CheckMessage]:
    """What the model leaves out, or declares without having it."""
    label = model._meta.label
    classes, reasons = data_classes_of(model), not_sealed(model)
    if label in THIRD_PARTY:
        classes, reasons = by_field(THIRD_PARTY[label]), NOT_SEALED.get(label, {})
    fields = {field.name: field for field in (*model._meta.local_fields, *model._meta.local_many_to_many)}
    for name in fields.keys() - classes.keys():
        yield Error(f"{label}.{name} has no data class.", hint="Add it to data_classes.", obj=model, id="vault.E001")
    for name in (classes.keys() | reasons.keys()) - fields.keys():
        yield Error(f"{label} declares {name}, which it does not have.", obj=model, id="vault.E002")
    for name in fields.keys() & classes.keys():
        is_sealed = isinstance(fields[name], SealedField)
        if classes[name].is_sealed and not is_sealed and name not in reasons:
            yield Error(f"{label}.{name} is {classes[name].name} and not sealed.", obj=model, id="vault.E003")
        if is_sealed and name in reasons:
            yield Error(f"{label}.{name} is sealed and declared not to be.", obj=model, id="vault.E004")
    sealed: list[Any] = [field for field in fields.values() if isinstance(field, SealedField)]
    if sealed and not issubclass(model, OfPerson):
        yield Error(f"{label} is sealed for nobody: make it OfPerson.", obj=model, id="vault.E005")
    if sealed and not model._meta.pk.has_default():
        yield Error(f"{label} is sealed, and its rows have no key before they are saved.", obj=model, id="vault.E006")
    if any(field.unique or field.db_index for field in sealed):
        yield Error(f"{label} has an index over a sealed field.", obj=model, id="vault.E007")
