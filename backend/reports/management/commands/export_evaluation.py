"""Write what a programme's matching is evaluated on as JSON Lines under pseudonyms."""

import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from backend.accounts.models import Organisation
from backend.audit.services import record
from backend.core.tenancy import in_programme
from backend.reports.evaluation_set import EvaluationSet, evaluation_set

USE = """
{people} people, {openings} openings, {judged} judgements in {folder}. Measure with
  python -m matching evaluate --openings {folder}/openings.jsonl --profiles {folder}/profiles.jsonl \\
    --judged {folder}/judged.jsonl --concepts {folder}/concepts.jsonl"""


class Command(BaseCommand):
    help = "Write openings, profiles, judgements and concepts of a programme as JSON Lines, for `matching evaluate`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="a new folder, readable by you alone")
        parser.add_argument("--programme", help="its name, where there are several")
        parser.add_argument("--on", type=dt.date.fromisoformat, help="the day on which it is today (YYYY-MM-DD)")
        parser.add_argument("--yes", action="store_true", help="write what is said of real people")

    def handle(self, *, folder: Path, programme: str | None, on: dt.date | None, yes: bool, **options: Any) -> None:
        if not (settings.LOCAL or yes):
            raise CommandError(
                "Pseudonyms hide names, not people: skills, places and limits are written too. "
                "Outside DEMO and DEBUG this needs --yes."
            )
        chosen = _programme(programme)
        with in_programme(chosen.pk):
            found = evaluation_set(chosen, on or timezone.localdate())
        if not found.judged:
            raise CommandError(f"{chosen.name}: no outcome is known of anybody who consents to statistics.")
        with transaction.atomic():
            record(
                actor=None, act="export_evaluation", obj=chosen, people=len(found.profiles), judged=len(found.judged)
            )
            _write(folder, found)
        self.stdout.write(
            USE.format(
                people=len(found.profiles), openings=len(found.openings), judged=len(found.judged), folder=folder
            )
        )


def _programme(name: str | None) -> Organisation:
    programmes = Organisation.objects.programmes()
    known = [one for one in programmes if name in (None, one.name)]
    if len(known) != 1:
        raise CommandError(f"--programme: one of {', '.join(one.name for one in programmes) or 'none at all'}")
    return known[0]


def _write(folder: Path, found: EvaluationSet) -> None:
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise CommandError(f"{folder}: {error.strerror}") from error
    for name in ("openings", "profiles", "judged", "concepts"):
        path = folder / f"{name}.jsonl"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(line, ensure_ascii=False)}\n" for line in getattr(found, name))
