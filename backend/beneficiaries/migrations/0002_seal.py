"""Identity, plan, her own words and what she avoids are kept sealed; what the rows say stays."""

import django.core.validators
from django.db import migrations, models

from backend.vault.fields import (
    SealedCharField,
    SealedDateField,
    SealedEmailField,
    SealedIntegerField,
    SealedPhoneField,
    SealedUUIDField,
)
from backend.vault.migrating import seal_columns


class Migration(migrations.Migration):
    dependencies = [("beneficiaries", "0001_initial"), ("vault", "0002_system_key")]
    operations = [
        *seal_columns(
            "beneficiaries",
            "Identity",
            "beneficiary",
            {
                "first_name": SealedCharField(max_length=80, verbose_name="first name"),
                "last_name": SealedCharField(max_length=80, verbose_name="last name"),
                "birth_date": SealedDateField(blank=True, null=True, verbose_name="date of birth"),
                "phone": SealedPhoneField(blank=True, max_length=128, region=None, verbose_name="phone"),
                "email": SealedEmailField(blank=True, max_length=254, verbose_name="e-mail"),
                "address": SealedCharField(blank=True, max_length=200, verbose_name="address"),
                "safe_channel": SealedCharField(
                    blank=True,
                    choices=[
                        ("call", "call"),
                        ("text", "text message"),
                        ("app", "messenger"),
                        ("email", "e-mail"),
                        ("visit", "visit"),
                    ],
                    max_length=8,
                    verbose_name="safe channel",
                ),
                "safe_hours": SealedCharField(blank=True, max_length=80, verbose_name="safe hours"),
                "code_word": SealedCharField(blank=True, max_length=40, verbose_name="code word"),
            },
        ),
        *seal_columns(
            "beneficiaries",
            "Goal",
            "beneficiary",
            {
                "domain": SealedCharField(
                    choices=[
                        ("lodging", "lodging"),
                        ("medical", "medical"),
                        ("psychological", "psychological"),
                        ("legal", "legal"),
                        ("family", "family"),
                        ("education", "education"),
                        ("employment", "employment"),
                    ],
                    max_length=16,
                    verbose_name="area",
                ),
                "text": SealedCharField(max_length=400, verbose_name="goal"),
                "owner": SealedCharField(max_length=80, verbose_name="who does it"),
            },
        ),
        *seal_columns(
            "beneficiaries",
            "HeldSkill",
            "beneficiary",
            {
                "phrase": SealedCharField(blank=True, max_length=200, verbose_name="in her words"),
            },
        ),
        *seal_columns(
            "beneficiaries",
            "Experience",
            "beneficiary",
            {
                "title": SealedCharField(max_length=200, verbose_name="work"),
            },
        ),
        *seal_columns(
            "beneficiaries",
            "Wishes",
            "beneficiary",
            {
                "own_words": SealedCharField(blank=True, max_length=400, verbose_name="in her words"),
            },
        ),
        migrations.RemoveConstraint("SafetyRule", "safety_rule_says_what_its_kind_needs"),
        migrations.RemoveConstraint("SafetyRule", "safety_rule_lifted_with_reason"),
        *seal_columns(
            "beneficiaries",
            "SafetyRule",
            "beneficiary",
            {
                "kind": SealedCharField(
                    choices=[
                        ("place", "place and its surroundings"),
                        ("employer", "employer and its group"),
                        ("sector", "sector"),
                        ("condition", "condition of work"),
                    ],
                    max_length=10,
                    verbose_name="kind",
                ),
                "municipality_id": SealedCharField(blank=True, max_length=60, verbose_name="place"),
                "radius_km": SealedIntegerField(
                    blank=True,
                    validators=[
                        django.core.validators.MinValueValidator(0),
                        django.core.validators.MaxValueValidator(500),
                    ],
                    verbose_name="radius in km",
                ),
                "employer_id": SealedUUIDField(blank=True, verbose_name="employer"),
                "sector": SealedCharField(
                    blank=True,
                    choices=[
                        ("A", "agriculture, forestry and fishing"),
                        ("B", "mining"),
                        ("C", "manufacturing"),
                        ("D", "energy supply"),
                        ("E", "water supply and waste"),
                        ("F", "construction"),
                        ("G", "trade and vehicle repair"),
                        ("H", "transport and storage"),
                        ("I", "accommodation and food service"),
                        ("J", "information and communication"),
                        ("K", "finance and insurance"),
                        ("L", "real estate"),
                        ("M", "professional and technical services"),
                        ("N", "administrative and support services"),
                        ("O", "public administration"),
                        ("P", "education"),
                        ("Q", "health and social work"),
                        ("R", "arts and recreation"),
                        ("S", "other services"),
                        ("T", "work in households"),
                        ("U", "international organisations"),
                    ],
                    max_length=1,
                    verbose_name="sector",
                ),
                "condition": SealedCharField(
                    blank=True,
                    choices=[
                        ("live_in", "living at the workplace"),
                        ("night", "night work"),
                        ("isolated", "isolated workplace"),
                        ("cash", "pay in cash"),
                    ],
                    max_length=10,
                    verbose_name="condition",
                ),
                "lifted_because": SealedCharField(blank=True, max_length=400, null=True, verbose_name="lifted because"),
            },
            was={"municipality_id": "municipality", "employer_id": "employer"},
        ),
        migrations.AddConstraint(
            "SafetyRule",
            models.CheckConstraint(
                condition=models.Q(
                    ("lifted_on__isnull", True),
                    models.Q(("lifted_because__isnull", False), ("lifted_on__gte", models.F("set_on"))),
                    _connector="OR",
                ),
                name="safety_rule_lifted_with_reason",
            ),
        ),
    ]
