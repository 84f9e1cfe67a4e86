"""manage.py verify_audit [--head FILE]: walk the audit trail of every organisation."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.audit.heads import NotSigned, read_heads
from backend.audit.queries import walk_all
from backend.audit.services import record_of_house


class Command(BaseCommand):
    help = (
        "Walk the audit trail of every organisation. Exit code 1, and the first broken place of each, if one is broken."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--head", type=Path, help="a file of sign_audit_head: the trail must still lead through it")

    def handle(self, *, head: Path | None, **options: Any) -> None:
        try:
            signed = read_heads(head.read_text("utf-8")) if head else None
        except OSError as error:
            raise CommandError(f"{head}: {error.strerror}") from error
        except NotSigned as error:
            record_of_house(act="verify_audit_failed", why="head not signed")
            raise CommandError(f"{head}: {error}") from error
        broken = []
        for walk in walk_all(signed):
            broken += [str(walk.chain)] if walk.wrong else []
            self.stdout.write(
                f"{walk.chain}: {walk.whole} events are whole" + (f"; {walk.wrong}" if walk.wrong else "")
            )
        if broken:
            # It mends nothing: the broken place stays before it.
            record_of_house(act="verify_audit_failed", why="broken", chains=broken)
            raise CommandError(f"The audit trail is broken in {len(broken)} place(s).")
        self.stdout.write("The audit trail is whole.")
