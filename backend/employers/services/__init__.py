"""Every act on employers and openings, once."""

from backend.employers.content import RequirementInput

from .clearance import ban_employer, lift_ban, propose_clearance, record_check, vet_employer
from .employers import add_contact, correct_employer, end_contact, invite_contact, register_employer
from .imports import ImportReport, RowReport, import_openings
from .openings import (
    close_opening,
    draft_opening,
    pause_opening,
    renew_opening,
    resume_opening,
    revise_opening,
)
from .registration import (
    accept_invitation,
    accept_obligations,
    ask_to_register,
    find_invitation,
    invite_employer,
    open_programme,
)
from .reminders import remind_employers
from .vetting import review_opening, submit_opening

__all__ = [
    "ImportReport",
    "RequirementInput",
    "RowReport",
    "accept_invitation",
    "accept_obligations",
    "add_contact",
    "ask_to_register",
    "ban_employer",
    "close_opening",
    "correct_employer",
    "draft_opening",
    "end_contact",
    "find_invitation",
    "import_openings",
    "invite_contact",
    "invite_employer",
    "lift_ban",
    "open_programme",
    "pause_opening",
    "propose_clearance",
    "record_check",
    "register_employer",
    "remind_employers",
    "renew_opening",
    "resume_opening",
    "review_opening",
    "revise_opening",
    "submit_opening",
    "vet_employer",
]
