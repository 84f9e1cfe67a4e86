"""What she can do, has done and wants: what a ranking is made from."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.core.data_classes import C1, C2, C3
from backend.core.models import Entity
from backend.core.tenancy import OfPerson, ProgrammeManager
from backend.skills.codes import CEFR, Language
from backend.skills.models import Occupation, Skill
from backend.vault.fields import SealedCharField

from .beneficiary import Beneficiary


class HeldSkill(OfPerson, Entity):
    """A skill she has, how well, and what says so."""

    data_classes = {C1: "beneficiary", C2: "skill level evidence noted_on", C3: "phrase"}

    class Level(models.IntegerChoices):
        NONE = 0, _("none")
        WITH_HELP = 1, _("with help")
        ROUTINE = 2, _("routine tasks alone")
        NON_ROUTINE = 3, _("non-routine tasks")
        TEACHES = 4, _("can train others")

    class Evidence(models.TextChoices):
        SELF = "self", _("her own word")
        TRAINER = "trainer", _("trainer")
        CERTIFICATE = "certificate", _("certificate")
        EMPLOYER = "employer", _("employer")

    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.CASCADE, related_name="skills")
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, related_name="+", verbose_name=_("skill"))
    phrase = SealedCharField(_("in her words"), max_length=200, blank=True)
    level = models.PositiveSmallIntegerField(_("level"), choices=Level, default=Level.ROUTINE)
    evidence = models.CharField(_("evidence"), max_length=12, choices=Evidence, default=Evidence.SELF)
    noted_on = models.DateField(_("noted on"))

    objects = ProgrammeManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["beneficiary", "skill"], name="held_skill_once"),
            models.CheckConstraint(condition=Q(level__range=(0, 4)), name="held_skill_level_0_to_4"),
        ]

    def __str__(self) -> str:
        return f"{self.skill} {self.level}"


class LanguageSkill(OfPerson, Entity):
    """A language she speaks, by CEFR level; written kept apart from spoken."""

    data_classes = {C1: "beneficiary", C2: "language spoken written"}

    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.CASCADE, related_name="languages")
    language = models.CharField(_("language"), max_length=8, choices=Language)
    spoken = models.CharField(_("spoken"), max_length=2, choices=CEFR)
    written = models.CharField(_("written"), max_length=2, choices=CEFR, blank=True)

    objects = ProgrammeManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["beneficiary", "language"], name="language_skill_once")]

    def __str__(self) -> str:
        return f"{self.language} {self.spoken}"


class Experience(OfPerson, Entity):
    """Work she has done before, as far as she wants it known."""

    data_classes = {C1: "beneficiary", C2: "occupation years", C3: "title"}

    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.CASCADE, related_name="experiences")
    title = SealedCharField(_("work"), max_length=200)
    occupation = models.ForeignKey(Occupation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    years = models.DecimalField(
        _("years"), max_digits=3, decimal_places=1, validators=[MinValueValidator(0), MaxValueValidator(60)]
    )

    objects = ProgrammeManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(years__range=(0, 60)), name="experience_years_possible"),
        ]

    def __str__(self) -> str:
        return f"experience {self.pk}"


class Wishes(OfPerson, Entity):
    """What work she wants and can do: hours, shifts, distance, pay. None means she has not said."""

    data_classes = {
        C1: "beneficiary",
        C2: "occupations min_hours max_hours shifts max_travel_km min_pay_per_hour",
        C3: "own_words",
    }

    beneficiary = models.OneToOneField(Beneficiary, on_delete=models.CASCADE, related_name="wishes")
    occupations: "models.ManyToManyField[Occupation, models.Model]" = models.ManyToManyField(
        Occupation, blank=True, related_name="+", verbose_name=_("wished work")
    )
    own_words = SealedCharField(_("in her words"), max_length=400, blank=True)
    min_hours = models.PositiveSmallIntegerField(
        _("hours per week from"), null=True, blank=True, validators=[MaxValueValidator(60)]
    )
    max_hours = models.PositiveSmallIntegerField(
        _("hours per week to"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    shifts = models.JSONField(_("shifts she can work"), null=True, blank=True)  # list of Shift, None = any
    max_travel_km = models.PositiveSmallIntegerField(
        _("distance in km at most"), null=True, blank=True, validators=[MaxValueValidator(500)]
    )
    min_pay_per_hour = models.DecimalField(
        _("net pay per hour from"),
        max_digits=8,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )

    objects = ProgrammeManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(min_hours__isnull=True) | Q(max_hours__isnull=True) | Q(max_hours__gte=F("min_hours")),
                name="wishes_hours_range",
            )
        ]

    def __str__(self) -> str:
        return f"wishes {self.beneficiary_id}"
