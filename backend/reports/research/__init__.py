"""Tables for analysts: people under random names, generalised so that nobody stands alone, days instead of dates.

Only people who consent to anonymous statistics and were not erased are in them. What describes a person (age, region,
language, entry) is generalised until at least `k` people share each description (k-anonymity: Sweeney 2002); what
describes her work is merged where fewer than `k` people have it. Nothing of class C4 is in them but what becomes of
people in the reports: an end of work by kind, whether a contact was made, the index of an assessment.
"""

from .anonymity import TooFew
from .files import files
from .tables import Tables, tables_of

__all__ = ["Tables", "TooFew", "files", "tables_of"]
