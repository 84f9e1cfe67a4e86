"""The keys that seal values, themselves sealed by a key that is not in the database."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from backend.core.data_classes import C1

SYSTEM = uuid.UUID(int=0)
"""The subject of the system's own key: what is sealed for nobody in particular."""


class DataKey(models.Model):
    """The key of one person, or the system's own, wrapped by an organisation key. Destroying it is erasure."""

    data_classes = {C1: "subject wrapped wrapped_by made_at destroyed_at"}

    subject = models.UUIDField(primary_key=True, editable=False)
    wrapped = models.BinaryField(max_length=80)
    wrapped_by = models.CharField(max_length=16, db_index=True)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    destroyed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(destroyed_at__isnull=True) & ~Q(wrapped=b"")) | Q(destroyed_at__isnull=False, wrapped=b""),
                name="data_key_destroyed_is_gone",
            ),
            models.CheckConstraint(
                condition=~Q(subject=SYSTEM) | Q(destroyed_at__isnull=True), name="data_key_of_the_system_stays"
            ),
        ]

    def __str__(self) -> str:
        return f"key {self.subject}"
