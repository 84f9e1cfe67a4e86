"""The fixed catalogue: every table and curve that is ever published of a programme, and nothing else.

A *measure* counts people by outcome, for everybody and along at most one dimension, so that no table has more than two.
There are no filters. What leaves this package has been through `disclosure`.
"""

from .curves import LASTING, published_curves
from .measures import MEASURES, SAME
from .waits import published_waits

DEFINITIONS = "2026.4"
"""The version of the definitions in OUTCOMES that the catalogue follows; it changes with them and with their words."""

__all__ = ["DEFINITIONS", "LASTING", "MEASURES", "SAME", "published_curves", "published_waits"]
