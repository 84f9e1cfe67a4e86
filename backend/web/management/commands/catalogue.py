"""manage.py catalogue --collect | --check | --compile"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.web import catalogue


class Command(BaseCommand):
    help = "Collect, check or compile the translations."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        act = parser.add_mutually_exclusive_group(required=True)
        act.add_argument("--collect", action="store_true", help="bring the Cyrillic catalogue up to date")
        act.add_argument("--check", action="store_true", help="fail if a message is missing or left over")
        act.add_argument("--compile", action="store_true", help="write the binary catalogues of both scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["collect"]:
            self.stdout.write(f"{catalogue.collect()} messages want a translation.")
        elif options["compile"]:
            catalogue.compile_catalogues()
        elif problems := catalogue.problems():
            raise CommandError("\n".join(problems))
