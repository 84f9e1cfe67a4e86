"""Employment spells."""

import datetime as dt

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.beneficiaries.models import Beneficiary
from backend.core.data_classes import C1, C2, C3, C4
from backend.core.models import Entity
from backend.core.tenancy import OfPerson, ProgrammeManager
from backend.employers.models import Employer
from backend.matches.models import Introduction
from backend.skills.codes import Contract

STATISTIC = "a statistic: retention and independence are counted from it, and it stays, nameless, when she is erased"


class Evidence(models.TextChoices):
    A = "A", _("contract, payslip or official record")
    B = "B", _("employer, with her consent")
    C = "C", _("her own word")
    D = "D", _("other")


class SpellQuerySet(models.QuerySet["EmploymentSpell"]):
    def running(self, *, on: dt.date) -> "SpellQuerySet":
        return self.filter(Q(ended_on__isnull=True) | Q(ended_on__gte=on), started_on__lte=on)

    def overlapping(self, *, started_on: dt.date, ended_on: dt.date | None) -> "SpellQuerySet":
        spells = self.filter(Q(ended_on__isnull=True) | Q(ended_on__gte=started_on))
        return spells.filter(started_on__lte=ended_on) if ended_on else spells


class EmploymentSpell(OfPerson, Entity):
    """One person, one employer or registered self-employment, from the first to the last day worked."""

    data_classes = {
        C1: "beneficiary",
        C2: "introduction job_title contract hours_per_week net_pay_per_month is_written is_subsidised "
        "started_on ended_on evidence verified_on recorded_on end_recorded_on",
        C3: "employer",
        C4: "end_reason",
    }
    not_sealed = {
        "employer": STATISTIC,
        "end_reason": STATISTIC,
    }

    class EndReason(models.TextChoices):
        BETTER_JOB = "better_job", _("a better job")
        STUDY = "study", _("education")
        MOVED = "moved", _("moved away")
        FAMILY = "family", _("family")
        HEALTH = "health", _("health")
        CONTRACT_ENDED = "contract_ended", _("contract ended")
        DISMISSED = "dismissed", _("dismissed")
        UNPAID = "unpaid", _("was not paid")
        HARASSMENT = "harassment", _("harassment")
        UNSAFE = "unsafe", _("was not safe")
        INCAPACITY = "incapacity", _("lasting incapacity for work")
        DEATH = "death", _("death")
        UNKNOWN = "unknown", _("not known")

    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.CASCADE, related_name="spells")
    employer = models.ForeignKey(
        Employer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="spells",
        verbose_name=_("employer"),
    )
    introduction = models.OneToOneField(
        Introduction, on_delete=models.PROTECT, null=True, blank=True, related_name="spell"
    )
    job_title = models.CharField(_("work"), max_length=200)
    contract = models.CharField(_("contract"), max_length=20, choices=Contract)
    hours_per_week = models.DecimalField(
        _("hours per week"),
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(80)],
    )
    net_pay_per_month = models.DecimalField(
        _("net pay per month"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    is_written = models.BooleanField(_("written contract"), default=True)
    is_subsidised = models.BooleanField(_("subsidised"), default=False)
    started_on = models.DateField(_("first day worked"))
    ended_on = models.DateField(_("last day worked"), null=True, blank=True)
    end_reason = models.CharField(_("reason"), max_length=16, choices=EndReason, blank=True)
    evidence = models.CharField(_("evidence"), max_length=1, choices=Evidence)
    # The last day on which somebody verified that she worked; retention is censored here.
    verified_on = models.DateField(_("last verified on"))
    # The days on which the work and its end became known: retention at a day counts what was known by then. Empty
    # where nobody noted it; it then counts as known on its own day.
    recorded_on = models.DateField(_("recorded on"), null=True, blank=True, editable=False)
    end_recorded_on = models.DateField(_("end recorded on"), null=True, blank=True, editable=False)

    objects = ProgrammeManager.from_queryset(SpellQuerySet)()

    class Meta:
        ordering = ["-started_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="spell_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, end_reason="") | (Q(ended_on__isnull=False) & ~Q(end_reason="")),
                name="spell_ends_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(verified_on__gte=F("started_on"))
                & (Q(ended_on__isnull=True) | Q(verified_on__lte=F("ended_on"))),
                name="spell_verified_while_it_ran",
            ),
            models.CheckConstraint(
                condition=Q(recorded_on__isnull=True) | Q(recorded_on__gte=F("started_on")),
                name="spell_recorded_once_it_ran",
            ),
            models.CheckConstraint(
                condition=Q(end_recorded_on__isnull=True)
                | (Q(ended_on__isnull=False) & Q(end_recorded_on__gte=F("ended_on"))),
                name="spell_end_recorded_once_it_came",
            ),
            models.UniqueConstraint(
                fields=["beneficiary"], condition=Q(ended_on__isnull=True), name="spell_one_open_per_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_title} {self.started_on}"
