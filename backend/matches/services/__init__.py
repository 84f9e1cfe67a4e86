"""Every act on matches and introductions, each once."""

from ..queries import preview_profile
from .answers import (
    advance_introduction,
    answer_introduction,
    disclose_identity,
    mark_hired,
    record_identity_consent,
    set_interview,
)
from .decisions import decide
from .endings import decline_for_her, freeze_introductions, lapse_introductions, withdraw_introduction
from .introductions import propose_introduction, record_agreement, share_introduction
from .learning import adopt_ranker
from .ranking import current_run, rank_beneficiary

__all__ = [
    "adopt_ranker",
    "advance_introduction",
    "answer_introduction",
    "current_run",
    "decide",
    "decline_for_her",
    "disclose_identity",
    "freeze_introductions",
    "lapse_introductions",
    "mark_hired",
    "preview_profile",
    "propose_introduction",
    "rank_beneficiary",
    "record_agreement",
    "record_identity_consent",
    "set_interview",
    "share_introduction",
    "withdraw_introduction",
]
