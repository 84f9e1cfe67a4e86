"""The app: its database refuses to change or delete an event."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "backend.audit"

    def ready(self) -> None:
        from backend.vault.inspection import also_open

        from .queries import sealed_details
        from .triggers import refuse_changes

        also_open(sealed_details)

        def keep_events(using: str, **_: Any) -> None:
            refuse_changes(using)

        # After every migrate: SQLite drops the triggers of a table that a migration remakes.
        post_migrate.connect(keep_events, sender=self, dispatch_uid="audit", weak=False)
