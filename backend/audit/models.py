"""What was done, by whom, to what. Rows are written in the transaction of the act and never changed."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.core.models import AppendOnly


class Event(AppendOnly):
    """One act. `act` is the service's name ("vet_employer"), `noun` and `object_id` what it touched."""

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    act = models.CharField(_("act"), max_length=60)
    noun = models.CharField(_("noun"), max_length=40)
    object_id = models.CharField(_("object"), max_length=40)
    detail = models.JSONField(_("detail"), default=dict)

    class Meta:
        indexes = [models.Index(fields=["noun", "object_id"], name="audit_event_object")]

    def __str__(self) -> str:
        return f"{self.act} {self.noun} {self.object_id}"
