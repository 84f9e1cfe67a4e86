"""Employers, the people to talk to there, their openings, and the vetting of both."""

import datetime as dt
from typing import Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from backend.accounts.models import Organisation, User
from backend.core.data_classes import C1, C3
from backend.core.models import Entity
from backend.core.tenancy import OfProgramme, ProgrammeManager
from backend.employers.numbers import is_registry_number, is_tax_number
from backend.places.models import Municipality
from backend.skills.codes import Sector

BUSINESS = "a business contact, who is looked up by it; nobody of the programme is in this table"
NOTICE = dt.timedelta(days=30)  # before a clearance ends


class EmployerQuerySet(models.QuerySet["Employer"]):
    def cleared(self, *, on: dt.date) -> "EmployerQuerySet":
        """Employers whose vetting holds on that day."""
        return self.filter(Q(cleared_until__gte=on), status=Employer.Status.CLEARED)

    def ending(self, *, on: dt.date) -> "EmployerQuerySet":
        """Cleared employers whose clearance ends within a month, or has ended."""
        return self.filter(status=Employer.Status.CLEARED, cleared_until__lte=on + NOTICE)


class Employer(OfProgramme, Entity):
    """A company, entrepreneur or agency that a programme works with."""

    data_classes = {
        C1: "programme organisation name name_folded tax_number registry_number sector municipality parent "
        "is_agency status cleared_until address answers reminded_of",
    }

    class Status(models.TextChoices):
        REGISTERED = "registered", _("waiting for vetting")
        CLEARED = "cleared", _("cleared")
        REFUSED = "refused", _("refused")
        SUSPENDED = "suspended", _("suspended")
        BANNED = "banned", _("banned")

    BARRED = (Status.REFUSED, Status.SUSPENDED, Status.BANNED)

    programme = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="employers")
    # The employer's own tenant, once somebody there uses the portal.
    organisation = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="employer"
    )
    name = models.CharField(_("company name"), max_length=200)
    name_folded = models.CharField(max_length=200, editable=False, db_index=True)
    tax_number = models.CharField(
        _("tax number (PIB)"),
        max_length=9,
        blank=True,
        validators=[RegexValidator(r"^[0-9]{9}$", _("Nine digits."))],
    )
    registry_number = models.CharField(
        _("registry number"),
        max_length=8,
        blank=True,
        validators=[RegexValidator(r"^[0-9]{8}$", _("Eight digits."))],
    )
    sector = models.CharField(_("sector"), max_length=1, choices=Sector, blank=True)
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("municipality")
    )
    address = models.CharField(_("address"), max_length=200, blank=True)
    # What it said when it registered, by the codes of `obligations.QUESTIONS`.
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owned by")
    )
    is_agency = models.BooleanField(_("employment agency"), default=False)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.REGISTERED)
    cleared_until = models.DateField(_("cleared until"), null=True, blank=True)
    # The clearance whose end its contacts were last told of.
    reminded_of = models.DateField(null=True, blank=True, editable=False)

    objects = ProgrammeManager.from_queryset(EmployerQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "tax_number"],
                condition=~Q(tax_number=""),
                name="employer_tax_number_once",
            ),
            models.UniqueConstraint(
                fields=["programme", "name_folded"],
                condition=Q(tax_number=""),
                name="employer_unnumbered_name_once",
            ),
            # One way to write a number, or a ban on it could be written around.
            models.CheckConstraint(
                condition=Q(tax_number="") | Q(tax_number__regex=r"^[0-9]{9}$"), name="employer_tax_number_is_normal"
            ),
            models.CheckConstraint(
                condition=~Q(status="cleared") | Q(cleared_until__isnull=False),
                name="employer_clearance_expires",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_barred(self) -> bool:
        return self.status in self.BARRED

    @property
    def standing(self) -> str:
        """Its status as the employer itself may read it: that it was barred, and how, is the programme's own."""
        return "inactive" if self.is_barred else self.status

    @property
    def has_valid_numbers(self) -> bool:
        """Whether both numbers are there and end in their control digits."""
        return is_tax_number(self.tax_number) and is_registry_number(self.registry_number)


class ContactQuerySet(models.QuerySet["Contact"]):
    def standing(self) -> Self:
        """Who speaks for the employer still; where she has an account, it may sign in for this employer."""
        signs_in = Q(
            user__is_active=True,
            user__memberships__ended_on__isnull=True,
            user__memberships__organisation=F("employer__organisation"),
        )
        return self.filter(Q(user__isnull=True) | signs_in, ended_on__isnull=True)


class Contact(OfProgramme, Entity):
    """A person at an employer; `user` is her portal account, if she has one. Who has left stays for the record."""

    within = "employer__programme"
    data_classes = {C1: "employer user job_title ended_on", C3: "name email phone"}
    not_sealed = {
        "name": BUSINESS,
        "email": BUSINESS,
        "phone": BUSINESS,
    }

    employer = models.ForeignKey(Employer, on_delete=models.CASCADE, related_name="contacts")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(_("name"), max_length=120)
    job_title = models.CharField(_("position"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = PhoneNumberField(_("phone"), blank=True)
    ended_on = models.DateField(_("until"), null=True, blank=True)

    objects = ProgrammeManager.from_queryset(ContactQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(email="") | ~Q(phone=""), name="contact_can_be_reached"),
            # Who comes back is another contact with the same account.
            models.UniqueConstraint(
                fields=["user"], condition=Q(ended_on__isnull=True), name="contact_one_standing_per_user"
            ),
        ]

    def __str__(self) -> str:
        return self.name
