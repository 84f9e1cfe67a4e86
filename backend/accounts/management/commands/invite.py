"""manage.py invite: the first person of a new programme; she invites the others on her own page."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backend.accounts.models import Membership, Organisation
from backend.accounts.services import create_organisation, invite_member
from backend.accounts.services.members import ROLES


class Command(BaseCommand):
    help = "Mail somebody the link with which she sets a password, as a member of a programme that is made if needed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("name")
        parser.add_argument("--programme", required=True, help="the name of the organisation")
        parser.add_argument("--role", default=Membership.Role.ADMINISTRATOR, choices=ROLES[Organisation.Kind.PROGRAMME])
        parser.add_argument("--at", required=True, help="where the site stands: https://korak.example/")

    @transaction.atomic
    def handle(self, *, email: str, name: str, programme: str, role: str, at: str, **options: Any) -> None:
        kind = Organisation.Kind.PROGRAMME
        # Who runs the command keeps the database, and may be told.
        if Membership.objects.active().filter(user__email=email.strip().lower()).exists():
            raise CommandError(_("This address is in use."))
        try:
            organisation = Organisation.objects.filter(name=programme, kind=kind).first() or create_organisation(
                actor=None, name=programme, kind=kind
            )
            invite_member(
                actor=None,
                organisation=organisation,
                email=email,
                name=name,
                role=role,
                on=timezone.localdate(),
                origin=at,
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write("The letter is on its way.")
