"""How an employer comes in by itself: a link in a letter, and the obligations it accepts."""

import datetime as dt
import hashlib
import secrets

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.accounts.models import Organisation, User
from backend.core.data_classes import C1, C3
from backend.core.models import AppendOnly, Entity
from backend.core.tenancy import OfProgramme, ProgrammeManager

from .employer import BUSINESS, Employer


def digest_of(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, *, now: dt.datetime) -> "InvitationQuerySet":
        """Links that were sent, have not been used and have not run out."""
        return self.filter(used_at__isnull=True, expires_at__gt=now).exclude(digest="")


class Invitation(OfProgramme, Entity):
    """A letter with a link to register a company. Only the link's hash is kept; it is good once."""

    data_classes = {C1: "programme digest invited_by employer expires_at used_at", C3: "email"}
    not_sealed = {"email": BUSINESS}

    programme = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    email = models.EmailField(_("e-mail"))
    digest = models.CharField(max_length=64, blank=True, editable=False)
    # None: somebody asked for the link on the public page.
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    employer = models.ForeignKey(Employer, on_delete=models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True)

    objects = ProgrammeManager.from_queryset(InvitationQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest"], condition=~Q(digest=""), name="invitation_digest_once"),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(employer__isnull=False), name="invitation_used_for_an_employer"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def new_link(self) -> str:
        """A fresh token for the link, of which only the hash is kept."""
        token = secrets.token_urlsafe(32)
        self.digest = digest_of(token)
        self.save(update_fields=["digest"])
        return token


class Acceptance(OfProgramme, AppendOnly):
    """The obligations of employers as one accepted them: which text, who, when."""

    within = "employer__programme"
    data_classes = {C1: "employer version accepted_by accepted_at"}

    employer = models.ForeignKey(Employer, on_delete=models.PROTECT, related_name="acceptances")
    version = models.CharField(_("version"), max_length=20)
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(_("accepted at"))

    objects = ProgrammeManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["employer", "version"], name="acceptance_once_per_version")]

    def __str__(self) -> str:
        return f"{self.version} {self.employer_id}"
