"""Chains, and every event there was brought into the house's: nothing says any more which organisation it was of."""

import json
from uuid import UUID

import django.db.models.deletion
from django.db import migrations, models

HOUSE = UUID(int=0)


def link_events(apps, schema_editor):
    from backend.audit.chain import Head
    from backend.vault.sealing import seal

    Chain, Event = apps.get_model("audit", "Chain"), apps.get_model("audit", "Event")
    if not Event.objects.exists():
        return
    chain, head = Chain.objects.create(pk=HOUSE), Head()
    for event in Event.objects.order_by("created_at", "pk").iterator():
        event.chain, event.sequence = chain, head.length + 1
        place = f"audit_event|detail|{event.pk}"
        event.sealed_detail = seal(json.dumps(event.detail, ensure_ascii=False).encode(), subject=None, context=place)
        head = head.then(event)
        event.mac = head.mac
        event.save(update_fields=["chain", "sequence", "sealed_detail", "mac"])
    Chain.objects.update(length=head.length, mac=head.mac, seal=head.seal)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("vault", "0002_system_key")]

    operations = [
        migrations.CreateModel(
            name="Chain",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("length", models.PositiveBigIntegerField(default=0)),
                ("mac", models.BinaryField(default=bytes(32), max_length=32)),
                ("seal", models.BinaryField(default=bytes(32), max_length=32)),
            ],
        ),
        migrations.AddField("event", "sequence", models.PositiveBigIntegerField(null=True)),
        migrations.AddField("event", "subject", models.UUIDField(db_index=True, null=True)),
        migrations.AddField("event", "sealed_detail", models.BinaryField(null=True)),
        migrations.AddField("event", "mac", models.BinaryField(max_length=32, null=True)),
        migrations.AddField(
            "event",
            "chain",
            models.ForeignKey(
                "audit.Chain", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="events"
            ),
        ),
        migrations.RunPython(link_events, elidable=True),
    ]
