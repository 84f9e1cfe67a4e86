"""What became of it: employment spells, follow-ups at fixed days, assessments, warning flags."""

import datetime as dt

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from backend.accounts.models import User
from backend.beneficiaries.models import Beneficiary
from backend.core.data_classes import C1, C2, C3, C4
from backend.core.models import AppendOnly, Entity
from backend.core.tenancy import OfPerson, ProgrammeManager
from backend.employers.models import Employer
from backend.matches.models import Introduction
from backend.skills.codes import Contract
from backend.vault.fields import SealedCharField

FOLLOW_UP_DAYS = (3, 7, 30, 90, 180, 365, 540, 730)
"""Days after the first day worked on which contact is planned."""

INDEPENDENCE_DOMAINS = ("employment", "income", "housing", "safety", "legal", "finances", "support", "health")
"""The first four are needed for an index."""


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
        "started_on ended_on evidence verified_on",
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
            models.UniqueConstraint(
                fields=["beneficiary"], condition=Q(ended_on__isnull=True), name="spell_one_open_per_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_title} {self.started_on}"


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def due(self, *, on: dt.date) -> "FollowUpQuerySet":
        """Planned contacts whose day has come and that have no result yet."""
        return self.filter(result="", due_on__lte=on)


class FollowUp(OfPerson, Entity):
    """A contact planned for a fixed day of a spell, and what it found."""

    about = "spell__beneficiary"
    data_classes = {
        C1: "spell day due_on recorded_by",
        C2: "employer_says employer_said_on status contacted_on evidence pay_on_time",
        C4: "result feels_safe note",
    }
    not_sealed = {
        "result": STATISTIC,
        "feels_safe": STATISTIC,
    }

    class Result(models.TextChoices):
        REACHED = "reached", _("reached")
        BY_PROXY = "by_proxy", _("through somebody she trusts")
        UNREACHABLE = "unreachable", _("not reached")
        REFUSED = "refused", _("did not want to talk")
        UNSAFE = "unsafe_to_contact", _("not safe to contact")

    class Status(models.TextChoices):
        SAME_EMPLOYER = "same_employer", _("works at the same employer")
        CHANGED_EMPLOYER = "changed_employer", _("works somewhere else")
        NOT_EMPLOYED = "not_employed", _("does not work")

    class Word(models.TextChoices):
        WORKS = "works", _("still works there")
        LEFT = "left", _("does not work there any more")

    KNOWN = (Result.REACHED, Result.BY_PROXY)

    spell = models.ForeignKey(EmploymentSpell, on_delete=models.CASCADE, related_name="follow_ups")
    day = models.PositiveSmallIntegerField(_("day"))
    due_on = models.DateField(_("due on"), db_index=True)
    result = models.CharField(_("contact"), max_length=20, choices=Result, blank=True)
    status = models.CharField(_("work"), max_length=20, choices=Status, blank=True)
    contacted_on = models.DateField(_("contacted on"), null=True, blank=True)
    evidence = models.CharField(_("evidence"), max_length=1, choices=Evidence, blank=True)
    pay_on_time = models.BooleanField(_("paid in full and on time"), null=True, blank=True)
    feels_safe = models.BooleanField(_("feels safe at work"), null=True, blank=True)
    note = SealedCharField(_("note"), max_length=1000, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # What the employer answered in the portal, asked only with her consent.
    employer_says = models.CharField(_("employer says"), max_length=8, choices=Word, blank=True)
    employer_said_on = models.DateField(_("on"), null=True, blank=True)

    objects = ProgrammeManager.from_queryset(FollowUpQuerySet)()

    class Meta:
        ordering = ["due_on"]
        constraints = [
            models.UniqueConstraint(fields=["spell", "day"], name="follow_up_once_per_day"),
            models.CheckConstraint(
                condition=Q(result="", contacted_on__isnull=True, status="")
                | (~Q(result="") & Q(contacted_on__isnull=False)),
                name="follow_up_dated_when_done",
            ),
            models.CheckConstraint(
                condition=~Q(result__in=["reached", "by_proxy"]) | ~Q(status=""),
                name="follow_up_reached_says_status",
            ),
        ]

    def __str__(self) -> str:
        return f"day {self.day}"


class ContactAttempt(OfPerson, AppendOnly):
    """One try to reach her for a follow-up."""

    about = "follow_up__spell__beneficiary"
    data_classes = {C1: "follow_up attempted_at attempted_by", C3: "channel", C4: "result"}

    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="attempts")
    attempted_at = models.DateTimeField(_("tried at"))
    channel = SealedCharField(_("channel"), max_length=8)
    result = SealedCharField(_("result"), max_length=20, choices=FollowUp.Result)
    attempted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = ProgrammeManager()

    class Meta:
        ordering = ["attempted_at"]

    def __str__(self) -> str:
        return f"attempt {self.pk}"


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

    objects = ProgrammeManager()

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
