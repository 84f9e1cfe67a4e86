"""Opening everything that is sealed, to know that it opens; the values themselves go nowhere."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from django.apps import apps
from django.db.models import Model

from backend.core.tenancy import OfPerson

from .blind import BlindIndexField, blind_fields
from .fields import SealedField
from .keyring import KeyDestroyed, VaultError, forget_opened_keys, key_to_open
from .models import DataKey


@dataclass
class Findings:
    """How many values opened, how many belong to people who were erased, and which did not open."""

    opened: int = 0
    erased: int = 0
    failures: list[str] = field(default_factory=list)

    def look(self, place: str, open_it: Callable[[], object]) -> None:
        try:
            open_it()
        except KeyDestroyed:
            self.erased += 1
        except (VaultError, ValueError) as error:  # ValueError: it opened, and is not what the field holds
            self.failures.append(f"{place}: {type(error).__name__}")
        else:
            self.opened += 1


Listing = Callable[[], Iterator[tuple[str, Callable[[], object]]]]
_listings: list[Listing] = []


def also_open(listing: Listing) -> Listing:
    """Have `inspect_vault` open what an app seals by itself, without a sealed field: (place, how to open it)."""
    _listings.append(listing)
    return listing


def inspect_vault() -> Findings:
    """Open every data key, every sealed value of every model, and what apps seal by themselves."""
    findings = Findings()
    forget_opened_keys()
    for subject in DataKey.objects.values_list("pk", flat=True).iterator():
        findings.look(f"the key of {subject}", partial(key_to_open, subject))
    for model, names in sealed_fields().items():
        hops = model.about.rpartition("__")[0]
        rows = model._base_manager.select_related(hops) if hops else model._base_manager.all()
        for row in rows.iterator():
            for index in blind_fields(model):
                findings.look(f"{model._meta.label}.{index.name} of {row.pk}", partial(_require_right, index, row))
            for name in names:
                findings.look(f"{model._meta.label}.{name} of {row.pk}", partial(getattr, row, name))
    for listing in _listings:
        for place, open_it in listing():
            findings.look(place, open_it)
    return findings


def _require_right(field: BlindIndexField, row: Model) -> None:
    if getattr(row, field.attname) != field.of_row(row):
        raise ValueError("this is not the digest of what the row holds")


def sealed_fields() -> dict[type[OfPerson], list[str]]:
    """The names of the sealed fields of every model that has any."""
    found: dict[type[Model], list[str]] = {
        model: [each.name for each in model._meta.local_fields if isinstance(each, SealedField)]
        for model in apps.get_models()
    }
    return {model: names for model, names in found.items() if names and issubclass(model, OfPerson)}
