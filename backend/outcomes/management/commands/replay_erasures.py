"""manage.py replay_erasures: before a restored system opens, erase anew whom the backup brought back."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.outcomes.services import replay_erasures
from backend.vault.ledger import LedgerBroken


class Command(BaseCommand):
    help = "Erase anew everybody in the erasure ledger whom a restored backup brought back. `restore` does it itself."

    def handle(self, **options: Any) -> None:
        try:
            count = replay_erasures()
        except LedgerBroken as error:
            raise CommandError(f"{error} Do not open the system; find the right ledger.") from error
        self.stdout.write(f"{count} people erased anew.")
