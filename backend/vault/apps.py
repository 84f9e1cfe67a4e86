"""The app: it refuses to start without an organisation key, and gives every new database a system key."""

from typing import Any

from django.apps import AppConfig
from django.core.signals import request_started
from django.db.models.signals import post_migrate


class VaultConfig(AppConfig):
    name = "backend.vault"

    def ready(self) -> None:
        from django_tasks.signals import task_started

        from . import checks, keyring  # noqa: F401 - importing the checks registers them

        def forget(**_: Any) -> None:
            keyring.forget_opened_keys()

        def make_system_key(**_: Any) -> None:
            keyring.make_system_key()

        keyring.organisation_keys()
        # A key stays open for one request or one job, so that what was erased elsewhere is not read from memory.
        request_started.connect(forget, dispatch_uid="vault", weak=False)
        task_started.connect(forget, dispatch_uid="vault", weak=False)
        # Emptying the database (a flush) takes the system key with it.
        post_migrate.connect(make_system_key, sender=self, dispatch_uid="vault", weak=False)
