"""Matching people with openings: links words to a taxonomy, gates, ranks, explains, learns and plans.

A pure library: no network, no model to download, no database. The small types stand in `matching.types`.
"""

from matching.allocate import Allocation, allocate
from matching.index import OpeningIndex
from matching.link import Linker
from matching.model import Ranker
from matching.plan import plan_courses
from matching.taxonomy import Taxonomy
from matching.types import Opening, Profile
from matching.whatif import what_if

__all__ = [
    "Allocation",
    "Linker",
    "Opening",
    "OpeningIndex",
    "Profile",
    "Ranker",
    "Taxonomy",
    "allocate",
    "plan_courses",
    "what_if",
]
