"""manage.py nightly: what nobody has to ask for. To be run once a day, by cron or a timer."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from backend.accounts.services import forget_what_ended
from backend.core.tenancy import in_every_programme
from backend.employers.screening.waiting import screen_waiting
from backend.employers.services import remind_employers
from backend.matches.services import end_barred_introductions, lapse_introductions, nudge_employers
from backend.matches.tasks import refresh_all_matches
from backend.outcomes.services import purge
from backend.reports.tasks import freeze_closed_quarters


class Command(BaseCommand):
    help = (
        "End and remind of introductions, take away what was kept long enough, learn from outcomes, have everybody "
        "ranked anew, freeze closed quarters."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        forget_what_ended(now=timezone.now())
        with in_every_programme():
            ended = end_barred_introductions(now=timezone.now()) + lapse_introductions(now=timezone.now())
            reminded = nudge_employers(now=timezone.now())
            remind_employers(on=timezone.localdate())
            screen_waiting(on=timezone.localdate())
        gone = sum(purge(now=timezone.now()).values())
        # Before the rankings, so that they are made with what was learned.
        call_command("train_ranker", if_due=True, stdout=self.stdout)
        refresh_all_matches.enqueue()
        freeze_closed_quarters(timezone.localdate())
        done = f"{ended} introductions ended, {reminded} employers reminded, {gone} old rows gone"
        self.stdout.write(f"{done}; rankings are queued.")
