"""Bringing concepts into the taxonomy: the built-in one and ESCO's official download."""

from .concepts import OccupationRow, Saved, SkillRow, save_concepts
from .sources import import_esco, load_taxonomy

__all__ = ["OccupationRow", "Saved", "SkillRow", "import_esco", "load_taxonomy", "save_concepts"]
