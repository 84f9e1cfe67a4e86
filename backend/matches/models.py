"""Ranked openings for a person, what was decided about them, and introductions to employers."""

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.accounts.models import Organisation, User
from backend.beneficiaries.models import Beneficiary, Consent
from backend.core.data_classes import C1, C2, C4
from backend.core.models import AppendOnly, Entity
from backend.core.tenancy import OfPerson, OfProgramme, ProgrammeManager
from backend.employers.models import Contact, Employer, Opening
from backend.vault.fields import SealedCharField, SealedJSONField


class RankerVersion(OfProgramme, AppendOnly):
    """What a programme's own outcomes taught the ranking on a day, with its model card; the newest one counts.

    It holds weights and totals only, nothing of any one person.
    """

    data_classes = {C1: "programme trained_at outcomes ranker"}

    programme = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="ranker_versions")
    trained_at = models.DateTimeField(_("trained at"))
    outcomes = models.PositiveIntegerField(_("outcomes learned from"))
    # As `matching` writes it.
    ranker = models.JSONField()

    objects = ProgrammeManager()

    class Meta:
        ordering = ["-trained_at", "-created_at"]
        indexes = [models.Index(fields=["programme", "-trained_at"], name="ranker_version_newest")]

    def __str__(self) -> str:
        return f"ranker {self.trained_at:%Y-%m-%d}"


class MatchRun(OfPerson, Entity):
    """One ranking of the open openings for one person."""

    data_classes = {C1: "beneficiary ran_at considered signature", C4: "excluded"}

    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.CASCADE, related_name="match_runs")
    ran_at = models.DateTimeField(_("ran at"))
    considered = models.PositiveIntegerField(_("openings considered"))
    excluded = SealedJSONField(_("not shown, by rule"))  # exclusion code -> count
    # What the ranking depended on; while it is the same, ranking again would give the same.
    signature = models.CharField(max_length=64, editable=False)

    objects = ProgrammeManager()

    class Meta:
        ordering = ["-ran_at"]

    def __str__(self) -> str:
        return f"run {self.ran_at:%Y-%m-%d %H:%M}"


class MatchQuerySet(models.QuerySet["Match"]):
    def current(self, *, on: dt.date) -> "MatchQuerySet":
        """Matches whose opening still takes candidates and that nobody has put aside."""
        return self.filter(
            Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=on),
            is_eligible=True,
            opening__in=Opening.objects.open(on=on),
        ).exclude(state__in=[Match.State.DISMISSED, Match.State.DECLINED])


class Match(OfPerson, Entity):
    """An opening ranked for a person: score, reasons, gaps and missing data as they stood when last ranked.

    Once a decision is recorded, the reasons stay as they were when it was taken.
    """

    data_classes = {
        C1: "beneficiary opening run",
        C2: "state is_eligible lane score reasons gaps missing snoozed_until",
    }

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        SHORTLISTED = "shortlisted", _("on the shortlist")
        DISMISSED = "dismissed", _("put away")
        ACCEPTED = "accepted", _("she says yes")
        DECLINED = "declined", _("she says no")

    class Lane(models.TextChoices):
        NOW = "now", _("now")
        WITH_SUPPORT = "with_support", _("with support")
        LATER = "later", _("later")

    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.CASCADE, related_name="matches")
    opening = models.ForeignKey(Opening, on_delete=models.CASCADE, related_name="matches")
    run = models.ForeignKey(MatchRun, on_delete=models.CASCADE, related_name="matches")
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.PROPOSED)
    # False once a later run found a gate against it; it is then neither shown nor introduced.
    is_eligible = models.BooleanField(default=True)
    lane = models.CharField(_("lane"), max_length=12, choices=Lane)
    score = models.FloatField(_("score"))
    reasons = models.JSONField(default=list)
    gaps = models.JSONField(default=list)
    missing = models.JSONField(default=list)
    snoozed_until = models.DateField(_("put aside until"), null=True, blank=True)

    objects = ProgrammeManager.from_queryset(MatchQuerySet)()

    class Meta:
        verbose_name_plural = "matches"
        indexes = [models.Index(fields=["beneficiary", "-score"], name="match_ranking")]
        constraints = [
            models.UniqueConstraint(fields=["beneficiary", "opening"], name="match_once"),
            models.CheckConstraint(condition=Q(score__range=(0, 1)), name="match_score_0_to_1"),
        ]

    def __str__(self) -> str:
        return f"match {self.pk}"

    @property
    def points(self) -> int:
        """The score in whole points out of 100, as pages show it."""
        return round(100 * self.score)


