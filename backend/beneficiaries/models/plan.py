"""The individual plan."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.core.data_classes import C1, C3, C4
from backend.core.models import Entity
from backend.core.tenancy import OfPerson, ProgrammeManager
from backend.vault.fields import SealedCharField

from .beneficiary import Beneficiary


class Goal(OfPerson, Entity):
    """One line of the individual plan, written together."""

    data_classes = {C1: "beneficiary set_on due_on achieved_on", C3: "owner", C4: "domain text"}

    class Domain(models.TextChoices):
        LODGING = "lodging", _("lodging")
        MEDICAL = "medical", _("medical")
        PSYCHOLOGICAL = "psychological", _("psychological")
        LEGAL = "legal", _("legal")
        FAMILY = "family", _("family")
        EDUCATION = "education", _("education")
        EMPLOYMENT = "employment", _("employment")

    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.CASCADE, related_name="goals")
    domain = SealedCharField(_("area"), max_length=16, choices=Domain)
    text = SealedCharField(_("goal"), max_length=400)
    owner = SealedCharField(_("who does it"), max_length=80)
    set_on = models.DateField(_("set on"))
    due_on = models.DateField(_("due on"), null=True, blank=True)
    achieved_on = models.DateField(_("achieved on"), null=True, blank=True)

    objects = ProgrammeManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(achieved_on__isnull=True) | Q(achieved_on__gte=F("set_on")),
                name="goal_achieved_after_set",
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True) | Q(due_on__gte=F("set_on")), name="goal_due_after_set"
            ),
        ]

    def __str__(self) -> str:
        return f"goal {self.pk}"
