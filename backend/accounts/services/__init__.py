"""Every act on organisations, their people, and how these sign in, once."""

from .members import add_member, also_ask, create_organisation, end_membership, invite_again, invite_member
from .sign_in import forget_what_ended, issue_token, reset_second_factor, revoke_token

__all__ = [
    "add_member",
    "also_ask",
    "create_organisation",
    "end_membership",
    "forget_what_ended",
    "invite_again",
    "invite_member",
    "issue_token",
    "reset_second_factor",
    "revoke_token",
]
