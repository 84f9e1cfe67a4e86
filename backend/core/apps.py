from django.apps import AppConfig
from django.db.backends.signals import connection_created


class CoreConfig(AppConfig):
    name = "backend.core"

    def ready(self) -> None:
        from .databases import assert_safe

        connection_created.connect(assert_safe, dispatch_uid="core")
