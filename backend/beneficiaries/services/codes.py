"""Codes that no column of the database checks: lists kept as JSON, and reasons kept in the audit trail."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class HandOverReason(TextChoices):
    """Why a person is passed on to a colleague."""

    LEAVE = "leave", gettext_lazy("the counsellor is away")
    LEAVES = "leaves", gettext_lazy("the counsellor leaves")
    HER_WISH = "her_wish", gettext_lazy("she asked for it")
    FIT = "fit", gettext_lazy("language or place fits better")
    LOAD = "load", gettext_lazy("to share out the work")


def known_codes(field: str, values: Iterable[str], choices: type[TextChoices]) -> list[str]:
    """The values once each, in the order of the code list; raises ValidationError on `field` for any other."""
    given = set(values)
    if unknown := given - set(choices.values):
        raise ValidationError({field: _("Unknown: %(values)s") % {"values": ", ".join(sorted(unknown))}})
    return [code for code in choices.values if code in given]
