"""Every act on a person's file, each once."""

from .beneficiary import find_people, read_identity, register_beneficiary, save_identity, update_beneficiary
from .break_glass import break_glass, note_looks, review_break_glass
from .caseload import hand_over, share_out
from .consent import give_consent
from .doubles import Doubles, look_for_doubles
from .plan import achieve_goal, set_goal
from .profile import (
    note_experience,
    note_language,
    note_skill,
    remove_experience,
    remove_language,
    remove_skill,
    save_wishes,
)
from .safety import add_safety_rule, lift_safety_rule

__all__ = [
    "Doubles",
    "achieve_goal",
    "add_safety_rule",
    "break_glass",
    "find_people",
    "give_consent",
    "hand_over",
    "lift_safety_rule",
    "look_for_doubles",
    "note_experience",
    "note_language",
    "note_looks",
    "note_skill",
    "read_identity",
    "register_beneficiary",
    "remove_experience",
    "remove_language",
    "remove_skill",
    "review_break_glass",
    "save_identity",
    "save_wishes",
    "set_goal",
    "share_out",
    "update_beneficiary",
]
