"""What was not shown to her by which rule, and notes of decisions, are kept sealed."""

from django.db import migrations

from backend.vault.fields import SealedCharField, SealedJSONField
from backend.vault.migrating import seal_columns


class Migration(migrations.Migration):
    dependencies = [("matches", "0002_ranker_version"), ("vault", "0002_system_key")]
    operations = [
        *seal_columns(
            "matches",
            "MatchRun",
            "beneficiary",
            {
                "excluded": SealedJSONField(verbose_name="not shown, by rule"),
            },
        ),
        *seal_columns(
            "matches",
            "Decision",
            "match__beneficiary",
            {
                "note": SealedCharField(blank=True, max_length=400, verbose_name="note"),
            },
        ),
    ]
