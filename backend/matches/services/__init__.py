"""Every act on matches and introductions, each once."""

from .answers import (
    advance_introduction,
    answer_introduction,
    disclose_identity,
    mark_hired,
    record_answer,
    record_identity_consent,
    reply_to_question,
    set_interview,
)
from .consents import withdraw_consent
from .decisions import decide
from .endings import decline_for_her, freeze_introductions, lapse_introductions, nudge_employers, withdraw_introduction
from .introductions import propose_introduction, record_agreement, share_introduction
from .learning import adopt_ranker
from .links import answer_by_link, read_link
from .ranking import current_run, rank_beneficiary
from .reading import read_card, read_preview
from .safety import end_barred_introductions, keep_from_her

__all__ = [
    "adopt_ranker",
    "advance_introduction",
    "answer_by_link",
    "answer_introduction",
    "current_run",
    "decide",
    "decline_for_her",
    "disclose_identity",
    "end_barred_introductions",
    "freeze_introductions",
    "keep_from_her",
    "lapse_introductions",
    "mark_hired",
    "nudge_employers",
    "propose_introduction",
    "rank_beneficiary",
    "read_card",
    "read_link",
    "read_preview",
    "record_agreement",
    "record_answer",
    "record_identity_consent",
    "reply_to_question",
    "set_interview",
    "share_introduction",
    "withdraw_consent",
    "withdraw_introduction",
]
