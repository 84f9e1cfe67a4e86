"""manage.py nightly: what nobody has to ask for. To be run once a day, by cron or a timer."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from backend.matches.services import lapse_introductions
from backend.matches.tasks import refresh_all_matches


class Command(BaseCommand):
    help = "End introductions that were not answered, and have everybody ranked anew by the worker."

    def handle(self, *args: Any, **options: Any) -> None:
        ended = lapse_introductions(now=timezone.now())
        refresh_all_matches.enqueue()
        self.stdout.write(f"{ended} introductions ended; rankings are queued.")
