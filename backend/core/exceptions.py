"""The one refusal that Django has no name for."""

from django.core.exceptions import ValidationError


class Conflict(ValidationError):
    """The act was valid, but somebody else changed the row first. Answered with 409."""