class Decision(OfPerson, AppendOnly):
    """What was decided about a match: by the counsellor, or by her."""

    about = "match__beneficiary"
    data_classes = {C1: "match decided_by decided_at", C2: "kind reason", C4: "note"}

    class Kind(models.TextChoices):
        SHORTLIST = "shortlist", _("shortlist")
        DISMISS = "dismiss", _("dismiss")
        SNOOZE = "snooze", _("put aside")
        SHE_SAYS_YES = "she_says_yes", _("she says yes")
        SHE_SAYS_NO = "she_says_no", _("she says no")
        SHE_SAYS_LATER = "she_says_later", _("she says later")

    class Reason(models.TextChoices):
        DISTANCE = "distance", _("too far")
        HOURS = "hours", _("hours or shifts")
        PAY = "pay", _("pay")
        WORK = "work", _("not the work she wants")
        EMPLOYER = "employer", _("the employer")
        SAFETY = "safety", _("does not feel safe")
        SKILLS = "skills", _("skills are missing")
        OTHER_JOB = "other_job", _("has another job")
        NOT_NOW = "not_now", _("not now")
        OTHER = "other", _("other")

    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="decisions")
    kind = models.CharField(_("decision"), max_length=16, choices=Kind)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason, blank=True)
    note = SealedCharField(_("note"), max_length=400, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("decided at"))

    objects = ProgrammeManager()

    class Meta:
        ordering = ["-decided_at"]

    def __str__(self) -> str:
        return self.kind


class IntroductionQuerySet(models.QuerySet["Introduction"]):
    def with_employer(self) -> "IntroductionQuerySet":
        """Those the employer may see: shared, and not ended."""
        return self.filter(state__in=Introduction.SHARED)

    def empty(self) -> int:
        """Take away what was shared, asked and answered, whatever else is kept; how many rows."""
        return self.update(shared_profile={}, question="", reply="")

    def pending(self) -> "IntroductionQuerySet":
        return self.exclude(state__in=Introduction.ENDED)


