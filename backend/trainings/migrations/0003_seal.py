"""The numbers of certificates are kept sealed."""

from django.db import migrations

from backend.vault.fields import SealedCharField
from backend.vault.migrating import seal_columns


class Migration(migrations.Migration):
    dependencies = [("trainings", "0002_alter_session_capacity"), ("vault", "0002_system_key")]
    operations = [
        *seal_columns(
            "trainings",
            "Credential",
            "enrolment__beneficiary",
            {
                "number": SealedCharField(blank=True, max_length=60, verbose_name="number"),
            },
        ),
    ]
