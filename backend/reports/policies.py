"""Who may read reports on the whole programme."""

from django.db.models import QuerySet

from backend.accounts.models import Organisation, User

from .models import Grant, Snapshot


def can_read_reports(actor: User) -> bool:
    """The programme lead: figures only, never a person."""
    return actor.is_lead


def visible_snapshots(actor: User) -> QuerySet[Snapshot]:
    return Snapshot.objects.filter(programme=actor.organisation) if can_read_reports(actor) else Snapshot.objects.none()


def visible_grants(actor: User) -> QuerySet[Grant]:
    return Grant.objects.filter(programme=actor.organisation) if can_read_reports(actor) else Grant.objects.none()


def can_manage_grants(actor: User, programme: Organisation) -> bool:
    return actor.is_lead and actor.organisation == programme


def can_export_research(actor: User) -> bool:
    """The programme lead: rows of single people, under random names and generalised."""
    return actor.is_lead
