"""A colleague's person opened in an emergency."""

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.accounts.models import User
from backend.core.data_classes import C1, C4
from backend.core.models import Entity
from backend.core.tenancy import OfPerson, ProgrammeManager
from backend.vault.fields import SealedCharField

from .beneficiary import Beneficiary


class BreakGlassQuerySet(models.QuerySet["BreakGlass"]):
    def open(self, *, now: dt.datetime) -> "BreakGlassQuerySet":
        return self.open_between(now, now)

    def open_between(self, since: dt.datetime, until: dt.datetime) -> "BreakGlassQuerySet":
        """Those that were open at any moment of a request that took so long."""
        return self.filter(opened_at__lte=until, closes_at__gt=since)


class BreakGlass(OfPerson, Entity):
    """One opening of a colleague's person, with a reason, for sixty minutes. The lead is told and reviews it."""

    data_classes = {
        C1: "beneficiary opened_by opened_at closes_at verdict reviewed_by reviewed_at",
        C4: "reason",
    }
    LASTS = dt.timedelta(minutes=60)

    class Verdict(models.TextChoices):
        JUSTIFIED = "justified", _("was needed")
        UNJUSTIFIED = "unjustified", _("was not needed")

    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.CASCADE, related_name="break_glasses")
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = SealedCharField(_("reason"), max_length=400)
    opened_at = models.DateTimeField(_("opened at"))
    closes_at = models.DateTimeField(_("closes at"))
    verdict = models.CharField(_("verdict"), max_length=12, choices=Verdict, blank=True)
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)

    objects = ProgrammeManager.from_queryset(BreakGlassQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gt=F("opened_at")), name="break_glass_closes_after_opening"),
            models.CheckConstraint(
                condition=Q(verdict="", reviewed_by__isnull=True, reviewed_at__isnull=True)
                | (~Q(verdict="") & Q(reviewed_by__isnull=False, reviewed_at__isnull=False)),
                name="break_glass_reviewed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("opened_by")),
                name="break_glass_reviewed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"break-glass {self.pk}"
