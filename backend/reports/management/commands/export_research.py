"""Write a programme's outcomes as tables for analysts, under random names and generalised."""

import os
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.core.tenancy import in_programme
from backend.reports.quarters import Quarter
from backend.reports.services import export_research


class Command(BaseCommand):
    help = "Write persons, spells, follow-ups and assessments as Parquet and CSV, with a data dictionary."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="a new or empty folder, readable by you alone")
        parser.add_argument("--actor", required=True, help="e-mail of the programme lead who takes them out")
        parser.add_argument("--quarter", help="a frozen quarter, written 2026-Q3 (the newest)")

    def handle(self, *, folder: Path, actor: str, quarter: str | None, **options: Any) -> None:
        try:
            wanted = Quarter.parse(quarter) if quarter else None
        except ValueError as error:
            raise CommandError(f"--quarter: {error}") from error
        user = User.objects.filter(email=actor.lower(), is_active=True).first()
        if user is None or user.organisation is None:
            raise CommandError(f"--actor: there is no user {actor}.")
        try:
            with in_programme(user.organisation.pk), transaction.atomic():
                found = export_research(actor=user, quarter=wanted, on=timezone.localdate())
                _write(folder, found)
        except PermissionDenied as error:
            raise CommandError("--actor: only a programme lead takes tables out.") from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{len(found)} files in {folder}; read dictionary.csv and about.json first.")


def _write(folder: Path, found: dict[str, bytes]) -> None:
    """Every file, or none: nothing is left behind that the trail does not know of."""
    written: list[Path] = []
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if any(folder.iterdir()):
            raise CommandError(f"{folder}: not empty")
        for name, content in found.items():
            written.append(folder / name)
            with os.fdopen(os.open(written[-1], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise CommandError(f"{folder}: {error.strerror}") from error
