"""Every act on employers and openings, once."""

from backend.employers.content import RequirementInput

from .employers import add_contact, invite_contact, register_employer, vet_employer
from .imports import ImportReport, RowReport, import_openings
from .openings import (
    close_opening,
    draft_opening,
    pause_opening,
    renew_opening,
    resume_opening,
    revise_opening,
)
from .vetting import review_opening, submit_opening

__all__ = [
    "ImportReport",
    "RequirementInput",
    "RowReport",
    "add_contact",
    "close_opening",
    "draft_opening",
    "import_openings",
    "invite_contact",
    "pause_opening",
    "register_employer",
    "renew_opening",
    "resume_opening",
    "review_opening",
    "revise_opening",
    "submit_opening",
    "vet_employer",
]
