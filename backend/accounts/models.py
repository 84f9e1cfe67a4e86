"""Who signs in, for which organisation, in which role."""

import uuid
from functools import cached_property
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken

from backend.core.data_classes import C1, C3
from backend.core.models import Entity


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def programmes(self) -> Self:
        """Those that run a programme, by name."""
        return self.filter(kind=Organisation.Kind.PROGRAMME).order_by("name", "pk")


class Organisation(Entity):
    """A tenant: the organisation that runs a programme, or an employer that uses the portal."""

    data_classes = {C1: "name kind"}

    class Kind(models.TextChoices):
        PROGRAMME = "programme", _("programme")
        EMPLOYER = "employer", _("employer")

    name = models.CharField(_("organisation name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="organisation_name_once_per_kind")]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user who signs in with `email`; without a password she cannot sign in yet."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(Entity, AbstractBaseUser):  # type: ignore[django-manager-missing]  # of knox's tokens, which is not typed
    """A person who signs in. What she may do follows from her active membership."""

    data_classes = {C1: "password last_login is_active", C3: "email name letters_to"}
    not_sealed = {
        "email": "she signs in by it",
        "letters_to": "a colleague's address, as above",
        "name": "colleagues and partners know her by it; she works here",
    }

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    is_active = models.BooleanField(_("may sign in"), default=True)
    # Set of a stand-in alone: whom an organisation invited by an address that signs in for another one. Nobody signs in
    # as her; she stands among the invited, so that nobody learns of the other organisation's people.
    letters_to = models.EmailField(blank=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def membership(self) -> "Membership | None":
        """Her one active membership."""
        return self.memberships.active().select_related("organisation").first()

    @property
    def address(self) -> str:
        """By which she was invited."""
        return self.letters_to or self.email

    @property
    def role(self) -> str | None:
        return self.membership.role if self.membership else None

    @property
    def organisation(self) -> Organisation | None:
        return self.membership.organisation if self.membership else None

    @property
    def is_counsellor(self) -> bool:
        return self.role == Membership.Role.COUNSELLOR

    @property
    def is_lead(self) -> bool:
        return self.role == Membership.Role.LEAD

    @property
    def is_employer(self) -> bool:
        return self.role == Membership.Role.EMPLOYER

    @property
    def is_programme_staff(self) -> bool:
        """Counsellor or lead: sees the programme's employers, openings and trainings."""
        return self.is_counsellor or self.is_lead


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> "MembershipQuerySet":
        return self.filter(ended_on__isnull=True)


class Membership(Entity):
    """A user's role in an organisation, from a day to a day."""

    data_classes = {C1: "user organisation role started_on ended_on"}

    class Role(models.TextChoices):
        COUNSELLOR = "counsellor", _("counsellor")
        LEAD = "lead", _("programme lead")
        EMPLOYER = "employer", _("employer")
        ADMINISTRATOR = "administrator", _("administrator")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    started_on = models.DateField(_("from"))
    ended_on = models.DateField(_("until"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(ended_on__isnull=True), name="membership_one_active_per_user"
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=models.F("started_on")),
                name="membership_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.user_id}"


class AccessToken(AbstractAuthToken):  # type: ignore[misc]  # knox is not typed
    """What a program of its user shows instead of a sign-in; only a hash of it is kept, and it expires."""

    data_classes = {C1: "digest token_key user created expiry reference name"}

    reference = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("used by"), max_length=80)

    def __str__(self) -> str:
        return str(self.reference)
