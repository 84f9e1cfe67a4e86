"""manage.py purge [--dry-run]: take away what was kept long enough (settings.RETENTION_DAYS); `nightly` does it too."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from backend.outcomes.services import purge


class Command(BaseCommand):
    help = "Take away what was kept for as long as settings.RETENTION_DAYS says."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how many rows of each kind would go")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        for name, count in purge(now=timezone.now(), dry_run=dry_run).items():
            self.stdout.write(f"{name}: {count} {'would go' if dry_run else 'gone'}")
