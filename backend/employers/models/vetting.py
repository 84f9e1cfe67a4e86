"""What a programme found out about an employer and decided: checks with their evidence, decisions by two, bans."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.accounts.models import Organisation, User
from backend.core.data_classes import C1
from backend.core.models import AppendOnly, Entity
from backend.core.tenancy import OfProgramme, ProgrammeManager

from .employer import Employer


class Check(OfProgramme, AppendOnly):
    """One item of the checklist, looked into on a day, with what it rests on. The newest row of an item counts."""

    within = "employer__programme"
    data_classes = {C1: "employer item result evidence checked_by checked_on"}

    class Item(models.TextChoices):
        REGISTER = "register", _("in the business register under these numbers")
        ADDRESS = "address", _("the address exists and is the company's")
        CONTACT = "contact", _("the contact was reached by a number found elsewhere")
        VISIT = "visit", _("the workplace was visited")
        DEBARMENT = "debarment", _("on no list of debarred or fined employers")
        WAGES = "wages", _("pays wages and contributions, account not blocked")
        REFERENCES = "references", _("others who work with it speak for it")
        OBLIGATIONS = "obligations", _("has accepted the obligations of employers")
        LICENCE = "licence", _("on the Ministry's list of licensed agencies")

    class Result(models.TextChoices):
        PASSED = "passed", _("in order")
        FAILED = "failed", _("not in order")

    employer = models.ForeignKey(Employer, on_delete=models.PROTECT, related_name="checks")
    item = models.CharField(_("what was checked"), max_length=12, choices=Item)
    result = models.CharField(_("result"), max_length=8, choices=Result)
    evidence = models.TextField(_("evidence"), max_length=2000)
    checked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    checked_on = models.DateField(_("checked on"))

    objects = ProgrammeManager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(evidence=""), name="check_has_evidence")]

    def __str__(self) -> str:
        return f"{self.item} {self.employer_id}"


class Vetting(OfProgramme, AppendOnly):
    """One decision about an employer, with the evidence it rests on. Clearing takes two: a constraint holds it."""

    within = "employer__programme"
    data_classes = {C1: "employer outcome note proposed_by decided_by decided_on expires_on"}

    class Outcome(models.TextChoices):
        PROPOSED = "proposed", _("proposed for clearance")
        CLEARED = "cleared", _("cleared")
        REFUSED = "refused", _("refused")
        SUSPENDED = "suspended", _("suspended")

    employer = models.ForeignKey(Employer, on_delete=models.PROTECT, related_name="vettings")
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome)
    note = models.TextField(_("evidence"), max_length=4000)
    # Who proposed what is now decided; another person than who decides.
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_on = models.DateField(_("decided on"))
    expires_on = models.DateField(_("expires on"), null=True, blank=True)

    objects = ProgrammeManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(expires_on__gt=F("decided_on")),
                name="vetting_expires_after_decision",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="cleared") | (Q(proposed_by__isnull=False) & ~Q(proposed_by=F("decided_by"))),
                name="vetting_clears_with_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.employer_id}"


class BanQuerySet(models.QuerySet["Ban"]):
    def standing(self) -> "BanQuerySet":
        return self.filter(lifted_on__isnull=True)


class Ban(OfProgramme, Entity):
    """A company that a programme never works with, known by its tax number whatever it calls itself.

    It stands by itself: no employer row has to exist for it to hold, and none that comes later escapes it.
    """

    data_classes = {
        C1: "programme tax_number name name_folded reason banned_by banned_on lifted_by lifted_on",
    }

    programme = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    tax_number = models.CharField(_("tax number (PIB)"), max_length=9, blank=True)
    name = models.CharField(_("company name"), max_length=200)
    name_folded = models.CharField(max_length=200, editable=False)
    reason = models.TextField(_("reason"), max_length=4000)
    banned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    banned_on = models.DateField(_("banned on"))
    lifted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    lifted_on = models.DateField(_("lifted on"), null=True, blank=True)

    objects = ProgrammeManager.from_queryset(BanQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "tax_number"],
                condition=~Q(tax_number="") & Q(lifted_on__isnull=True),
                name="ban_stands_once",
            ),
            models.CheckConstraint(
                condition=Q(tax_number="") | Q(tax_number__regex=r"^[0-9]{9}$"), name="ban_tax_number_is_normal"
            ),
            models.CheckConstraint(
                condition=Q(lifted_by__isnull=True, lifted_on__isnull=True)
                | (Q(lifted_by__isnull=False, lifted_on__isnull=False) & ~Q(lifted_by=F("banned_by"))),
                name="ban_is_lifted_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id}"
