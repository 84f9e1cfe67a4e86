import json

from django.db import migrations

import backend.vault.blind
from backend.vault.sealing import KeyDestroyed, unseal


def fill(apps, schema_editor):
    rows = apps.get_model("beneficiaries", "Identity")
    index, phone = (rows._meta.get_field(name) for name in ("phone_index", "phone"))
    for row in rows.objects.select_related("beneficiary").iterator():
        place = f"{rows._meta.db_table}|{phone.column}|{row.pk}"
        try:
            said = json.loads(unseal(row.__dict__["phone"].sealed, subject=row.beneficiary_id, context=place))
        except KeyDestroyed:
            continue
        digest = index.digest(said or "", row.beneficiary.organisation_id)
        rows.objects.filter(pk=row.pk).update(phone_index=digest)


class Migration(migrations.Migration):
    dependencies = [("beneficiaries", "0005_consent_texts"), ("vault", "0002_system_key")]

    operations = [
        migrations.AddField(
            "identity",
            "phone_index",
            backend.vault.blind.BlindIndexField(
                blank=True, db_index=True, default="", editable=False, max_length=6, of="phone"
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
