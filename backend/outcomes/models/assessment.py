"""The independence profile."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from backend.accounts.models import User
from backend.beneficiaries.models import Beneficiary
from backend.core.data_classes import C1, C4
from backend.core.models import Entity
from backend.core.tenancy import OfPerson, ProgrammeManager

from .spell import STATISTIC

INDEPENDENCE_DOMAINS = ("employment", "income", "housing", "safety", "legal", "finances", "support", "health")
"""The first four are needed for an index."""


def _domain(label: StrOrPromise) -> "models.PositiveSmallIntegerField[int | None, int | None]":
    return models.PositiveSmallIntegerField(
        label, null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(4)]
    )


SCORED = (*INDEPENDENCE_DOMAINS, "needs_met")


class Assessment(OfPerson, Entity):
    """The independence profile: eight domains scored with her from 1 (most vulnerable) to 4."""

    data_classes = {C1: "beneficiary assessed_on assessed_by agrees", C4: " ".join(SCORED)}
    not_sealed = dict.fromkeys(SCORED, STATISTIC)

    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.CASCADE, related_name="assessments")
    assessed_on = models.DateField(_("assessed on"))
    employment = _domain(_("employment stability"))
    income = _domain(_("income adequacy"))
    housing = _domain(_("housing"))
    safety = _domain(_("safety and freedom from control"))
    legal = _domain(_("legal status and documents"))
    finances = _domain(_("financial autonomy"))
    support = _domain(_("social support and childcare"))
    health = _domain(_("health"))
    needs_met = models.BooleanField(_("basic needs met without emergency aid"), null=True, blank=True)
    agrees = models.BooleanField(_("she agrees with this picture"), null=True, blank=True)
    assessed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = ProgrammeManager()

    class Meta:
        ordering = ["-assessed_on"]
        constraints = [
            models.UniqueConstraint(fields=["beneficiary", "assessed_on"], name="assessment_once_a_day"),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{domain}__isnull": True}) | Q(**{f"{domain}__range": (1, 4)}),
                    name=f"assessment_{domain}_1_to_4",
                )
                for domain in INDEPENDENCE_DOMAINS
            ),
        ]

    def __str__(self) -> str:
        return f"assessment {self.assessed_on}"
