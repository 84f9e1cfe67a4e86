"""Grants, and quarters as they were frozen."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.accounts.models import Organisation, User
from backend.core.data_classes import C1
from backend.core.models import Entity
from backend.core.tenancy import OfProgramme, ProgrammeManager

from .quarters import Quarter


class Grant(OfProgramme, Entity):
    """Money that pays for the support of those who entered between two days."""

    data_classes = {C1: "programme name donor starts_on ends_on"}

    programme = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="grants")
    name = models.CharField(_("grant"), max_length=120)
    donor = models.CharField(_("donor"), max_length=120)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))

    objects = ProgrammeManager()

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "name"], name="grant_name_once"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="grant_ends_after_it_starts"),
        ]

    def __str__(self) -> str:
        return self.name


class Snapshot(OfProgramme, Entity):
    """A programme's figures for a quarter, counted and guarded once, and never changed after.

    `figures` hold what may be published and nothing else; see `catalogue`. `guarded` says by measure which hidden sums
    are small, and under `measures` what was counted to guard the curves: the next quarters are guarded against it, and
    it leaves by no door. While it is being made, `done` of `steps` are done and there are no figures; `has_failed` says
    that the last try broke off. Asking again while it is being made makes it once.
    """

    data_classes = {C1: "programme quarter asked_by done steps has_failed data_on software definitions figures guarded"}

    programme = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="snapshots")
    quarter = models.CharField(_("quarter"), max_length=7)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    done = models.PositiveSmallIntegerField(default=0)
    steps = models.PositiveSmallIntegerField(default=0)
    has_failed = models.BooleanField(default=False)
    data_on = models.DateField(_("date of the data"), null=True, blank=True)
    software = models.CharField(_("software version"), max_length=20, blank=True)
    definitions = models.CharField(_("definitions"), max_length=10, blank=True)
    figures = models.JSONField(default=dict)
    guarded = models.JSONField(default=dict)

    objects = ProgrammeManager()

    class Meta:
        ordering = ["-quarter"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "quarter"], name="snapshot_once_a_quarter"),
            models.CheckConstraint(
                condition=Q(data_on__isnull=True, figures={}) | Q(data_on__isnull=False),
                name="snapshot_dated_when_ready",
            ),
        ]

    def __str__(self) -> str:
        return self.quarter

    @property
    def is_ready(self) -> bool:
        return self.data_on is not None

    @property
    def period(self) -> Quarter:
        return Quarter.parse(self.quarter)
