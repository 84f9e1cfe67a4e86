"""Employers, the people to talk to there, their openings, and the vetting of both."""

from .employer import Contact, ContactQuerySet, Employer, EmployerQuerySet
from .opening import Opening, OpeningQuerySet, OpeningReview, OpeningRevision, Requirement
from .registration import Acceptance, Invitation
from .vetting import Ban, BanQuerySet, Check, Vetting

__all__ = [
    "Acceptance",
    "Ban",
    "BanQuerySet",
    "Check",
    "Contact",
    "ContactQuerySet",
    "Employer",
    "EmployerQuerySet",
    "Invitation",
    "Opening",
    "OpeningQuerySet",
    "OpeningReview",
    "OpeningRevision",
    "Requirement",
    "Vetting",
]
