"""What became of it: employment spells, follow-ups at fixed days, assessments, warning flags."""

from .assessment import INDEPENDENCE_DOMAINS, Assessment
from .follow_up import FOLLOW_UP_DAYS, LATER_DAYS, ContactAttempt, FollowUp, FollowUpDraft
from .spell import EmploymentSpell, Evidence
from .warning_flag import WarningFlag, WarningFlagQuerySet

__all__ = [
    "FOLLOW_UP_DAYS",
    "INDEPENDENCE_DOMAINS",
    "LATER_DAYS",
    "Assessment",
    "ContactAttempt",
    "EmploymentSpell",
    "Evidence",
    "FollowUp",
    "FollowUpDraft",
    "WarningFlag",
    "WarningFlagQuerySet",
]
