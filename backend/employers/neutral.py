"""Words that would tell an employer what kind of organisation stands behind the portal."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from matching.text import fold

TELLTALE = re.compile(
    # Serbian, folded: both scripts and every ending.
    r"\b(korisnic\w*|sticenic\w*|zrtv\w*|prezivel\w*|trgovin\w+ ljud\w*|trafik\w*|eksploat\w*|nasilj\w*|zlostavlj\w*"
    r"|sigurn\w+ kuc\w*|sklonist\w*|prihvatilist\w*|psiholo\w*|terapij\w*|policij\w*|socijaln\w+ rad\w*|savetnic\w*"
    # English
    r"|beneficiar\w*|survivor\w*|victim\w*|traffick\w*|exploit\w*|shelter\w*|safe house\w*|violen\w*|abus\w*"
    r"|counsell?or\w*|caseload\w*|therap\w*"
    # Albanian
    r"|viktim\w*|trafikim\w*|dhun\w*|strehim\w*|perfituese\w*)\b"
)


def telltale_words(text: str) -> list[str]:
    """The words of a text that no employer may read, as they stand folded."""
    return sorted({match.group() for match in TELLTALE.finditer(fold(text))})


def require_neutral(field: str, words: list[str]) -> None:
    """Raise ValidationError for a field of which an employer would read these words."""
    if words:
        told = ", ".join(words)
        raise ValidationError({field: _("The employer would read: %(words)s. Say it otherwise.") % {"words": told}})
