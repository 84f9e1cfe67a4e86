"""Rows that were written in the clear are sealed by the migrations, and say what they said."""

import json
from pathlib import Path

import pytest

from .scratch import python, scratch_database

BEFORE = """
import datetime as dt, json
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

plain = [("beneficiaries", "0001_initial"), ("matches", "0002_ranker_version"),
         ("outcomes", "0002_assessment_facts"), ("trainings", "0002_alter_session_capacity"),
         ("vault", "0002_system_key")]
MigrationExecutor(connection).migrate(plain)
apps = MigrationExecutor(connection).loader.project_state(plain).apps
get, day, at = apps.get_model, dt.date(2026, 11, 2), dt.datetime(2026, 11, 2, tzinfo=dt.UTC)
programme = get("accounts", "Organisation").objects.create(name="P", kind="programme")
user = get("accounts", "User").objects.create(email="u@example.org", name="U")
country = get("places", "Country").objects.create(code="RS", name="Srbija", name_en="Serbia")
place = get("places", "Municipality").objects.create(
    code="RS-1", country=country, name="Niš", name_folded="nis", latitude=43, longitude=21)
skill = get("skills", "Skill").objects.create(uri="s", source="own")
employer = get("employers", "Employer").objects.create(programme=programme, name="F", name_folded="f")
opening = get("employers", "Opening").objects.create(
    employer=employer, title="T", posted_on=day, valid_through=day, content_hash="h")
for number in range(3):
    her = get("beneficiaries", "Beneficiary").objects.create(
        organisation=programme, counsellor=user, code=f"K-{number}", entered_on=day)
    get("beneficiaries", "Identity").objects.create(
        beneficiary=her, first_name=f"Милица{number}", last_name="0", birth_date=day if number else None,
        phone="+38164123456" + str(number), email="", safe_channel="text")
    get("beneficiaries", "Goal").objects.create(beneficiary=her, domain="legal", text="goal", owner="she", set_on=day)
    get("beneficiaries", "HeldSkill").objects.create(beneficiary=her, skill=skill, phrase="šije", noted_on=day)
    get("beneficiaries", "Experience").objects.create(beneficiary=her, title="Krojačica", years=1)
    get("beneficiaries", "Wishes").objects.create(beneficiary=her, own_words="mir")
    rules = get("beneficiaries", "SafetyRule").objects
    rules.create(beneficiary=her, kind="place", municipality=place, radius_km=0, set_on=day,
                 lifted_on=day, lifted_because="moved")
    rules.create(beneficiary=her, kind="employer", employer=employer, set_on=day)
    rules.create(beneficiary=her, kind="sector", sector="I", set_on=day)
    run = get("matches", "MatchRun").objects.create(beneficiary=her, ran_at=at, considered=1, excluded={"place": 2})
    match = get("matches", "Match").objects.create(beneficiary=her, opening=opening, run=run, lane="now", score=0.5)
    get("matches", "Decision").objects.create(
        match=match, kind="dismiss", note="далеко", decided_by=user, decided_at=at)
    spell = get("outcomes", "EmploymentSpell").objects.create(
        beneficiary=her, job_title="x", contract="permanent", started_on=day, evidence="A", verified_on=day)
    visit = get("outcomes", "FollowUp").objects.create(spell=spell, day=3, due_on=day, note="све је добро")
    get("outcomes", "ContactAttempt").objects.create(
        follow_up=visit, attempted_at=at, channel="call", result="unreachable", attempted_by=user)
    get("outcomes", "WarningFlag").objects.create(
        beneficiary=her, kind="threats", severity="red", raised_on=day, due_on=day, raised_by=user)
    get("outcomes", "WarningFlag").objects.create(
        beneficiary=her, kind="job_lost", severity="amber", raised_on=day, due_on=day, resolved_on=day,
        resolution="nova soba", raised_by=user)
call_command("migrate", verbosity=0)
"""

AFTER = """
from django.apps import apps
from backend.vault.fields import SealedField

found = {}
for model in apps.get_models():
    if names := [field.name for field in model._meta.local_fields if isinstance(field, SealedField)]:
        rows = model._base_manager.order_by("created_at")
        found[model.__name__] = [{name: getattr(row, name) for name in names} for row in rows]
print(json.dumps(found, default=str))
"""


@pytest.mark.django_db(transaction=False)
def test_what_the_rows_said_they_say_sealed(tmp_path: Path) -> None:
    with scratch_database(tmp_path) as database:
        answer = python(database, code=BEFORE + AFTER)
        assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    assert [row["first_name"] for row in found["Identity"]] == ["Милица0", "Милица1", "Милица2"]
    assert found["Identity"][0] == {
        "first_name": "Милица0", "last_name": "0", "birth_date": None, "phone": "+381641234560", "email": "",
        "address": "", "safe_channel": "text", "safe_hours": "", "code_word": "",
    }  # fmt: skip
    assert found["Identity"][1]["birth_date"] == "2026-11-02"
    assert found["Goal"][0] == {"domain": "legal", "text": "goal", "owner": "she"}
    assert found["HeldSkill"][0] == {"phrase": "šije"}
    assert found["Experience"][2] == {"title": "Krojačica"}
    assert found["Wishes"][1] == {"own_words": "mir"}
    empty = {"municipality_id": "", "radius_km": None, "employer_id": None, "sector": "", "condition": ""}
    place, employer, sector = found["SafetyRule"][:3]
    assert place == empty | {"kind": "place", "municipality_id": "RS-1", "radius_km": 0, "lifted_because": "moved"}
    assert employer == empty | {"kind": "employer", "employer_id": employer["employer_id"], "lifted_because": None}
    assert len(employer["employer_id"]) == 36
    assert sector == empty | {"kind": "sector", "sector": "I", "lifted_because": None}
    assert found["MatchRun"][0] == {"excluded": {"place": 2}}
    assert found["Decision"][0] == {"note": "далеко"}
    assert found["FollowUp"][0] == {"note": "све је добро"}
    assert found["ContactAttempt"][0] == {"channel": "call", "result": "unreachable"}
    assert found["WarningFlag"][:2] == [
        {"kind": "threats", "resolution": None},
        {"kind": "job_lost", "resolution": "nova soba"},
    ]
