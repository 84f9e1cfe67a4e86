"""Abstract bases only."""

import uuid
from typing import Any

from django.db import models
from django.utils import timezone

from backend.core.data_classes import C1


class Entity(models.Model):
    """A row with an unguessable public identifier and the instant it was written."""

    data_classes = {C1: "id created_at"}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)

    class Meta:
        abstract = True


class AppendOnly(Entity):
    """A row that records something that happened: it is written once and never changed."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(f"{type(self).__name__} rows are append-only.")
        super().save(*args, **kwargs)
