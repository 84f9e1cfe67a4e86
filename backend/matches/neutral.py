"""Words that would tell an employer who a candidate is, beside those that tell what stands behind the portal."""

import re

from backend.beneficiaries.models import Beneficiary, Identity
from backend.employers.neutral import telltale_words
from matching.text import fold

CONTACT = re.compile(r"\S*@\S*|\+?\d(?:[ /()-]*\d){7,}|(?<![\w.])0\d\d\.\d{3}\S*")
"""An address or a number to call, however it is spaced; not a day, and not an amount."""
ENDINGS = r"(?:a|e|i|o|u|om|em|in\w{0,2}|[oe]v\w{0,2})"
"""How a Serbian name goes on from its stem: Zorica, Zorici, Zoričin; Marko, Marku, Markov."""


def words_about(text: str, beneficiary: Beneficiary) -> list[str]:
    """The words of a text that no employer may read of her, as they stand folded.

    The field's own, any address or number, her code, her name in every case, and the programme's name.
    """
    folded = fold(text)
    identity = Identity.objects.filter(beneficiary=beneficiary).first()
    hers = [re.escape(fold(beneficiary.code)), re.escape(fold(beneficiary.organisation.name))]
    if identity is not None:
        hers += map(_in_every_case, filter(None, (fold(identity.first_name), fold(identity.last_name))))
        hers += [re.escape(fold(identity.address))] if identity.address else []
    found = {match.group() for name in hers for match in re.finditer(rf"(?<!\w){name}(?!\w)", folded)}
    return sorted(found.union(telltale_words(text), CONTACT.findall(text)))


def _in_every_case(name: str) -> str:
    stem = re.escape(name.rstrip("aeiou"))
    return f"{stem}{ENDINGS}" if name[-1] in "aeiou" else f"{stem}{ENDINGS}?"
