"""Every act on outcomes, each once."""

from .assessments import record_assessment
from .drafts import keep_draft
from .erasure import erase_person, replay_erasures
from .flags import raise_flag, resolve_flag
from .follow_ups import log_attempt, record_follow_up, take_employers_word
from .purge import purge
from .spells import end_spell, keep_in_touch, start_spell

__all__ = [
    "end_spell",
    "erase_person",
    "keep_draft",
    "keep_in_touch",
    "log_attempt",
    "purge",
    "raise_flag",
    "record_assessment",
    "record_follow_up",
    "replay_erasures",
    "resolve_flag",
    "start_spell",
    "take_employers_word",
]
