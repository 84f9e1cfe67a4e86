"""Signs that ask a person to look."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.accounts.models import User
from backend.beneficiaries.models import Beneficiary
from backend.core.data_classes import C1, C4
from backend.core.models import Entity
from backend.core.tenancy import OfPerson, ProgrammeManager
from backend.vault.fields import SealedCharField

from .follow_up import FollowUp
from .spell import STATISTIC


class WarningFlagQuerySet(models.QuerySet["WarningFlag"]):
    def open(self) -> "WarningFlagQuerySet":
        """Those that nobody has dealt with."""
        return self.filter(resolved_on__isnull=True)

    def most_urgent_first(self) -> "WarningFlagQuerySet":
        """Red before amber (as the alphabet has it, backwards), then by the day by which somebody has to look."""
        return self.order_by("-severity", "due_on", "created_at")


class WarningFlag(OfPerson, Entity):
    """A sign that a person should look: it asks for a review, and never touches a match score."""

    data_classes = {
        C1: "beneficiary follow_up raised_on due_on resolved_on raised_by",
        C4: "kind severity resolution",
    }
    not_sealed = {
        "severity": STATISTIC,
    }

    class Severity(models.TextChoices):
        RED = "red", _("red: today")
        AMBER = "amber", _("amber: within three days")

    class Kind(models.TextChoices):
        DOCUMENTS_HELD = "documents_held", _("somebody else holds her documents")
        THREATS = "threats", _("threats")
        WAGES_WITHHELD = "wages_withheld", _("wages withheld, or debt to the employer")
        CONFINEMENT = "confinement", _("cannot leave freely")
        UNWANTED_CONTACT = "unwanted_contact", _("contact by somebody dangerous")
        MINOR_AT_RISK = "minor_at_risk", _("a child at risk")
        MISSED_CONTACTS = "missed_contacts", _("two safe contacts missed")
        SUDDEN_MOVE = "sudden_move", _("sudden change of address or phone")
        THIRD_PARTY = "third_party", _("somebody else answers")
        INCOME_CONTROLLED = "income_controlled", _("somebody else controls her income")
        JOB_LOST = "job_lost", _("job lost while housing is weak")
        OFFER_ABROAD = "offer_abroad", _("unverified offer abroad")
        PAY_STOPPED = "pay_stopped", _("pay stopped over 30 days ago")

    RED = (
        Kind.DOCUMENTS_HELD,
        Kind.THREATS,
        Kind.WAGES_WITHHELD,
        Kind.CONFINEMENT,
        Kind.UNWANTED_CONTACT,
        Kind.MINOR_AT_RISK,
    )

    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.CASCADE, related_name="warning_flags")
    follow_up = models.ForeignKey(
        FollowUp, on_delete=models.SET_NULL, null=True, blank=True, related_name="warning_flags"
    )
    kind = SealedCharField(_("sign"), max_length=20, choices=Kind)
    severity = models.CharField(_("severity"), max_length=6, choices=Severity)
    raised_on = models.DateField(_("raised on"))
    due_on = models.DateField(_("look at it by"))
    resolved_on = models.DateField(_("resolved on"), null=True, blank=True)
    resolution = SealedCharField(_("what was done"), max_length=1000, null=True, blank=True)
    raised_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = ProgrammeManager.from_queryset(WarningFlagQuerySet)()

    class Meta:
        ordering = ["due_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(resolved_on__isnull=True)
                | (Q(resolved_on__gte=F("raised_on")) & Q(resolution__isnull=False)),
                name="warning_flag_resolved_with_words",
            )
        ]

    def __str__(self) -> str:
        return f"flag {self.pk}"
