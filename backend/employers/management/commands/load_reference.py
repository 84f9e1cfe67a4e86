"""Load what every installation needs: places and the built-in taxonomy. Running it again is harmless."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from backend.places.services import load_places
from backend.skills.services import load_taxonomy


class Command(BaseCommand):
    help = "Load countries, municipalities and the built-in taxonomy from fixtures/."

    def handle(self, **options: Any) -> None:
        places = load_places(settings.FIXTURES_DIR)
        saved = load_taxonomy(settings.FIXTURES_DIR / "taxonomy.json")
        self.stdout.write(
            f"{places} municipalities; {saved.skills} skills, {saved.occupations} occupations, "
            f"{saved.labels} labels and {saved.relations} relations added, {saved.changed} concepts changed"
        )
