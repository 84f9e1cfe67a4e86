"""Take in a file of openings from the command line."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from backend.accounts.models import Membership, User
from backend.core.tenancy import in_programme
from backend.employers.queries import programme_for
from backend.employers.services import import_openings


class Command(BaseCommand):
    help = "Import openings from JobPosting JSON-LD, CSV or XLSX. They wait for vetting; none is published."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="email", help="e-mail of who imports; by default the first programme lead")

    def handle(self, *, file: Path, email: str | None, **options: Any) -> None:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        actor = _actor(email)
        try:
            with in_programme(programme_for(actor)):
                report = import_openings(actor=actor, name=file.name, content=content, on=timezone.localdate())
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        except PermissionDenied as error:
            raise CommandError("This user may not import openings.") from error
        for row in report.rows:
            if row.outcome != "unchanged":
                reasons = "; ".join(f"{field}: {reason}" for field, reason in row.errors)
                self.stdout.write(f"{row.number:>5}  {row.outcome:<9} {row.title}{'  ' if reasons else ''}{reasons}")
        if report.unknown_columns:
            self.stdout.write(f"columns not understood: {', '.join(report.unknown_columns)}")
        self.stdout.write(
            f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged, {report.refused} refused"
        )


def _actor(email: str | None) -> User:
    users = User.objects.filter(memberships__ended_on__isnull=True)
    if email:
        user = users.filter(email=email.lower()).first()
    else:
        leads = users.filter(memberships__role=Membership.Role.LEAD)
        user = leads.order_by("memberships__started_on", "memberships__created_at").first()
    if user is None:
        raise CommandError(f"There is no user {email}." if email else "There is no programme lead; use --as EMAIL.")
    return user
