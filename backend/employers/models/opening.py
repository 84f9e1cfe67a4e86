"""Vacancies: what they say, what they ask for, what they said before, and what was decided about them."""

import datetime as dt
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.accounts.models import User
from backend.core.data_classes import C1
from backend.core.models import AppendOnly, Entity
from backend.core.tenancy import OfProgramme, ProgrammeManager
from backend.places.models import Municipality
from backend.skills.codes import Contract, Importance, PayPeriod
from backend.skills.models import Occupation, Skill

from .employer import Employer


class OpeningQuerySet(models.QuerySet["Opening"]):
    def open(self, *, on: dt.date) -> "OpeningQuerySet":
        """Published openings that still take candidates on that day, of employers whose vetting holds.

        Where an agency posts, the end client must not have been refused, suspended or banned either.
        """
        return self.filter(
            Q(end_client__isnull=True) | ~Q(end_client__status__in=Employer.BARRED),
            status=Opening.Status.PUBLISHED,
            valid_through__gte=on,
            employer__status=Employer.Status.CLEARED,
            employer__cleared_until__gte=on,
        )

    def waiting(self) -> "OpeningQuerySet":
        """Openings that a lead has to look at."""
        return self.filter(status=Opening.Status.SUBMITTED)

    def most_care_first(self) -> "OpeningQuerySet":
        """What nobody has screened or what shows the worst signs, then the longest waiting."""
        return self.order_by("-severity", "created_at", "pk")