class Introduction(OfPerson, Entity):
    """Presenting a person to one employer for one opening, blind until she consents to be named."""

    about = "match__beneficiary"
    data_classes = {
        C1: "match state pseudonym opening_hash blind_consent identity_consent shared_at answered_at nudged_at",
        C2: "shared_profile employer_reason question reply interview_at",
    }

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        AGREED_BY_HER = "agreed_by_her", _("she agrees")
        SHARED_BLIND = "shared_blind", _("shared without a name")
        INTERESTED = "interested", _("employer is interested")
        CONSENTED = "consented", _("she agrees to be named")
        IDENTIFIED = "identified", _("named")
        INTERVIEW = "interview", _("interview")
        TRIAL = "trial", _("trial")
        OFFER = "offer", _("offer")
        HIRED = "hired", _("hired")
        DECLINED_BY_HER = "declined_by_her", _("declined by her")
        DECLINED_BY_EMPLOYER = "declined_by_employer", _("declined by the employer")
        LAPSED = "lapsed", _("lapsed")
        FROZEN = "frozen", _("frozen")
        WITHDRAWN = "withdrawn", _("withdrawn")

    NAMED = (State.IDENTIFIED, State.INTERVIEW, State.TRIAL, State.OFFER, State.HIRED)
    SHARED = (State.SHARED_BLIND, State.INTERESTED, State.CONSENTED, *NAMED)
    ENDED = (
        State.HIRED, State.DECLINED_BY_HER, State.DECLINED_BY_EMPLOYER, State.LAPSED, State.FROZEN, State.WITHDRAWN,
    )  # fmt: skip

    class EmployerReason(models.TextChoices):
        FILLED = "filled", _("position is filled")
        SKILLS = "skills", _("skills do not fit")
        AVAILABILITY = "availability", _("availability does not fit")
        OTHER = "other", _("other")

    match = models.OneToOneField(Match, on_delete=models.PROTECT, related_name="introduction")
    state = models.CharField(_("state"), max_length=24, choices=State, default=State.PROPOSED)
    # What the employer calls her until she is named; new for every introduction.
    pseudonym = models.CharField(_("candidate"), max_length=12, unique=True)
    opening_hash = models.CharField(max_length=64, editable=False)
    # Generalised and frozen when she agrees; the employer sees it from the sharing on, and it is emptied when the
    # introduction ends without a hire.
    shared_profile = models.JSONField(default=dict)
    blind_consent = models.ForeignKey(Consent, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    identity_consent = models.ForeignKey(Consent, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    shared_at = models.DateTimeField(_("shared at"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    employer_reason = models.CharField(_("reason"), max_length=12, choices=EmployerReason, blank=True)
    question = models.CharField(_("question"), max_length=400, blank=True)
    reply = models.CharField(_("answer to the question"), max_length=400, blank=True)
    nudged_at = models.DateTimeField(_("reminded at"), null=True, blank=True)
    interview_at = models.DateTimeField(_("interview at"), null=True, blank=True)

    objects = ProgrammeManager.from_queryset(IntroductionQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["consented", "identified", "interview", "trial", "offer", "hired"])
                | Q(identity_consent__isnull=False),
                name="introduction_named_only_by_consent",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["shared_blind", "interested"]) | Q(blind_consent__isnull=False),
                name="introduction_shared_only_by_consent",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(answered_at__gte=F("shared_at")),
                name="introduction_answered_after_sharing",
            ),
        ]

    def __str__(self) -> str:
        return self.pseudonym


class FrozenProfile(OfPerson, AppendOnly):
    """The generalised profile of a person that an employer has been shown, under whatever pseudonym.

    The employer and its whole group never get another one, so that nothing can be learnt by comparing two. It stays on
    the programme's side when what was shared is purged.
    """

    data_classes = {C1: "beneficiary employer", C2: "profile"}

    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.CASCADE, related_name="frozen_profiles")
    employer = models.ForeignKey(Employer, on_delete=models.PROTECT, related_name="+")
    profile = models.JSONField()

    objects = ProgrammeManager()

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(fields=["beneficiary", "employer"], name="frozen_profile_once_per_employer")
        ]

    def __str__(self) -> str:
        return f"profile {self.pk}"


class AnswerLink(OfPerson, Entity):
    """A link by which one contact may answer about one introduction once, while it stands where it stood."""

    about = "introduction__match__beneficiary"
    data_classes = {C1: "introduction contact state expires_at used_at"}

    introduction = models.ForeignKey(Introduction, on_delete=models.CASCADE, related_name="links")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=24, choices=Introduction.State)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    objects = ProgrammeManager()

    def __str__(self) -> str:
        return f"link {self.pk}"


class IntroductionStep(OfPerson, AppendOnly):
    """One change of an introduction's state."""

    about = "introduction__match__beneficiary"
    data_classes = {C1: "introduction from_state to_state actor at"}

    introduction = models.ForeignKey(Introduction, on_delete=models.CASCADE, related_name="steps")
    from_state = models.CharField(max_length=24, choices=Introduction.State)
    to_state = models.CharField(max_length=24, choices=Introduction.State)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = ProgrammeManager()

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.from_state} -> {self.to_state}"
