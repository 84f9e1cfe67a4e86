"""Learn from the outcomes of each programme how to rank, and print what was learned."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from backend.accounts.models import Organisation
from backend.core.tenancy import in_programme
from backend.reports.training_set import card_text, is_due, train_ranker


class Command(BaseCommand):
    help = "Train each programme's ranker on its own outcomes and print the model card. A worse one is never used."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-due", action="store_true", help="only after four weeks and with enough new outcomes")

    def handle(self, *, if_due: bool, **options: Any) -> None:
        now = timezone.now()
        for programme in Organisation.objects.programmes():
            with in_programme(programme.pk):
                if if_due and not is_due(programme, now):
                    continue
                version = train_ranker(programme, now)
            self.stdout.write(f"{programme.name}: {version.outcomes} outcomes\n\n{card_text(version)}")
