"""Writing the audit trail."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Model

from .models import Event


def record(*, actor: AbstractBaseUser | None, act: str, obj: Model, **detail: Any) -> Event:
    """Write one event for `obj`; call it inside the act's transaction.

    `actor` is None when the system acts by itself. `detail` holds identifiers and codes, never names or notes.
    """
    return Event.objects.create(
        actor_id=actor.pk if actor else None,
        act=act,
        noun=obj._meta.model_name or "",
        object_id=str(obj.pk),
        detail=detail,
    )
