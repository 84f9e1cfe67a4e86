"""manage.py restore FILE: put a backup in the place of the database, and erase anew whom it brings back."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from backend.audit.services import record_of_house
from backend.vault import ledger
from backend.vault.backup import BackupRefused, read_backup
from backend.vault.keyring import VaultError, forget_opened_keys


class Command(BaseCommand):
    help = (
        "Replace the database by a backup, after checking all of it. Stop web and worker first. Migrations and the "
        "erasure ledger are applied before it says that the system may be opened."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--no-ledger", action="store_true", help="there is none yet: nobody was ever erased")

    def handle(self, *, file: Path, no_ledger: bool, **options: Any) -> None:
        try:
            self._compare_ledger(may_be_missing=no_ledger)
            manifest = read_backup(file)
        except (BackupRefused, VaultError, ledger.LedgerBroken) as error:
            raise self._refusal(f"{error} The database is as it was.", why=type(error).__name__) from error
        except OSError as error:
            raise self._refusal(f"{file}: {error.strerror}", why="unreadable") from error
        forget_opened_keys()
        call_command("migrate", verbosity=0)
        record_of_house(act="restore", made_at=manifest["made_at"], without_ledger=no_ledger)
        call_command("replay_erasures", no_ledger=no_ledger, stdout=self.stdout)
        call_command("verify_vault", stdout=self.stdout)
        self.stdout.write(f"Restored as of {manifest['made_at']}. The system may be opened.")

    def _compare_ledger(self, *, may_be_missing: bool) -> None:
        """Before anything is touched: a ledger that knows less than the database here is an old copy, or another's."""
        try:
            ledger.read(may_be_missing=may_be_missing)
        except DatabaseError:
            self.stdout.write("The database here cannot be read, so the erasure ledger was not compared with it.")

    def _refusal(self, said: str, *, why: str) -> CommandError:
        is_written = record_of_house(act="restore_refused", why=why)
        return CommandError(said if is_written else f"{said} There is no audit trail here to write that into.")
