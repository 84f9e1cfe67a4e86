"""manage.py restore FILE: put a backup in the place of the database, and erase anew whom it brings back."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.vault.backup import BackupRefused, read_backup
from backend.vault.keyring import VaultError, forget_opened_keys


class Command(BaseCommand):
    help = (
        "Replace the database by a backup, after checking all of it. Stop web and worker first. Migrations and the "
        "erasure ledger are applied before it says that the system may be opened."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            manifest = read_backup(file)
        except (BackupRefused, VaultError) as error:
            raise CommandError(f"{error} The database is as it was.") from error
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        forget_opened_keys()
        call_command("migrate", verbosity=0)
        call_command("replay_erasures", stdout=self.stdout)
        call_command("verify_vault", stdout=self.stdout)
        self.stdout.write(f"Restored as of {manifest['made_at']}. The system may be opened.")
