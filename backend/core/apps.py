from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import pre_save


class CoreConfig(AppConfig):
    name = "backend.core"

    def ready(self) -> None:
        from django_tasks_db.models import DBTaskResult

        from .databases import assert_safe
        from .jobs import keep_places

        pre_save.connect(keep_places, sender=DBTaskResult, dispatch_uid="core")
        connection_created.connect(assert_safe, dispatch_uid="core")
