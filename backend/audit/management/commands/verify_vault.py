"""manage.py verify_vault: does everything that is sealed open?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.audit.services import record_of_house
from backend.vault.inspection import inspect_vault

SHOWN = 50


class Command(BaseCommand):
    help = "Open every sealed value and say which do not open. Values are never shown. Exit code 1 if one did not."

    def handle(self, **options: Any) -> None:
        findings = inspect_vault()
        for failure in findings.failures[:SHOWN]:
            self.stdout.write(failure)
        self.stdout.write(f"{findings.opened} opened, {findings.erased} of people who were erased.")
        if findings.failures:
            record_of_house(act="verify_vault_failed", count=len(findings.failures))
            raise CommandError(f"{len(findings.failures)} do not open.")
