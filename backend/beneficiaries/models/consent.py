"""Consents, as rows, and the texts that are read before they are given."""

import datetime as dt
import hashlib

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.accounts.models import User
from backend.core.data_classes import C0, C1, C2
from backend.core.models import AppendOnly, Entity
from backend.core.tenancy import OfPerson, ProgrammeManager

from .beneficiary import Beneficiary


class Purpose(models.TextChoices):
    SUPPORT = "support", _("support by the programme")
    BLIND_INTRODUCTION = "blind_introduction", _("sharing an unnamed profile with one employer")
    IDENTITY_DISCLOSURE = "identity_disclosure", _("telling one employer who she is")
    EMPLOYER_CONTACT = "employer_contact", _("asking her employer how work goes")
    RESEARCH = "research", _("anonymous statistics")


class TextLanguage(models.TextChoices):
    """The languages that every consent text exists in."""

    SERBIAN_LATIN = "sr", _("Serbian")
    SERBIAN_CYRILLIC = "sr-cyrl", _("Serbian (Cyrillic)")
    ENGLISH = "en", _("English")
    ALBANIAN = "sq", _("Albanian")


class ConsentText(AppendOnly):
    """What she is told before she agrees, word for word; a new wording is a new version."""

    data_classes = {C0: "purpose version language body sha256"}

    purpose = models.CharField(_("purpose"), max_length=24, choices=Purpose)
    version = models.CharField(_("version of the text"), max_length=20)
    language = models.CharField(_("language"), max_length=8, choices=TextLanguage)
    body = models.TextField(_("text"), max_length=8000)
    sha256 = models.CharField(max_length=64, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purpose", "version", "language"], name="consent_text_once_per_version")
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.version} {self.language}"

    @staticmethod
    def digest(body: str) -> str:
        return hashlib.sha256(body.encode()).hexdigest()

    @property
    def is_intact(self) -> bool:
        """Whether it still says what it said when it was written down."""
        return self.sha256 == self.digest(self.body)


class ConsentQuerySet(models.QuerySet["Consent"]):
    def valid(self, *, on: dt.date) -> "ConsentQuerySet":
        """Given by that day, not withdrawn and not expired; one that is dated ahead counts only from its day."""
        return self.filter(
            Q(expires_on__isnull=True) | Q(expires_on__gte=on), given_on__lte=on, withdrawn_at__isnull=True
        )


class Consent(OfPerson, Entity):
    """One consent to one purpose. A disclosure names the opening as it stood and the fields that may leave."""

    data_classes = {
        C1: "beneficiary purpose opening_hash text text_version language method given_on expires_on withdrawn_at "
        "recorded_by",
        C2: "recipient opening fields",
    }
    Purpose = Purpose

    class Method(models.TextChoices):
        SIGNED = "signed", _("signed")
        SPOKEN = "spoken", _("spoken, noted by the counsellor")
        MESSAGE = "message", _("by message")

    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(_("purpose"), max_length=24, choices=Purpose)
    recipient = models.ForeignKey(
        "employers.Employer", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    opening = models.ForeignKey("employers.Opening", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    opening_hash = models.CharField(max_length=64, blank=True, editable=False)
    fields = models.JSONField(_("what may be shared"), default=list)
    # The words she agreed to. Consents from before texts were kept have only the version; they carry no disclosure.
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    text_version = models.CharField(_("version of the text"), max_length=20)
    language = models.CharField(_("language of the text"), max_length=8, choices=TextLanguage)
    method = models.CharField(_("how given"), max_length=10, choices=Method)
    given_on = models.DateField(_("given on"))
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = ProgrammeManager.from_queryset(ConsentQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(expires_on__gte=F("given_on")),
                name="consent_expires_after_given",
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=["support", "research", "employer_contact"])
                | Q(recipient__isnull=False, opening__isnull=False),
                name="consent_to_disclose_names_recipient",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.given_on}"
