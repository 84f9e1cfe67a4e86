from django.db import migrations, models


def take_apart(apps, schema_editor):
    """What is guarded stood among the figures that may be read."""
    for snapshot in apps.get_model("reports", "Snapshot").objects.all():
        measures = snapshot.figures.get("measures", {})
        snapshot.guarded = {code: told.pop("guarded", []) for code, told in measures.items()}
        snapshot.save(update_fields=["figures", "guarded"])


def put_back(apps, schema_editor):
    for snapshot in apps.get_model("reports", "Snapshot").objects.all():
        for code, told in snapshot.figures.get("measures", {}).items():
            told["guarded"] = snapshot.guarded.get(code, [])
        snapshot.save(update_fields=["figures"])


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_grants_and_snapshots")]

    operations = [
        migrations.AddField("snapshot", "guarded", models.JSONField(default=dict)),
        migrations.RunPython(take_apart, put_back),
    ]
