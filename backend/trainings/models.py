"""Courses, their sessions, who takes part, and the credentials that grant skills."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.accounts.models import Organisation
from backend.beneficiaries.models import Beneficiary, HeldSkill
from backend.core.data_classes import C1, C2, C3
from backend.core.models import Entity
from backend.core.tenancy import OfPerson, OfProgramme, ProgrammeManager
from backend.places.models import Municipality
from backend.skills.models import Skill
from backend.vault.fields import SealedCharField


class Course(OfProgramme, Entity):
    """A training that can be taken, and the skills its credential grants."""

    data_classes = {C1: "programme title provider description hours"}

    programme = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="courses")
    title = models.CharField(_("title"), max_length=200)
    provider = models.CharField(_("provider"), max_length=200)
    description = models.TextField(_("description"), max_length=4000, blank=True)
    hours = models.PositiveSmallIntegerField(_("hours"), validators=[MinValueValidator(1), MaxValueValidator(2000)])

    objects = ProgrammeManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "title", "provider"], name="course_once"),
            models.CheckConstraint(condition=Q(hours__range=(1, 2000)), name="course_hours_possible"),
        ]

    def __str__(self) -> str:
        return self.title


class GrantedSkill(OfProgramme):
    """A skill that a course's credential grants, at a level."""

    within = "course__programme"
    data_classes = {C1: "id course skill level"}

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="grants")
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(_("level"), choices=HeldSkill.Level, default=HeldSkill.Level.ROUTINE)

    objects = ProgrammeManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "skill"], name="granted_skill_once"),
            models.CheckConstraint(condition=Q(level__range=(1, 4)), name="granted_skill_level_1_to_4"),
        ]

    def __str__(self) -> str:
        return f"{self.skill} {self.level}"


class Session(OfProgramme, Entity):
    """One run of a course, from a day to a day, in a place, with so many seats."""

    within = "course__programme"
    data_classes = {C1: "course starts_on ends_on municipality capacity"}

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="sessions")
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("place"),
        related_name="+",
    )
    capacity = models.PositiveSmallIntegerField(_("seats"), validators=[MinValueValidator(1), MaxValueValidator(1000)])

    objects = ProgrammeManager()

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="session_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="session_has_seats"),
        ]

    def __str__(self) -> str:
        return f"{self.course} {self.starts_on}"


class Enrolment(OfPerson, Entity):
    """A person's place in a session."""

    data_classes = {C2: "session beneficiary status enrolled_on ended_on"}

    class Status(models.TextChoices):
        ENROLLED = "enrolled", _("enrolled")
        COMPLETED = "completed", _("completed")
        DROPPED = "dropped", _("left early")

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="enrolments")
    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.CASCADE, related_name="enrolments")
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ENROLLED)
    enrolled_on = models.DateField(_("enrolled on"))
    ended_on = models.DateField(_("ended on"), null=True, blank=True)

    objects = ProgrammeManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "beneficiary"], name="enrolment_once"),
            models.CheckConstraint(
                condition=Q(status="enrolled", ended_on__isnull=True)
                | (~Q(status="enrolled") & Q(ended_on__gte=F("enrolled_on"))),
                name="enrolment_ends_with_its_status",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.session_id}"


class Attendance(OfPerson):
    """Whether she was there on one day."""

    about = "enrolment__beneficiary"
    data_classes = {C2: "id enrolment on present"}

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="attendances")
    on = models.DateField(_("day"))
    present = models.BooleanField(_("present"))

    objects = ProgrammeManager()

    class Meta:
        ordering = ["on"]
        constraints = [models.UniqueConstraint(fields=["enrolment", "on"], name="attendance_once_a_day")]

    def __str__(self) -> str:
        return f"{self.on} {self.present}"


class Credential(OfPerson, Entity):
    """The certificate of a completed course; awarding it adds the granted skills to her profile."""

    about = "enrolment__beneficiary"
    data_classes = {C2: "enrolment awarded_on", C3: "number"}

    enrolment = models.OneToOneField(Enrolment, on_delete=models.PROTECT, related_name="credential")
    awarded_on = models.DateField(_("awarded on"))
    number = SealedCharField(_("number"), max_length=60, blank=True)

    objects = ProgrammeManager()

    def __str__(self) -> str:
        return f"credential {self.awarded_on}"