class Opening(OfProgramme, Entity):
    """A vacancy: what the work is, where, when, for what pay. None means the employer has not said."""

    within = "employer__programme"
    data_classes = {
        C1: "employer end_client title description occupation municipality positions contract hours_per_week "
        "shifts pay_from pay_to pay_period currency live_in night isolated cash languages licences "
        "posted_on valid_through status severity content_hash vetted_hash source source_key source_hash",
    }

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("waiting for vetting")
        PUBLISHED = "published", _("published")
        PAUSED = "paused", _("paused")
        REFUSED = "refused", _("refused")
        CLOSED = "closed", _("closed")

    class Severity(models.IntegerChoices):
        """What screening made of it (`screening.Verdict`), in the order of the queue; UNSCREENED until it has."""

        CLEAR = 0
        WARN = 1
        HOLD = 2
        STOP = 3
        UNSCREENED = 4

    employer = models.ForeignKey(Employer, on_delete=models.PROTECT, related_name="openings")
    # Where an agency posts for somebody else, the one she would work for.
    end_client = models.ForeignKey(
        Employer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("end client"),
    )
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("tasks"), max_length=20_000, blank=True)
    occupation = models.ForeignKey(
        Occupation, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("occupation")
    )
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("place of work")
    )
    positions = models.PositiveSmallIntegerField(
        _("positions"), default=1, validators=[MinValueValidator(1), MaxValueValidator(500)]
    )
    contract = models.CharField(_("contract"), max_length=20, choices=Contract, blank=True)
    hours_per_week = models.DecimalField(
        _("hours per week"),
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(1)), MaxValueValidator(Decimal(80))],
    )
    shifts = models.JSONField(_("shifts"), null=True, blank=True)  # list of Shift, None = unknown
    pay_from = models.DecimalField(
        _("net pay from"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    pay_to = models.DecimalField(
        _("net pay to"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    pay_period = models.CharField(_("pay per"), max_length=8, choices=PayPeriod, default=PayPeriod.MONTH)
    currency = models.CharField(_("currency"), max_length=3, default="RSD")
    live_in = models.BooleanField(_("living at the workplace"), null=True, blank=True)
    night = models.BooleanField(_("night work"), null=True, blank=True)
    isolated = models.BooleanField(_("isolated workplace"), null=True, blank=True)
    cash = models.BooleanField(_("pay in cash"), null=True, blank=True)
    languages = models.JSONField(_("languages"), default=dict, blank=True)  # language code -> CEFR level
    licences = models.JSONField(_("licences"), default=list, blank=True)  # list of Licence
    posted_on = models.DateField(_("posted on"))
    valid_through = models.DateField(_("valid through"))
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.DRAFT)
    severity = models.PositiveSmallIntegerField(choices=Severity, default=Severity.UNSCREENED, editable=False)
    # Approval binds to content: a material edit changes content_hash and thereby re-opens vetting.
    content_hash = models.CharField(max_length=64, editable=False)
    vetted_hash = models.CharField(max_length=64, editable=False, blank=True)
    source = models.CharField(_("source"), max_length=12, default="portal")
    source_key = models.CharField(max_length=200, blank=True, editable=False)
    # What the imported row said, so that the same row again changes nothing, whatever was edited here since.
    source_hash = models.CharField(max_length=64, blank=True, editable=False)

    objects = ProgrammeManager.from_queryset(OpeningQuerySet)()

    class Meta:
        indexes = [models.Index(fields=["status", "valid_through"], name="opening_open")]
        constraints = [
            models.UniqueConstraint(
                fields=["employer", "source_key"], condition=~Q(source_key=""), name="opening_imported_once"
            ),
            models.CheckConstraint(condition=Q(valid_through__gte=F("posted_on")), name="opening_ends_after_posting"),
            models.CheckConstraint(condition=Q(positions__range=(1, 500)), name="opening_has_positions"),
            models.CheckConstraint(
                condition=Q(hours_per_week__isnull=True) | Q(hours_per_week__range=(1, 80)),
                name="opening_hours_possible",
            ),
            models.CheckConstraint(
                condition=Q(pay_from__isnull=True) | Q(pay_to__isnull=True) | Q(pay_to__gte=F("pay_from")),
                name="opening_pay_range",
            ),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(vetted_hash=F("content_hash")),
                name="opening_published_as_vetted",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_vetted(self) -> bool:
        """Whether what it says now is what was approved."""
        return bool(self.vetted_hash) and self.vetted_hash == self.content_hash


class Requirement(OfProgramme, Entity):
    """One skill an opening asks for: a taxonomy skill, or a phrase nobody could link yet."""

    within = "opening__employer__programme"
    data_classes = {C1: "opening skill phrase importance level"}

    opening = models.ForeignKey(Opening, on_delete=models.CASCADE, related_name="requirements")
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    phrase = models.CharField(_("in the employer's words"), max_length=200, blank=True)
    importance = models.CharField(_("importance"), max_length=10, choices=Importance, default=Importance.ESSENTIAL)
    level = models.PositiveSmallIntegerField(_("level"), null=True, blank=True)

    objects = ProgrammeManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["opening", "skill"], condition=Q(skill__isnull=False), name="requirement_skill_once"
            ),
            models.CheckConstraint(condition=Q(skill__isnull=False) | ~Q(phrase=""), name="requirement_says_something"),
            models.CheckConstraint(
                condition=Q(level__isnull=True) | Q(level__range=(0, 4)), name="requirement_level_0_to_4"
            ),
        ]

    def __str__(self) -> str:
        return self.phrase or str(self.skill)


class OpeningReview(OfProgramme, AppendOnly):
    """A person's decision to publish or refuse an opening as it stood at `content_hash`."""

    within = "opening__employer__programme"
    data_classes = {C1: "opening content_hash outcome note enquiry red_flags decided_by decided_on"}

    class Outcome(models.TextChoices):
        PUBLISHED = "published", _("published")
        REFUSED = "refused", _("refused")

    opening = models.ForeignKey(Opening, on_delete=models.PROTECT, related_name="reviews")
    content_hash = models.CharField(max_length=64)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome)
    note = models.TextField(_("reason"), max_length=4000, blank=True)
    # What was asked about the signs found, and the answer; the employer never reads it.
    enquiry = models.TextField(_("asked and answered"), max_length=4000, blank=True)
    red_flags = models.JSONField(_("signs found"), default=list)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_on = models.DateField(_("decided on"))

    objects = ProgrammeManager()

    def __str__(self) -> str:
        return f"{self.outcome} {self.opening_id}"


class OpeningRevision(OfProgramme, AppendOnly):
    """What an opening said, from the first writing on: one row for every material change.

    `content` is what `content_hash` is the hash of, so that a row which was tampered with gives itself away.
    """

    within = "opening__employer__programme"
    data_classes = {C1: "opening number content_hash content made_by"}

    opening = models.ForeignKey(Opening, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveSmallIntegerField(_("number"))
    content_hash = models.CharField(max_length=64)
    content = models.JSONField(_("content"))
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ProgrammeManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["opening", "number"], name="revision_number_once")]

    def __str__(self) -> str:
        return f"{self.number} {self.opening_id}"
