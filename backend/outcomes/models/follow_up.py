"""Follow-ups at fixed days: the tries to reach her, what is written so far, and what the contact found."""

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.accounts.models import User
from backend.core.data_classes import C1, C2, C3, C4
from backend.core.models import AppendOnly, Entity
from backend.core.tenancy import OfPerson, ProgrammeManager
from backend.vault.fields import SealedCharField, SealedJSONField

from .spell import STATISTIC, EmploymentSpell, Evidence

FOLLOW_UP_DAYS = (3, 7, 30, 90, 180, 365, 540, 730)
"""Days after the first day worked on which contact is planned."""
LATER_DAYS = (910, 1095)
"""And those on which it goes on, up to 36 months, if she wishes."""


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def due(self, *, on: dt.date) -> "FollowUpQuerySet":
        """Planned contacts whose day has come and that have no result yet."""
        return self.filter(result="", due_on__lte=on)


class FollowUp(OfPerson, Entity):
    """A contact planned for a fixed day of a spell, and what it found."""

    about = "spell__beneficiary"
    data_classes = {
        C1: "spell day due_on recorded_by",
        C2: "employer_says employer_said_on status contacted_on recorded_on evidence pay_on_time",
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
    SPOKEN = (*KNOWN, Result.REFUSED)
    OPEN_TO_AN_ANSWER = ("", Result.UNREACHABLE, Result.REFUSED, Result.UNSAFE)

    spell = models.ForeignKey(EmploymentSpell, on_delete=models.CASCADE, related_name="follow_ups")
    day = models.PositiveSmallIntegerField(_("day"))
    due_on = models.DateField(_("due on"), db_index=True)
    result = models.CharField(_("contact"), max_length=20, choices=Result, blank=True)
    status = models.CharField(_("work"), max_length=20, choices=Status, blank=True)
    contacted_on = models.DateField(_("contacted on"), null=True, blank=True)
    # The day on which it was written down; empty where nobody noted it, and then it was the day of the contact.
    recorded_on = models.DateField(_("recorded on"), null=True, blank=True, editable=False)
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
                condition=Q(recorded_on__isnull=True) | Q(recorded_on__gte=F("contacted_on")),
                name="follow_up_recorded_once_done",
            ),
            models.CheckConstraint(
                condition=~Q(result__in=["reached", "by_proxy"]) | ~Q(status=""),
                name="follow_up_reached_says_status",
            ),
        ]

    def __str__(self) -> str:
        return f"day {self.day}"

    @property
    def takes_an_answer(self) -> bool:
        """Nobody has reached her for it yet, whether or not that is on record."""
        return self.result in self.OPEN_TO_AN_ANSWER


class ContactAttempt(OfPerson, AppendOnly):
    """One try to reach her for a follow-up."""

    about = "follow_up__spell__beneficiary"
    data_classes = {C1: "follow_up attempted_at attempted_by", C3: "channel", C4: "result"}

    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="attempts")
    attempted_at = models.DateTimeField(_("tried at"))
    # Empty where a follow-up was recorded as missed, and somebody reached her later.
    channel = SealedCharField(_("channel"), max_length=8, blank=True)
    result = SealedCharField(_("result"), max_length=20, choices=FollowUp.Result)
    attempted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = ProgrammeManager()

    class Meta:
        ordering = ["attempted_at"]

    def __str__(self) -> str:
        return f"attempt {self.pk}"


class FollowUpDraft(OfPerson, Entity):
    """What is written so far of a follow-up that nobody has recorded yet; it goes when somebody does."""

    about = "follow_up__spell__beneficiary"
    data_classes = {C1: "follow_up saved_at saved_by", C4: "answers"}

    follow_up = models.OneToOneField(FollowUp, on_delete=models.CASCADE, related_name="draft")
    # Fields of FollowUp by name, and `flags`, kinds of warning flags: all of it is what she said, so all is sealed.
    answers = SealedJSONField()
    saved_at = models.DateTimeField(_("kept at"))
    saved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = ProgrammeManager()

    def __str__(self) -> str:
        return f"draft {self.pk}"
