"""Write what a programme's matching is evaluated on as JSON Lines under pseudonyms."""

import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.core.tenancy import in_programme
from backend.reports.evaluation_set import EvaluationSet
from backend.reports.services import export_evaluation

USE = """
{people} people, {openings} openings, {judged} judgements in {folder}. Measure with
  python -m matching evaluate --openings {folder}/openings.jsonl --profiles {folder}/profiles.jsonl \\
    --judged {folder}/judged.jsonl --concepts {folder}/concepts.jsonl"""


class Command(BaseCommand):
    help = "Write openings, profiles, judgements and concepts of a programme as JSON Lines, for `matching evaluate`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="a new folder, readable by you alone")
        parser.add_argument("--actor", required=True, help="e-mail of the programme lead who takes them out")
        parser.add_argument("--on", type=dt.date.fromisoformat, help="the day on which it is today (YYYY-MM-DD)")
        parser.add_argument("--yes", action="store_true", help="write what is said of real people")

    def handle(self, *, folder: Path, actor: str, on: dt.date | None, yes: bool, **options: Any) -> None:
        if not (settings.LOCAL or yes):
            raise CommandError(
                "Pseudonyms hide names, not people: skills, places and limits are written too. "
                "Outside DEMO and DEBUG this needs --yes."
            )
        user = User.objects.filter(email=actor.lower(), is_active=True).first()
        if user is None or user.organisation is None:
            raise CommandError(f"--actor: there is no user {actor}.")
        try:
            with in_programme(user.organisation.pk), transaction.atomic():
                found = export_evaluation(actor=user, on=on or timezone.localdate())
                _write(folder, found)
        except PermissionDenied as error:
            raise CommandError("--actor: only a programme lead takes rows of people out.") from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(
            USE.format(
                people=len(found.profiles), openings=len(found.openings), judged=len(found.judged), folder=folder
            )
        )


def _write(folder: Path, found: EvaluationSet) -> None:
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise CommandError(f"{folder}: {error.strerror}") from error
    for name in ("openings", "profiles", "judged", "concepts"):
        path = folder / f"{name}.jsonl"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(line, ensure_ascii=False)}\n" for line in getattr(found, name))
