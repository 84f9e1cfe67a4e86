"""The people the programme supports: profile, identity kept apart, consents, plan, limits and safety rules."""

from .beneficiary import Beneficiary, Identity
from .break_glass import BreakGlass
from .consent import Consent, ConsentText, Purpose, TextLanguage
from .plan import Goal
from .profile import Experience, HeldSkill, LanguageSkill, Wishes
from .safety import SafetyRule, name_all

__all__ = [
    "Beneficiary",
    "BreakGlass",
    "Consent",
    "ConsentText",
    "Experience",
    "Goal",
    "HeldSkill",
    "Identity",
    "LanguageSkill",
    "Purpose",
    "SafetyRule",
    "TextLanguage",
    "Wishes",
    "name_all",
]
