"""The gates that keep her safe."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.core.models import Entity
from backend.core.tenancy import OfPerson, ProgrammeManager
from backend.places.models import Municipality
from backend.skills.codes import Condition, Sector

from .beneficiary import Beneficiary


class SafetyRule(OfPerson, Entity):
    """A gate: no opening that meets it is ever shown or introduced. It holds until it is lifted, with a reason."""

    class Kind(models.TextChoices):
        PLACE = "place", _("place and its surroundings")
        EMPLOYER = "employer", _("employer and its group")
        SECTOR = "sector", _("sector")
        CONDITION = "condition", _("condition of work")

    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.CASCADE, related_name="safety_rules")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("place"),
    )
    radius_km = models.PositiveSmallIntegerField(
        _("radius in km"), null=True, blank=True, validators=[MaxValueValidator(500)]
    )
    employer = models.ForeignKey(
        "employers.Employer",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("employer"),
    )
    sector = models.CharField(_("sector"), max_length=1, choices=Sector, blank=True)
    condition = models.CharField(_("condition"), max_length=10, choices=Condition, blank=True)
    set_on = models.DateField(_("set on"))
    lifted_on = models.DateField(_("lifted on"), null=True, blank=True)
    lifted_because = models.CharField(_("lifted because"), max_length=400, blank=True)

    objects = ProgrammeManager()

    class Meta:
        constraints = [
            # Exactly the field that its kind needs; a rule that says nothing would protect nobody.
            models.CheckConstraint(
                condition=(
                    Q(
                        kind="place",
                        municipality__isnull=False,
                        radius_km__isnull=False,
                        employer__isnull=True,
                        sector="",
                        condition="",
                    )
                    | Q(
                        kind="employer",
                        employer__isnull=False,
                        municipality__isnull=True,
                        radius_km__isnull=True,
                        sector="",
                        condition="",
                    )
                    | (
                        Q(
                            kind="sector",
                            employer__isnull=True,
                            municipality__isnull=True,
                            radius_km__isnull=True,
                            condition="",
                        )
                        & ~Q(sector="")
                    )
                    | (
                        Q(
                            kind="condition",
                            employer__isnull=True,
                            municipality__isnull=True,
                            radius_km__isnull=True,
                            sector="",
                        )
                        & ~Q(condition="")
                    )
                ),
                name="safety_rule_says_what_its_kind_needs",
            ),
            models.CheckConstraint(
                condition=Q(lifted_on__isnull=True) | (Q(lifted_on__gte=F("set_on")) & ~Q(lifted_because="")),
                name="safety_rule_lifted_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} rule"
