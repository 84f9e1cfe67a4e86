"""The gates that keep her safe."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.core.data_classes import C1, C4
from backend.core.models import Entity
from backend.core.tenancy import OfPerson, ProgrammeManager
from backend.places.models import Municipality
from backend.skills.codes import Condition, Sector
from backend.vault.fields import SealedCharField, SealedIntegerField, SealedUUIDField

from .beneficiary import Beneficiary


class SafetyRule(OfPerson, Entity):
    """A gate: no opening that meets it is ever shown or introduced. It holds until it is lifted, with a reason.

    What it keeps away is sealed, all of it, so that a stolen database tells neither whom nor what she avoids. The
    database can therefore not hold a rule to its kind: `clean` does.
    """

    data_classes = {
        C1: "beneficiary set_on lifted_on",
        C4: "kind municipality_id radius_km employer_id sector condition lifted_because",
    }

    class Kind(models.TextChoices):
        PLACE = "place", _("place and its surroundings")
        EMPLOYER = "employer", _("employer and its group")
        SECTOR = "sector", _("sector")
        CONDITION = "condition", _("condition of work")

    NEEDS: ClassVar[dict[str, tuple[str, ...]]] = {
        Kind.PLACE: ("municipality", "radius_km"),
        Kind.EMPLOYER: ("employer",),
        Kind.SECTOR: ("sector",),
        Kind.CONDITION: ("condition",),
    }

    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.CASCADE, related_name="safety_rules")
    kind = SealedCharField(_("kind"), max_length=10, choices=Kind)
    # Not NULL where they say nothing: which columns are filled would tell the kind.
    municipality_id = SealedCharField(_("place"), max_length=60, blank=True)
    radius_km = SealedIntegerField(
        _("radius in km"), blank=True, validators=[MinValueValidator(0), MaxValueValidator(500)]
    )
    employer_id = SealedUUIDField(_("employer"), blank=True)
    sector = SealedCharField(_("sector"), max_length=1, choices=Sector, blank=True)
    condition = SealedCharField(_("condition"), max_length=10, choices=Condition, blank=True)
    set_on = models.DateField(_("set on"))
    lifted_on = models.DateField(_("lifted on"), null=True, blank=True)
    lifted_because = SealedCharField(_("lifted because"), max_length=400, null=True, blank=True)

    objects = ProgrammeManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(lifted_on__isnull=True) | Q(lifted_on__gte=F("set_on"), lifted_because__isnull=False),
                name="safety_rule_lifted_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"rule {self.pk}"

    def clean(self) -> None:
        """Exactly the fields that its kind needs: a rule that says nothing would protect nobody."""
        needs = self.NEEDS.get(self.kind)
        if needs is None:
            return
        for name in (name for names in self.NEEDS.values() for name in names):
            is_given = getattr(self, name) not in (None, "")
            if name in needs and not is_given:
                raise ValidationError({name: gettext("A rule of this kind needs it.")})
            if name not in needs and is_given:
                raise ValidationError({name: gettext("A rule of this kind does not use it.")})

    @property
    def municipality(self) -> Municipality | None:
        """Raises DoesNotExist where the place is gone: a gate never opens by being forgotten."""
        place: Municipality | None = self._named(Municipality, self.municipality_id)
        return place

    @municipality.setter
    def municipality(self, place: Municipality | None) -> None:
        self.municipality_id = self._remembered(place) or ""

    @property
    def employer(self) -> Any:
        """An Employer, untyped because this app and `employers` do not know one another."""
        return self._named(_employers(), self.employer_id)

    @employer.setter
    def employer(self, employer: Any) -> None:
        self.employer_id = self._remembered(employer)

    def _remembered(self, named: models.Model | None) -> Any:
        """The key of what is named, so that it need not be looked up (and may not be saved yet)."""
        if named is None:
            return None
        self.__dict__.setdefault("_names", {})[named.pk] = named
        return named.pk

    def _named(self, model: type[models.Model], key: Any) -> Any:
        if not key:
            return None
        names = self.__dict__.setdefault("_names", {})
        if key not in names:
            names[key] = model._default_manager.get(pk=key)
        return names[key]


def name_all(rules: Iterable[SafetyRule]) -> list[SafetyRule]:
    """The rules with the places and employers that they name, in two queries however many they are."""
    rules = list(rules)
    names = Municipality.objects.in_bulk({rule.municipality_id for rule in rules if rule.municipality_id})
    names |= _employers()._default_manager.in_bulk({rule.employer_id for rule in rules if rule.employer_id})
    for rule in rules:
        rule.__dict__["_names"] = names
    return rules


def _employers() -> type[models.Model]:
    return apps.get_model("employers", "Employer")
