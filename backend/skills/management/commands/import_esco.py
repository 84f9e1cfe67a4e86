"""Load ESCO's official CSV download into the taxonomy."""

import time
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from backend.skills.services import import_esco


class Command(BaseCommand):
    help = "Load the official ESCO CSV files (v1.0.3 to v1.2; plain, gzipped or zipped) from a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--languages", help="codes, such as en,hr,sl; by default all")

    def handle(self, *, folder: Path, languages: str | None, **options: Any) -> None:
        started = time.perf_counter()
        try:
            saved = import_esco(folder=folder, languages=languages.split(",") if languages else None)
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        for name, count in asdict(saved).items():
            self.stdout.write(f"{name:<12}{count:>9,}" + (" known concepts" if name == "changed" else " added"))
        self.stdout.write(f"{time.perf_counter() - started:.1f} s")
        self.stdout.write("This service uses the ESCO classification of the European Commission.")
