"""Who may read reports on the whole programme."""

from backend.accounts.models import User


def can_read_reports(actor: User) -> bool:
    """The programme lead: figures only, never a person."""
    return actor.is_lead
