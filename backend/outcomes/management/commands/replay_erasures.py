"""manage.py replay_erasures: before a restored system opens, erase anew whom the backup brought back."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.audit.services import record_of_house
from backend.outcomes.services import replay_erasures
from backend.vault.ledger import LedgerBroken


class Command(BaseCommand):
    help = "Erase anew everybody in the erasure ledger whom a restored backup brought back. `restore` does it itself."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-ledger", action="store_true", help="there is none yet: nobody was ever erased")

    def handle(self, *, no_ledger: bool, **options: Any) -> None:
        try:
            count = replay_erasures(without_ledger=no_ledger)
        except LedgerBroken as error:
            record_of_house(act="replay_erasures_refused")
            raise CommandError(f"{error} Do not open the system; find the right ledger.") from error
        self.stdout.write(f"{count} people erased anew.")
