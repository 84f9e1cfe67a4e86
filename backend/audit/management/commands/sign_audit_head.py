"""manage.py sign_audit_head FILE: what a custodian elsewhere keeps, to check the audit trail against later."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from backend.audit.heads import sign_heads
from backend.audit.queries import walk_all
from backend.audit.services import record_of_house


class Command(BaseCommand):
    help = "Write the signed heads of all audit trails to a new file, to be kept where the database is not."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options: Any) -> None:
        if any(walk.wrong for walk in walk_all()):
            record_of_house(act="sign_audit_head_refused")
            raise CommandError("The audit trail is broken: see verify_audit. A broken head is not signed.")
        try:
            with file.open("x", encoding="utf-8") as target:
                target.write(sign_heads(now=timezone.now()))
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        self.stdout.write(f"{file}: give it to somebody who does not keep the database.")
