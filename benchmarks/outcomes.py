"""Outcomes at 1,000, 10,000 and 100,000 spells: time, peak memory, and how both grow.

    python -m benchmarks.outcomes [SIZE ...]

Every size runs in a process and a SQLite database of its own. `retention` is what the retention page shows, from the
rows of the database to guarded figures and curves; `catalogue` is a whole quarter frozen; `page` is the retention page
of the frozen quarter. Memory is the most that the process held. The exponent is the slope between two sizes on
logarithmic scales: 1 is as many times longer as there are rows, 2 the square of that.
"""

import datetime as dt
import json
import math
import os
import random
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.harness import machine, memory_mb

SIZES = (1_000, 10_000, 100_000)
END = dt.date(2026, 9, 30)
ON = dt.date(2026, 11, 2)
CONTACTS = (3, 30, 90, 180, 365)
REASONS = ("better_job", "contract_ended", "dismissed", "family", "study", "unpaid", "unknown")


def main(sizes: tuple[int, ...]) -> None:
    print(machine())
    print(f"{'what':<12}{'spells':>8}{'s':>9}{'exponent':>10}{'peak MB':>9}{'exponent':>10}", flush=True)
    before: dict[str, tuple[int, dict[str, float]]] = {}
    for size in sizes:
        for what, figures in _apart(size).items():
            grown = dict.fromkeys(figures, "")
            if what in before:
                earlier, then = before[what]
                for name in figures:
                    grown[name] = f"{math.log(figures[name] / then[name]) / math.log(size / earlier):.2f}"
            print(
                f"{what:<12}{size:>8}{figures['s']:>9.2f}{grown['s']:>10}{figures['mb']:>9.0f}{grown['mb']:>10}",
                flush=True,
            )
            before[what] = size, figures


