"""What every format of file is read into."""

import unicodedata
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MAX_ROWS = 5_000

RowErrors = list[tuple[str, str]]  # (field, reason)


@dataclass(slots=True)
class SourceRow:
    """What one row says, by our column names; `errors` holds what could not even be read."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    errors: RowErrors = field(default_factory=list)


@dataclass(slots=True)
class Source:
    """The rows of a file, and the columns that nothing here knows."""

    rows: list[SourceRow]
    unknown_columns: list[str] = field(default_factory=list)


def check_count(rows: list[SourceRow]) -> None:
    """Raise when there is more than an import takes; called while reading, so that a huge file is left early."""
    if len(rows) > MAX_ROWS:
        raise file_error(_("The file has more than %(limit)d rows. Split it.") % {"limit": MAX_ROWS})


def file_error(reason: str) -> ValidationError:
    """What is wrong with a file as a whole."""
    return ValidationError({"file": reason})


def clean_text(value: str) -> str:
    """Text that a database can hold and a page can show: no control characters, no half characters."""
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in value if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs")).strip()
