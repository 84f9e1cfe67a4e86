"""Lists of codes that the database keeps as JSON and therefore cannot check."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.translation import gettext as _


def known_codes(field: str, values: Iterable[str], choices: type[TextChoices]) -> list[str]:
    """The values once each, in the order of the code list; raises ValidationError on `field` for any other."""
    given = set(values)
    if unknown := given - set(choices.values):
        raise ValidationError({field: _("Unknown: %(values)s") % {"values": ", ".join(sorted(unknown))}})
    return [code for code in choices.values if code in given]
