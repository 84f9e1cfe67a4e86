"""What was done and looked at, by whom, to what: a chain of events per organisation, written and never changed."""

import json
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.core.data_classes import C1
from backend.core.models import AppendOnly
from backend.vault.sealing import unseal

HOUSE = uuid.UUID(int=0)
"""The chain of what belongs to no organisation, and of the beginnings of all other chains."""
BEGIN = "begin_chain"


class Chain(models.Model):
    """The head of one organisation's chain: how long it is, and two keyed hashes that its last event left.

    `mac` is the last event's own. `seal` is folded over all of them and stands nowhere else, so that whoever takes
    events off the tail and sets the head back to an earlier one cannot say what the seal was then.
    """

    data_classes = {C1: "id length mac seal"}

    id = models.UUIDField(primary_key=True, editable=False)  # the organisation's, or HOUSE
    length = models.PositiveBigIntegerField(default=0)
    mac = models.BinaryField(max_length=32, default=bytes(32))
    seal = models.BinaryField(max_length=32, default=bytes(32))

    def __str__(self) -> str:
        return f"{self.pk} ({self.length})"


class Event(AppendOnly):
    """One act or one look. `act` is the service's name ("vet_employer"), `noun` and `object_id` what it touched.

    `detail` is sealed with the key of the person whom the event concerns (`subject`), else with the system's: erasing
    her makes it unreadable, and the chain over what is sealed stays whole.
    """

    data_classes = {C1: "chain sequence actor act noun object_id subject sealed_detail mac"}

    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveBigIntegerField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    act = models.CharField(_("act"), max_length=60)
    noun = models.CharField(_("noun"), max_length=40)
    object_id = models.CharField(_("object"), max_length=40)
    subject = models.UUIDField(null=True, db_index=True)
    sealed_detail = models.BinaryField()
    mac = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain", "sequence"], name="audit_event_one_per_place"),
            models.CheckConstraint(condition=models.Q(sequence__gte=1), name="audit_event_counts_from_1"),
        ]
        indexes = [
            models.Index(fields=["noun", "object_id"], name="audit_event_object"),
            models.Index(fields=["chain", "created_at"], name="audit_event_day"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.noun} {self.object_id}"

    @property
    def place(self) -> str:
        """Where the detail is sealed."""
        return f"audit_event|detail|{self.pk}"

    @property
    def detail(self) -> dict[str, Any]:
        """Identifiers and codes. Raises KeyDestroyed once the person is erased."""
        opened = unseal(bytes(self.sealed_detail), subject=self.subject, context=self.place)
        return dict(json.loads(opened))
