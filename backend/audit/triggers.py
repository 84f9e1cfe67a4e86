"""The database's own refusal to change or delete an event.

It stops mistakes and injected SQL. Who may drop a trigger is found by the chain.
"""

from django.db import connections

from .models import Event

REFUSED = "audit events are append-only"

SQLITE = """
CREATE TRIGGER IF NOT EXISTS audit_event_no_{verb} BEFORE {verb} ON audit_event
BEGIN SELECT RAISE(ABORT, '{refused}'); END
"""
POSTGRESQL = """
CREATE OR REPLACE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION '{refused}' USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE OR REPLACE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_event
FOR EACH ROW EXECUTE FUNCTION audit_event_refuse()
"""


def refuse_changes(using: str = "default") -> None:
    """Make the triggers; safe to repeat, and nothing while a migration of another app runs first."""
    with connections[using].cursor() as cursor:
        if Event._meta.db_table not in connections[using].introspection.table_names(cursor):
            return
        if connections[using].vendor == "sqlite":
            for verb in ("update", "delete"):
                cursor.execute(SQLITE.format(verb=verb, refused=REFUSED))
        else:
            cursor.execute(POSTGRESQL.format(refused=REFUSED))