def _apart(size: int) -> dict[str, dict[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "DEMO": "1",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "VAULT_KEYS": secrets.token_urlsafe(32),
            "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3",
            "DJANGO_SETTINGS_MODULE": "backend.config.settings",
        }
        answer = subprocess.run(
            [sys.executable, "-m", "benchmarks.outcomes", "--measure", str(size)],
            env=environment,
            cwd=Path(__file__).parents[1],
            stdout=subprocess.PIPE,
            check=True,
        )
    told: dict[str, dict[str, float]] = json.loads(answer.stdout.splitlines()[-1])
    return told


def measure(size: int) -> dict[str, dict[str, float]]:
    """Fill the database with `size` spells, then count, freeze and show them."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client
    from django.urls import reverse

    from backend.core.tenancy import in_every_programme
    from backend.reports import frames
    from backend.reports.catalogue import LASTING, published_curves
    from backend.reports.catalogue.measures import RETENTION_DAYS, retention
    from backend.reports.disclosure import control
    from backend.reports.quarters import Quarter
    from backend.reports.services import ask_for_snapshot, rules, take_snapshot

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    with in_every_programme():
        lead = _fill(size)
        programme, quarter = lead.organisation, Quarter.of(END)

        def count() -> None:
            told = frames.read(programme, quarter)
            counted = [measure(told) for measure in (*LASTING, *map(retention, RETENTION_DAYS))]
            published_curves(told, {one.code: control(one, rules()) for one in counted}, rules())

        def freeze() -> None:
            asked = ask_for_snapshot(actor=lead, programme=programme, quarter=quarter, on=ON)
            take_snapshot(snapshot=asked, on=ON)

        found = {"retention": _measured(count), "catalogue": _measured(freeze)}
    client = Client(headers={"host": "localhost"})
    client.force_login(lead)

    def page() -> None:
        response = client.get(reverse("web:retention"))
        if response.status_code != 200:
            raise SystemExit(f"the retention page answers {response.status_code}")

    page()
    return found | {"page": _measured(page)}


def _measured(work: Callable[[], None]) -> dict[str, float]:
    Path("/proc/self/clear_refs").write_text("5")  # forget the highest mark so far
    started = time.perf_counter()
    work()
    return {"s": time.perf_counter() - started, "mb": memory_mb()}


def _fill(size: int) -> Any:
    """A programme with `size` spells of four fifths as many people, and all that the catalogue counts; its lead."""
    from backend.beneficiaries.models import Beneficiary
    from backend.employers.models import Employer
    from backend.outcomes.independence import DOMAINS
    from backend.outcomes.models import Assessment, EmploymentSpell, FollowUp
    from backend.trainings.models import Course, Enrolment, Session
    from tests import factories

    rng = random.Random(size)
    programme = factories.OrganisationFactory()
    lead = factories.MembershipFactory(organisation=programme, role="lead").user
    counsellors = [
        factories.MembershipFactory(organisation=programme, role="counsellor").user for _ in range(max(3, size // 500))
    ]
    towns = [factories.MunicipalityFactory(code=f"RS-{number:02d}", name=f"Town {number}") for number in range(60)]
    firms = factories.EmployerFactory.build_batch(max(10, size // 50), programme=programme, municipality=towns[0])
    for firm in firms:
        firm.sector = rng.choice("ACFGHIKMNPQRS")
    Employer.objects.bulk_create(firms)
    sessions = []
    for number in range(8):
        course = Course.objects.create(programme=programme, title=f"Course {number}", provider="us", hours=40)
        sessions.append(Session.objects.create(course=course, starts_on=ON, ends_on=ON, capacity=1000))
    people = [
        Beneficiary(
            organisation=programme,
            counsellor=rng.choice(counsellors),
            code=f"B-{number}",
            status="active",
            entered_on=END - dt.timedelta(days=rng.randint(60, 1500)),
            municipality=rng.choice(towns),
        )
        for number in range(size * 4 // 5)
    ]
    Beneficiary.objects.bulk_create(people, batch_size=2000)
    spells = []
    for number in range(size):
        person = people[number % len(people)]
        started = person.entered_on + dt.timedelta(days=rng.randint(5, 300) + (600 if number >= len(people) else 0))
        if started >= END:
            started = person.entered_on
        worked = int(rng.expovariate(1 / 300))
        is_second = number >= len(people)
        ended = None if is_second and rng.random() < 0.7 else started + dt.timedelta(days=min(worked, 550))
        ended = ended if ended and (ended < END or not is_second) else None
        first_is_open = not is_second and number >= size - len(people) and rng.random() < 0.5
        ended = None if first_is_open else ended
        verified = ended or min(END, started + dt.timedelta(days=worked))
        spells.append(
            EmploymentSpell(
                beneficiary=person,
                employer=rng.choice(firms),
                job_title="work",
                contract="permanent",
                started_on=started,
                ended_on=ended,
                end_reason=rng.choice(REASONS) if ended else "",
                evidence="A",
                verified_on=verified,
                is_subsidised=rng.random() < 0.2,
            )
        )
    EmploymentSpell.objects.bulk_create(spells, batch_size=2000)
    # Nothing that is measured opens a note: a key for each person would take longer than all the rest.
    with patch("backend.vault.fields.seal", return_value=b""):
        FollowUp.objects.bulk_create(
            (
                FollowUp(spell=spell, day=day, due_on=due, result="reached", status="same_employer", contacted_on=due)
                for spell in spells
                for day in CONTACTS
                if (due := spell.started_on + dt.timedelta(days=day)) <= END
            ),
            batch_size=2000,
        )
    Assessment.objects.bulk_create(
        (
            Assessment(
                beneficiary=person,
                assessed_on=person.entered_on + dt.timedelta(days=day),
                assessed_by=person.counsellor,
                **{domain: rng.randint(1, 4) for domain in DOMAINS},
            )
            for person in people
            for day in (0, 180, 365)
        ),
        batch_size=2000,
    )
    Enrolment.objects.bulk_create(
        (
            Enrolment(
                beneficiary=person,
                session=rng.choice(sessions),
                enrolled_on=person.entered_on,
                status="completed",
                ended_on=person.entered_on + dt.timedelta(days=60),
            )
            for person in people[::2]
        ),
        batch_size=2000,
    )
    return lead


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(int(sys.argv[2]))))
    else:
        main(tuple(map(int, sys.argv[1:])) or SIZES)
