"""Notes of follow-ups, how she was tried, and signs of danger are kept sealed."""

from django.db import migrations, models

from backend.vault.fields import SealedCharField
from backend.vault.migrating import seal_columns


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0002_assessment_facts"), ("vault", "0002_system_key")]
    operations = [
        *seal_columns(
            "outcomes",
            "FollowUp",
            "spell__beneficiary",
            {
                "note": SealedCharField(blank=True, max_length=1000, verbose_name="note"),
            },
        ),
        *seal_columns(
            "outcomes",
            "ContactAttempt",
            "follow_up__spell__beneficiary",
            {
                "channel": SealedCharField(max_length=8, verbose_name="channel"),
                "result": SealedCharField(
                    choices=[
                        ("reached", "reached"),
                        ("by_proxy", "through somebody she trusts"),
                        ("unreachable", "not reached"),
                        ("refused", "did not want to talk"),
                        ("unsafe_to_contact", "not safe to contact"),
                    ],
                    max_length=20,
                    verbose_name="result",
                ),
            },
        ),
        migrations.RemoveConstraint("WarningFlag", "warning_flag_resolved_with_words"),
        *seal_columns(
            "outcomes",
            "WarningFlag",
            "beneficiary",
            {
                "kind": SealedCharField(
                    choices=[
                        ("documents_held", "somebody else holds her documents"),
                        ("threats", "threats"),
                        ("wages_withheld", "wages withheld, or debt to the employer"),
                        ("confinement", "cannot leave freely"),
                        ("unwanted_contact", "contact by somebody dangerous"),
                        ("minor_at_risk", "a child at risk"),
                        ("missed_contacts", "two safe contacts missed"),
                        ("sudden_move", "sudden change of address or phone"),
                        ("third_party", "somebody else answers"),
                        ("income_controlled", "somebody else controls her income"),
                        ("job_lost", "job lost while housing is weak"),
                        ("offer_abroad", "unverified offer abroad"),
                        ("pay_stopped", "pay stopped over 30 days ago"),
                    ],
                    max_length=20,
                    verbose_name="sign",
                ),
                "resolution": SealedCharField(blank=True, max_length=1000, null=True, verbose_name="what was done"),
            },
        ),
        migrations.AddConstraint(
            "WarningFlag",
            models.CheckConstraint(
                condition=models.Q(
                    ("resolved_on__isnull", True),
                    models.Q(("resolved_on__gte", models.F("raised_on")), ("resolution__isnull", False)),
                    _connector="OR",
                ),
                name="warning_flag_resolved_with_words",
            ),
        ),
    ]
