"""manage.py backup FILE: the database in one sealed file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from backend.audit.services import record_of_house
from backend.vault.backup import BackupRefused, write_backup


class Command(BaseCommand):
    help = "Write the database to a new file, sealed with the organisation key. No key and no erasure ledger is in it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            write_backup(file, now=timezone.now())
        except (BackupRefused, OSError) as error:
            record_of_house(act="backup_refused")
            raise CommandError(str(error)) from error
        record_of_house(act="backup")
        self.stdout.write(f"{file}: {file.stat().st_size:,} bytes. Keep it where VAULT_KEYS is not.")
