"""The data classes of models that are not ours, field by field, so that an upgrade that adds one fails the build."""

from backend.core.data_classes import C0, C1, C3, DataClass

STAFF = "who works here signs in by it; nobody of the programme is in this table"

THIRD_PARTY: dict[str, dict[DataClass, str]] = {
    "auth.Permission": {C0: "id name content_type codename"},
    "auth.Group": {C0: "id name permissions"},
    "contenttypes.ContentType": {C0: "id app_label model"},
    "sessions.Session": {C1: "session_key session_data expire_date"},
    "account.EmailAddress": {C1: "id user verified primary", C3: "email"},
    "account.EmailConfirmation": {C1: "id email_address created sent key"},
    # Identifiers only, never a name: tests/backend/vault/test_canaries.py looks.
    "django_tasks_database.DBTaskResult": {
        C1: "id status enqueued_at started_at finished_at args_kwargs priority task_path worker_ids queue_name "
        "backend_name run_after return_value exception_class_path traceback"
    },
    # `data` is sealed by backend.accounts.adapter.
    "mfa.Authenticator": {C1: "id user type data created_at last_used_at"},
    "usersessions.UserSession": {C1: "id user created_at ip last_seen_at session_key user_agent data"},
}

NOT_SEALED = {"account.EmailAddress": {"email": STAFF}}
