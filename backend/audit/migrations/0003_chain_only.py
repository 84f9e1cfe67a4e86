"""From here on there is no event outside a chain, and no detail that is not sealed."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_chain")]

    operations = [
        migrations.RemoveField("event", "detail"),
        migrations.AlterField("event", "sequence", models.PositiveBigIntegerField()),
        migrations.AlterField("event", "sealed_detail", models.BinaryField()),
        migrations.AlterField("event", "mac", models.BinaryField(max_length=32)),
        migrations.AlterField(
            "event",
            "chain",
            models.ForeignKey("audit.Chain", on_delete=django.db.models.deletion.PROTECT, related_name="events"),
        ),
        migrations.AddIndex("event", models.Index(fields=["chain", "created_at"], name="audit_event_day")),
        migrations.AddConstraint(
            "event", models.UniqueConstraint(fields=["chain", "sequence"], name="audit_event_one_per_place")
        ),
        migrations.AddConstraint(
            "event", models.CheckConstraint(condition=models.Q(sequence__gte=1), name="audit_event_counts_from_1")
        ),
    ]
