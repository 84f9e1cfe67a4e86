"""manage.py rotate_keys: put all data keys under the current organisation key."""

from collections import Counter
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError

from backend.vault.blind import blind_fields, rebuild
from backend.vault.keyring import VaultError, organisation_keys, rewrap
from backend.vault.models import DataKey


class Command(BaseCommand):
    help = (
        "Wrap all data keys under the first key of VAULT_KEYS. Safe to stop and to run again: what is done stays done, "
        "and everything opens at every moment while the older keys are still in VAULT_KEYS."
    )

    def handle(self, **options: Any) -> None:
        current = next(iter(organisation_keys()))
        waiting = DataKey.objects.filter(destroyed_at__isnull=True).exclude(wrapped_by=current)
        done, failed = 0, Counter[str]()
        for row in waiting.iterator():
            try:
                done += rewrap(row)
            except VaultError as error:
                failed[f"{row.wrapped_by}: {type(error).__name__}"] += 1
        mended = sum(rebuild(model) for model in apps.get_models() if blind_fields(model))
        self.stdout.write(f"{mended} blind indexes were put right.")
        self.stdout.write(f"{done} data keys are now under the organisation key {current}.")
        if failed:
            reasons = ", ".join(f"{count} under {reason}" for reason, count in sorted(failed.items()))
            raise CommandError(f"{failed.total()} data keys could not be opened ({reasons}). Keep the older keys.")
        self.stdout.write("No data key needs an older organisation key; backups from before still do.")
