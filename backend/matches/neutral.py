"""Words that would tell an employer what kind of organisation stands behind the portal, or who a candidate is."""

import re

from backend.beneficiaries.models import Beneficiary, Identity
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


def telltale_words(text: str, beneficiary: Beneficiary) -> list[str]:
    """The words of a text that no employer may read, as they stand folded: the field's own, her code, her identity."""
    folded = fold(text)
    identity = Identity.objects.filter(beneficiary=beneficiary).first()
    hers = [beneficiary.code]
    if identity is not None:
        hers += [identity.first_name, identity.last_name, str(identity.phone), identity.email, identity.address]
    names = [name for name in map(fold, hers) if name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", folded)]
    return sorted({match.group() for match in TELLTALE.finditer(folded)}.union(names))
