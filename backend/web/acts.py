"""How a page calls a service."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.forms import BaseForm

from backend.core.exceptions import Conflict

T = TypeVar("T")


def attempt(form: BaseForm, act: Callable[..., T], **arguments: Any) -> T | None:
    """Do `act`; a rule it enforces becomes an error of `form` and the answer is None.

    A lost race is not the form's fault: Conflict passes through and is answered with 409.
    """
    try:
        return act(**arguments)
    except Conflict:
        raise
    except ValidationError as refusal:
        by_field = refusal.message_dict if hasattr(refusal, "error_dict") else {"__all__": refusal.messages}
        for field, messages in by_field.items():
            for message in messages:
                form.add_error(field if field in form.fields else None, message)
        return None
