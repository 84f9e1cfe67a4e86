"""The person, known by a code, and the identity kept apart from her."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.accounts.models import Organisation, User
from backend.core.data_classes import C1, C2, C3
from backend.core.models import Entity
from backend.core.tenancy import OfPerson, OfProgramme, ProgrammeManager
from backend.places.models import Municipality
from backend.vault.blind import BlindIndexField
from backend.vault.fields import SealedCharField, SealedDateField, SealedEmailField, SealedPhoneField


class BeneficiaryQuerySet(models.QuerySet["Beneficiary"]):
    def active(self) -> "BeneficiaryQuerySet":
        return self.filter(status=Beneficiary.Status.ACTIVE)


class Beneficiary(OfProgramme, Entity):
    """A person in the programme, known by a code. Nobody is ever closed: contact can always be taken up again."""

    within = "organisation"
    data_classes = {
        C1: "organisation counsellor code status erased_at",
        C2: "entered_on permit licences",
        C3: "municipality",
    }
    not_sealed = {
        "municipality": "a municipality, never an address; rankings and statistics go by it",
    }

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        LIGHT_TOUCH = "light_touch", _("light touch")
        PAUSED = "paused", _("paused")

    class Permit(models.TextChoices):
        CITIZEN = "citizen", _("needs no permit")
        PERMIT = "permit", _("has a work permit")
        NONE = "none", _("may not work yet")
        UNKNOWN = "unknown", _("not known")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="beneficiaries")
    counsellor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="caseload")
    code = models.CharField(
        _("code"),
        max_length=20,
        validators=[RegexValidator(r"^[A-Z0-9-]{3,20}$", _("Capital letters, digits, hyphens."))],
    )
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.ACTIVE)
    entered_on = models.DateField(_("entered on"))
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("lives in"),
        related_name="+",
    )
    permit = models.CharField(_("right to work"), max_length=10, choices=Permit, default=Permit.UNKNOWN)
    licences = models.JSONField(_("licences"), default=list, blank=True)  # list of Licence
    # Since then nothing of hers opens, and what is left counts without her.
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ProgrammeManager.from_queryset(BeneficiaryQuerySet)()

    class Meta:
        verbose_name = _("beneficiary")
        verbose_name_plural = _("beneficiaries")
        constraints = [models.UniqueConstraint(fields=["organisation", "code"], name="beneficiary_code_once")]

    def __str__(self) -> str:
        return self.code


class Identity(OfPerson, Entity):
    """Who she is and how to reach her safely: read only by her counsellor, disclosed only by consent."""

    data_classes = {
        C1: "beneficiary",
        C3: "first_name last_name birth_date phone phone_index email address safe_channel safe_hours code_word",
    }
    not_sealed = {
        "phone_index": "a keyed digest, cut short: it says that two people have one number, and not which",
    }

    class Channel(models.TextChoices):
        CALL = "call", _("call")
        TEXT = "text", _("text message")
        APP = "app", _("messenger")
        EMAIL = "email", _("e-mail")
        VISIT = "visit", _("visit")

    beneficiary = models.OneToOneField(Beneficiary, on_delete=models.CASCADE, related_name="identity")
    first_name = SealedCharField(_("first name"), max_length=80)
    last_name = SealedCharField(_("last name"), max_length=80)
    birth_date = SealedDateField(_("date of birth"), null=True, blank=True)
    phone = SealedPhoneField(_("phone"), blank=True)
    phone_index = BlindIndexField(of="phone")
    email = SealedEmailField(_("e-mail"), blank=True)
    address = SealedCharField(_("address"), max_length=200, blank=True)
    safe_channel = SealedCharField(_("safe channel"), max_length=8, choices=Channel, blank=True)
    safe_hours = SealedCharField(_("safe hours"), max_length=80, blank=True)
    code_word = SealedCharField(_("code word"), max_length=40, blank=True)

    objects = ProgrammeManager()

    def __str__(self) -> str:
        return f"identity {self.pk}"
