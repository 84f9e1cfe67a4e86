"""The system key, before any later migration seals with it."""

from django.db import migrations


def make_system_key(apps, schema_editor):
    from backend.vault.keyring import make_system_key

    make_system_key()


class Migration(migrations.Migration):
    dependencies = [("vault", "0001_initial")]
    operations = [migrations.RunPython(make_system_key, migrations.RunPython.noop)]
