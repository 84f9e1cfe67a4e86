from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0002_guarded_apart")]

    operations = [migrations.AddField("snapshot", "has_failed", models.BooleanField(default=False))]
